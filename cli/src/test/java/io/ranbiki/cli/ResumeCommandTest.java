package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code resume} says on the command line; what it compares is tested beside the runs. */
class ResumeCommandTest {

  private static final String CONFIG =
      """
      name: rows
      latency: false
      data: {format: csv, folder: %s}
      model: {architecture: mlp, hidden: 4}
      train: {epochs: 1, batch: 4, threads: 1}
      """;

  @TempDir private Path folder;
  private String run = "";

  @BeforeEach
  void train() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("train.csv"), "0.1,0.9,a\n0.8,0.3,b\n".repeat(4));
    Files.writeString(data.resolve("test.csv"), "0.2,0.7,a\n0.9,0.1,b\n");
    Path config = Files.writeString(folder.resolve("rows.yaml"), CONFIG.formatted(data));
    run = folder.resolve("run").toString();
    succeed("train", config.toString(), "--run-dir", run);
  }

  private static void succeed(String... arguments) {
    Typed typed = Typed.run(arguments);
    assertThat(typed.exitCode()).as(typed.err()).isZero();
  }

  /** The advice of a refusal, typed as it stands there. */
  private static String[] advised(Typed refused) {
    String[] words = refused.err().strip().split("say so: ranbiki ")[1].split(" ");
    return words;
  }

  @Test
  void otherThreads_areRefused_andTheAdviceWorks() {
    Typed refused = Typed.run("resume", run, "train.threads=2");
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.err())
        .contains(
            "train.threads is 2 and was 1. Go on where it began, or say --other-bits to go on all"
                + " the same.");
    succeed("resume", run, "train.threads=2", "--other-bits");
  }

  @Test
  void editedEpochs_areRefused_andTheAdviceWorks() throws IOException {
    Path config = Path.of(run, "config.yaml");
    Files.writeString(config, Files.readString(config).replace("epochs: 1", "epochs: 2"));
    Typed refused = Typed.run("resume", run);
    assertThat(refused.exitCode()).isEqualTo(3);
    succeed(advised(refused));
    assertThat(Files.readString(Path.of(run, "metrics.jsonl")).lines()).hasSize(2);
  }

  @Test
  void anotherRecipe_isRefused() {
    Typed refused = Typed.run("resume", run, "train.batch=2");
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.err()).contains("train.batch is 2 and was 4");
  }
}
