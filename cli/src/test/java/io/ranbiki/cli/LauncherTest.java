package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the script refuses before it builds or starts anything. */
class LauncherTest {

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the script needs bash")
  void aMissingJarOfTerms_isNamed() throws Exception {
    ProcessBuilder launcher = new ProcessBuilder("bash", "ranbiki", "--version");
    launcher.directory(Path.of("..").toFile()).redirectErrorStream(true);
    launcher.environment().put("RANBIKI_CLASSPATH", "pom.xml:nowhere/terms.jar");
    Process process = launcher.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(said)
        .isEqualTo(
            "ranbiki: RANBIKI_CLASSPATH names nowhere/terms.jar, which is not there: build it first, or correct the path.\n");
  }
}
