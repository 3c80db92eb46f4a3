package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Contents;
import io.ranbiki.data.TestData;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Result;
import io.ranbiki.result.SeenByTeacher;
import io.ranbiki.result.SeenByTeacher.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on 80 rows to train on and 60 to test on, whose teacher saw more than they say. */
class TeacherLabelsTest {

  private static final String ALL =
      "The teacher was trained on the labels of 60 of the 60 samples that count as unlabelled here:"
          + " the gain shows compression, not learning from few labels.";

  @TempDir static Path folder;
  private static Path rows;
  private static Path allSeeing;

  @BeforeAll
  static void trainTeacher() throws IOException {
    rows = TinyRuns.rows(folder.resolve("rows"));
    allSeeing = train(rows, "all");
  }

  private static Path train(Path rows, String name, String... overrides) {
    String text =
        """
        name: teacher
        latency: false
        data: {format: csv, folder: "%s", validation: 0}
        model: {architecture: mlp, hidden: 4, layers: 1}
        train: {epochs: 1, batch: 16, threads: 1}
        """
            .formatted(rows);
    RunFolder to = RunFolder.create(folder.resolve("teachers").resolve(name));
    new Experiment(
            RunConfigReader.training(
                ConfigDocument.parse("t.yaml", text, List.of(overrides), Map.of())),
            to,
            List.of(),
            RunListener.NONE,
            () -> false)
        .run();
    return to.model();
  }

  private static RunConfig student(Path teacher, String... overrides) {
    return student(rows, teacher, overrides);
  }

  private static RunConfig student(Path rows, Path teacher, String... overrides) {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.addAll(List.of("train.epochs=1", "compare.scratch=false", "compare.decisions=false"));
    return TinyRuns.distillation(
        rows, "teacher: {model: '%s'}\n".formatted(teacher), all.toArray(String[]::new));
  }

  private static int runs;
  private final List<String> notes = new ArrayList<>();

  private RunFolder run(RunConfig config) {
    RunFolder to = RunFolder.create(folder.resolve("runs").resolve("run-" + runs++));
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    new Experiment(config, to, List.of(), listener, () -> false).run();
    return to;
  }

  private SeenByTeacher seen(RunConfig config) {
    return ResultJson.read(run(config).result()).evidence().seenByTeacher();
  }

  private static Part part(int samples, int seen) {
    return new Part(samples, seen, true, null);
  }

  @Test
  void teacherOfAllLabels_isSaidBeforeTrainingAndInTheResult() {
    SeenByTeacher seen = seen(student(allSeeing, "data.labelled=20"));
    assertThat(seen).isEqualTo(new SeenByTeacher(part(60, 60), part(60, 0), null));
    assertThat(seen.sentence()).contains(ALL);
    assertThat(notes).containsOnlyOnce(ALL);
  }

  @Test
  void teacherOfTheSameFewLabels_isClean() {
    Path teacher = train(rows, "few", "data.labelled=20", "data.drop-unlabelled=true");
    SeenByTeacher seen = seen(student(teacher, "data.labelled=20"));
    assertThat(seen).isEqualTo(new SeenByTeacher(part(60, 0), part(60, 0), null));
    assertThat(seen.sentence()).isEmpty();
    assertThat(notes).noneMatch(note -> note.contains("labels of"));
  }

  /** Which samples keep their label depends on the seed, so one teacher is clean for one seed. */
  @Test
  void everySeed_isLookedAt() {
    Path teacher = train(rows, "seed-1", "data.labelled=20", "data.drop-unlabelled=true");
    SeenByTeacher seen = seen(student(teacher, "data.labelled=20", "seed=[1, 2]"));
    Part unlabelled = seen.unlabelled();
    assertThat(unlabelled.seed()).isEqualTo(2);
    assertThat(unlabelled.seen()).isBetween(5, 20);
    assertThat(seen.sentence())
        .contains(
            "The teacher was trained on the labels of %d of the 60 samples that count as unlabelled here with seed 2: a part of the gain comes from these labels."
                .formatted(unlabelled.seen()));
  }

