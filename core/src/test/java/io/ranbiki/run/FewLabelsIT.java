package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Result;
import io.ranbiki.train.Interrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole run with few labels and a second set without. */
class FewLabelsIT {

  private static final String YAML =
      """
      name: few
      latency: false
      doctor: false
      data:
        format: digits
        size: 40
        validation: 0
        unlabelled: {size: 90}
        labelled-share: 0.25
        augment: [{crop: {padding: 2}}, erase]
        views: 2
      teacher: {model: "${TEACHER}", answers: %s}
      student: {architecture: student-cnn}
      objective: [{hard-labels: {weight: 0.5}}, {soft-targets: {weight: 0.5}}]
      train: {epochs: 3, batch: 16, threads: 1}
      """;

  /** 4 of 16 have a label: 90 others take 8 batches of 12, the last with 6. */
  private static final int STEPS = 3 * 8;

  @TempDir Path folder;

  private RunConfig config(String answers, String... overrides) {
    Path teacher = folder.resolve("teacher");
    ModelSpec spec = ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 8));
    try (Model untrained = Model.create(spec, 1)) {
      ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of());
      ModelFolder.write(teacher, untrained, config, LabelsSeen.NONE, "");
    }
    return RunConfigReader.distillation(
        ConfigDocument.parse(
            "few.yaml",
            YAML.formatted(answers),
            List.of(overrides),
            Map.of("TEACHER", teacher.toString())));
  }

  private static final class Heard implements RunListener {
    private final List<String> stages = new ArrayList<>();
    private final List<Integer> samples = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    @Override
    public void stageStarted(String stage, long seed, long fromStep, long steps, int batch) {
      stages.add(stage + " " + fromStep + " of " + steps);
    }

    @Override
    public void stepDone(long step, int size) {
      samples.add(size);
    }

    @Override
    public void note(String note) {
      notes.add(note);
    }
  }

  private static byte[] weights(RunFolder run) throws IOException {
    return Files.readAllBytes(run.model().resolve(ModelFolder.WEIGHTS));
  }

  private RunFolder folder(String name) {
    return RunFolder.create(folder.resolve("runs").resolve(name));
  }

  @Test
  void bothStudents_takeTheSameSteps_andStoredAnswersCoverBothSets() {
    Heard heard = new Heard();
    RunFolder run = folder("straight");
    Result result = new Experiment(config("stored"), run, List.of(), heard, () -> false).run();
    assertThat(heard.stages)
        .containsExactly(
            "scratch 0 of " + STEPS, "decisions 0 of " + STEPS, "student 0 of " + STEPS);
    assertThat(heard.samples.subList(0, 8)).containsExactly(16, 16, 16, 16, 16, 16, 16, 10);
    assertThat(heard.samples.subList(STEPS, STEPS + 8))
        .containsExactly(16, 16, 16, 16, 16, 16, 16, 10);
    assertThat(heard.notes).hasSize(2);
    assertThat(heard.notes.get(0)).contains(" answers to the test set (0 are stored)");
    assertThat(heard.notes.get(1))
        .startsWith("Asking the teacher for 260 answers (0 are stored)"); // (40 + 90) x 2 views
    assertThat(result.history()).hasSize(3);

    Labelling again = Labelling.of(config("stored"), run, RunListener.NONE, () -> false);
    assertThat(again.asked()).isZero();
    assertThat(again.reused()).isEqualTo(260);
  }

  @Test
  void storedAndLiveAnswers_teachAlike() throws IOException {
    RunFolder stored = folder("stored");
    RunFolder live = folder("live");
    Result one =
        new Experiment(config("stored"), stored, List.of(), RunListener.NONE, () -> false).run();
    Result other =
        new Experiment(config("live"), live, List.of(), RunListener.NONE, () -> false).run();
    for (int epoch = 0; epoch < 3; epoch++) {
      assertThat(one.history().get(epoch).terms().get("soft-targets"))
          .isCloseTo(
              other.history().get(epoch).terms().get("soft-targets"),
              org.assertj.core.api.Assertions.within(1e-4));
    }
  }

  @Test
  void stopInTheMiddleOfAnEpoch_endsWithTheSameBits() throws IOException {
    RunFolder straight = folder("straight");
    new Experiment(config("live"), straight, List.of(), RunListener.NONE, () -> false).run();
    RunFolder stopped = folder("stopped");
    Heard until = new Heard();
    AtomicBoolean done = new AtomicBoolean();
    assertThatThrownBy(
            () ->
                new Experiment(
                        config("live"),
                        stopped,
                        List.of(),
                        until,
                        () ->
                            until.samples.size() == 2 * STEPS + 11
                                && done.compareAndSet(false, true))
                    .run())
        .isInstanceOf(Interrupted.class);
    Heard rest = new Heard();
    new Experiment(config("live"), stopped, List.of(), rest, () -> false).run();
    assertThat(rest.stages).endsWith("student 11 of " + STEPS);
    assertThat(rest.samples).hasSize(STEPS - 11);
    assertThat(weights(stopped)).isEqualTo(weights(straight));
  }

  @Test
  void samplesThatNobodyLearnsFrom_areNamedInANote() {
    String text =
        """
        name: labels
        latency: false
        data: {format: digits, size: 40, labelled: 10, validation: 0}
        model: {architecture: student-cnn}
        train: {epochs: 1, threads: 1}
        """;
    Heard heard = new Heard();
    RunConfig config =
        RunConfigReader.training(ConfigDocument.parse("a.yaml", text, List.of(), Map.of()));
    new Experiment(config, folder("labels"), List.of(), heard, () -> false).run();
    assertThat(heard.notes)
        .containsExactly(
            "No term of the objective learns from the 30 of 40 training samples that have no label."
                + " Leave them out, which is faster: data.drop-unlabelled: true.");
  }
}
