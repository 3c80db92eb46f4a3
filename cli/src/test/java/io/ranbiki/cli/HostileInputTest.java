package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Inputs that ask for more than there is; {@code benchmark/hostile-inputs} has those of gigabytes.
 */
class HostileInputTest {

  private static final String OF_MACHINE =
      " of memory or more, but this machine has [\\d.]+ GB, of which [\\d.]+ [MG]B are free\\. ";

  @TempDir Path folder;

  private static void refused(int exitCode, String message, String... arguments) {
    Typed typed = Typed.run(arguments);
    assertThat(typed.err()).matches("error: " + message + "\\R");
    assertThat(typed.exitCode()).isEqualTo(exitCode);
  }

  private String config(String more) throws IOException {
    String text = "name: hostile\ndata: {format: digits, size: 64}\n" + more;
    return Files.writeString(folder.resolve("run.yaml"), text).toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "resnet; depth; 60002; depth (60002)",
        "resnet; width; 1000000; width (1000000)",
        "intermediate-cnn; hidden; 100000; hidden (100000)"
      })
  void aNetworkLargerThanTheMachine_isRefusedBeforeAnythingIsWritten_andASmallerOneIsNot(
      String architecture, String option, int value, String named) throws IOException {
    String file = config("model: {architecture: " + architecture + "}\ntrain: {epochs: 1}\n");
    Path run = folder.resolve("run");
    String asked = "model." + option + "=" + value;
    refused(
        3,
        "Training \\Q"
            + architecture
            + "\\E\\(.*\\) on batches of 32 needs [\\d.,]+ GB"
            + OF_MACHINE
            + "Make \\Q"
            + named
            + "\\E smaller\\.",
        "train",
        file,
        "--run-dir",
        run.toString(),
        asked);
    assertThat(run).doesNotExist();
    if (option.equals("hidden")) {
      Typed followed = Typed.run("train", file, "--run-dir", run.toString(), "model.hidden=8");
      assertThat(followed.exitCode()).as(followed.err()).isZero();
    }
  }

  @Test
  void aModelFolderOfALargeNetwork_isNotBuiltForSmallWeights() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"architecture": "mlp", "input": [784], "classes": 10, "options": {"hidden": 20000}}
        """);
    Safetensors.write(folder.resolve("model.safetensors"), List.of(), Map.of());
    refused(
        4,
        folder
            + "/model\\.safetensors has \\d+ bytes, but the 415,920,010 parameters of"
            + " mlp\\(hidden=20000, layers=2\\) take 831,840,020 or more\\. Check config\\.json: the"
            + " largest of its numbers is hidden \\(20000\\)\\.",
        "inspect",
        folder.toString());
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"architecture": "mlp", "input": [784], "classes": 10, "options": {"hidden": 2000000}}
        """);
    refused(
        4,
        "The network mlp\\(hidden=2000000, layers=2\\) needs 14,907\\.1 GB"
            + OF_MACHINE
            + "Make hidden \\(2000000\\) smaller\\.",
        "inspect",
        folder.toString());
  }

  @Test
  void aModelWithoutEnd_isStopped_afterItWasShown() {
    Path file = ForeignFiles.of("endless.onnx");
    Typed typed = Typed.run("inspect", file.toString());
    assertThat(typed.out())
        .startsWith("ONNX file " + file)
        .contains("  input         x [n, 3] float32");
    assertThat(typed.err())
        .isEqualTo(
            "error: "
                + file
                + " did not answer 2 samples within 2.0 s. It holds a loop, which may have no end:"
                + " export the model without it, or correct its condition."
                + System.lineSeparator());
    assertThat(typed.exitCode()).isEqualTo(4);
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aPipe_isNoFile() throws Exception {
    Path pipe = folder.resolve("pipe.yaml");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    refused(
        3,
        "'"
            + pipe
            + "' is not a file but a pipe, a device or a socket; save the configuration in a file\\.",
        "train",
        pipe.toString());
    Path store = Files.move(pipe, folder.resolve("pipe.store"));
    refused(
        4,
        store
            + " is neither a run folder, nor a model folder, nor a file\\. Give a folder that train or"
            + " distill wrote, or a .safetensors, .onnx, .pt or .store file\\.",
        "inspect",
        store.toString());
  }

  @Test
  void namesInAFile_sendNothingToTheTerminal() {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, List.of(Entry.of("w\u001b[2J\u009b", new float[] {1}, 1)), Map.of());
    Typed typed = Typed.run("inspect", file.toString());
    assertThat(typed.out()).contains("w\\u001b[2J\\u009b").doesNotContain("\u001b");
  }

  @Test
  void moreThreadsThanAnyMachineHas_areRefused() throws IOException {
    String file = config("model: {architecture: student-cnn}\n");
    refused(
        3,
        "override 'train\\.threads=1024': 'train\\.threads' must be between 1 and \\d+, but is 1024\\.",
        "train",
        file,
        "train.threads=1024");
  }
}
