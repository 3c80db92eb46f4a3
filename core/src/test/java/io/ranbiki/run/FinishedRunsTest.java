package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.report.Report;
import io.ranbiki.result.Changes;
import io.ranbiki.result.ConfidenceBin;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.Origin;
import io.ranbiki.result.Result;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinishedRunsTest {

  @TempDir static Path made;
  @TempDir Path folder;

  private Path run = Path.of("");

  @BeforeAll
  static void distil() throws IOException {
    Path rows = TinyRuns.rows(made.resolve("rows"));
    Path teacher = TinyRuns.teacher(rows, made);
    RunConfig config =
        TinyRuns.distillation(
            rows,
            "teacher: {model: \"%s\"}\n".formatted(teacher),
            "seed=[3,4]",
            "data.validation=0.2");
    new Experiment(
            config,
            RunFolder.create(made.resolve("tiny")),
            List.of("ranbiki", "distill", "a.yaml"),
            RunListener.NONE,
            () -> false)
        .run();
  }

  @BeforeEach
  void copy() throws IOException {
    run = folder.resolve("tiny");
    Path from = made.resolve("tiny");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, run.resolve(from.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  @Test
  void aRun_isReadWithAllThatItKept() {
    FinishedRun read = FinishedRuns.read(run);
    assertThat(read.folder()).isEqualTo(run.toString());
    assertThat(read.classes()).containsExactlyInAnyOrder("oak", "ash", "elm");
    assertThat(read.epochs()).containsKeys("scratch", "decisions", "student");
    assertThat(read.epochs().get("student")).isEqualTo(read.result().history());
    assertThat(read.confidence()).containsOnlyKeys("teacher", "scratch", "decisions", "student");
    assertThat(read.confidence().get("student").stream().mapToInt(ConfidenceBin::samples).sum())
        .isEqualTo(60);
    Origin origin = Objects.requireNonNull(read.origin());
    assertThat(origin.command()).containsExactly("ranbiki", "distill", "a.yaml");
    assertThat(origin.facts()).containsKeys("Ranbiki", "libtorch", "Java", "System", "Threads");
    assertThat(origin.hashes()).containsKeys("data", "test", "class-names", "teacher");
    assertThat(origin.config()).contains("name: tiny", "temperature: 2.0");
  }

  @Test
  void whatMoved_addsUpToTheNegativeFlips() {
    FinishedRun read = FinishedRuns.read(run);
    for (Changes change : Objects.requireNonNull(read.result().evidence()).changes()) {
      List<Changes.Confusion> moved = read.moved().get(change.from());
      int all = moved.stream().mapToInt(c -> c.after() - c.before()).sum();
      int right =
          moved.stream()
              .filter(c -> c.truth().equals(c.predicted()))
              .mapToInt(c -> c.after() - c.before())
              .sum();
      assertThat(all).isZero();
      assertThat(right).isEqualTo(change.gained() - change.lost());
    }
  }

  @Test
  void itsReport_showsTheSamplesThatAreNoPictures() {
    String html = Report.of(FinishedRuns.read(run)).html();
    assertThat(html).contains("id=\"worse\"", "id=\"origin\"").doesNotContain("<img");
    assertThat(html).isEqualTo(Report.of(FinishedRuns.read(run)).html());
  }

  @Test
  void aRunOfAnEarlyVersion_isReadWithoutWhatItDidNotKeep() throws IOException {
    for (String name : List.of("evaluation", "model")) {
      try (Stream<Path> files = Files.walk(run.resolve(name))) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.delete(run.resolve("environment.json"));
    Files.delete(run.resolve("metrics.jsonl"));
    FinishedRun read = FinishedRuns.read(run);
    assertThat(read.origin()).isNull();
    assertThat(read.classes()).isEmpty();
    assertThat(read.epochs()).isEmpty();
    assertThat(Report.of(read).html()).contains("id=\"models\"").doesNotContain("id=\"origin\"");
  }

  private void assertRefused(RanbikiException.Kind kind, String message) {
    assertThatThrownBy(() -> FinishedRuns.read(run))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            refused -> {
              assertThat(refused).hasMessage(message);
              assertThat(refused.kind()).isEqualTo(kind);
            });
  }

  @Test
  void aRunWithoutResult_isRefused() throws IOException {
    Files.delete(run.resolve("result.json"));
    assertRefused(
        RanbikiException.Kind.CONFIGURATION,
        "Run "
            + run
            + " has no result; wait until it has finished, or go on with it by 'ranbiki resume "
            + run
            + "'.");
  }

  @Test
  void aResultOfANewerVersion_isRefused() throws IOException {
    Path result = run.resolve("result.json");
    Files.writeString(
        result, Files.readString(result).replaceFirst("\"schema\" : \\d+", "\"schema\" : 99"));
    assertRefused(
        RanbikiException.Kind.CONFIGURATION,
        "'"
            + result
            + "' has schema 99, but this version of ranbiki reads up to schema "
            + Result.SCHEMA
            + "; use a newer version.");
  }

  @Test
  void aDamagedResult_isRefused() throws IOException {
    Path result = run.resolve("result.json");
    Files.writeString(result, "{\"schema\": 2, \"name\": \"x\"");
    assertRefused(
        RanbikiException.Kind.CONFIGURATION,
        "'" + result + "' is not a readable result: not valid JSON (line 1).");
  }

  @Test
  void answersThatAreNotThoseOfTheResult_areRefused() {
    Path file = run.resolve("evaluation/student-3.safetensors");
    Predictions answers = PredictionsFile.read(file);
    PredictionsFile.write(
        file,
        Predictions.ofLogits(
            answers.ids(), answers.labels(), 3, new float[3 * answers.ids().length]));
    assertRefused(
        RanbikiException.Kind.CONFIGURATION,
        "The answers in run "
            + run
            + " are not those of its result, as while it is made longer; wait until it has finished,"
            + " or go on with it by 'ranbiki resume'.");
  }

  @Test
  void anEpochThatIsNotFinite_isRefused() throws IOException {
    Path metrics = run.resolve("metrics.jsonl");
    Files.writeString(
        metrics,
        "{\"type\":\"epoch\",\"stage\":\"student\",\"seed\":3,\"epoch\":1,\"total\":\"NaN\"}\n");
    assertRefused(
        RanbikiException.Kind.CONFIGURATION,
        "'" + metrics + "' has an epoch that no finished run writes; delete the file.");
  }

  @Test
  void theHistoryOfAStage_endsWithAnEpoch() {
    Map<String, List<EpochRecord>> epochs = MetricsLog.epochs(run.resolve("metrics.jsonl"), 4);
    assertThat(MetricsLog.history(run.resolve("metrics.jsonl"), "student", 4, 2))
        .isEqualTo(epochs.get("student").subList(0, 2));
  }

  private Path png(String name, int width, int height) throws IOException {
    Path file = folder.resolve(name);
    ImageIO.write(
        new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    return file;
  }

  @Test
  void aSmallPicture_isTakenAsItIs() throws IOException {
    Path file = png("a.png", 96, 32);
    assertThat(Thumbnail.read(folder, "a.png")).contains(Files.readAllBytes(file));
  }

  @Test
  void aLargePicture_isMadeSmaller() throws IOException {
    png("a.png", 224, 448);
    BufferedImage small =
        ImageIO.read(new ByteArrayInputStream(Thumbnail.read(folder, "a.png").orElseThrow()));
    assertThat(List.of(small.getWidth(), small.getHeight())).containsExactly(48, 96);
  }

  @Test
  void whatIsNoPictureOfTheRun_isLeftOut() throws IOException {
    png("a.png", 8, 8);
    Files.writeString(folder.resolve("b.png"), "<script>alert(1)</script>");
    Path inside = Files.createDirectory(folder.resolve("evaluation"));
    Files.createSymbolicLink(inside.resolve("c.png"), folder.resolve("a.png"));
    for (String name :
        List.of("../a.png", folder + "/a.png", "c.png", "missing.png", "a.svg", "")) {
      assertThat(Thumbnail.read(inside, name)).as(name).isEmpty();
    }
    assertThat(Thumbnail.read(folder, "b.png")).isEmpty();
  }
}
