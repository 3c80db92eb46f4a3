package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.result.Curve;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.train.Interrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Students of several sizes are those that runs of their own would have. */
class SizedRunsTest {

  private static final String CURVE = "curve=[{hidden: 9}, {hidden: 3}]";

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

  private static RunConfig config(String... overrides) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "data.views=1",
                "latency=false",
                "compare.scratch=false",
                "compare.decisions=false"));
    all.addAll(List.of(overrides));
    return TinyRuns.distillation(
        rows, "teacher: {model: \"%s\"}\n".formatted(teacher), all.toArray(String[]::new));
  }

  private RunFolder folder(String name) {
    Path path = folder.resolve("runs").resolve(name);
    return Files.exists(path) ? RunFolder.open(path) : RunFolder.create(path);
  }

  private Result run(RunFolder to, RunConfig config, Resumption resumption, BooleanSupplier stop) {
    RunListener heard =
        new RunListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    return new SizedRuns(config, to).run(List.of("curve"), resumption, heard, stop);
  }

  @Test
  void everySize_isTheStudentOfARunOfItsOwn_andTheTeacherIsAskedOnce() throws IOException {
    RunFolder curve = folder("curve");
    Result result = run(curve, config(CURVE, "seed=[1, 2]"), Resumption.SAME, () -> false);
    assertThat(ResultJson.read(curve.result())).isEqualTo(result);
    assertThat(result.models()).containsOnlyKeys(Result.TEACHER);
    assertThat(notes)
        .filteredOn(note -> note.contains("Asking the teacher for 80 answers"))
        .hasSize(1);

    List<Curve.Point> points = result.curve().points();
    assertThat(points).extracting(Curve.Point::title).containsExactly("hidden 9", "hidden 3");
    for (int hidden : new int[] {9, 3}) {
      RunFolder alone = RunFolder.create(folder.resolve("alone").resolve("hidden-" + hidden));
      RunConfig same = config("seed=[1, 2]", "student.hidden=" + hidden);
      Result own = new Experiment(same, alone, List.of(), RunListener.NONE, () -> false).run();
      Curve.Point point = points.get(hidden == 9 ? 0 : 1);
      assertThat(point)
          .isEqualTo(Curve.Point.of("hidden " + hidden, "curve-hidden-" + hidden, own));
      assertThat(point.parameters()).isEqualTo(4L * hidden + hidden + 3L * hidden + 3);
      assertThat(point.change().value())
          .isCloseTo(
              own.models().get("student").accuracy() - own.models().get("teacher").accuracy(),
              within(1e-12));
      assertThat(folder.resolve("runs").resolve(point.run()).resolve("model/model.safetensors"))
          .hasSameBinaryContentAs(alone.model().resolve("model.safetensors"));
      assertThat(Files.readString(folder.resolve("runs").resolve(point.run() + "/config.yaml")))
          .contains("name: tiny-hidden-" + hidden)
          .doesNotContain("curve");
    }
  }

  @Test
  void sizesSideBySide_haveTheBitsTheyHaveOneAfterTheOther() throws IOException {
    String[] more = {CURVE, "seed=[1, 2]", "compare.scratch=true"};
    Result straight = run(folder("straight"), config(more), Resumption.SAME, () -> false);
    List<String> beside = new ArrayList<>(List.of(more));
    beside.addAll(List.of("train.side-by-side=3", "train.threads=3"));
    long before = Tensor.live();
    Result result =
        run(folder("beside"), config(beside.toArray(String[]::new)), Resumption.SAME, () -> false);
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(result.curve().points())
        .extracting(Curve.Point::accuracy)
        .isEqualTo(straight.curve().points().stream().map(Curve.Point::accuracy).toList());
    sameStudents("beside");

    int[] asked = {0};
    RunFolder stopped = folder("stopped");
    assertThatExceptionOfType(Interrupted.class)
        .isThrownBy(
            () ->
                run(
                    stopped,
                    config(beside.toArray(String[]::new)),
                    Resumption.SAME,
                    () -> ++asked[0] > 60));
    run(stopped, Resumption.SAME.read(stopped, Map.of()), Resumption.SAME, () -> false);
    sameStudents("stopped");
  }

  /** Whether the students of a curve are those of the curve straight. */
  private void sameStudents(String name) {
    for (String size : List.of("hidden-9", "hidden-3")) {
      Path run = folder.resolve("runs/" + name + "-" + size);
      Path straight = folder.resolve("runs/straight-" + size);
      assertThat(run.resolve("model/model.safetensors"))
          .hasSameBinaryContentAs(straight.resolve("model/model.safetensors"));
      assertThat(MetricsLog.epochs(run.resolve("metrics.jsonl"), 2).keySet())
          .containsExactly("scratch", "student");
    }
  }

  @Test
  void autoOfACurve_countsTheTrainingsOfAllSizes() throws IOException {
    RunFolder curve = folder("auto");
    run(
        curve,
        config(CURVE, "train.side-by-side=auto", "train.threads=3", "train.epochs=1"),
        Resumption.SAME,
        () -> false);
    for (String name : List.of("auto", "auto-hidden-9", "auto-hidden-3")) {
      assertThat(Files.readString(folder.resolve("runs/" + name + "/config.yaml")))
          .contains("side-by-side: 2");
    }
  }

  @Test
  void stoppedCurve_goesOn_andReadsWhatHasFinished() {
    Result straight = run(folder("straight"), config(CURVE), Resumption.SAME, () -> false);
    RunFolder stopped = folder("stopped");
    int[] asked = {0};
    int stops = 0;
    for (int at = 20; ; at += 25) {
      int last = at;
      try {
        RunConfig config = stops == 0 ? config(CURVE) : Resumption.SAME.read(stopped, Map.of());
        Result result = run(stopped, config, Resumption.SAME, () -> ++asked[0] > last);
        assertThat(result.curve().points())
            .extracting(Curve.Point::accuracy)
            .isEqualTo(straight.curve().points().stream().map(Curve.Point::accuracy).toList());
        break;
      } catch (Interrupted e) {
        stops++;
        asked[0] = 0;
      }
    }
    assertThat(stops).isPositive();
    for (String size : List.of("hidden-9", "hidden-3")) {
      assertThat(folder.resolve("runs/stopped-" + size + "/model/model.safetensors"))
          .hasSameBinaryContentAs(
              folder.resolve("runs/straight-" + size + "/model/model.safetensors"));
    }
  }

  @Test
  void finishedCurve_isMadeLonger() {
    RunFolder curve = folder("longer");
    run(curve, config(CURVE), Resumption.SAME, () -> false);
    Resumption longer = new Resumption(List.of("train.epochs=4"), false);
    run(curve, longer.read(curve, Map.of()), longer, () -> false);
    assertThat(ResultJson.read(folder.resolve("runs/longer-hidden-3/result.json")).history())
        .hasSize(4);
    assertThat(Resumption.SAME.read(curve, Map.of()).train().options().epochs()).isEqualTo(4);
  }

  private void refused(String message, String... overrides) {
    RunFolder to = folder("refused");
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> run(to, config(overrides), Resumption.SAME, () -> false))
        .withMessageContaining(message);
    assertThat(folder.resolve("runs/refused-hidden-9")).doesNotExist();
    assertThat(to.config()).doesNotExist();
  }

  @Test
  void aTaskWithoutAccuracy_isRefusedBeforeAnythingIsTrained() throws IOException {
    for (String part : List.of("train.csv", "test.csv")) {
      Files.writeString(folder.resolve(part), "0.1,0.2,1.5\n0.3,0.1,2.5\n");
    }
    refused(
        "A curve shows accuracy against size, but the task is numbers, which is judged otherwise."
            + " Leave 'curve' out, and distil each size by itself with 'ranbiki distill'.",
        CURVE,
        "data={format: csv, folder: '" + folder + "', task: numbers}");
  }

  @Test
  void whatIsNoCurve_isRefusedBeforeAnythingIsTrained() {
    refused("Unknown key 'hiden' in 'curve.0'; did you mean 'hidden'?", "curve=[{hiden: 9}]");
    refused("'curve' needs at least one size of the student, such as {hidden: 64}.", "curve=[]");
    refused(
        "'curve' names a size twice; every size must be another.",
        "curve=[{hidden: 9}, {hidden: 9}]");
    refused("hidden", "curve=[{hidden: 9}, {hidden: 0}]");
    refused(
        "The configuration has no 'curve', the sizes of the student to try; add it, such as curve:"
            + " [{hidden: 8}, {hidden: 4}].",
        "student.hidden=8");
    refused(
        "the sizes of the student to try; add it, such as curve: [{width: 128}, {width: 64}].",
        "student={architecture: static-embedding, prepare: {n-grams: {}}}");
  }

  @Test
  void folderOfASizeThatHoldsFiles_isRefused() throws IOException {
    Path taken = Files.createDirectories(folder.resolve("runs/taken-hidden-3"));
    Files.writeString(taken.resolve("notes.txt"), "mine");
    RunFolder curve = folder("taken");
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> run(curve, config(CURVE), Resumption.SAME, () -> false))
        .withMessageContaining("The run folder '" + taken + "' already holds files");
    assertThat(curve.config()).doesNotExist();
  }
}
