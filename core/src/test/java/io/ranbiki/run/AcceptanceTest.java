package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.evaluate.PairedAccuracy;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.result.Acceptance;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Judgement;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run says of its student beside the limits that were set. */
class AcceptanceTest {

  @TempDir Path folder;
  private Path rows = Path.of("");
  private Path teacher = Path.of("");

  @BeforeEach
  void teacher() throws IOException {
    rows = TinyRuns.rows(folder.resolve("rows"));
    teacher = TinyRuns.teacher(rows, folder.resolve("runs"));
  }

  private Result run(RunFolder run, String... overrides) {
    RunConfig config =
        TinyRuns.distillation(
            rows, "seed: [7, 3]\nteacher: {model: \"%s\"}\n".formatted(teacher), overrides);
    return new Experiment(config, run, List.of(), RunListener.NONE, () -> false).run();
  }

  @Test
  void firstSeedsStudent_isJudgedFromTheAnswersThatAreKept() {
    RunFolder run = RunFolder.create(folder.resolve("runs/a"));

    Result result = run(run, "accept.accuracy-loss=1.5", "accept.bytes=1kB");

    Acceptance acceptance = Objects.requireNonNull(result.acceptance());
    assertThat(acceptance.model()).isEqualTo("student");
    assertThat(acceptance.seed()).isEqualTo(7);
    PairedAccuracy paired =
        PairedAccuracy.of(
            PredictionsFile.read(run.predictions(Result.TEACHER, 7)),
            PredictionsFile.read(run.predictions(Result.STUDENT, 7)));
    Acceptance.Limit loss = acceptance.limits().get(0);
    assertThat(loss.name()).isEqualTo("accuracy-loss");
    assertThat(loss.measured().value()).isEqualTo(0 - 100 * paired.difference());
    assertThat(loss.judgement()).isEqualTo(paired.judge("its teacher", 0.015).judgement());
    Cost student = Objects.requireNonNull(result.cost()).get(Result.STUDENT);
    assertThat(acceptance.limits().get(1).measured().value())
        .isEqualTo((double) student.onnxBytes());
    assertThat(student.latencies()).isEmpty();
    assertThat(student.multiplyAdds()).isEqualTo(4 * 4 + 4 * 3);
    assertThat(ResultJson.read(run.result())).isEqualTo(result);
  }

  @Test
  void teacherAndStudent_areMeasuredSideBySide() {
    Result result =
        run(
            RunFolder.create(folder.resolve("runs/a")),
            "latency=true",
            "accept.latency-p95-ms=5000");

    assertThat(result.cost()).containsOnlyKeys(Result.TEACHER, Result.STUDENT);
    result
        .cost()
        .forEach(
            (role, cost) -> {
              Cost.Latency service = cost.deployment().orElseThrow();
              assertThat(service.engine()).isEqualTo(Cost.Engine.ONNXRUNTIME);
              assertThat(cost.latencies()).hasSize(2);
              assertThat(result.models().get(role).millisecondsPerImage()).isEqualTo(service.p50());
            });
    assertThat(result.models().get(Result.SCRATCH).millisecondsPerImage()).isNull();
    Cost.Latency student = result.cost().get(Result.STUDENT).deployment().orElseThrow();
    assertThat(result.acceptance().overall())
        .isEqualTo(student.busy() ? Judgement.OPEN : Judgement.MET);
  }
}