  @Test
  void withoutSamplesThatCountAsUnlabelled_nothingIsSaid() {
    assertThat(seen(student(allSeeing))).isEqualTo(new SeenByTeacher(null, part(60, 0), null));
    assertThat(seen(student(allSeeing, "data.labelled=20", "data.drop-unlabelled=true")))
        .isEqualTo(new SeenByTeacher(null, part(60, 0), null));
    assertThat(notes).noneMatch(note -> note.contains("labels of"));
  }

  @Test
  void labelsPassOnFromTeacherToStudent() {
    Path second = run(student(allSeeing, "data.labelled=20")).model();
    assertThat(seen(student(second, "data.labelled=20")).unlabelled()).isEqualTo(part(60, 60));
  }

  @Test
  void studentOfSoftAnswersAlone_hasSeenNoLabelOfItsOwn() {
    Path few = train(rows, "few-again", "data.labelled=20", "data.drop-unlabelled=true");
    Path soft = run(student(few, "objective=[{soft-targets: {weight: 1}}]")).model();
    assertThat(ModelFolder.readLabelsSeen(soft)).isEqualTo(ModelFolder.readLabelsSeen(few));
    Path hard = run(student(few)).model();
    assertThat(ModelFolder.readLabelsSeen(hard)).isEqualTo(ModelFolder.readLabelsSeen(allSeeing));
  }

  @Test
  void validationSamples_areNotTrainedOn() {
    Path teacher = train(rows, "validated", "data.validation=0.25");
    LabelsSeen seen = ModelFolder.readLabelsSeen(teacher);
    assertThat(seen.positions().values()).singleElement().matches(p -> p.cardinality() == 60);
    assertThat(seen.contents()).hasSize(60);
  }

  private static Path withRows(String name, List<String> train) throws IOException {
    Path other = Files.createDirectories(folder.resolve(name));
    Files.write(other.resolve("train.csv"), train);
    Files.copy(rows.resolve("test.csv"), other.resolve("test.csv"));
    return other;
  }

  private static List<String> lines(String part) throws IOException {
    return Files.readAllLines(rows.resolve(part));
  }

  @Test
  void testSamplesAmongThoseOfTheTeacher_areCounted() throws IOException {
    List<String> mixed = new ArrayList<>(lines("train.csv"));
    mixed.addAll(lines("test.csv").subList(0, 12));
    Path teacher = train(withRows("mixed", mixed), "mixed");
    SeenByTeacher seen = seen(student(teacher, "data.labelled=20"));
    assertThat(seen).isEqualTo(new SeenByTeacher(part(60, 60), part(60, 12), null));
    assertThat(seen.sentence())
        .contains(
            ALL
                + " The teacher was trained on the labels of 12 of the 60 test samples: it, and a"
                + " student that it taught, may be worse on new samples than here.");
  }

  @Test
  void secondSetOfTheTeachersSamples_isRecognisedByContent() throws IOException {
    Path few = withRows("few-rows", lines("train.csv").subList(0, 20));
    Path second = Files.createDirectories(folder.resolve("second"));
    Files.write(
        second.resolve("train.csv"),
        lines("train.csv").subList(15, 80).stream()
            .map(line -> line.substring(0, line.lastIndexOf(',')))
            .toList());
    RunConfig config = student(few, allSeeing, "data.unlabelled={folder: '%s'}".formatted(second));
    assertThat(seen(config).unlabelled()).isEqualTo(part(65, 65));
    Path clean = train(few, "clean");
    RunConfig honest = student(few, clean, "data.unlabelled={folder: '%s'}".formatted(second));
    assertThat(seen(honest).unlabelled()).isEqualTo(part(65, 5)); // rows 16 to 20 are in both
  }

