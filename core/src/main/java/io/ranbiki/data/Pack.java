package io.ranbiki.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Reasons;
import io.ranbiki.file.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All samples of a run in one folder, mapped instead of read: the rows of each set with their
 * truth, and a header that says what they are and of which files they were made. It is made as a
 * whole or not at all: under another name, which becomes its own when all is written.
 */
public final class Pack {

  private static final String HEADER = "pack.json";
  private static final int SCHEMA = 1;
  private static final String TRAIN = "train";
  private static final String TEST = "test";
  private static final String UNLABELLED = "unlabelled";

  /** Behind the name of a set: the file of its samples. */
  private static final String ROWS = ".rows";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The name of a pack in the making: a point, its own name, the process, and {@code .tmp}. */
  private static final Pattern IN_THE_MAKING =
      Pattern.compile("\\.(.+?)\\.(\\d+)\\.tmp(\\.older\\.tmp)?");

  private static final Pattern OF_A_SET =
      Pattern.compile("(" + TRAIN + "|" + TEST + "|" + UNLABELLED + ")\\..+");

  private final Path folder;
  private final Header header;

  private Pack(Path folder, Header header) {
    this.folder = folder;
    this.header = header;
  }

  /** What a pack is. */
  private record Header(
      int schema,
      String format,
      List<SourceFiles.Seen> sources,
      PackedPart train,
      PackedPart test,
      @Nullable PackedPart unlabelled,
      List<String> notes) {}

  /** Told how far the making is. */
  public interface Listener {

    /**
     * A set of samples begins.
     *
     * @param what such as {@code training samples}
     * @param total how many of the unit there are; 0 if nobody knows
     * @param unit in the plural, such as {@code samples}
     */
    void begins(String what, long total, String unit);

    /** So many more are there. */
    void step(long count);

    /** A set is there. */
    void ends();

    /** Whether nobody wants it to stop. */
    boolean goesOn();
  }

  /**
   * What was made.
   *
   * @param samples of all sets
   * @param bytes of all files
   */
  public record Made(long samples, long bytes) {}

  /**
   * Opens a pack.
   *
   * @param format how the files would be read that it was made of
   * @param outOfScope the class of the test that is none of those of training; empty if there is
   *     none
   * @throws RanbikiException if there is none, it is damaged, or was made of other files or read in
   *     another way
   */
  static Pack open(Path folder, Format format, Optional<String> outOfScope) {
    if (!Files.exists(folder.resolve(HEADER))) {
      throw RanbikiException.configuration(
          "There is no pack in %s. Make it with 'ranbiki pack', or leave data.packed out.", folder);
    }
    Pack pack = new Pack(folder, readHeader(folder));
    if (!pack.header.format().equals(words(format, outOfScope))) {
      throw RanbikiException.configuration(
          "The pack %s was made with other keys under 'data' than there are now. Make it again with"
              + " 'ranbiki pack'.",
          folder);
    }
    List<SourceFiles.Seen> now = SourceFiles.see(format, folder.toAbsolutePath().normalize());
    String changed = SourceFiles.changed(pack.header.sources(), now);
    if (!changed.isEmpty() && !SourceFiles.areGone(now)) {
      throw RanbikiException.configuration(
          "%s changed since the pack %s was made of it. Make it again with 'ranbiki pack'.",
          changed, folder);
    }
    return pack;
  }

  /**
   * Whether there is a sound pack in a folder that was made of these files as they are now. All of
   * it is read: a run that finds a damaged block sends people to {@code ranbiki pack}, which must
   * not answer that nothing is to be done.
   */
  public static boolean isCurrent(Path folder, Format format, Optional<String> outOfScope) {
    try {
      Pack pack = open(folder, format, outOfScope);
      pack.openAll();
      pack.requireSound();
      return true;
    } catch (RanbikiException e) {
      return false;
    }
  }

  private void openAll() {
    train();
    test();
    if (header.unlabelled() != null) {
      unlabelled();
    }
  }

