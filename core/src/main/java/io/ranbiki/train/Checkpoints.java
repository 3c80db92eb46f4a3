package io.ranbiki.train;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Weights;
import io.ranbiki.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The saved states of one training, in a folder: {@code step-<n>-<checksum>.safetensors}, the last
 * three. Each file is written under another name and renamed when it is whole; a file whose content
 * does not have the checksum of its name is passed over for the one before.
 */
public final class Checkpoints {

  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final int KEPT = 3;
  private static final String SUFFIX = ".safetensors";

  private final Path folder;

  /** Names a folder; it is made when the first state is saved. */
  public Checkpoints(Path folder) {
    this.folder = folder;
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
      Path named = folder.resolve("step-%012d-%s%s".formatted(step, checksum(unnamed), SUFFIX));
      Files.move(
          unnamed,
          named,
          java.nio.file.StandardCopyOption.ATOMIC_MOVE,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      List<Path> saved = newestFirst();
      for (Path old : saved.subList(Math.min(KEPT, saved.size()), saved.size())) {
        Files.delete(old);
      }
    } catch (IOException e) {
      throw RanbikiException.io(
          "cannot save a checkpoint in %s: %s. Free some space or choose another folder, then resume.",
          folder, e.getMessage());
    }
  }

  /** The newest state that is whole, or null if there is none. */
  @org.jspecify.annotations.Nullable
  Path newest() {
    for (Path file : newestFirst()) {
      String name = file.getFileName().toString();
      String stated = name.substring(name.lastIndexOf('-') + 1, name.length() - SUFFIX.length());
      try {
        if (stated.equals(checksum(file))) {
          return file;
        }
      } catch (IOException e) {
        LOG.warn("cannot read {}: {}", file, e.getMessage());
      }
      LOG.warn("{} is damaged; the checkpoint before it is used", file);
    }
    return null;
  }

  private List<Path> newestFirst() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              file ->
                  file.getFileName().toString().matches("step-\\d{12}-[0-9a-f]{16}\\.safetensors"))
          .sorted(Comparator.comparing(Path::getFileName).reversed())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  private static String checksum(Path file) throws IOException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
