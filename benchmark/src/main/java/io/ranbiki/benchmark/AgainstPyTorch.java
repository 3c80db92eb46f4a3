package io.ranbiki.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs {@link BasicDistillation} and a PyTorch program with the same options in turn, several
 * rounds, and prints images per second and the ratio of the medians. A step of a student takes a
 * hundredth of a step of its teacher, so each part has its own number of images and epochs: long
 * enough that the Java compiler has come to rest, short enough to wait for.
 */
@Command(
    name = "against-pytorch",
    mixinStandardHelpOptions = true,
    description = "Measures basic distillation here and in PyTorch, in turn.")
final class AgainstPyTorch implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PLAIN = "plain";
  private static final String COMPILED = "compiled";

  @Parameters(
      index = "0",
      paramLabel = "PEER",
      description = "A Python program with the options and output of BasicDistillation.")
  private Path peer = Path.of("");

  @Option(names = "--data", required = true, description = "The folder of Fashion-MNIST.")
  private Path data = Path.of("");

  @Option(names = "--rounds", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--parts",
      split = ",",
      defaultValue = "teacher,live,stored",
      description = "What to measure. Default: ${DEFAULT-VALUE}.")
  private List<String> parts = List.of();

  @Option(
      names = "--ways",
      split = ",",
      defaultValue = "plain,channels-last,compiled,channels-last+compiled",
      description = {
        "How PyTorch is run: plain, compiled (by torch.compile), or with options of PEER without",
        "their dashes; several at once joined by +. Default: ${DEFAULT-VALUE}."
      })
  private List<String> ways = List.of();

  @Option(
      names = "--compiler",
      required = true,
      description = "The Python program that runs PEER compiled.")
  private Path compiler = Path.of("");

  @Option(names = "--threads", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
  private int threads;

  /** Training images and epochs of the programs in one part; the first epochs warm up. */
  private record Part(int limit, int teacherEpochs, int epochs, int warmUp) {}

  private static final Part TEACHER = new Part(3000, 3, 1, 1);
  private static final Part LIVE = new Part(4000, 0, 4, 1);
  private static final Part STORED = new Part(20_000, 0, 6, 2);

  /** Images per second of every counted epoch, by program and stage. */
  private final Map<String, Map<String, Sample>> rates = new LinkedHashMap<>();

  private final Map<String, Sample> peakMegabytes = new LinkedHashMap<>();

  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new AgainstPyTorch());
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println("error: " + failure.getMessage());
          return 1;
        });
    System.exit(line.execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    for (int round = 0; round < rounds; round++) {
      if (parts.contains("teacher")) {
        inTurn(TEACHER, "ranbiki", "pytorch");
      }
      if (parts.contains("live")) {
        inTurn(LIVE, "ranbiki", "pytorch");
      }
      if (parts.contains("stored")) {
        inTurn(STORED, "ranbiki stored", "pytorch cache", "--cache");
      }
    }
    print();
    return 0;
  }

  /** Ours is measured beside each of their ways: the machine is not the same from hour to hour. */
  private void inTurn(Part part, String ours, String theirs, String... more)
      throws IOException, InterruptedException {
    for (String way : ways) {
      measure(part, ours, ours(), more);
      measure(part, theirs + " " + way, theirs(way), more);
    }
  }

  private static List<String> ours() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmn32m")); // as ./ranbiki has it
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(BasicDistillation.class.getName());
    return command;
  }

  private List<String> theirs(String way) {
    List<String> words = List.of(way.split("\\+"));
    List<String> command = new ArrayList<>(List.of("python3"));
    if (words.contains(COMPILED)) {
      command.add(compiler.toString());
    }
    command.addAll(List.of(peer.toString(), "--seeds", "1"));
    words.stream()
        .filter(word -> !word.equals(PLAIN) && !word.equals(COMPILED))
        .forEach(word -> command.add("--" + word));
    return command;
  }

  private void measure(Part part, String name, List<String> command, String... more)
      throws IOException, InterruptedException {
    command.addAll(
        List.of(
            "--data", data.toString(),
            "--limit", Integer.toString(part.limit),
            "--epochs", Integer.toString(part.epochs),
            "--teacher-epochs", Integer.toString(part.teacherEpochs),
            "--threads", Integer.toString(threads)));
    command.addAll(List.of(more));
    System.err.println(name + ", " + part);
    Path errors = Files.createTempFile("benchmark", ".txt");
    errors.toFile().deleteOnExit();
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    if (command.contains(BasicDistillation.class.getName())) {
      builder.environment().put("MALLOC_ARENA_MAX", "32"); // as ./ranbiki has it
    }
    Process process = builder.start();
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    long[] peak = new long[1];
    Thread watcher = new Thread(() -> watch(status, peak), "memory");
    watcher.setDaemon(true);
    watcher.start();
    String last = "";
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        last = line;
      }
    }
    if (process.waitFor() != 0) {
      throw new IOException(
          String.format(
              Locale.ROOT, "failed: %s%n%s", String.join(" ", command), Files.readString(errors)));
    }
    peakMegabytes.computeIfAbsent(name, n -> new Sample()).add(peak[0] / 1e3);
    JsonNode result = JSON.readTree(last);
    JsonNode run = result.has("runs") ? result.path("runs").get(0) : result;
    if (part.equals(TEACHER)) {
      add(part, name, "teacher training", result.path("teacher_epoch_seconds"));
    }
    if (part.equals(LIVE)) {
      add(part, name, "student, distilled", run.path("kd_epoch_seconds"));
    }
    if (part.equals(STORED)) {
      add(part, name, "student, labels alone", run.path("scratch_epoch_seconds"));
      add(part, name, "student, distilled", run.path("kd_epoch_seconds"));
      sample(name, "labelling").add(part.limit / result.path("label_seconds").asDouble());
    }
  }

  private static void watch(Path status, long[] peakKilobytes) {
    try {
      while (true) {
        for (String line : Files.readAllLines(status)) {
          if (line.startsWith("VmHWM:")) {
            peakKilobytes[0] = Long.parseLong(line.replaceAll("\\D", ""));
          }
        }
        Thread.sleep(50);
      }
    } catch (IOException | InterruptedException e) {
      // the process has ended
    }
  }

  private void add(Part part, String name, String stage, JsonNode seconds) {
    for (int epoch = part.warmUp; epoch < seconds.size(); epoch++) {
      sample(name, stage).add(part.limit / seconds.get(epoch).asDouble());
    }
  }

  private Sample sample(String name, String stage) {
    return rates
        .computeIfAbsent(name, n -> new LinkedHashMap<>())
        .computeIfAbsent(stage, s -> new Sample());
  }

  private void print() {
    if (parts.contains("teacher")) {
      rows("teacher training", "ranbiki", "pytorch");
    }
    if (parts.contains("live")) {
      rows("student, distilled", "ranbiki", "pytorch");
    }
    if (parts.contains("stored")) {
      rows("student, labels alone", "ranbiki stored", "pytorch cache");
      rows("student, distilled", "ranbiki stored", "pytorch cache");
      rows("labelling", "ranbiki stored", "pytorch cache");
    }
    System.out.println();
    peakMegabytes.forEach(
        (name, peak) ->
            System.out.printf(Locale.ROOT, "| %s | peak memory %.0f MB |%n", name, peak.median()));
  }

  private void rows(String stage, String ours, String theirs) {
    List<String> names = ways.stream().map(way -> theirs + " " + way).toList();
    names.forEach(name -> row(stage, ours, name, ""));
    names.stream()
        .max(Comparator.comparingDouble(name -> sample(name, stage).median()))
        .ifPresent(best -> row(stage, ours, best, " best of PyTorch's ways |"));
  }

  private void row(String stage, String ours, String theirs, String remark) {
    Sample mine = sample(ours, stage);
    Sample other = sample(theirs, stage);
    System.out.printf(
        Locale.ROOT,
        "| %-22s | %-15s %,8.0f (%,.0f to %,.0f) | %-42s %,8.0f (%,.0f to %,.0f) | %.2f |%s%n",
        stage,
        ours,
        mine.median(),
        mine.min(),
        mine.max(),
        theirs,
        other.median(),
        other.min(),
        other.max(),
        mine.median() / other.median(),
        remark);
  }
}
