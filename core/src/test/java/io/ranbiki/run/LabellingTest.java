package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabellingTest {

  private static final String YAML =
      """
      name: small
      seed: [1, 2]
      data: {format: digits, size: 400, validation: 0.5, augment: [flip], views: 2}
      teacher: {model: "${TEACHER}"}
      student: {architecture: mlp}
      objective: [soft-targets: {weight: 1, temperature: 4}]
      train: {epochs: 5, threads: 1}
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeTeacher() {
    ModelSpec spec = ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 8));
    try (Model teacher = Model.create(spec, 1)) {
      ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of());
      ModelFolder.write(folder.resolve("teacher"), teacher, config, "");
    }
  }

  private ConfigDocument document(String... overrides) {
    Map<String, String> environment = Map.of("TEACHER", folder.resolve("teacher").toString());
    return ConfigDocument.parse("small.yaml", YAML, List.of(overrides), environment);
  }

  private Labelling label(RunListener listener, AtomicBoolean stop, String... overrides) {
    return Labelling.of(
        RunConfigReader.distillation(document(overrides)),
        new RunFolder(folder.resolve("runs/small")),
        listener,
        stop::get);
  }

  private Labelling label(String... overrides) {
    return label(RunListener.NONE, new AtomicBoolean(), overrides);
  }

  @Test
  void everySampleOfEverySeed_isAskedOncePerView() {
    Labelling first = label("seed=1");
    assertThat(first.asked()).isEqualTo(200 * 2);
    assertThat(first.file()).isDirectory();
    assertThat(first.bytes()).isEqualTo(bytesIn(first.file()));
    assertThat(first.file().getParent()).isEqualTo(folder.resolve("runs/answers"));

    Labelling both = label();
    assertThat(both.file()).isEqualTo(first.file());
    assertThat(both.reused()).isEqualTo(first.asked());
    assertThat(both.asked()).isBetween(1L, 400L);

    assertThat(label().asked()).isZero();
  }

  @Test
  void stoppedLabelling_keepsItsWholeBlocksAndGoesOn() {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong done = new AtomicLong();
    RunListener inTheSecondBlock =
        new RunListener() {
          @Override
          public void labelled(long samples) {
            stop.set(done.addAndGet(samples) > 200);
          }
        };
    assertThatThrownBy(() -> label(inTheSecondBlock, stop, "seed=1"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Labelling was interrupted after 200 of 400 answers, which are kept. Asked again, it goes on from there.");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();

    Labelling rest = label("seed=1");
    assertThat(rest.reused()).isEqualTo(200);
    assertThat(rest.asked()).isEqualTo(400 - 200);
  }

  private static long bytesIn(Path store) {
    try (Stream<Path> files = Files.list(store)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void answersThatTheDiskCannotTake_areRefusedBeforeTheFirst() {
    AtomicBoolean asked = new AtomicBoolean();
    RunListener listener =
        new RunListener() {
          @Override
          public void labellingStarted(String who, long samples) {
            asked.set(true);
          }
        };
    assertThatThrownBy(
            () ->
                label(
                    listener,
                    new AtomicBoolean(),
                    "seed=1",
                    "data.views=1000000000",
                    "train.epochs=1000000000"))
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.IO))
        .hasMessageMatching(
            "\\d+ answers take \\d+ bytes in .*answers, but only \\d+ bytes are free there\\. Free"
                + " some space, or store less: fewer views or layers, float16, or top-k\\.");
    assertThat(asked).isFalse();
    assertThat(folder.resolve("runs")).doesNotExist();
  }

  @Test
  void size_isToldBefore() {
    List<String> notes = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    Labelling done = label(listener, new AtomicBoolean(), "seed=1");
    assertThat(notes).hasSize(2);
    assertThat(notes.get(1)).startsWith("Asking the teacher for ").contains(" to the test set (0");
    assertThat(notes.get(0))
        .startsWith("Asking the teacher for 400 answers (0 are stored); they take ")
        .endsWith(" kB in " + done.file() + ".");
  }

  @Test
  void encodings_takeTheirSizeAndAFileEach() {
    Labelling full = label("seed=1");
    Labelling half = label("seed=1", "teacher.encoding=float16");
    Labelling three = label("seed=1", "teacher.encoding=top-k", "teacher.top-k=3");
    assertThat(List.of(full.file(), half.file(), three.file())).doesNotHaveDuplicates();
    // Ten logits of 4 or 2 bytes; three of 6 bytes and 4 for the missing mass.
    assertThat(full.bytes() - half.bytes()).isBetween(400 * 20L, 1024 * 20L);
    assertThat(half.bytes()).isLessThan(three.bytes());
  }

  @Test
  void encoding_isWrittenOutAndChecked() {
    ConfigDocument topK = document("teacher.encoding=top-k");
    assertThat(RunConfigReader.distillation(topK).teacher().orElseThrow().encoding())
        .hasToString("top-8");
    assertThat(YamlWriter.write(topK.resolved())).contains("encoding: top-k").contains("top-k: 8");

    assertThatThrownBy(() -> RunConfigReader.distillation(document("teacher.top-k=3")))
        .hasMessageContaining("Unknown key 'top-k' in 'teacher'; it goes with encoding 'top-k'.");
    assertThatThrownBy(
            () ->
                RunConfigReader.distillation(document("teacher.encoding=top-k", "teacher.top-k=0")))
        .hasMessageContaining("top-k");
  }
}
