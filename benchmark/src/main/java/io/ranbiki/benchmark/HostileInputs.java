package io.ranbiki.benchmark;

import static io.ranbiki.benchmark.Hostile.bytes;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Gives the command line inputs that are made to do harm, one at a time, each made just before and
 * deleted just after, and checks how it ends.
 */
public final class HostileInputs {

  private static final String HEAP = "-Xmx512m";
  private static final double MOST_MEGABYTES = 1000;
  private static final int LONGEST_SECONDS = 60;
  private static final long NEEDED_BYTES = 3L << 30;
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  private final Path ranbiki;
  private final List<Input> inputs = new ArrayList<>();

  /** Makes an input in a folder and says how it is named on the command line. */
  private interface Maker {
    List<String> make(Path folder) throws IOException;
  }

  /** One input and the seconds that it may take. */
  private record Input(String name, int seconds, Maker maker) {}

  private HostileInputs(Path ranbiki) {
    this.ranbiki = ranbiki.toAbsolutePath().normalize();
    csv();
    idxAndCifar();
    images();
    networks();
    others();
  }

  /** Runs all inputs, or those whose names contain one of the words. */
  public static void main(String[] arguments) throws Exception {
    List<String> words = List.of(arguments).subList(1, arguments.length);
    Path folder = Files.createTempDirectory("hostile-inputs");
    int failed = 1;
    try {
      long free = folder.toFile().getUsableSpace();
      if (free < NEEDED_BYTES) {
        System.err.printf(
            Locale.ROOT, "%s has %,d bytes free; %,d are needed%n", folder, free, NEEDED_BYTES);
      } else {
        failed = new HostileInputs(Path.of(arguments[0])).run(folder, words);
      }
    } finally {
      delete(folder);
    }
    System.exit(failed); // not before: it would pass over what is deleted
  }

  // ---- inputs

  private void add(String name, int seconds, Maker maker) {
    inputs.add(new Input(name, seconds, maker));
  }

  private static List<String> train(Path folder, String data, String model, String... more)
      throws IOException {
    String text =
        String.format(Locale.ROOT, "name: hostile\ndata: {%s}\nmodel: {%s}\n", data, model);
    Path config = Files.writeString(folder.resolve("run.yaml"), text);
    List<String> command = new ArrayList<>(List.of("train", config.toString()));
    command.addAll(List.of("--run-dir", folder.resolve("run").toString()));
    command.addAll(List.of(more));
    return command;
  }

  private static List<String> table(Path folder) throws IOException {
    return train(folder, "format: csv, folder: " + folder, "architecture: mlp");
  }

  private void csv() {
    add(
        "csv: an open quote, then 300 MB",
        10,
        folder -> {
          try (OutputStream out = Files.newOutputStream(folder.resolve("train.csv"))) {
            Hostile.repeated(out, bytes("1,2,a\n1,2,\""), 'x', 300L << 20);
          }
          return table(folder);
        });
    add(
        "csv: 2 GiB of one value in a .gz",
        10,
        folder -> {
          try (OutputStream out = Hostile.packed(folder.resolve("train.csv.gz"))) {
            Hostile.repeated(out, new byte[0], 'x', 2L << 30);
          }
          return table(folder);
        });
    add(
        "csv: a row of 20 million columns",
        5,
        folder -> {
          Hostile.repeat(folder.resolve("train.csv"), bytes("1,"), 20_000_000);
          return table(folder);
        });
    add(
        "csv: a million rows, each with its class",
        5,
        folder -> {
          StringBuilder rows = new StringBuilder();
          for (int i = 0; i < 1_000_000; i++) {
            rows.append("1,2,name").append(i).append('\n');
          }
          Files.writeString(folder.resolve("train.csv"), rows);
          Files.writeString(folder.resolve("test.csv"), rows);
          return table(folder);
        });
    add(
        "csv: 300 MB of numbers", // nothing is wrong with them: they are read as far as they fit
        10,
        folder -> {
          Hostile.repeat(folder.resolve("train.csv"), bytes("1,2,3,4,5,6,7,8,9,a\n"), 15_000_000);
          return table(folder);
        });
  }

