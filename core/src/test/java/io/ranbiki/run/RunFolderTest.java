package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ranbiki.RanbikiException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {

  @TempDir private Path folder;

  @Test
  void newAndEmptyFolders_areTaken() throws Exception {
    Path made = folder.resolve("runs/a");
    Path empty = Files.createDirectory(folder.resolve("empty"));

    assertThat(RunFolder.create(made).result()).isEqualTo(made.resolve("result.json"));
    assertThat(RunFolder.create(empty).path()).isEmptyDirectory();
  }

  @Test
  void whatARefusedRunMade_isRemoved_andWhatWasThereStays() throws Exception {
    Path runs = folder.resolve("runs");
    RunFolder.create(runs.resolve("a"));
    assertThat(runs).doesNotExist();
    try (RunFolder.Held held = new RunFolder(runs.resolve("a")).lock()) {
      assertThat(runs.resolve("a")).isDirectory();
      Files.writeString(runs.resolve("beside"), "mine");
    }
    assertThat(runs.toFile().list()).containsExactly("beside");
    Path own = Files.createDirectory(folder.resolve("own"));
    new RunFolder(own).lock().close();
    assertThat(own).isEmptyDirectory();
    try (RunFolder.Held held = new RunFolder(runs.resolve("b")).lock()) {
      Files.writeString(held.folder().config(), "name: b");
    }
    assertThat(runs.resolve("b").toFile().list()).containsExactly("config.yaml");
  }

  @Test
  void takenNames_getANumber() throws Exception {
    Path first = folder.resolve("runs/a");
    assertThat(RunFolder.free(first)).isEqualTo(first).doesNotExist();
    Files.createDirectories(first);
    assertThat(RunFolder.free(first)).as("what was refused leaves it empty").isEqualTo(first);
    try (RunFolder.Held held = new RunFolder(first).lock()) {
      assertThat(RunFolder.free(first)).hasFileName("a-2");
    }
    Files.writeString(first.resolve("config.yaml"), "");
    Files.writeString(folder.resolve("runs/a-2"), "a file");
    assertThat(RunFolder.free(first)).hasFileName("a-3");
    assertThat(RunFolder.free("a")).isEqualTo(Path.of("runs/a"));
  }

  @Test
  void folderWithFiles_isRefusedAndLeftAlone() throws Exception {
    Files.writeString(folder.resolve("result.json"), "mine");

    refused(
        () -> RunFolder.create(folder),
        "The run folder '"
            + folder
            + "' already holds files; choose another with --run-dir, or resume the run that is"
            + " there.");
    assertThat(folder.toFile().list()).containsExactly("result.json");
    assertThat(folder.resolve("result.json")).hasContent("mine");
  }

  @Test
  void whatAKilledStartLeft_countsAsNothing_andIsRemoved() throws Exception {
    String[] left = {
      ".writable", ".config.yaml.tmp", ".environment.json.tmp", ".result.json.4711-3.tmp", ".lock"
    };
    for (String name : left) {
      Files.writeString(folder.resolve(name), "4711");
    }
    Path saved = Files.createDirectories(folder.resolve("checkpoints/student-1"));
    RunFolder begun = RunFolder.open(folder);
    Files.writeString(saved.resolve("saving.safetensors"), "half");
    Files.writeString(saved.resolve(".saving.safetensors.4711-8.tmp"), "half");
    Files.writeString(saved.resolve("step-000000000001-0123456789abcdef.safetensors"), "whole");
    Files.writeString(folder.resolve(".mine.tmp"), "mine");

    try (RunFolder.Held held = begun.lock()) {
      begun.removeLeftovers();
    }
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("checkpoints", ".mine.tmp");
    assertThat(saved.toFile().list())
        .containsExactly("step-000000000001-0123456789abcdef.safetensors");

    Path killed = Files.createDirectory(folder.resolve("killed"));
    for (String name : left) {
      Files.writeString(killed.resolve(name), "4711");
    }
    assertThat(RunFolder.create(killed).path()).isEqualTo(killed);
  }

  @Test
  void folderInUse_isRefused_namingTheProcessAndSinceWhen() throws Exception {
    Path used = folder.resolve("used");
    RunFolder run = RunFolder.create(used);
    String process = Long.toString(ProcessHandle.current().pid());
    String sentence =
        "The run folder '\\Q%s\\E' is in use by process %s since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\."
                .formatted(used, process)
            + " Wait until that process ends, or choose another folder\\.";
    try (RunFolder.Held held = run.lock()) {
      assertThatExceptionOfType(RanbikiException.class)
          .isThrownBy(run::lock)
          .satisfies(e -> assertThat(e.getMessage()).matches(sentence))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.IO));
      Files.writeString(run.config(), "name: x");
      assertThatExceptionOfType(RanbikiException.class)
          .isThrownBy(() -> RunFolder.create(used))
          .satisfies(e -> assertThat(e.getMessage()).matches(sentence));
    }
    assertThat(used.toFile().list()).containsExactly("config.yaml");
    try (RunFolder.Held held = run.lock()) {
      assertThat(used.resolve(".lock")).hasContent(process);
    }
  }

  @Test
  void folderThatCannotBeMade_isNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    Path inside = file.resolve("run");

    refused(
        () -> RunFolder.create(file),
        "Cannot write the run folder '"
            + file
            + "': '"
            + file
            + "' is a file; choose another with --run-dir.");
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> RunFolder.create(inside))
        .withMessageStartingWith("Cannot write the run folder '" + inside + "': ")
        .withMessageEndingWith("; choose another with --run-dir.");
    assertThat(file).hasContent("mine");
  }

  @Test
  void namesThatLeaveTheFolder_areRefused() {
    assertThat(RunFolder.named("fashion-basic")).isEqualTo(Path.of("runs", "fashion-basic"));
    for (String name : new String[] {"", "..", "../x", "/x", "a/b", "a\\b", ".x", "a b", "a\0"}) {
      assertThatExceptionOfType(RanbikiException.class)
          .isThrownBy(() -> RunFolder.named(name))
          .withMessageEndingWith(
              "cannot name a folder; use up to 100 letters, digits, '.', '_' and '-', beginning"
                  + " with a letter or digit.")
          .satisfies(e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION));
    }
  }

  @Test
  void openOfAMissingFolder_isRefused() {
    Path missing = folder.resolve("missing");
    refused(
        () -> RunFolder.open(missing), "There is no run folder '" + missing + "'; check the path.");
  }

  private static void refused(Runnable call, String message) {
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(call::run)
        .withMessage(message)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.IO));
  }
}
