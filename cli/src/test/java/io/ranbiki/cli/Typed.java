package io.ranbiki.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * A command as somebody typed it, with its exit code and what it printed.
 *
 * @param exitCode of the process that it would have been
 * @param out standard output
 * @param err standard error, without the progress
 */
record Typed(int exitCode, String out, String err) {

  /** Runs a command in this process. */
  static Typed run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.execute(
            Main.commandLine(), new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Typed(code, out.toString(), err.toString());
  }
}
