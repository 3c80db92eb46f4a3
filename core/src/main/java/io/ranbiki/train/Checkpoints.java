package io.ranbiki.train;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Weights;
import io.ranbiki.file.Sha256;
import io.ranbiki.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The saved states of one training, in a folder: {@code step-<n>-<checksum>.safetensors}, the last
 * three. Each file is written under another name and renamed when it is whole; a file whose content
 * does not have the checksum of its name is passed over for the one before.
 */
public final class Checkpoints {

  private static final int KEPT = 3;
  private static final String SUFFIX = ".safetensors";

  // Digits of any script: where the machine's language has its own, names were once written in
  // them.
  private static final Pattern NAME =
      Pattern.compile("step-(\\p{Nd}{12})-([0-9a-f]{16})\\.safetensors");

  private final Path folder;

  /** Names a folder; it is made when the first state is saved. */
  public Checkpoints(Path folder) {
    this.folder = folder;
  }

  /**
   * A file by its name.
   *
   * @param step steps done
   * @param checksum what its content must have
   */
  private record Saved(Path file, long step, String checksum) {}

  /** The name of a file that is being written. */
  public static boolean isUnfinished(String name) {
    return name.equals("saving" + SUFFIX);
  }

  /**
   * Saves a state and removes all but the last three.
   *
   * @param step steps done
   * @param metadata what is not a tensor, by name
   */
  void save(long step, Map<String, Tensor> tensors, Map<String, String> metadata) {
    try {
      Files.createDirectories(folder);
      Path unnamed = folder.resolve("saving" + SUFFIX);
      Weights.writeTensors(unnamed, tensors, metadata);
      String name = String.format(Locale.ROOT, "step-%012d-%s%s", step, checksum(unnamed), SUFFIX);
      Path named = folder.resolve(name);
      Files.move(
          unnamed,
          named,
          java.nio.file.StandardCopyOption.ATOMIC_MOVE,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      removeOld(named, step);
    } catch (IOException e) {
      throw RanbikiException.io(
          "Cannot save a checkpoint in %s: %s. Free some space or choose another folder, then resume.",
          folder, e.getMessage());
    }
  }

  /** A later step than the last one can only be damaged, since training would go on from it. */
  private void removeOld(Path last, long step) throws IOException {
    int kept = 1;
    for (Saved other : newestFirst()) {
      if (other.file().equals(last)) {
        continue;
      }
      if (other.step() < step && kept < KEPT) {
        kept++;
      } else {
        Files.delete(other.file());
      }
    }
  }

  /**
   * The newest state that is whole, or null if there is none.
   *
   * @param notes hears a sentence if files had to be passed over
   */
  @Nullable Path newest(Consumer<String> notes) {
    List<String> damaged = new ArrayList<>();
    for (Saved saved : newestFirst()) {
      if (isWhole(saved)) {
        if (!damaged.isEmpty()) {
          notes.accept(damaged(damaged) + "the training goes on from step " + saved.step());
        }
        return saved.file();
      }
      damaged.add(saved.file().getFileName().toString());
    }
    if (!damaged.isEmpty()) {
      notes.accept(damaged(damaged) + "no other is left, and the training begins anew");
    }
    return null;
  }

  private String damaged(List<String> names) {
    return (names.size() == 1 ? "checkpoint " : "checkpoints ")
        + String.join(", ", names)
        + " in "
        + folder
        + (names.size() == 1 ? " is damaged; " : " are damaged; ");
  }

  private static boolean isWhole(Saved saved) {
    try {
      return saved.checksum().equals(checksum(saved.file()));
    } catch (IOException e) {
      return false; // a disk that cannot read a file has damaged it
    }
  }

  private List<Saved> newestFirst() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Saved> saved = new ArrayList<>();
      for (Path file : files.toList()) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          saved.add(new Saved(file, Long.parseLong(name.group(1)), name.group(2)));
        }
      }
      saved.sort(Comparator.comparing(Saved::step).thenComparing(Saved::checksum).reversed());
      return saved;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  private static String checksum(Path file) throws IOException {
    return new Sha256().add(file).hex(8);
  }
}
