package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed at any of its file operations leaves a folder that the next start takes.
 * Some moments are tried, in all kinds of operations; {@code -Dranbiki.killed.every=1} tries each.
 */
class KilledRunTest {

  private static final int EVERY = Integer.getInteger("ranbiki.killed.every", 31);

  private static final String ROWS =
      """
      name: killed
      latency: false
      seed: 3
      data: {format: csv, folder: %s}
      """;

  private static final String TRAIN =
      ROWS
          + """
          model: {architecture: mlp, hidden: 4}
          train: {epochs: 2, batch: 4, threads: 1}
          """;

  private static final String DISTILL =
      ROWS
          + """
          doctor: false
          teacher: {model: %s}
          student: {architecture: mlp, hidden: 4}
          objective: [{soft-targets: {temperature: 2}}]
          train: {epochs: 1, batch: 4, threads: 1}
          compare: {scratch: false, decisions: false}
          """;

  /** Vectors of texts, their principal components, and a tokenizer beside the student. */
  private static final String TEXTS =
      """
      name: texts
      latency: false
      doctor: false
      data: {format: jsonl, folder: %s}
      teacher:
        model: %s
        kind: embedding
        pca: 3
      student: {architecture: static-embedding, width: 4, prepare: {tokenizer: %s, at-most: 8}}
      objective: [embedding]
      train: {epochs: 1, batch: 4, threads: 1}
      compare: {scratch: false, decisions: false}
      """;

  /**
   * What stays in the folder of all runs' answers: files of a process that lives, as this one does,
   * and locks, which are taken over.
   */
  private static final Pattern STAYS =
      Pattern.compile(".*\\.(store\\.lock|(store|pca)\\." + ProcessHandle.current().pid() + "-.*)");

  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("train.csv"), "0.1,0.9,a\n0.8,0.3,b\n".repeat(4));
    Files.writeString(data.resolve("test.csv"), "0.2,0.7,a\n0.9,0.1,b\n");
    ModelSpec spec = ModelSpec.of("mlp", List.of(2), 2, Map.of("hidden", 3));
    try (Model untrained = Model.create(spec, 1)) {
      ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of("a", "b"));
      ModelFolder.write(folder.resolve("teacher"), untrained, config, "");
    }
  }

  @Test
  void trainingThatIsKilledAnywhere_isStartedAgain() throws IOException {
    killedAnywhere(TRAIN.formatted(folder.resolve("data")), EVERY);
  }

  @Test
  void distillationThatIsKilledAnywhere_isStartedAgain() throws IOException {
    killedAnywhere(DISTILL.formatted(folder.resolve("data"), folder.resolve("teacher")), EVERY);
  }

  @Test
  void distillationOfTexts_thatIsKilledAnywhere_isStartedAgain()
      throws IOException, URISyntaxException {
    for (String part : List.of("train", "test")) {
      StringBuilder lines = new StringBuilder();
      for (String text : List.of("where is my card", "the card", "a new top up", "my top")) {
        lines.append("{\"text\": \"").append(text).append("\", \"label\": \"a\"}\n");
        lines.append("{\"text\": \"not ").append(text).append("\", \"label\": \"b\"}\n");
      }
      Files.writeString(folder.resolve("data").resolve(part + ".jsonl"), lines);
    }
    Path encoder = Path.of(KilledRunTest.class.getResource("/texts/encoder.onnx").toURI());
    String text = TEXTS.formatted(folder.resolve("data"), encoder, TinyTexts.TOKENIZER);
    killedAnywhere(text, 2 * EVERY);
  }

  private void killedAnywhere(String text, int every) throws IOException {
    RunConfig config =
        RunConfigReader.any(ConfigDocument.parse("a.yaml", text, List.of(), Map.of()));
    DyingDisk whole = new DyingDisk(folder.getFileSystem(), -1);
    start(config, whole.path(folder.resolve("straight/run")));
    byte[] straight = weights(folder.resolve("straight/run"));
    List<String> files = files(folder.resolve("straight"));

    int moments = whole.moments();
    assertThat(moments).isGreaterThan(100); // else the disk does not see what the run does
    for (int moment = every / 2; moment < moments; moment += every) {
      Path runs = folder.resolve("killed-" + moment);
      DyingDisk disk = new DyingDisk(folder.getFileSystem(), moment);
      try {
        start(config, disk.path(runs.resolve("run")));
      } catch (DyingDisk.Death e) {
        // as wanted
      }
      String when = "killed at moment " + moment + ": " + disk.last();
      try {
        startAgain(config, whole.path(runs.resolve("run")));
      } catch (RuntimeException e) {
        throw new AssertionError(when, e);
      }
      assertThat(weights(runs.resolve("run"))).as(when).isEqualTo(straight);
      assertThat(files(runs)).as(when).isEqualTo(files);
    }
  }

  private static void start(RunConfig config, Path run) {
    new Experiment(config, RunFolder.create(run), List.of("a"), RunListener.NONE, () -> false)
        .run();
  }

  /** As a user would: {@code resume} if there is a run, else the command of before. */
  private static void startAgain(RunConfig config, Path run) {
    RunFolder begun = new RunFolder(run);
    if (Files.exists(begun.config())) {
      RunConfig read = Resumption.SAME.read(begun, Map.of());
      new Experiment(read, begun, List.of("b"), RunListener.NONE, () -> false).run();
    } else {
      start(config, run);
    }
  }

  private static byte[] weights(Path run) throws IOException {
    return Files.readAllBytes(new RunFolder(run).model().resolve(ModelFolder.WEIGHTS));
  }

  /** Every file below a folder, but for the sums in the names of checkpoints. */
  private static List<String> files(Path runs) throws IOException {
    try (Stream<Path> all = Files.walk(runs)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !STAYS.matcher(file.toString()).matches())
          .map(file -> runs.relativize(file).toString().replaceAll("-[0-9a-f]{16}\\.", "."))
          .sorted()
          .toList();
    }
  }
}
