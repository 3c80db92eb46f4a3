package io.ranbiki.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Reasons;
import io.ranbiki.result.EpochRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The file {@code metrics.jsonl}: one JSON object a line, appended as training goes and handed to
 * the operating system line by line, so that a killed process loses at most the line it was
 * writing. The layout is documented in docs/result-schema.md.
 *
 * <p>Values that are not finite are written as the texts {@code "NaN"}, {@code "Infinity"} and
 * {@code "-Infinity"}: a log has to show what went wrong.
 */
public final class MetricsLog implements AutoCloseable {

  private static final TypeReference<Map<String, Object>> LINE = new TypeReference<>() {};

  private final Path file;
  private final FileChannel channel;

  private MetricsLog(Path file) {
    this.file = file;
    try {
      this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw failure("open", e);
    }
  }

  /** Opens a log to append to it; a half-written last line is dropped. */
  public static MetricsLog open(Path file) {
    return open(file, line -> true);
  }

  /**
   * Opens a log to append to it after a resume.
   *
   * @param keep which of the lines that are there stay, usually those up to the checkpoint
   */
  public static MetricsLog open(Path file, Predicate<Map<String, Object>> keep) {
    if (Files.exists(file)) {
      StringBuilder kept = new StringBuilder();
      read(file).stream().filter(keep).forEach(line -> kept.append(text(line)));
      AtomicFile.write(file, kept.toString());
    }
    return new MetricsLog(file);
  }

