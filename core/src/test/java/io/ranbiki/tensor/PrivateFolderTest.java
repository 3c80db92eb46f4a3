package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such permissions")
class PrivateFolderTest {

  @TempDir private Path temporary;
  private Path parent;
  private Path folder;

  @BeforeEach
  void takeRealPaths() throws Exception {
    parent = Files.createDirectory(temporary.toRealPath().resolve("parent"));
    folder = parent.resolve("natives");
  }

  private void assertRefused(Path asked, String why) {
    assertThatThrownBy(() -> PrivateFolder.open(asked, "Choose another."))
        .hasMessage(why + " Choose another.")
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IO));
  }

  @Test
  void aMissingFolder_isMadeForTheUserAlone() throws Exception {
    Path deep = folder.resolve("a/b");
    assertThat(PrivateFolder.open(deep, "")).isEqualTo(deep);
    assertThat(Permissions.of(deep)).isEqualTo("rwx------");
    assertThat(Permissions.of(folder)).isEqualTo("rwx------");
  }

  @Test
  void aFolderThatOthersMayWrite_isRefusedUntilTheAdviceIsFollowed() throws Exception {
    for (String permissions : new String[] {"rwxrwxr-x", "rwxr-xrwx", "rwxrwxrwx"}) {
      Files.createDirectories(folder);
      Permissions.set(folder, permissions);
      assertRefused(
          folder,
          "Native libraries are not loaded from "
              + folder
              + ": "
              + folder
              + " may be written by others, which 'chmod go-w' forbids.");
      assertThat(Permissions.succeeds("chmod", "go-w", folder.toString())).isTrue();
      assertThat(PrivateFolder.open(folder, "")).isEqualTo(folder);
    }
  }

  @Test
  void aFolderAboveThatOthersMayWrite_isRefused() throws Exception {
    Permissions.set(parent, "rwxrwxrwx");
    assertRefused(
        folder,
        "Native libraries are not loaded from "
            + folder
            + ": "
            + parent
            + " may be written by others, which 'chmod go-w' forbids.");
  }

  @Test
  void aFolderAboveWhoseFilesOnlyTheirOwnersRename_isWell() throws Exception {
    assertThat(Permissions.setAsTmp(parent)).isTrue();
    assertThat(PrivateFolder.open(folder, "")).isEqualTo(folder);
  }

  @Test
  void theSharedTemporaryFolderItself_isRefused() throws Exception {
    assertThat(Permissions.setAsTmp(parent)).isTrue();
    assertRefused(
        parent,
        "Native libraries are not loaded from "
            + parent
            + ": "
            + parent
            + " may be written by others, which 'chmod go-w' forbids.");
  }

  @Test
  void aLinkToAFolderThatOthersMayWrite_isRefused() throws Exception {
    Files.createDirectories(folder);
    Permissions.set(folder, "rwxrwxrwx");
    Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
    assertRefused(
        link,
        "Native libraries are not loaded from "
            + link
            + ": "
            + folder
            + " may be written by others, which 'chmod go-w' forbids.");
  }

  @Test
  void aLinkToAPrivateFolder_isFollowedOnce() throws Exception {
    Files.createDirectories(folder);
    Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
    assertThat(PrivateFolder.open(link, "")).isEqualTo(folder);
  }

  @Test
  void aFolderOfSomebodyElse_isRefused() throws Exception {
    Files.createDirectories(folder);
    assumeTrue(
        Permissions.succeeds("chown", "daemon", folder.toString()), "only root gives files away");
    String belongs = ": " + folder + " belongs to daemon.";
    assertRefused(folder, "Native libraries are not loaded from " + folder + belongs);
    Path inside = folder.resolve("mine");
    assertRefused(inside, "Native libraries are not loaded from " + inside + belongs);
  }

  @Test
  void aFolderThatCannotBeMade_isNamedWithTheReason() throws Exception {
    Path file = Files.createFile(parent.resolve("file"));
    String made = " for native libraries cannot be made: ";
    assertRefused(file, "The folder " + file + made + "there is a file of that name.");
    Path below = file.resolve("natives");
    assertRefused(below, "The folder " + below + made + "Not a directory.");
    assertRefused(
        Path.of("/proc/nowhere"),
        "The folder /proc/nowhere" + made + "a folder above it is missing.");
  }
}