  /** A folder of an earlier version, or one that came from PyTorch. */
  @Test
  void folderThatDoesNotSay_isANoteAlone() {
    ModelSpec spec = ModelSpec.of("mlp", List.of(4), 3, Map.of("hidden", 4, "layers", 1));
    Path silent = folder.resolve("silent");
    try (Model model = Model.create(spec, 1)) {
      ModelFolder.write(silent, model, new ModelConfig(spec, Normalization.none(), List.of()), "");
    }
    SeenByTeacher seen = seen(student(silent, "data.labelled=20"));
    assertThat(seen)
        .isEqualTo(
            new SeenByTeacher(new Part(60, 0, false, null), new Part(60, 0, false, null), null));
    assertThat(seen.sentence()).isEmpty();
    assertThat(notes)
        .containsOnlyOnce(
            "It is not known whether the teacher was trained on the labels of samples that count as"
                + " unlabelled here, or of the test samples: its files do not say, or not all of"
                + " them.");

    // What a student learns from it is known in part.
    LabelsSeen student = ModelFolder.readLabelsSeen(run(student(silent)).model());
    assertThat(student.complete()).isFalse();
    assertThat(student.contents()).hasSize(80);
    assertThat(TeacherLabels.of(student(silent).teacher().orElseThrow().source()))
        .isEqualTo(LabelsSeen.UNKNOWN);
  }

  @Test
  void ofMoreThanAMillionSamples_contentsAreNotKept_whichIsSaid() {
    IntFunction<float[]> none = index -> new float[1];
    assertThat(TeacherLabels.notKept(TestData.rows(Contents.MOST_SAMPLES, 1, none))).isEmpty();
    assertThat(TeacherLabels.notKept(TestData.rows(Contents.MOST_SAMPLES + 1, 1, none)))
        .contains(
            "Of more than 1,000,000 training samples, the model folder keeps by place alone which"
                + " of their labels it has seen: a student of it is told so of these same files,"
                + " and of others that it is not known.");
  }

  @Test
  void withoutContents_otherDataIsNotCompared() throws IOException {
    Path other = withRows("other", lines("train.csv").subList(0, 40));
    Path teacher = train(other, "other");
    Files.delete(teacher.resolve("labels-seen.safetensors"));
    SeenByTeacher seen = seen(student(teacher, "data.labelled=20"));
    assertThat(seen.test().unknown()).isTrue();
    assertThat(notes)
        .contains(
            "It is not known whether the teacher was trained on the labels of samples that count as"
                + " unlabelled here, or of the test samples: it was trained on other data, and the"
                + " samples are not compared, because they are many or labels-seen.safetensors is"
                + " missing.");
  }

  private static Finding examined(RunConfig config) {
    try (RunData data = RunData.open(config);
        AskedTeacher teacher =
            AskedTeacher.open(
                config.teacher().orElseThrow(), data, folder, RunListener.NONE, () -> false)) {
      return Diagnosis.labelsSeen(config, data, teacher);
    }
  }

  @Test
  void doctor_saysItBeforehand() {
    assertThat(examined(student(allSeeing, "data.labelled=20")))
        .isEqualTo(new Finding("labels seen", Finding.Level.WARNING, ALL));
    assertThat(examined(student(allSeeing)))
        .isEqualTo(
            new Finding(
                "labels seen",
                Finding.Level.OK,
                "The teacher was trained on no label of a sample that counts as unlabelled here, or"
                    + " of the test."));
  }

  @Test
  void finishedRun_saysItAgain() {
    RunFolder run = run(student(allSeeing, "data.labelled=20"));
    Result first = ResultJson.read(run.result());
    RunConfig config = student(allSeeing, "data.labelled=20");
    Result again =
        new Experiment(config, run, List.of(), RunListener.NONE, () -> false).run(Resumption.SAME);
    assertThat(again.evidence().seenByTeacher()).isEqualTo(first.evidence().seenByTeacher());
  }
}
