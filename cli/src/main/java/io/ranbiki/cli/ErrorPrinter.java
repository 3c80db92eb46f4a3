package io.ranbiki.cli;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Prints what went wrong as one message, and the stack trace only when asked for. */
final class ErrorPrinter implements IExecutionExceptionHandler, IParameterExceptionHandler {

  /** The option that asks for the stack trace. */
  static final String STACKTRACE = "--stacktrace";

  @Override
  public int handleExecutionException(
      Exception exception, CommandLine command, ParseResult parsed) {
    return print(exception, Main.top(command).getErr(), parsed.originalArgs().contains(STACKTRACE));
  }

  @Override
  public int handleParseException(ParameterException exception, String[] arguments) {
    CommandLine command = exception.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("error: " + sentence(Objects.requireNonNull(exception.getMessage())));
    if (exception instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) {
        err.println("Did you mean: " + String.join(", ", suggestions) + "?");
      }
    }
    err.println("'" + command.getCommandSpec().qualifiedName() + " --help' shows how to use it.");
    if (List.of(arguments).contains(STACKTRACE)) {
      exception.printStackTrace(err);
    }
    err.flush();
    return Kind.USAGE.exitCode();
  }

  /** What others say, such as picocli, ends like our own sentences. */
  private static String sentence(String text) {
    String plain = PlainWriter.plain(text);
    return plain.matches("(?s).*[.?!]") ? plain : plain + ".";
  }

  /** Memory that ran out is no fault of the program, whatever was tried and on which thread. */
  private static Throwable withoutMemory(Throwable thrown) {
    if (thrown instanceof RanbikiException ours && ours.kind() != Kind.INTERNAL) {
      return thrown;
    }
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError error) {
        return Memory.ranOut(
            error,
            Kind.CONFIGURATION,
            "carrying out this command",
            "Use fewer or smaller samples, a smaller network or a smaller batch");
      }
    }
    return thrown;
  }

  /** Prints a failure and gives the exit code for it. */
  static int print(Throwable thrown, PrintWriter err, boolean stacktrace) {
    Throwable failure = withoutMemory(thrown);
    Kind kind = failure instanceof RanbikiException ours ? ours.kind() : Kind.INTERNAL;
    if (kind == Kind.INTERNAL) {
      err.println(
          "internal error: "
              + failure.getClass().getSimpleName()
              + ": "
              + sentence(String.valueOf(failure.getMessage()))
              + " Please report it; "
              + STACKTRACE
              + " shows where.");
    } else {
      err.println("error: " + PlainWriter.plain(String.valueOf(failure.getMessage())));
    }
    if (stacktrace) {
      failure.printStackTrace(err);
    }
    err.flush();
    return kind.exitCode();
  }
}