  private void idxAndCifar() {
    add(
        "idx: 1 x 1 x 2^30, sparse",
        5,
        folder -> idx(folder, file -> Hostile.sparse(file, Hostile.idx(1, 1, 1 << 30), 1L << 30)));
    add(
        "idx: 1 x 1 x 2^30 in a .gz",
        5,
        folder -> {
          try (OutputStream out = Hostile.packed(folder.resolve("train-images-idx3-ubyte.gz"))) {
            Hostile.repeated(out, Hostile.idx(1, 1, 1 << 30), '\0', 1L << 30);
          }
          return idx(folder, file -> {});
        });
    add(
        "idx: empty parts without end in a .gz",
        10,
        folder -> {
          Path one = folder.resolve("one");
          Hostile.packed(one).close();
          byte[] empty = Files.readAllBytes(one);
          Hostile.repeat(folder.resolve("train-labels-idx1-ubyte.gz"), empty, 10_000_000);
          return idxRun(folder);
        });
    for (long gigabytes : new long[] {1_000, 8_000}) {
      add(
          String.format(Locale.ROOT, "cifar: a sparse file of %,d GB", gigabytes),
          5,
          folder -> {
            long records = gigabytes * 1_000_000_000 / 3074;
            Hostile.sparse(folder.resolve("train.bin"), new byte[1], records * 3074);
            return train(
                folder, "format: cifar100, folder: " + folder, "architecture: student-cnn");
          });
    }
    add(
        "cifar: batches of 2^31 - 1",
        5,
        folder -> {
          for (String part : List.of("train", "test")) {
            Hostile.sparse(folder.resolve(part + ".bin"), new byte[1], 100_000 * 3074L);
          }
          return train(
              folder,
              "format: cifar100, folder: " + folder,
              "architecture: student-cnn",
              "train.batch=2147483647");
        });
    add(
        "cifar: 10 GB of class names",
        5,
        folder -> {
          Hostile.sparse(folder.resolve("train.bin"), new byte[1], 3074);
          Hostile.sparse(folder.resolve("fine_label_names.txt"), bytes("a\nb\n"), 10L << 30);
          return train(folder, "format: cifar100, folder: " + folder, "architecture: student-cnn");
        });
  }

  private interface Writer {
    void write(Path file) throws IOException;
  }

  /** Images as they are written, and one label. */
  private static List<String> idx(Path folder, Writer images) throws IOException {
    images.write(folder.resolve("train-images-idx3-ubyte"));
    Hostile.sparse(folder.resolve("train-labels-idx1-ubyte"), Hostile.idx(1), 9);
    return idxRun(folder);
  }

  private static List<String> idxRun(Path folder) throws IOException {
    return train(folder, "format: idx, folder: " + folder, "architecture: student-cnn");
  }

  private void images() {
    add(
        "image: 600 MB of zeros",
        10,
        folder -> images(folder, file -> Hostile.sparse(file, new byte[1], 600L << 20)));
    add(
        "image: 600 MB of zeros behind a PNG's first byte",
        10,
        folder ->
            images(folder, file -> Hostile.sparse(file, new byte[] {(byte) 0x89}, 600L << 20)));
    add(
        "image: 4600 x 4600",
        5,
        folder -> images(folder, file -> Hostile.png(file, 4600, 8, 2, 4600)));
    add(
        "image: 4600 x 4600, 16 bits, alpha",
        5,
        folder -> images(folder, file -> Hostile.png(file, 4600, 16, 6, 4600)));
    add(
        "image: 2^31 - 1 squared",
        5,
        folder -> images(folder, file -> Hostile.png(file, Integer.MAX_VALUE, 8, 2, 0)));
  }

  /** The same image in two classes of both parts. */
  private static List<String> images(Path folder, Writer image) throws IOException {
    for (String part : List.of("train", "test")) {
      for (String name : List.of("a", "b")) {
        Path place = Files.createDirectories(folder.resolve("data").resolve(part).resolve(name));
        image.write(place.resolve("image.png"));
      }
    }
    return train(
        folder, "format: images, folder: " + folder.resolve("data"), "architecture: student-cnn");
  }

