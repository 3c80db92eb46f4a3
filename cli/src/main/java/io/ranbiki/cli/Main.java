package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.Version;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command at the top. */
@Command(
    name = Main.NAME,
    subcommands = {
      DemoCommand.class,
      TrainCommand.class,
      DistillCommand.class,
      CurveCommand.class,
      LabelCommand.class,
      PackCommand.class,
      DoctorCommand.class,
      ResumeCommand.class,
      CompareCommand.class,
      ExportCommand.class,
      PredictCommand.class,
      ReportCommand.class,
      InspectCommand.class,
      ProbeCommand.class,
      PlanCommand.class,
      SchemaCommand.class,
      ImportCommand.class,
      TokenizerCommand.class,
      CompletionCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.BuildVersion.class,
    sortOptions = false,
    description =
        "Knowledge distillation: a large trained model in, a small one that keeps its quality out.",
    synopsisSubcommandLabel = "COMMAND")
final class Main implements Runnable {

  private static final String EXAMPLES =
      """

      Examples:
        ranbiki demo
            trains a teacher and three students on drawn digits, in a minute
        ranbiki train examples/fashion-mnist/teacher.yaml
            trains a model from labels
        ranbiki distill examples/fashion-mnist/basic.yaml train.epochs=2
            distils a student, with one value of the file changed
        ranbiki probe examples/fashion-mnist/features.yaml
            helps to choose layers and temperature
        ranbiki plan examples/fashion-mnist/basic.yaml
            proposes assistants between teacher and student
        ranbiki inspect runs/fashion-basic
            shows what a run folder holds
        ranbiki export runs/fashion-basic --to onnx
            writes the student as a file that runs in a service
        ranbiki predict runs/fashion-basic picture.png
            asks the student

      Exit codes: 0 done, 1 internal, 2 usage, 3 configuration or data, 4 model,
      5 training diverged, 6 disk, 7 a limit of accept failed, 8 one cannot be shown;
      129, 130, 143 ended by a signal; 141 the program that read the output ended
      first.
      """;

  /** As a program ends that SIGPIPE stops: head has seen enough, which needs no word. */
  private static final int READER_ENDED = 128 + 13;

  /** The name of the program. */
  static final String NAME = "ranbiki";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = ErrorPrinter.STACKTRACE,
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  @SuppressWarnings("UnusedVariable") // the printer of errors looks for the word itself
  private boolean stacktrace;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Say nothing beside the result but errors.")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Say more: every epoch with all its terms, every check.")
  private boolean verbose;

  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Interruption.listen();
    int code =
        execute(
            commandLine(),
            writer(System.out, Screen.output()),
            writer(System.err, Screen.errors()),
            Screen.output()::isPipe,
            arguments);
    Interruption.endIfAsked();
    System.exit(code);
  }

  /**
   * The command with its error handling, to add subcommands to. A subcommand brings its own {@code
   * mixinStandardHelpOptions} and examples; {@code --stacktrace} it inherits.
   */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.getCommandSpec().usageMessage().footer(EXAMPLES.split("\n"));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.registerConverter(Path.class, Main::path);
    ErrorPrinter errors = new ErrorPrinter();
    line.setExecutionExceptionHandler(errors);
    line.setParameterExceptionHandler(errors);
    line.setExecutionStrategy(Main::runPlainly);
    return line;
  }

  /**
   * Runs a command and gives its exit code; nothing is ever thrown. A command whose output was lost
   * has failed, whatever else it did.
   */
  static int execute(CommandLine line, PrintWriter out, PrintWriter err, String... arguments) {
    return execute(line, out, err, () -> false, arguments);
  }

  /**
   * Runs a command as {@link #execute(CommandLine, PrintWriter, PrintWriter, String...)}.
   *
   * @param pipe whether {@code out} is one; it loses output only because its reader has ended
   */
  static int execute(
      CommandLine line,
      PrintWriter out,
      PrintWriter err,
      BooleanSupplier pipe,
      String... arguments) {
    int code = carryOut(line, out, err, arguments);
    if (!out.checkError()) {
      return code;
    }
    if (pipe.getAsBoolean()) {
      return code == 0 ? READER_ENDED : code;
    }
    int lost =
        ErrorPrinter.print(
            RanbikiException.io(
                "Standard output cannot be written: it was closed, or its disk is full. Send it"
                    + " somewhere else and run the command again."),
            err,
            false);
    return code == 0 ? lost : code;
  }

  private static PrintWriter writer(PrintStream stream, Screen screen) {
    PrintWriter writer = new PrintWriter(stream, true, Charset.defaultCharset());
    OptionalInt columns = screen.columns();
    return columns.isPresent() ? WrappedWriter.of(writer, columns.getAsInt()) : writer;
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'"
              + text
              + "' cannot be a path under this locale; start with LC_ALL=C.UTF-8, or choose another"
              + " name.");
    }
  }

  /** Help is ours and may be in colour; what commands print has names of others in it. */
  private static int runPlainly(ParseResult parsed) {
    Integer helped = CommandLine.executeHelpRequest(parsed);
    if (helped != null) {
      return helped;
    }
    CommandLine line = parsed.commandSpec().commandLine();
    Main main = (Main) line.getCommandSpec().userObject();
    if (main.quiet && main.verbose) {
      throw new ParameterException(line, "--quiet and --verbose exclude each other; give one.");
    }
    line.setOut(PlainWriter.of(line.getOut()));
    line.setErr(PlainWriter.of(line.getErr()));
    if (main.quiet) {
      // What commands say in passing; errors are printed by the command at the top.
      PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
      line.getSubcommands().values().forEach(command -> command.setErr(nowhere));
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  /** The command at the top of one. */
  static CommandLine top(CommandLine command) {
    CommandLine top = command;
    while (top.getParent() != null) {
      top = top.getParent();
    }
    return top;
  }

  /** How much a command is to say. */
  static Talk talk(CommandLine command) {
    Main main = (Main) top(command).getCommandSpec().userObject();
    return main.quiet ? Talk.QUIET : main.verbose ? Talk.VERBOSE : Talk.USUAL;
  }

  private static int carryOut(
      CommandLine line, PrintWriter out, PrintWriter err, String... arguments) {
    line.setOut(out);
    line.setErr(err);
    try {
      return line.execute(arguments);
    } catch (Throwable failure) {
      // picocli passes errors such as OutOfMemoryError on; they get one line as well.
      return ErrorPrinter.print(failure, err, List.of(arguments).contains(ErrorPrinter.STACKTRACE));
    }
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing.");
  }

  /** The version that the build wrote. */
  static final class BuildVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"ranbiki " + Version.text()};
    }
  }
}
