package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** A command that ends as the test says. */
  @Command(name = "work", mixinStandardHelpOptions = true)
  static final class Work implements Runnable {
    private final Supplier<Throwable> failure;

    Work(Supplier<Throwable> failure) {
      this.failure = failure;
    }

    @Override
    public void run() {
      Throwable thrown = failure.get();
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) thrown;
    }
  }

  private int execute(Throwable failure, String... arguments) {
    CommandLine line = Main.commandLine().addSubcommand(new Work(() -> failure));
    return Main.execute(line, new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }

  private int execute(String... arguments) {
    return execute(new IllegalStateException("not reached"), arguments);
  }

  private static String lines(String... lines) {
    return String.join(System.lineSeparator(), lines) + System.lineSeparator();
  }

  @Test
  void version_isThatOfTheBuild() {
    assertThat(execute("--version")).isZero();
    assertThat(out.toString().strip()).matches("ranbiki \\d+\\.\\d+\\.\\d+.*");
  }

  @Test
  void help_hasExamplesThatCanBeRun() {
    assertThat(execute("--help")).isZero();
    assertThat(out.toString())
        .contains("ranbiki demo")
        .contains("ranbiki distill examples/fashion-mnist/basic.yaml train.epochs=2")
        .contains("--stacktrace")
        .contains("work");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void subcommands_haveHelpAndStacktraceAsWell() {
    assertThat(execute("work", "--help")).isZero();
    assertThat(out.toString())
        .contains("ranbiki work")
        .contains("--stacktrace")
        .doesNotContain("Examples");
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"INTERNAL"},
      mode = EnumSource.Mode.EXCLUDE)
  void ourException_isItsMessageAndItsCode(Kind kind) {
    assertThat(execute(new RanbikiException(kind, "the batch is 0; use 1 or more"), "work"))
        .isEqualTo(kind.exitCode());
    assertThat(err.toString()).isEqualTo(lines("error: the batch is 0; use 1 or more"));
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void stacktrace_isPrintedWhenAskedFor() {
    assertThat(execute(RanbikiException.model("not trusted"), "work", "--stacktrace")).isEqualTo(4);
    assertThat(err.toString())
        .startsWith(lines("error: not trusted"))
        .contains("at io.ranbiki.cli.MainTest");
    err.getBuffer().setLength(0);
    assertThat(execute(RanbikiException.model("not trusted"), "--stacktrace", "work")).isEqualTo(4);
    assertThat(err.toString()).contains("at io.ranbiki.cli.MainTest");
  }

  @Test
  void anythingUnexpected_isAnInternalErrorInOneLine() {
    String report = ". Please report it; --stacktrace shows where.";
    assertThat(execute(new IllegalStateException("odd"), "work")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo(lines("internal error: IllegalStateException: odd" + report));
    err.getBuffer().setLength(0);

    assertThat(execute(new RanbikiException(Kind.INTERNAL, "odd"), "work")).isEqualTo(1);
    assertThat(err.toString()).isEqualTo(lines("internal error: RanbikiException: odd" + report));
  }

  @Test
  void memoryThatRanOut_isNoFaultOfOurs_whereverItWasNoticed() {
    OutOfMemoryError error = new OutOfMemoryError("Java heap space");
    for (Throwable failure :
        List.of(
            error,
            new IllegalStateException(error),
            new RanbikiException(Kind.INTERNAL, "half of a step failed", error))) {
      assertThat(execute(failure, "work")).isEqualTo(3);
      assertThat(err.toString())
          .matches(
              "error: Java ran out of the [\\d.]+ [MG]B of memory that it may use while carrying out"
                  + " this command\\. Use fewer or smaller samples, a smaller network or a smaller"
                  + " batch(, or give Java more: JAVA_OPTS=-Xmx\\d+g)?\\.\\R");
      err.getBuffer().setLength(0);
    }
  }

  @Test
  void controlCharactersOfAName_areShown_notSent() {
    execute(
        RanbikiException.model("There is no file \u001b[2Ja\u009bb\u202ec\rd\u007f\u200ce\u0636"),
        "work");
    assertThat(err.toString())
        .isEqualTo(
            lines(
                "error: There is no file \\u001b[2Ja\\u009bb\\u202ec\\u000dd\\u007f\u200ce\u0636"));
  }

  @Test
  void whatACommandPrints_isShownPlainlyAsWell() {
    @Command(name = "say")
    final class Say implements Runnable {
      @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

      @Override
      public void run() {
        spec.commandLine().getOut().printf("layer\t%s%n", "\u001b]0;title\u0007");
        spec.commandLine().getErr().write(0x1b);
        spec.commandLine().getErr().write("ab\u001bc".toCharArray(), 2, 2);
        spec.commandLine().getErr().flush();
      }
    }

    CommandLine line = Main.commandLine().addSubcommand(new Say());
    Main.execute(line, new PrintWriter(out, true), new PrintWriter(err, true), "say");
    assertThat(out.toString()).isEqualTo(lines("layer\t\\u001b]0;title\\u0007"));
    assertThat(err.toString()).isEqualTo("\\u001b\\u001bc");
  }

  @Test
  void mistypedCommands_areUsageErrors() {
    assertThat(execute("worrk")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            lines(
                "error: Unmatched argument at index 0: 'worrk'.",
                "Did you mean: work, import?",
                "'ranbiki --help' shows how to use it."));
    err.getBuffer().setLength(0);

    assertThat(execute("work", "--tset")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("error: Unknown option: '--tset'")
        .endsWith(lines("'ranbiki work --help' shows how to use it."))
        .doesNotContain("at io.ranbiki");
    err.getBuffer().setLength(0);

    assertThat(execute("work", "--tset", "--stacktrace")).isEqualTo(2);
    assertThat(err.toString()).contains("at io.ranbiki");
  }

  @Test
  void noCommand_isAUsageError() {
    assertThat(execute()).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(lines("error: A command is missing.", "'ranbiki --help' shows how to use it."));
  }

  private static final String LOST =
      "error: Standard output cannot be written: it was closed, or its disk is full. Send it"
          + " somewhere else and run the command again.";

  /** Output as a full disk or a closed pipe takes it: not at all. */
  private static PrintWriter lost() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    return new PrintWriter(new PrintStream(full), true, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--version",
        "--help",
        "probe --help",
        "inspect FILE",
        "evaluate FILE --data CONFIG",
        "plan CONFIG --teacher-parameters 1000000",
        "doctor CONFIG",
        "probe CONFIG --batch 8 --batches 1",
        "label CONFIG --run-dir RUN"
      })
  void outputThatCannotBeWritten_isAFailure_whateverTheCommand(String command, @TempDir Path folder)
      throws IOException {
    Path model = folder.resolve("teacher");
    ModelSpec spec = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10);
    try (Model network = Model.create(spec, 1)) {
      ModelFolder.write(model, network, new ModelConfig(spec, Normalization.none(), List.of()), "");
    }
    Path config = folder.resolve("run.yaml");
    Files.writeString(
        config,
        """
        name: lost
        latency: false
        data: {format: digits, size: 32}
        teacher: {model: "%s"}
        student: {architecture: student-cnn}
        objective: [soft-targets]
        doctor: false
        """
            .formatted(model));
    String[] words =
        command
            .replace("FILE", model.toString())
            .replace("CONFIG", config.toString())
            .replace("RUN", folder.resolve("runs/lost").toString())
            .split(" ");
    int code = Main.execute(Main.commandLine(), lost(), new PrintWriter(err, true), words);
    assertThat(err.toString()).endsWith(lines(LOST));
    // An untrained teacher is a fault, whose sentence was lost.
    assertThat(code).isEqualTo(command.startsWith("doctor") ? 3 : 6);
  }

  @Test
  void aReaderThatEndsFirst_needsNoWord() {
    PrintWriter errors = new PrintWriter(err, true);
    assertThat(Main.execute(Main.commandLine(), lost(), errors, () -> true, "--version"))
        .isEqualTo(141);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPipeIsKnownByItsFile() throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--version")
            .start();
    process.getInputStream().close();
    assertThat(process.getErrorStream().readAllBytes()).isEmpty();
    assertThat(process.waitFor()).isEqualTo(141);
  }

  @Test
  void aFailureThatPrintsNothing_losesNothing() {
    CommandLine line =
        Main.commandLine().addSubcommand(new Work(() -> RanbikiException.model("not trusted")));
    assertThat(Main.execute(line, lost(), new PrintWriter(err, true), "work")).isEqualTo(4);
    assertThat(err.toString()).isEqualTo(lines("error: not trusted"));
  }
}
