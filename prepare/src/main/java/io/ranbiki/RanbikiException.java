package io.ranbiki;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A mistake that the user can repair, said in one or two sentences: the name and value that is
 * wrong, the rule, and what to do next. Every exception that this library throws on purpose is one
 * of these; the command line prints the message alone and exits with {@link Kind#exitCode()}.
 */
public final class RanbikiException extends RuntimeException {

  /** What went wrong, by what the user has to repair. */
  public enum Kind {
    /** A bug of ours. */
    INTERNAL(1),
    /** A command that was typed wrongly. */
    USAGE(2),
    /** A configuration or data file that does not say what it must. */
    CONFIGURATION(3),
    /** A model file that cannot be read or is not trusted. */
    MODEL(4),
    /** Training that produced a value that is not finite. */
    DIVERGED(5),
    /** A disk or file system that refuses. */
    IO(6);

    private final int exitCode;

    Kind(int exitCode) {
      this.exitCode = exitCode;
    }

    /** The exit code of the command line, 1 to 6. */
    public int exitCode() {
      return exitCode;
    }
  }

  private final Kind kind;

  /** Makes an exception of a kind with a message of one or two sentences. */
  public RanbikiException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** Makes an exception of a kind with the exception that led to it. */
  public RanbikiException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** An exception about a configuration or data file. */
  public static RanbikiException configuration(String format, @Nullable Object... values) {
    return new RanbikiException(Kind.CONFIGURATION, text(format, values));
  }

  /** An exception about a model file. */
  public static RanbikiException model(String format, @Nullable Object... values) {
    return new RanbikiException(Kind.MODEL, text(format, values));
  }

  /** An exception about a disk or file system. */
  public static RanbikiException io(String format, @Nullable Object... values) {
    return new RanbikiException(Kind.IO, text(format, values));
  }

  private static String text(String format, @Nullable Object... values) {
    return String.format(java.util.Locale.ROOT, format, values);
  }

  /** The sentences; there always are some. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** What went wrong, by what the user has to repair. */
  public Kind kind() {
    return kind;
  }
}
