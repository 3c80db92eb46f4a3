package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the script does before it starts Java, whose place an echo takes here. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the script needs bash")
class LauncherTest {

  @TempDir private Path folder;
  private Path root;

  /** A checkout that is built, in a folder with a space in its name. */
  @BeforeEach
  void copyTheScript() throws Exception {
    root = Files.createDirectories(folder.resolve("a checkout")).toRealPath();
    for (String source : List.of("core/src/main", "cli/src/main", "cli/target/lib", "target")) {
      Files.createDirectories(root.resolve(source));
    }
    for (String pom : List.of("pom.xml", "core/pom.xml", "cli/pom.xml", "cli/target/ranbiki.jar")) {
      Files.createFile(root.resolve(pom));
    }
    Files.copy(Path.of("../ranbiki"), root.resolve("ranbiki"));
    Files.createFile(root.resolve("cli/target/launcher.stamp"));
    program(
        "home/bin/java",
        "while [ \"$1\" != -cp ]; do shift; done; "
            + "echo \"JAVA $LC_ALL:${CDPATH-}:$MALLOC_ARENA_MAX\" \"$@\"");
    Files.writeString(folder.resolve("home/release"), "JAVA_VERSION=\"17.0.15\"\n");
  }

  private void program(String name, String line) throws Exception {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + line + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String launched(Map<String, String> variables, Path from, String... command)
      throws Exception {
    ProcessBuilder launcher = new ProcessBuilder(command);
    launcher.directory(from.toFile()).redirectErrorStream(true);
    launcher.environment().put("JAVA_HOME", folder.resolve("home").toString());
    launcher.environment().put("LC_ALL", "C.UTF-8");
    launcher.environment().putAll(variables);
    Process process = launcher.start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        + "exit "
        + process.waitFor();
  }

  private String started(String arguments) {
    return "JAVA C.UTF-8::32 -cp "
        + root
        + "/cli/target/ranbiki.jar io.ranbiki.cli.Main"
        + arguments
        + "\nexit 0";
  }

  @Test
  void aMissingJarOfTerms_isNamed() throws Exception {
    assertThat(
            launched(
                Map.of("RANBIKI_CLASSPATH", "pom.xml:nowhere/terms.jar"), root, "bash", "ranbiki"))
        .isEqualTo(
            "ranbiki: RANBIKI_CLASSPATH names nowhere/terms.jar, which is not there: build it"
                + " first, or correct the path.\n"
                + "exit 1");
  }

  @Test
  void aModuleThatIsNone_isRefused() throws Exception {
    assertThat(launched(Map.of("RANBIKI_MODULES", "tables tabels"), root, "bash", "ranbiki"))
        .isEqualTo(
            "ranbiki: RANBIKI_MODULES names tabels, which is no module; there are tables and"
                + " tokenizers.\n"
                + "exit 1");
  }

  @Test
  void exportedCdpath_changesNothing() throws Exception {
    Map<String, String> variables = Map.of("CDPATH", root.getParent() + ":.:/");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a checkout/ranbiki"));
    assertThat(launched(variables, root.getParent(), "bash", "a checkout/ranbiki", "--version"))
        .isEqualTo(started(" --version"));
    assertThat(launched(variables, root.getParent(), "bash", link.toString()))
        .isEqualTo(started(""));
    try (var made = Files.list(root.getParent())) {
      assertThat(made.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("a checkout", "link", "home");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SHELLOPTS=braceexpand:errexit:noclobber:noglob:posix",
        "BASHOPTS=failglob:nocasematch:xpg_echo",
        "BASH_FUNC_cd%%=() { echo other; }",
        "BASH_FUNC_dirname%%=() { echo other; }",
        "IFS=/",
        "GLOBIGNORE=*",
        "POSIXLY_CORRECT=1",
        "GREP_OPTIONS=-v"
      })
  void whatTheShellInherits_changesNothing(String variable) throws Exception {
    int end = variable.indexOf('=');
    Map<String, String> variables = Map.of(variable.substring(0, end), variable.substring(end + 1));
    assertThat(launched(variables, root, "bash", root + "/ranbiki", "inspect", "a  b"))
        .isEqualTo(started(" inspect a  b"));
  }

  @Test
  void anArchiveOfClasses_isReadWhereThereIsOne() throws Exception {
    program("home/bin/java", "echo \"$@\"");
    assertThat(launched(Map.of(), root, "bash", "ranbiki")).doesNotContain("SharedArchiveFile");
    Path archive = Files.createFile(root.resolve("cli/target/ranbiki.jsa"));
    assertThat(launched(Map.of(), root, "bash", "ranbiki"))
        .contains(" -XX:SharedArchiveFile=" + archive + " ");
  }

  @Test
  void halfAnArchiveOfClasses_isNotLeftByABuild() throws Exception {
    Files.delete(root.resolve("cli/target/launcher.stamp"));
    program("home/bin/javac", "exit 0");
    program("tools/mvn", "[ \"$1\" != -version ] || echo Apache Maven 3.9.9");
    program(
        "home/bin/java",
        "for flag; do case $flag in -XX:ArchiveClassesAtExit=*) echo half >\"${flag#*=}\"; exit 1;;"
            + " esac; done; echo \"$@\"");
    String path = folder.resolve("tools") + ":" + System.getenv("PATH");
    assertThat(launched(Map.of("PATH", path), root, "bash", "ranbiki"))
        .doesNotContain("SharedArchiveFile")
        .endsWith("exit 0");
    assertThat(root.resolve("cli/target/ranbiki.jsa")).doesNotExist();
  }

  @Test
  void exportedNoclobber_doesNotForbidTheBuild() throws Exception {
    Files.delete(root.resolve("cli/target/launcher.stamp"));
    Files.writeString(root.resolve("target/launcher-build.log"), "of an earlier build\n");
    Files.writeString(root.resolve("target/launcher.lock"), "");
    program("home/bin/javac", "exit 0");
    program("tools/mvn", "[ \"$1\" != -version ] || echo Apache Maven 3.9.9");
    Map<String, String> variables =
        Map.of(
            "SHELLOPTS",
            "noclobber",
            "PATH",
            folder.resolve("tools") + ":" + System.getenv("PATH"));
    assertThat(launched(variables, root, "bash", "ranbiki"))
        .isEqualTo("building ranbiki (first time: about a minute) ...\n" + started(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "xx_YY.UTF-8"})
  void localesWithoutUtf8_areLeftForOneThatHasIt(String locale) throws Exception {
    Process names = new ProcessBuilder("locale", "-a").start();
    String known = new String(names.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String utf8 = known.contains("C.utf8\n") ? "C.utf8" : "C.UTF-8";
    assumeTrue(known.contains(utf8 + "\n"), "this system has no C.UTF-8");
    assertThat(launched(Map.of("LC_ALL", locale), root, "bash", "ranbiki"))
        .endsWith(started("").replace("C.UTF-8", utf8)); // bash warns of an unknown one itself
  }
}