  /** The lines of a log in order; a half-written last line is left out. */
  public static List<Map<String, Object>> read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new RanbikiException(
          Kind.IO, "Cannot read '" + file + "': " + Reasons.naming(e) + ".", e);
    }
    List<Map<String, Object>> lines = new ArrayList<>();
    int from = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      try {
        lines.add(Json.MAPPER.readValue(text.substring(from, end), LINE));
      } catch (JsonProcessingException e) {
        throw new RanbikiException(
            Kind.CONFIGURATION,
            "Line "
                + (lines.size() + 1)
                + " of '"
                + file
                + "' is not a line of metrics; delete the line, or the file.",
            e);
      }
      from = end + 1;
    }
    return lines;
  }

  /**
   * Begins a log of one training of a run alone, with the lines that the run's has of it; one that
   * is there already stays, since it was left by a process that was killed.
   */
  static void setAside(Path whole, Path aside, Predicate<String> stages, long seed) {
    RunFolder.makeFolder(aside.getParent());
    if (!Files.exists(aside)) {
      StringBuilder lines = new StringBuilder();
      if (Files.exists(whole)) {
        read(whole).stream()
            .filter(line -> belongs(line, stages, seed))
            .forEach(line -> lines.append(text(line)));
      }
      AtomicFile.write(aside, lines.toString());
    }
  }

  /** Takes a log of one training into the run's in place of its lines there, and deletes it. */
  static void take(Path aside, Path whole) {
    if (!Files.exists(aside)) {
      return;
    }
    List<Map<String, Object>> lines = new ArrayList<>();
    List<Map<String, Object>> own = read(aside);
    Set<String> trainings = own.stream().map(MetricsLog::training).collect(Collectors.toSet());
    if (Files.exists(whole)) {
      read(whole).stream().filter(line -> !trainings.contains(training(line))).forEach(lines::add);
    }
    lines.addAll(own);
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(text(line)));
    AtomicFile.write(whole, text.toString());
    try {
      Files.delete(aside);
    } catch (IOException e) {
      throw new RanbikiException(
          Kind.IO, "Cannot delete '" + aside + "': " + Reasons.naming(e) + ".", e);
    }
  }

  private static String training(Map<String, Object> line) {
    return line.get("stage") + "-" + line.get("seed");
  }

  /** The epochs of one training of a run that are in a log, up to one of them. */
  static List<EpochRecord> history(Path file, String stage, long seed, long lastEpoch) {
    return epochs(file, seed).getOrDefault(stage, List.of()).stream()
        .filter(epoch -> epoch.epoch() <= lastEpoch)
        .toList();
  }

  /** The epochs of all trainings of a run with a seed that are in a log, by stage. */
  static Map<String, List<EpochRecord>> epochs(Path file, long seed) {
    Map<String, List<EpochRecord>> epochs = new LinkedHashMap<>();
    for (Map<String, Object> line : read(file)) {
      if (belongs(line, stage -> true, seed) && "epoch".equals(line.get("type"))) {
        Map<String, Object> record = new LinkedHashMap<>(line);
        record.keySet().removeAll(List.of("type", "stage", "seed"));
        epochs
            .computeIfAbsent((String) line.get("stage"), any -> new ArrayList<>())
            .add(epoch(file, record));
      }
    }
    return epochs;
  }

  private static EpochRecord epoch(Path file, Map<String, Object> record) {
    try {
      return Json.MAPPER.convertValue(record, EpochRecord.class);
    } catch (IllegalArgumentException e) {
      throw new RanbikiException(
          Kind.CONFIGURATION,
          "'" + file + "' has an epoch that no finished run writes; delete the file.",
          e);
    }
  }

  /**
   * Opens a log for a training that goes on after a step; its later lines are dropped.
   *
   * @param stages whose lines they are: of the training itself, and of its peers
   */
  static MetricsLog reopen(
      Path file, Predicate<String> stages, long seed, long lastEpoch, long lastStep) {
    return open(
        file,
        line ->
            !belongs(line, stages, seed)
                || ("step".equals(line.get("type"))
                    ? number(line, "step") <= lastStep
                    : epochOf(line) <= lastEpoch));
  }

  private static boolean belongs(Map<String, Object> line, Predicate<String> stages, long seed) {
    return line.get("stage") instanceof String stage
        && stages.test(stage)
        && line.get("seed") instanceof Number number
        && number.longValue() == seed;
  }

  private static long epochOf(Map<String, Object> line) {
    return number(line, "epoch");
  }

  private static long number(Map<String, Object> line, String key) {
    return line.get(key) instanceof Number number ? number.longValue() : 0;
  }

  /**
   * Appends an epoch of one training of a run: {@code {"type": "epoch", "stage": "student", "seed":
   * 1, "epoch": 1, ...}}.
   */
  public void epoch(String stage, long seed, EpochRecord epoch) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("type", "epoch");
    line.put("stage", stage);
    line.put("seed", seed);
    line.putAll(Json.MAPPER.convertValue(epoch, LINE));
    append(line);
  }

  /** Appends an epoch: {@code {"type": "epoch", "epoch": 1, ...}}. */
  public void epoch(EpochRecord epoch) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("type", "epoch");
    line.putAll(Json.MAPPER.convertValue(epoch, LINE));
    append(line);
  }

  /**
   * Appends a step: {@code {"type": "step", "epoch": 1, "step": 100, ...}}.
   *
   * @param epoch number of the epoch, from 1
   * @param step number of the step within the run, from 1
   * @param terms value of each term on this batch, unweighted
   * @param total value of the weighted objective on this batch
   * @param learningRate learning rate of this step
   */
  public void step(
      int epoch, long step, Map<String, Double> terms, double total, double learningRate) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("type", "step");
    line.put("epoch", epoch);
    line.put("step", step);
    line.put("terms", terms);
    line.put("total", total);
    line.put("learning-rate", learningRate);
    append(line);
  }

  /**
   * Appends a step of one training of a run at which gradients were measured: as {@link #step},
   * with {@code "stage"}, {@code "seed"} and {@code "gradient-norms": {"hint": 0.8, ...}}.
   *
   * @param norms norm of each weighted term's gradient for the student's parameters
   */
  void gradients(
      String stage,
      long seed,
      int epoch,
      long step,
      Map<String, Double> terms,
      double total,
      double learningRate,
      Map<String, Double> norms) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("type", "step");
    line.put("stage", stage);
    line.put("seed", seed);
    line.put("epoch", epoch);
    line.put("step", step);
    line.put("terms", terms);
    line.put("total", total);
    line.put("learning-rate", learningRate);
    line.put("gradient-norms", norms);
    append(line);
  }

  /** Appends one line of any keys. */
  public void append(Map<String, ?> values) {
    ByteBuffer line = ByteBuffer.wrap(text(values).getBytes(StandardCharsets.UTF_8));
    try {
      while (line.hasRemaining()) {
        channel.write(line);
      }
    } catch (IOException e) {
      throw failure("write", e);
    }
  }

  private static String text(Map<String, ?> values) {
    try {
      return Json.MAPPER.writeValueAsString(values) + "\n";
    } catch (JsonProcessingException e) {
      throw new RanbikiException(Kind.INTERNAL, "Metrics cannot be written as JSON.", e);
    }
  }

  @Override
  public void close() {
    try {
      channel.force(true);
      channel.close();
    } catch (IOException e) {
      throw failure("close", e);
    }
  }

  private RanbikiException failure(String verb, IOException e) {
    return new RanbikiException(
        Kind.IO, "Cannot " + verb + " '" + file + "': " + Reasons.naming(e) + ".", e);
  }
}
