package io.ranbiki.cli;

import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.run.RunFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The last line of a command: what to type next, ready to be pasted. */
final class Next {

  /** Options that say how this one command is to speak. */
  private static final Set<String> ONCE =
      Set.of("--dry-run", "--json", "--quiet", "--verbose", "--stacktrace");

  private Next() {}

  /** Proposes a command of ours; paths and other words are quoted where a shell would need it. */
  static void say(PrintWriter out, Object... words) {
    out.println(
        Arrays.stream(words)
            .map(word -> word instanceof Path ? quoted(word.toString()) : word.toString())
            .collect(Collectors.joining(" ", "Next: ranbiki ", "")));
    out.flush();
  }

  /** Proposes to write the model of a run in the form in which it is of use. */
  static void export(PrintWriter out, RunFolder run) {
    boolean guesses = ModelFolder.isMaskedLanguage(run.model());
    say(out, "export", run.path(), guesses ? "--to folder --output FOLDER" : "--to onnx");
  }

  /**
   * Proposes to ask a model.
   *
   * @param prepare what its inputs go through; null if not known
   */
  static void predict(PrintWriter out, Path model, @Nullable Prepare prepare) {
    boolean texts = prepare != null && prepare.tokenize().isPresent();
    say(out, "predict", model, texts ? "--text TEXT" : "INPUT");
  }

  /**
   * Proposes another command with what this one was given: its parameters, and those options that
   * the other one has.
   */
  static void sayOther(CommandLine command, String verb) {
    CommandLine other = Objects.requireNonNull(Main.top(command).getSubcommands().get(verb));
    ParseResult parsed = command.getParseResult();
    StringBuilder words = new StringBuilder(verb);
    parsed
        .matchedPositionals()
        .forEach(positional -> positional.originalStringValues().forEach(v -> append(words, v)));
    for (OptionSpec option : parsed.matchedOptions()) {
      String name = option.longestName();
      if (ONCE.contains(name) || other.getCommandSpec().findOption(name) == null) {
        continue;
      }
      if (option.arity().max() == 0) {
        append(words, name);
      } else {
        option.originalStringValues().forEach(value -> append(words, name + "=" + value));
      }
    }
    say(command.getOut(), words);
  }

  private static void append(StringBuilder words, String word) {
    words.append(' ').append(quoted(word));
  }

  /** A word as a shell has to be given it. */
  static String quoted(String word) {
    return word.matches("[\\p{L}\\p{N}_./:=@%+,-]+")
        ? word
        : "'" + word.replace("'", "'\\''") + "'";
  }
}
