package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.OutOfScope;
import io.ranbiki.evaluate.OutOfScopeAuc;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A class of none, from two files to the figure of doubt. */
class OutOfScopeRunTest {

  @TempDir Path folder;

  /** Two kinds on either side of 0, and between them, in the test alone, what is of neither. */
  private void writeRows() throws IOException {
    StringBuilder train = new StringBuilder("x,kind\n");
    StringBuilder test = new StringBuilder("x,kind\n");
    for (int i = 0; i < 40; i++) {
      String row = (i % 2 == 0 ? -1 - i % 7 : 1 + i % 7) + "," + (i % 2 == 0 ? "left" : "right");
      train.append(row).append('\n');
      test.append(row).append('\n');
      test.append(i % 4 == 0 ? "0." + i % 3 + ",neither\n" : "");
    }
    Files.writeString(folder.resolve("train.csv"), train);
    Files.writeString(folder.resolve("test.csv"), test);
  }

  private Result run(String name, String more) {
    String text =
        """
        name: %s
        latency: false
        data: {format: csv, folder: "%s", label: kind, validation: 0, out-of-scope: neither}
        train: {epochs: 30, batch: 8, threads: 1, optimizer: {adam: {learning-rate: 0.05}}}
        """
            .formatted(name, folder);
    RunConfig config =
        RunConfigReader.any(ConfigDocument.parse("r.yaml", text + more, List.of(), Map.of()));
    RunFolder run = RunFolder.create(folder.resolve("runs/" + name));
    return new Experiment(config, run, List.of(), RunListener.NONE, () -> false).run();
  }

  @Test
  void samplesOfNone_countForDoubtAlone() throws IOException {
    writeRows();
    run("teacher", "model: {architecture: mlp, layers: 0}\n");
    assertThat(ModelFolder.readConfig(folder.resolve("runs/teacher/model")).names())
        .containsExactly("left", "right");
    Result result =
        run(
            "student",
            "teacher: {model: \"%s\"}\n".formatted(folder.resolve("runs/teacher/model"))
                + "student: {architecture: mlp, hidden: 4, layers: 1}\n"
                + "objective: [soft-targets]\n");
    assertThat(result.models().get(Result.STUDENT).accuracy()).isEqualTo(1);
    assertThat(result.evidence().models().get(Result.STUDENT).samples()).isEqualTo(40);
    assertThat(result.scores().of(OutOfScopeAuc.NAME))
        .containsOnlyKeys(Result.TEACHER, Result.SCRATCH, Result.DECISIONS, Result.STUDENT);
    assertThat(result.scores().of(OutOfScopeAuc.NAME).get(Result.TEACHER).mean())
        .isCloseTo(1, within(1e-12)); // it is linear, and what is of neither lies between them

    Path file;
    try (var files = Files.list(folder.resolve("runs/student/evaluation"))) {
      file = files.filter(each -> each.toString().contains("student")).findFirst().orElseThrow();
    }
    Predictions kept = PredictionsFile.read(file);
    assertThat(Arrays.stream(kept.labels()).filter(label -> label == OutOfScope.LABEL)).hasSize(10);
    assertThat(new OutOfScopeAuc().of(kept, null).getAsDouble())
        .isCloseTo(result.scores().of(OutOfScopeAuc.NAME).get(Result.STUDENT).mean(), within(1e-6));
  }
}
