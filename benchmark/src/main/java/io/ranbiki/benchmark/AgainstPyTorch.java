package io.ranbiki.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs {@link BasicDistillation} and a PyTorch program with the same options in turn, several
 * rounds, and prints images per second and the ratio of the medians.
 */
@Command(
    name = "against-pytorch",
    mixinStandardHelpOptions = true,
    description = "Measures basic distillation here and in PyTorch, in turn.")
final class AgainstPyTorch implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(
      index = "0",
      paramLabel = "PEER",
      description = "A Python program with the options and output of BasicDistillation.")
  private Path peer = Path.of("");

  @Option(names = "--data", required = true, description = "The folder of Fashion-MNIST.")
  private Path data = Path.of("");

  @Option(names = "--rounds", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(names = "--limit", defaultValue = "6000", description = "Training images.")
  private int limit;

  @Option(names = "--epochs", defaultValue = "4", description = "Epochs of a student.")
  private int epochs;

  @Option(names = "--threads", defaultValue = "2")
  private int threads;

  /** Images per second of every counted epoch, by program and stage. */
  private final Map<String, Map<String, DescriptiveStatistics>> rates = new LinkedHashMap<>();

  private final Map<String, DescriptiveStatistics> peakMegabytes = new LinkedHashMap<>();

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new AgainstPyTorch()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    for (int round = 0; round < rounds; round++) {
      ours("ranbiki");
      theirs("pytorch");
      ours("ranbiki");
      theirs("pytorch channels-last", "--channels-last");
      ours("ranbiki stored", "--cache");
      theirs("pytorch cache", "--cache");
      theirs("pytorch cache channels-last", "--cache", "--channels-last");
    }
    print();
    return 0;
  }

  private void ours(String name, String... more) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
    command.add(BasicDistillation.class.getName());
    measure(name, command, more);
  }

  private void theirs(String name, String... more) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("python3", peer.toString(), "--seeds", "1"));
    measure(name, command, more);
  }

  private void measure(String name, List<String> command, String... more)
      throws IOException, InterruptedException {
    command.addAll(
        List.of(
            "--data", data.toString(),
            "--limit", Integer.toString(limit),
            "--epochs", Integer.toString(epochs),
            "--teacher-epochs", "2",
            "--threads", Integer.toString(threads)));
    command.addAll(List.of(more));
    System.err.println(String.join(" ", command.subList(command.size() - 6, command.size())));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
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
      throw new IOException("failed: " + String.join(" ", command));
    }
    peakMegabytes.computeIfAbsent(name, n -> new DescriptiveStatistics()).addValue(peak[0] / 1e3);
    JsonNode result = JSON.readTree(last);
    add(name, "teacher training", result.path("teacher_epoch_seconds"));
    JsonNode run = result.has("runs") ? result.path("runs").get(0) : result;
    add(name, "student, labels alone", run.path("scratch_epoch_seconds"));
    add(name, "student, distilled", run.path("kd_epoch_seconds"));
    if (result.has("label_seconds")) {
      statistics(name, "labelling").addValue(limit / result.path("label_seconds").asDouble());
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

  /** Every epoch counts but the first, which warms up. */
  private void add(String name, String stage, JsonNode seconds) {
    for (int epoch = 1; epoch < seconds.size(); epoch++) {
      statistics(name, stage).addValue(limit / seconds.get(epoch).asDouble());
    }
  }

  private DescriptiveStatistics statistics(String name, String stage) {
    return rates
        .computeIfAbsent(name, n -> new LinkedHashMap<>())
        .computeIfAbsent(stage, s -> new DescriptiveStatistics());
  }

  private void print() {
    row("teacher training", "ranbiki", "pytorch");
    row("teacher training", "ranbiki", "pytorch channels-last");
    row("student, labels alone", "ranbiki", "pytorch");
    row("student, labels alone", "ranbiki", "pytorch channels-last");
    row("student, distilled", "ranbiki", "pytorch");
    row("student, distilled", "ranbiki", "pytorch channels-last");
    row("student, distilled", "ranbiki stored", "pytorch cache");
    row("student, distilled", "ranbiki stored", "pytorch cache channels-last");
    row("labelling", "ranbiki stored", "pytorch cache");
    row("labelling", "ranbiki stored", "pytorch cache channels-last");
    System.out.println();
    peakMegabytes.forEach(
        (name, peak) ->
            System.out.printf(
                Locale.ROOT, "| %s | peak memory %.0f MB |%n", name, peak.getPercentile(50)));
  }

  private void row(String stage, String ours, String theirs) {
    DescriptiveStatistics mine = statistics(ours, stage);
    DescriptiveStatistics other = statistics(theirs, stage);
    System.out.printf(
        Locale.ROOT,
        "| %-22s | %-15s %,8.0f (%,.0f to %,.0f) | %-28s %,8.0f (%,.0f to %,.0f) | %.2f |%n",
        stage,
        ours,
        mine.getPercentile(50),
        mine.getMin(),
        mine.getMax(),
        theirs,
        other.getPercentile(50),
        other.getMin(),
        other.getMax(),
        mine.getPercentile(50) / other.getPercentile(50));
  }
}