  private void networks() {
    network("resnet of depth 600,002", "resnet", "[3, 32, 32]", "\"depth\": 600002");
    network("resnet of depth 60,002", "resnet", "[3, 32, 32]", "\"depth\": 60002");
    network("resnet of width 1,000,000", "resnet", "[3, 32, 32]", "\"width\": 1000000");
    network("mlp of 100,000", "mlp", "[784]", "\"hidden\": 100000");
    network("mlp of 2^30", "mlp", "[784]", "\"hidden\": 1073741824");
    network("mlp of 20 layers of 100,000", "mlp", "[784]", "\"hidden\": 100000, \"layers\": 20");
    network("input of 100,000 x 100,000", "student-cnn", "[1, 100000, 100000]", "");
    network("2^31 - 1 classes", "mlp", "[784]", "\"hidden\": 64", Integer.MAX_VALUE);
    String digits = "format: digits, size: 64";
    String cnn = "architecture: student-cnn";
    training("resnet of depth 60,002", digits, "architecture: resnet, depth: 60002");
    training("resnet of width 1,000,000", digits, "architecture: resnet, width: 1000000");
    training(
        "intermediate-cnn of 100,000", digits, "architecture: intermediate-cnn, hidden: 100000");
    training("1,024 threads", digits, cnn, "train.threads=1024");
    training("2^31 - 1 drawn digits", "format: digits, size: 2147483647", cnn);
    training("1,000,000 drawn digits", "format: digits, size: 1000000", cnn);
  }

  private void network(String name, String architecture, String input, String options) {
    network(name, architecture, input, options, 10);
  }

  private void network(
      String name, String architecture, String input, String options, int classes) {
    add(
        "model folder: " + name,
        5,
        folder -> {
          Files.writeString(
              folder.resolve("config.json"),
              String.format(
                  Locale.ROOT,
                  "{\"architecture\": \"%s\", \"input\": %s, \"classes\": %d, \"options\": {%s}}",
                  architecture,
                  input,
                  classes,
                  options));
          byte[] header = bytes("{}      ");
          byte[] length = {(byte) header.length, 0, 0, 0, 0, 0, 0, 0};
          Files.write(folder.resolve("model.safetensors"), Hostile.concatenated(length, header));
          return List.of("inspect", folder.toString());
        });
  }

  private void training(String name, String data, String model, String... more) {
    add("training: " + name, 5, folder -> train(folder, data, model, more));
  }

  private void others() {
    add(
        "onnx: 60 MB of fields of 2 bytes",
        5,
        folder -> onnx(folder, Hostile.model(new byte[0]), number -> new byte[] {0x18, 0x01}));
    add(
        "onnx: 60 MB of names of one letter",
        5,
        folder ->
            onnx(
                folder,
                Hostile.model(new byte[0]),
                number -> Hostile.field(7, Hostile.field(12, Hostile.field(1, bytes("a"))))));
    add(
        "onnx: a loop without end",
        5,
        folder -> {
          Path file = Files.write(folder.resolve("model.onnx"), Hostile.endlessModel());
          return List.of("inspect", file.toString());
        });
    add(
        "safetensors: a header of 100 MB",
        10,
        folder -> {
          Path file = folder.resolve("a.safetensors");
          long length = 100_000_000;
          byte[] start = new byte[] {0, (byte) 0xe1, (byte) 0xf5, 5, 0, 0, 0, 0, '{', '"'};
          try (OutputStream out = Files.newOutputStream(file)) {
            Hostile.repeated(out, start, 'x', length - 2);
          }
          return List.of("inspect", file.toString());
        });
    add(
        "safetensors: a tensor of 8,000 GB",
        5,
        folder -> {
          byte[] header =
              bytes(
                  "{\"a\":{\"dtype\":\"F32\",\"shape\":[2000000000000],"
                      + "\"data_offsets\":[0,8000000000000]}}");
          byte[] length = {(byte) header.length, 0, 0, 0, 0, 0, 0, 0};
          Path file = folder.resolve("a.safetensors");
          Hostile.sparse(
              file, Hostile.concatenated(length, header), 8 + header.length + 8_000_000_000_000L);
          return List.of("inspect", file.toString());
        });
    add("configuration: a named pipe", 5, folder -> List.of("train", pipe(folder).toString()));
    add("configuration: a device", 5, folder -> List.of("train", "/dev/zero"));
    add("model: a named pipe", 5, folder -> List.of("inspect", pipe(folder).toString()));
    add(
        "configuration: 100 MB of text",
        5,
        folder -> {
          Path file = folder.resolve("run.yaml");
          try (OutputStream out = Files.newOutputStream(file)) {
            Hostile.repeated(out, bytes("name: "), 'x', 100L << 20);
          }
          return List.of("train", file.toString());
        });
    add(
        "configuration: 1,239 mistakes",
        5,
        folder -> {
          StringBuilder keys = new StringBuilder("name: hostile\n");
          for (int i = 0; i < 1_239; i++) {
            keys.append("key").append(i).append(": 1\n");
          }
          Path file = Files.writeString(folder.resolve("run.yaml"), keys);
          return List.of("train", file.toString());
        });
  }

