package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A teacher and a student of one run that take images of different sizes. */
class TwoSizesTest {

  private static final String DATA =
      """
      data: {format: digits, size: 300, augment: [crop: {padding: 1}], views: 2, validation: 0}
      latency: false
      """;

  private static final String TEACHER =
      """
      name: teacher
      model: {architecture: student-cnn, prepare: {resize: 20, crop: 18}}
      train: {epochs: 2, batch: 32, threads: 1}
      """
          + DATA;

  private static final String STUDENT =
      """
      name: student
      teacher: {model: "${FOLDER}/teacher/model"}
      student:
        architecture: intermediate-cnn
        hidden: 8
        prepare: {resize: 12, normalize: {mean: 0.2, std: 0.3}}
      objective: [soft-targets: {weight: 1, temperature: 2}]
      train: {epochs: 2, batch: 32, threads: 1}
      compare: {scratch: false, decisions: false}
      """
          + DATA;

  @TempDir Path folder;

  private Result run(String yaml, String... overrides) {
    RunConfig config =
        RunConfigReader.any(
            ConfigDocument.parse(
                "run.yaml", yaml, List.of(overrides), Map.of("FOLDER", folder.toString())));
    RunFolder run = RunFolder.create(folder.resolve(config.name()));
    return new Experiment(config, run, List.of(), new RunListener() {}, () -> false).run();
  }

  @Test
  void studentOfSmallerImages_learnsFromStoredAndLiveAnswersAlike() {
    run(TEACHER);
    assertThat(ModelFolder.readConfig(folder.resolve("teacher/model")).prepare())
        .isEqualTo(new Prepare(List.of(new Step.Resize(20, 18)), Normalization.none()));
    long before = Tensor.live();
    Result stored = run(STUDENT);
    assertThat(Tensor.live()).isEqualTo(before);
    Result live = run(STUDENT, "name=live", "teacher.answers=live");
    assertThat(live.models().get(Result.STUDENT).accuracy())
        .isEqualTo(stored.models().get(Result.STUDENT).accuracy());
    ModelConfig kept = ModelFolder.readConfig(folder.resolve("student/model"));
    assertThat(kept.spec().input()).containsExactly(1, 12, 12);
    assertThat(kept.prepare().resize()).contains(Step.Resize.to(12));
    assertThat(kept.prepare().normalization().mean()).containsExactly(0.2f);
  }

  @Test
  void lengthsThatDoNotFit_areRefusedAtTheirPlace() {
    assertThatThrownBy(() -> run(TEACHER, "model.prepare.crop=21"))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining("gives a 'crop' that is larger than 'resize'.");
    assertThatThrownBy(() -> run(TEACHER.replace("resize: 20, ", "")))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining(
            "gives 'crop', which cuts images after they were resized, but no 'resize'.");
  }
}
