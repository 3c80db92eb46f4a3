package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Dataset;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.model.Model;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.HeldOut;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which samples are held out unless a share is asked for, and by what epochs are judged. */
class HeldOutTest {

  private static final String OF_ALL =
      "8 of 80 labelled training samples are held out, and epochs are judged by the accuracy on"
          + " them; the best one is kept.";
  private static final String OF_UNLABELLED =
      "5 of 50 samples without label are held out, and epochs are judged by the agreement with the"
          + " teacher on them; the best one is kept.";

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path rows = Path.of("");
  private static Path teacher = Path.of("");
  private final List<String> notes = new ArrayList<>();

  @BeforeAll
  static void trainTeacher() throws IOException {
    rows = TinyRuns.rows(shared.resolve("rows"));
    teacher = TinyRuns.teacher(rows, shared.resolve("runs"));
  }

  private static RunConfig config(Path rows, String... overrides) {
    List<String> all = new ArrayList<>(List.of("data.validation=auto"));
    all.addAll(List.of(overrides));
    return TinyRuns.distillation(
        rows, "teacher: {model: \"%s\"}\n".formatted(teacher), all.toArray(String[]::new));
  }

  private Result run(String name, RunConfig config) {
    RunListener heard =
        new RunListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    RunFolder run = RunFolder.create(folder.resolve("runs").resolve(name));
    return new Experiment(config, run, List.of(), heard, () -> false).run();
  }

  private static List<Long> ids(Dataset samples) {
    return IntStream.range(0, samples.size()).mapToObj(samples::id).toList();
  }

  private static List<Long> countsByClass(Dataset samples) {
    return IntStream.range(0, samples.task().width())
        .mapToObj(
            label ->
                IntStream.range(0, samples.size()).filter(i -> samples.stratum(i) == label).count())
        .toList();
  }

  /** Rows of one number, so many of each class. */
  private Path rowsOf(int... sizes) throws IOException {
    Path data = Files.createDirectories(folder.resolve("rows-" + List.of(sizes.length, sizes[0])));
    StringBuilder text = new StringBuilder();
    for (int label = 0; label < sizes.length; label++) {
      text.append((label + ",class-" + label + "\n").repeat(sizes[label]));
    }
    Files.writeString(data.resolve("train.csv"), text);
    Files.writeString(data.resolve("test.csv"), text);
    return data;
  }

  @Test
  void aTenthIsHeldOut_byClass() throws IOException {
    try (RunData data = RunData.open(config(rowsOf(400, 200, 20)))) {
      SeedSplit split = data.split(1);
      Dataset held = split.validation().orElseThrow();
      assertThat(countsByClass(held)).containsExactly(40L, 20L, 2L);
      assertThat(countsByClass(split.train())).containsExactly(360L, 180L, 18L);
      assertThat(ids(split.train())).doesNotContainAnyElementsOf(ids(held));
      assertThat(split.agreement()).isEmpty();
      assertThat(ids(data.split(2).validation().orElseThrow())).isNotEqualTo(ids(held));
    }
  }

  @Test
  void noMoreThan2000AreHeldOut() throws IOException {
    try (RunData data = RunData.open(config(rowsOf(15_000, 15_000)))) {
      assertThat(countsByClass(data.split(1).validation().orElseThrow()))
          .containsExactly(1000L, 1000L);
    }
  }

  @Test
  void nothingIsHeldOut_whereAClassIsSmall_orTheShareIsZero() throws IOException {
    RunConfig few = config(rowsOf(400, 19));
    try (RunData data = RunData.open(few)) {
      assertThat(data.split(1).validation()).isEmpty();
      assertThat(data.split(1).agreement()).isEmpty();
      assertThat(data.split(1).train().size()).isEqualTo(419);
      assertThat(Judge.note(few, data))
          .contains(
              "The last epoch is kept: no samples are held out to judge epochs by, since the class"
                  + " 'class-1' has fewer than 20 labelled samples.");
    }
    RunConfig none = config(rowsOf(400, 200), "data.validation=0");
    try (RunData data = RunData.open(none)) {
      assertThat(data.split(1).validation()).isEmpty();
      assertThat(Judge.note(none, data)).isEmpty();
    }
  }

  @Test
  void fewLabels_samplesWithoutLabelAreHeldOutInstead() {
    try (RunData data = RunData.open(config(rows, "data.labelled=30"))) {
      SeedSplit split = data.split(1);
      assertThat(split.validation()).isEmpty();
      Dataset held = split.agreement().orElseThrow();
      assertThat(held.size()).isEqualTo(5);
      assertThat(IntStream.range(0, 5).map(held::stratum)).containsOnly(Dataset.UNLABELLED);
      assertThat(split.train().size()).isEqualTo(75);
      assertThat(split.labelled().size()).isEqualTo(30);
      assertThat(ids(split.train())).doesNotContainAnyElementsOf(ids(held));
      assertThat(ids(data.trainedOn(List.of(1L)))).doesNotContainAnyElementsOf(ids(held));
    }
  }

  @Test
  void fewLabelsWithoutATeacher_holdNothingOut() {
    String text =
        """
        name: t
        data: {format: csv, folder: "%s", labelled: 30}
        model: {architecture: mlp, hidden: 2}
        train: {epochs: 1}
        """
            .formatted(rows);
    RunConfig alone =
        RunConfigReader.any(ConfigDocument.parse("a.yaml", text, List.of(), Map.of()));
    try (RunData data = RunData.open(alone)) {
      assertThat(data.split(1).agreement()).isEmpty();
      assertThat(Judge.note(alone, data))
          .contains(
              "The last epoch is kept: no samples are held out to judge epochs by, since 'labelled'"
                  + " is set.");
    }
  }

