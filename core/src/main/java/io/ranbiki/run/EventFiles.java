package io.ranbiki.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.ranbiki.artifact.EventFile;
import io.ranbiki.result.EpochRecord;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The figures of {@code metrics.jsonl} once more, as TensorBoard reads them: for every training a
 * folder, which is a line on its charts. The x-axis counts steps.
 */
final class EventFiles implements AutoCloseable {

  private final RunFolder folder;
  private final long seed;
  private final long fromStep;
  private final InstantSource clock;
  private final Map<String, EventFile> files = new HashMap<>();

  /**
   * For a training and its peers.
   *
   * @param fromStep steps that were done before; what files hold of later ones is dropped
   */
  EventFiles(RunFolder folder, long seed, long fromStep, InstantSource clock) {
    this.folder = folder;
    this.seed = seed;
    this.fromStep = fromStep;
    this.clock = clock;
  }

  /** Adds the figures of an epoch, {@code terms/<name>} and {@code total} among them. */
  void epoch(String stage, long step, EpochRecord epoch) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    collect("", Json.MAPPER.valueToTree(epoch), scalars);
    add(stage, step, scalars);
  }

  /** Adds the norms of gradients at a step, as {@code gradient-norms/<term>}. */
  void gradients(String stage, long step, Map<String, Double> norms) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    norms.forEach((term, norm) -> scalars.put("gradient-norms/" + term, norm));
    add(stage, step, scalars);
  }

  private static void collect(String prefix, JsonNode figures, Map<String, Double> scalars) {
    figures
        .properties()
        .forEach(
            figure -> {
              if (figure.getValue().isNumber()) {
                scalars.put(prefix + figure.getKey(), figure.getValue().doubleValue());
              } else {
                collect(prefix + figure.getKey() + "/", figure.getValue(), scalars);
              }
            });
  }

  private void add(String stage, long step, Map<String, Double> scalars) {
    files.computeIfAbsent(stage, this::open).add(clock.instant(), step, scalars);
  }

  private EventFile open(String stage) {
    Path file = folder.events(stage, seed);
    RunFolder.makeFolder(file.getParent());
    return EventFile.open(file, fromStep, clock.instant());
  }

  @Override
  public void close() {
    files.values().forEach(EventFile::close);
  }
}