  private interface Part {
    byte[] of(int number);
  }

  private static List<String> onnx(Path folder, byte[] start, Part part) throws IOException {
    byte[] one = part.of(0);
    Path file = folder.resolve("model.onnx");
    Hostile.repeat(file, one, 60_000_000 / one.length);
    Files.write(file, start, java.nio.file.StandardOpenOption.APPEND);
    return List.of("inspect", file.toString());
  }

  private static Path pipe(Path folder) throws IOException {
    Path pipe = folder.resolve("pipe.yaml");
    try {
      if (new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() != 0) {
        throw new IOException("mkfifo failed");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return pipe;
  }

  // ---- running

  /** How a command ended. */
  private record End(int exitCode, double seconds, double megabytes, List<String> lines) {

    String complaint(int longest) {
      List<String> complaints = new ArrayList<>();
      if (exitCode != 3 && exitCode != 4) {
        complaints.add("exit code");
      }
      if (seconds > longest) {
        complaints.add("time");
      }
      if (megabytes > MOST_MEGABYTES) {
        complaints.add("memory");
      }
      if (lines.isEmpty() || !last().startsWith("error: ")) {
        complaints.add("no sentence");
      }
      return String.join(", ", complaints);
    }

    /** The error, which may go on in further lines. */
    String last() {
      return lines.stream().filter(line -> line.startsWith("error: ")).findFirst().orElse("");
    }
  }

  private int run(Path folder, List<String> words) throws Exception {
    int failed = 0;
    System.out.println("| input | exit | seconds | peak MB | | first line |");
    System.out.println("|---|---|---|---|---|---|");
    for (Input input : inputs) {
      if (!words.isEmpty() && words.stream().noneMatch(input.name()::contains)) {
        continue;
      }
      Path place = Files.createDirectory(folder.resolve("input"));
      End end = end(input.maker().make(place), folder);
      String complaint = end.complaint(input.seconds());
      failed += complaint.isEmpty() ? 0 : 1;
      String line =
          end.last().isEmpty() ? String.join(" / ", end.lines()) : end.last().substring(7);
      System.out.printf(
          Locale.ROOT,
          "| %s | %d | %.1f | %.0f | %s | %s |%n",
          input.name(),
          end.exitCode(),
          end.seconds(),
          end.megabytes(),
          complaint.isEmpty() ? "well" : "FAILED: " + complaint,
          line.length() > 400 ? line.substring(0, 400) + "..." : line);
      delete(place);
    }
    return failed;
  }

  private End end(List<String> arguments, Path folder) throws Exception {
    Path output = folder.resolve("output");
    List<String> command = new ArrayList<>(List.of(ranbiki.toString()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_OPTS", HEAP);
    long start = System.nanoTime();
    Process process = builder.start();
    double megabytes = 0;
    while (!process.waitFor(10, TimeUnit.MILLISECONDS)) {
      megabytes = Math.max(megabytes, peak(process.pid()));
      if (System.nanoTime() - start > LONGEST_SECONDS * 1e9) {
        process.destroyForcibly().waitFor();
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    List<String> lines = Files.readString(output).lines().limit(200).toList();
    return new End(process.exitValue(), seconds, megabytes, lines);
  }

  private static double peak(long pid) {
    try {
      Matcher peak = PEAK.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
      return peak.find() ? Long.parseLong(peak.group(1)) / 1024.0 : 0;
    } catch (IOException e) {
      return 0; // it has ended
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