  @Test
  void epochsAreJudgedByAccuracy_andItIsSaid() {
    Result result = run("accuracy", config(rows, "train.epochs=2"));
    assertThat(notes).containsOnlyOnce(OF_ALL);
    assertThat(result.evidence().heldOut()).isEqualTo(new HeldOut(8, 80, HeldOut.ACCURACY));
    assertThat(result.history())
        .allSatisfy(epoch -> assertThat(epoch.validationAccuracy()).isBetween(0.0, 1.0))
        .allSatisfy(epoch -> assertThat(epoch.validationAgreement()).isNull());
    assertThat(result.evidence().equalSteps()).as("beside each at its best").isNotEmpty();
  }

  @Test
  void fewLabels_epochsAreJudgedByAgreementWithTheTeacher() throws IOException {
    RunConfig config =
        config(
            rows,
            "data.labelled=30",
            "train.epochs=8",
            "train.optimizer.sgd.learning-rate=4",
            "seed=2");
    Result result = run("agreement", config);
    assertThat(notes).containsOnlyOnce(OF_UNLABELLED);
    assertThat(result.evidence().heldOut()).isEqualTo(new HeldOut(5, 50, HeldOut.AGREEMENT));
    EpochRecord best =
        result.history().stream()
            .sorted(Comparator.comparing(EpochRecord::epoch).reversed())
            .max(Comparator.comparing(epoch -> Objects.requireNonNull(epoch.validationAgreement())))
            .orElseThrow();
    assertThat(best.epoch()).as("so that best and last differ").isLessThan(8);
    assertThat(result.history())
        .allSatisfy(epoch -> assertThat(epoch.validationAccuracy()).isNull());

    RunFolder run = new RunFolder(folder.resolve("runs/agreement"));
    try (RunData data = RunData.open(config);
        Model student = TinyRuns.open(run.model());
        Model teaching = TinyRuns.open(teacher)) {
      var held = data.evaluationLoader(data.split(2).agreement().orElseThrow());
      Predictions taught = Evaluation.of(teaching, held);
      assertThat(Evaluation.of(student, held).agreement(taught))
          .isEqualTo(best.validationAgreement());
      assertThat(PredictionsFile.read(run.predictions("student-validation", 2)).agreement(taught))
          .isEqualTo(best.validationAgreement());
      assertThat(PredictionsFile.read(run.predictions("teacher-validation", 2)).agreement(taught))
          .isEqualTo(1);
    }
    assertThat(result.evidence().models().get("student").scaled())
        .as("no labels to fit a temperature on")
        .isNull();
    assertThat(MetricsLog.read(run.metrics()))
        .allSatisfy(line -> assertThat(line).containsKey("validation-agreement"));
  }

  @Test
  void whoTeachesOthersOnTheWay_isAtItsBest() {
    RunConfig config =
        TinyRuns.distillation(
            rows,
            "strategy: {born-again: {generations: 3}}\n",
            "data.validation=0.3",
            "train.epochs=8",
            "train.optimizer.sgd.learning-rate=6");
    run("generations", config);
    RunFolder run = new RunFolder(folder.resolve("runs/generations"));
    int differ = 0;
    try (RunData data = RunData.open(config)) {
      for (Map.Entry<String, String> stage :
          Map.of("generation-1", "scratch", "generation-2", "generation-2").entrySet()) {
        List<Double> reached =
            MetricsLog.history(run.metrics(), stage.getValue(), 1, 8).stream()
                .map(EpochRecord::validationAccuracy)
                .toList();
        Double best = reached.stream().max(Comparator.naturalOrder()).orElseThrow();
        differ += reached.get(7) < best ? 1 : 0;
        try (Model kept = TinyRuns.open(run.stage(stage.getKey(), 1))) {
          var held = data.evaluationLoader(data.split(1).validation().orElseThrow());
          assertThat(Evaluation.of(kept, held).accuracy()).isEqualTo(best);
        }
      }
    }
    assertThat(differ).as("trainings of which best and last differ").isPositive();
  }

  @Test
  void whatNeedsAJudge_isRefusedWhereThereIsNone_andTheAdviceHelps() throws IOException {
    Path few = rowsOf(40, 19);
    String why =
        ", but no samples are held out to judge epochs by, since the class 'class-1' has fewer than"
            + " 20 labelled samples. Say data.validation=0.1, or leave it out.";
    for (Map.Entry<String, String> asked :
        Map.of(
                "train.patience=2",
                "'train.patience' ends a training after its best epoch",
                "compare.scratch.train.epochs=2",
                "'compare.scratch' gives labels alone a recipe of their own")
            .entrySet()) {
      try (RunData data = RunData.open(config(few, asked.getKey()))) {
        assertThatExceptionOfType(RanbikiException.class)
            .isThrownBy(() -> Judge.require(config(few, asked.getKey()), data))
            .withMessage(asked.getValue() + why);
      }
      RunConfig advised = config(few, asked.getKey(), "data.validation=0.1");
      try (RunData data = RunData.open(advised)) {
        Judge.require(advised, data);
        assertThat(data.split(1).validation()).isPresent();
      }
    }
  }

  @Test
  void answersToSamplesHeldOut_areLabelledBeforehand() {
    RunConfig config = config(rows, "data.labelled=30", "data.views=1");
    RunFolder run = RunFolder.create(folder.resolve("runs/labelled"));
    Labelling.of(config, run, RunListener.NONE, () -> false);
    run("after", config);
    assertThat(notes).noneMatch(note -> note.startsWith("asking the teacher"));
  }
}
