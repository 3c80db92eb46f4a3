package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Curve;
import io.ranbiki.result.Figure;
import io.ranbiki.result.Interval;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurveCommandTest {

  @TempDir Path folder;
  private Path config = Path.of("");

  @BeforeEach
  void writeConfig() throws IOException {
    Files.writeString(folder.resolve("train.csv"), "0.1,a\n0.2,a\n0.8,b\n0.9,b\n");
    Files.writeString(folder.resolve("test.csv"), "0.1,a\n0.3,a\n0.7,b\n0.9,b\n");
    ModelSpec spec = ModelSpec.of("mlp", List.of(1), 2, Map.of("hidden", 8, "layers", 1));
    try (Model model = Model.create(spec, 1)) {
      ModelConfig described = new ModelConfig(spec, List.of("a", "b"));
      ModelFolder.write(folder.resolve("teacher"), model, described, "");
    }
    config =
        Files.writeString(
            folder.resolve("curve.yaml"),
            """
            name: sizes
            doctor: false
            latency: false
            data: {format: csv, folder: "%s"}
            teacher: {model: "%s"}
            student: {architecture: mlp, hidden: 4}
            curve: [{hidden: 3}, {hidden: 2}]
            objective: [soft-targets]
            compare: {scratch: false, decisions: false}
            train: {epochs: 1, batch: 2, threads: 1}
            """
                .formatted(folder, folder.resolve("teacher")));
  }

  @Test
  void curve_showsEverySize_andItsReportAndFoldersCanBeUsed() {
    Path run = folder.resolve("runs/sizes");
    Typed typed = Typed.run("curve", config.toString(), "--run-dir", run.toString());
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    assertThat(typed.out())
        .containsPattern("\nteacher +\\d+\\.\\d\\d % ")
        .containsPattern("\nhidden 3 +\\d+\\.\\d\\d % +[+-]\\d+\\.\\d\\d \\(")
        .containsPattern("\nhidden 2 +\\d+\\.\\d\\d % ")
        .contains("Their report, for any browser: " + run.resolve("report.html"));
    assertThat(run.resolve("report.html")).exists();
    Path small = folder.resolve("runs/sizes-hidden-2");
    assertThat(small.resolve("report.html")).exists();

    assertThat(Typed.run("resume", run.toString()).out()).contains("hidden 3");
    assertThat(Typed.run("report", run.toString()).exitCode()).isZero();
    Typed compared =
        Typed.run("compare", folder.resolve("runs/sizes-hidden-3").toString(), small.toString());
    assertThat(compared.exitCode()).as(compared.err()).isZero();
  }

  @Test
  void aDryRun_saysWhatEverySizeWouldDo_andWritesNothing() {
    Path run = folder.resolve("runs/sizes");
    Typed typed = Typed.run("curve", config.toString(), "--dry-run", "--run-dir", run.toString());
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    assertThat(typed.out())
        .contains(run + "-hidden-3: a run would begin", run + "-hidden-2: a run would begin")
        .contains("Nothing was written.");
    assertThat(run.getParent()).doesNotExist();
  }

  @Test
  void distill_saysWhichCommandIsForSizes() {
    Typed typed =
        Typed.run("distill", config.toString(), "--run-dir", folder.resolve("runs/one").toString());
    assertThat(typed.exitCode()).isEqualTo(3);
    assertThat(typed.err())
        .isEqualToIgnoringNewLines(
            "error: The configuration lists sizes of the student under 'curve'; distil them with"
                + " 'ranbiki curve', or leave 'curve' out.");
  }

  @Test
  void table_fitsEightyColumns_andSaysWhatItsIntervalsAre() {
    Cost.Latency latency =
        new Cost.Latency(Cost.Engine.ONNXRUNTIME, 1, 1, 100, 0.1, 0.12, 0.2, 0.3, 0.2, 0.2, true);
    Curve.Point point =
        new Curve.Point(
            "hidden 120, layers 2",
            "sizes-hidden-120-layers-2",
            370_690L,
            1_482_760,
            9.72,
            new Figure(0.93, 0.925, 0.935, List.of(0.929, 0.931)),
            new Interval(0.929, 0.924, 0.934),
            new Interval(-0.0112, -0.0155, -0.0069),
            latency);
    Result result =
        Result.of(
            "sizes",
            "curve",
            1,
            Map.of(Result.TEACHER, new ModelFigures(0.94, 3_604_042L, 14_416_744, 1.1)),
            List.of());
    StringWriter text = new StringWriter();
    CurveTable.print(result, new Curve(List.of(point)), new PrintWriter(text, true));
    assertThat(text.toString().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80))
        .anySatisfy(
            line ->
                assertThat(line.strip().split(" {2,}"))
                    .containsExactly(
                        "93.00 % ± 0.50", "-1.12 (-1.55 to -0.69)", "370,690", "9.7x", "0.12 busy"))
        .contains("±: half of the 95 % interval over 2 seeds");
  }
}