  private void requireSound() {
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> OF_A_SET.matcher(file.getFileName().toString()).matches())
          .forEach(file -> PackedFile.open(file).requireSound());
    } catch (IOException e) {
      throw Sources.unreadable(folder, e);
    }
  }

  /** Bytes of the samples to train on; 0 if there is no pack. */
  static long bytesToTrainOn(Path folder) {
    try {
      return Files.size(folder.resolve(TRAIN + ROWS));
    } catch (IOException e) {
      return 0;
    }
  }

  /** How many samples to train on have so many bytes together; 1 or more, 1 if there is no pack. */
  static int samplesOf(long bytes, Path folder) {
    if (!Files.exists(folder.resolve(HEADER))) {
      return 1;
    }
    double share = (double) bytes / Math.max(1, bytesToTrainOn(folder));
    return (int) Math.max(1, share * readHeader(folder).train().samples());
  }

  Dataset train() {
    return header.train().open(folder, TRAIN);
  }

  Dataset test() {
    return header.test().open(folder, TEST);
  }

  Dataset unlabelled() {
    PackedPart part = header.unlabelled();
    if (part == null) {
      throw new IllegalStateException("no samples without label in " + folder);
    }
    return part.open(folder, UNLABELLED);
  }

  /** What was to be known of the files when they were packed. */
  List<String> notes() {
    return header.notes();
  }

  /**
   * Makes a pack, in place of an older one.
   *
   * @param folder to be; what lies beside it does not matter
   * @param outOfScope as in {@link #open}
   * @return empty if the listener asked to stop; then nothing is left
   * @throws RanbikiException if the files cannot be read, the disk refuses, or the folder is there
   *     and holds something else; then nothing is left either
   */
  public static Optional<Made> make(
      Path folder, Format format, Optional<String> outOfScope, Listener listener) {
    Path target = folder.toAbsolutePath().normalize();
    if (Files.exists(target) && !Files.exists(target.resolve(HEADER))) {
      throw RanbikiException.configuration(
          "%s is there already, and is no pack. Name another folder (data.packed).", folder);
    }
    Path temporary =
        target.resolveSibling(
            "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    List<SourceFiles.Seen> before = SourceFiles.see(format, target);
    try {
      removeAbandoned(target);
      Files.createDirectories(temporary);
      Header header = write(temporary, format, outOfScope, before, listener);
      String changed = SourceFiles.changed(before, SourceFiles.see(format, target));
      if (!changed.isEmpty()) {
        throw RanbikiException.configuration(
            "%s changed while it was packed. Run the command again.", changed);
      }
      writeHeader(temporary, header);
      replace(target, temporary);
      return Optional.of(made(target, header));
    } catch (PackSink.Stopped e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new RanbikiException(
          RanbikiException.Kind.IO,
          "Cannot write "
              + folder
              + ": "
              + Reasons.of(e)
              + ". Check that its place may be written to.",
          e);
    } finally {
      remove(temporary);
    }
  }

  private static Made made(Path folder, Header header) throws IOException {
    PackedPart third = header.unlabelled();
    long samples =
        (long) header.train().samples()
            + header.test().samples()
            + (third == null ? 0 : third.samples());
    long bytes = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    return new Made(samples, bytes);
  }

  private static Header write(
      Path folder,
      Format format,
      Optional<String> outOfScope,
      List<SourceFiles.Seen> sources,
      Listener listener) {
    List<Dataset> opened = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    try {
      PackedPart train = write(folder, TRAIN, "training samples", listener, opened, format::train);
      Dataset trained = opened.get(0);
      Dataset known = outOfScope.map(name -> OutOfScope.known(trained, name)).orElse(trained);
      PackedPart test =
          write(folder, TEST, "test samples", listener, opened, sink -> format.test(known, sink));
      PackedPart unlabelled =
          format.unlabelled().isEmpty()
              ? null
              : write(
                  folder,
                  UNLABELLED,
                  "samples without label",
                  listener,
                  opened,
                  sink -> format.openUnlabelled(trained, sink));
      notes.addAll(format.notes());
      opened.forEach(set -> notes.addAll(set.notes()));
      return new Header(SCHEMA, words(format, outOfScope), sources, train, test, unlabelled, notes);
    } finally {
      opened.forEach(Dataset::close);
    }
  }

  /** Writes a set, and adds what the format opened to the others, which may need it. */
  private static PackedPart write(
      Path folder,
      String part,
      String what,
      Listener listener,
      List<Dataset> opened,
      Function<SampleSink, Dataset> format) {
    PackSink.Listener ofSink =
        new PackSink.Listener() {
          @Override
          public void begins(long total, String unit) {
            listener.begins(what, total, unit);
          }

          @Override
          public void step(long count) {
            listener.step(count);
          }

          @Override
          public boolean goesOn() {
            return listener.goesOn();
          }
        };
    try (PackSink sink = new PackSink(folder, part, ofSink)) {
      Dataset samples = format.apply(sink);
      opened.add(samples);
      PackedPart made = sink.made();
      if (made == null) {
        made = sink.copy(samples);
      }
      listener.ends();
      return made;
    }
  }

  /** How a format reads its files, without where they are; another name where it does not say. */
  private static String words(Format format, Optional<String> outOfScope) {
    String words = format instanceof Record ? format.toString() : format.getClass().getName();
    List<Map.Entry<String, Path>> places =
        format.files().entrySet().stream()
            .sorted(Comparator.comparingInt(place -> -place.getValue().toString().length()))
            .toList();
    for (Map.Entry<String, Path> place : places) {
      // As a value of a record stands: behind a sign of equality, and before one that ends it.
      words =
          words.replaceAll(
              "(?<==|\\[)" + Pattern.quote(place.getValue().toString()) + "(?=[],/\\\\}])",
              Matcher.quoteReplacement("{" + place.getKey() + "}"));
    }
    return words + outOfScope.map(name -> ", out of scope " + name).orElse("");
  }

  private static void writeHeader(Path folder, Header header) {
    ObjectNode root = JSON.createObjectNode();
    JsonNode pack = JSON.valueToTree(header);
    root.put("sum", sum(pack));
    root.set("pack", pack);
    AtomicFile.write(
        folder.resolve(HEADER),
        channel -> {
          ByteBuffer bytes =
              ByteBuffer.wrap(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  private static String sum(JsonNode pack) {
    return new Sha256().add(pack.toString()).hex(16);
  }

  private static Header readHeader(Path folder) {
    Path file = folder.resolve(HEADER);
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      JsonNode pack = root.path("pack");
      if (pack.path("schema").asInt() > SCHEMA) {
        throw RanbikiException.configuration(
            "The pack %s was made by a newer version. Make it again with 'ranbiki pack'.", folder);
      }
      if (!root.path("sum").asText().equals(sum(pack))) {
        throw damaged(file, null);
      }
      return JSON.treeToValue(pack, Header.class);
    } catch (JsonProcessingException e) {
      throw damaged(file, e);
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
  }

  private static RanbikiException damaged(Path file, @Nullable Exception cause) {
    return new RanbikiException(
        RanbikiException.Kind.CONFIGURATION,
        file + " is cut or damaged. Make the pack again with 'ranbiki pack'.",
        cause);
  }

  /** Gives a finished pack its name; the older one goes when the new one is there. */
  private static void replace(Path target, Path temporary) throws IOException {
    Path older = temporary.resolveSibling(temporary.getFileName() + ".older.tmp");
    boolean hasOlder = Files.exists(target);
    if (hasOlder) {
      Files.move(target, older, StandardCopyOption.ATOMIC_MOVE);
    }
    try {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (hasOlder) {
        Files.move(older, target, StandardCopyOption.ATOMIC_MOVE);
      }
      throw e;
    }
    remove(older);
  }

  /** Removes what processes left that were killed. */
  private static void removeAbandoned(Path target) throws IOException {
    Path parent = target.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return;
    }
    try (Stream<Path> beside = Files.list(parent)) {
      for (Path one : beside.toList()) {
        Matcher name = IN_THE_MAKING.matcher(one.getFileName().toString());
        if (name.matches()
            && name.group(1).equals(String.valueOf(target.getFileName()))
            && !isOfAnother(Long.parseLong(name.group(2)))) {
          remove(one);
        }
      }
    }
  }

  /** In a container, each process may have the number of the one that was killed before. */
  private static boolean isOfAnother(long process) {
    return process != ProcessHandle.current().pid() && ProcessHandle.of(process).isPresent();
  }

  private static void remove(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // What is left is no pack, and is removed the next time.
    }
  }
}
