package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor, as runs meet it. */
class DiagnosisTest {

  private static final String TEACHER =
      """
      name: teacher
      latency: false
      data: {format: digits, size: 800, normalize: {mean: 0.108, std: 0.22}}
      model: {architecture: intermediate-cnn, hidden: 32}
      train: {epochs: 2, threads: 1, optimizer: {adam: {learning-rate: 0.003}}}
      """;

  private static final String STUDENT =
      """
      name: student
      latency: false
      data:
        format: digits
        size: 300
        labelled: 100
        normalize: {mean: 0.108, std: 0.22}
        augment: [{crop: {padding: 2}}]
      teacher: {model: "${TEACHER}"}
      student: {architecture: student-cnn}
      objective:
        - hard-labels: {weight: 0.3}
        - soft-targets: {weight: 0.7, temperature: 4}
        - hint: {weight: 0.1, pairs: [{teacher: features.1, student: features.1}]}
      train: {epochs: 2, threads: 1}
      """;

  /** Starts no process; what one finds is tested apart. */
  private static final Diagnosis.Trial WITHOUT_TRIAL = (step, stop) -> Optional.empty();

  @TempDir static Path folder;

  @BeforeAll
  static void trainTeacher() {
    ConfigDocument document = ConfigDocument.parse("teacher.yaml", TEACHER, List.of(), Map.of());
    run(RunConfigReader.training(document), teacher(), RunListener.NONE);
  }

  private static RunFolder teacher() {
    return new RunFolder(folder.resolve("teacher"));
  }

  private static RunConfig student(Path teacher, String... overrides) {
    return RunConfigReader.distillation(
        ConfigDocument.parse(
            "student.yaml", STUDENT, List.of(overrides), Map.of("TEACHER", teacher.toString())));
  }

  private static void run(RunConfig config, RunFolder to, RunListener listener) {
    new Experiment(config, RunFolder.create(to.path()), List.of(), listener, () -> false).run();
  }

  @Test
  void bitsOfARun_areTheSameWithAndWithoutTheDoctor() throws IOException {
    List<Finding> findings = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void examined(List<Finding> found) {
            findings.addAll(found);
          }
        };
    RunFolder with = new RunFolder(folder.resolve("with"));
    RunFolder without = new RunFolder(folder.resolve("without"));
    run(student(teacher().model()), with, listener);
    assertThat(findings).hasSizeGreaterThanOrEqualTo(10);
    findings.clear();
    run(student(teacher().model(), "doctor=false"), without, listener);
    assertThat(findings).isEmpty();
    String weights = ModelFolder.WEIGHTS;
    assertThat(with.model().resolve(weights))
        .hasBinaryContent(Files.readAllBytes(without.model().resolve(weights)));
  }

  /** A teacher of the same kind that was never trained. */
  private static Path untrained() {
    Path to = folder.resolve("untrained");
    try (ModelFolder.Loaded teacher = ModelFolder.read(teacher().model());
        Model fresh = Model.create(teacher.config().spec(), 3)) {
      ModelFolder.write(to, fresh, teacher.config(), "");
    }
    return to;
  }

  @Test
  void fault_stopsTheRunBeforeItWritesAnything() {
    RunFolder stopped = new RunFolder(folder.resolve("stopped"));
    RunConfig config = student(untrained());
    assertThatThrownBy(() -> run(config, stopped, RunListener.NONE))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessageStartingWith("The doctor stops this distillation: The teacher is right on ")
        .hasMessageEndingWith("To go on all the same, say doctor: false.");
    assertThat(stopped.path().getParent()).isDirectory();
    assertThat(stopped.path()).doesNotExist();

    run(student(untrained(), "doctor=false", "train.epochs=1"), stopped, RunListener.NONE);
    assertThat(stopped.result()).exists();
  }

  @Test
  void teacher_getsWhatItWasTrainedOn() {
    RunConfig config = student(teacher().model(), "data.normalize.mean=0.2");
    assertThat(Diagnosis.of(config, teacher(), WITHOUT_TRIAL))
        .anyMatch(
            finding ->
                finding.check().equals("preprocessing")
                    && finding
                        .sentence()
                        .equals(
                            "The teacher gets inputs normalised with mean [0.108] and std [0.22],"
                                + " the student normalised with mean [0.2] and std [0.22]."));
  }

  @Test
  void storedAnswers_areLookedAtWhenTheRunUsesThem() {
    RunFolder later = new RunFolder(folder.resolve("runs/later"));
    RunConfig config = student(teacher().model(), "teacher.answers=stored", "data.views=1");
    assertThat(Diagnosis.of(config, later, WITHOUT_TRIAL))
        .contains(new Finding("stored answers", Finding.Level.OK, "No answer is there yet."));
    Labelling.of(config, later, RunListener.NONE, () -> false);
    assertThat(Diagnosis.of(config, later, WITHOUT_TRIAL))
        .contains(
            new Finding(
                "stored answers",
                Finding.Level.OK,
                "The teacher gives the same 32 answers again."));
    assertThat(Diagnosis.of(student(teacher().model()), later, WITHOUT_TRIAL))
        .noneMatch(finding -> finding.check().equals("stored answers"));
  }
}
