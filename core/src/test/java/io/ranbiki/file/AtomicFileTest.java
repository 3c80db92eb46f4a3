package io.ranbiki.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ranbiki.RanbikiException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  @TempDir Path folder;

  @Test
  void write_replacesTheFileAndLeavesNothingElse() {
    Path file = folder.resolve("a.json");
    AtomicFile.write(file, new byte[] {1});
    AtomicFile.write(file, "\u00e9");

    assertThat(file).hasBinaryContent(new byte[] {(byte) 0xc3, (byte) 0xa9});
    assertThat(folder.toFile().list()).containsExactly("a.json");
  }

  @Test
  void write_intoAMissingFolder_isNamed() {
    Path file = folder.resolve("none").resolve("a.json");
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> AtomicFile.write(file, new byte[3]))
        .withMessage(
            "Cannot write %s: no such file or folder. Check that the folder exists, may be written"
                + " to and has free space.",
            file)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.IO));
  }

  @Test
  void write_overAFolder_leavesItAndNoTemporaryFile() throws Exception {
    Path taken = Files.createDirectory(folder.resolve("taken"));
    Files.writeString(taken.resolve("x"), "mine");

    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> AtomicFile.write(taken, new byte[3]))
        .withMessageStartingWith("Cannot write " + taken + ": ");
    assertThat(folder.toFile().list()).containsExactly("taken");
    assertThat(taken.resolve("x")).hasContent("mine");
  }
}
