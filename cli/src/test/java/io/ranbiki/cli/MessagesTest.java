package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every message begins with a capital and ends with a full stop. The sources are read, since no
 * test could provoke them all.
 */
class MessagesTest {

  /** What a whole message is given to. */
  private static final Pattern WHOLE =
      Pattern.compile(
          "\\bRanbikiException\\s*\\.\\s*(configuration|model|io)\\("
              + "|\\bnew\\s+(RanbikiException|ParameterException)\\("
              + "|\\bmistakes\\s*\\.\\s*report\\("
              + "|\\blistener\\s*\\.\\s*note\\("
              + "|\\bFinding\\s*\\.\\s*(ok|warning|fault)\\(");

  /** What the end of a message is given to; it begins with the path of a value. */
  private static final Pattern END = Pattern.compile("(?<!void )\\bmistake\\(");

  private static final Pattern FORMAT = Pattern.compile("(String\\s*\\.\\s*)?format\\(");

  /** A name, as it is written, may stand at the beginning: a path, a key in quotes, a-word. */
  private static final Pattern BEGINS =
      Pattern.compile("[A-Z0-9%'\\\\-].*|[a-z0-9]+([-.][a-z0-9]+)+\\b.*", Pattern.DOTALL);

  /** A value at the end is a sentence, or a command to copy. */
  private static final Pattern ENDS = Pattern.compile(".*([.?!]|%s)", Pattern.DOTALL);

  private static final Pattern COMMAND =
      Pattern.compile(".*: (ranbiki|python3) .*", Pattern.DOTALL);

  @Test
  void everyMessage_beginsWithCapitalAndEndsWithFullStop() throws IOException {
    List<String> wrong = new ArrayList<>();
    int messages = 0;
    for (String module : List.of("prepare", "serve", "core", "cli")) {
      for (Path file : sources(Path.of("..", module, "src", "main", "java"))) {
        Source source = new Source(Files.readString(file));
        for (Pattern pattern : List.of(WHOLE, END)) {
          for (MatchResult call : source.calls(pattern)) {
            String message = source.message(call.end());
            if (!message.isEmpty()) {
              messages++;
              if (!isSentence(message, pattern == WHOLE)) {
                wrong.add(file.getFileName() + ":" + source.line(call.start()) + ": " + message);
              }
            }
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(messages).isGreaterThan(400); // else the sources were not read
  }

  private static boolean isSentence(String message, boolean whole) {
    List<String> literals = Source.literals(message);
    String first = literals.get(0);
    String last = literals.get(literals.size() - 1);
    boolean begins = !whole || !message.startsWith("\"") || BEGINS.matcher(first).matches();
    boolean ends =
        !message.endsWith("\"")
            || ENDS.matcher(last).matches()
            || COMMAND.matcher(String.join("", literals)).matches();
    return begins && ends;
  }

  private static List<Path> sources(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of Java, in which calls and their arguments are found. */
  private record Source(String text) {

    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\\n]|\\\\.)*)\"");

    List<MatchResult> calls(Pattern pattern) {
      return pattern.matcher(text).results().toList();
    }

    long line(int at) {
      return text.substring(0, at).lines().count();
    }

    static List<String> literals(String expression) {
      return LITERAL.matcher(expression).results().map(found -> found.group(1)).toList();
    }

    /** The first argument with words in it; of a format, the format. Empty if there is none. */
    String message(int from) {
      for (String argument : arguments(from)) {
        if (literals(argument).stream().anyMatch(words -> words.contains(" "))) {
          return FORMAT.matcher(argument).lookingAt()
              ? new Source(argument).message(argument.indexOf('(') + 1)
              : argument;
        }
      }
      return "";
    }

    /** The arguments of the call whose bracket opens before {@code from}. */
    private List<String> arguments(int from) {
      List<String> arguments = new ArrayList<>();
      int depth = 0;
      int start = from;
      for (int at = from; ; at++) {
        char character = text.charAt(at);
        if (character == '"' || character == '\'') {
          at = endOfQuoted(at);
        } else if (text.startsWith("//", at)) {
          at = text.indexOf('\n', at);
        } else if ("([{".indexOf(character) >= 0) {
          depth++;
        } else if (depth > 0 && ")]}".indexOf(character) >= 0) {
          depth--;
        } else if (depth == 0 && (character == ',' || character == ')')) {
          arguments.add(text.substring(start, at).strip());
          start = at + 1;
          if (character == ')') {
            return arguments;
          }
        }
      }
    }

    private int endOfQuoted(int from) {
      int at = from + 1;
      while (text.charAt(at) != text.charAt(from)) {
        at += text.charAt(at) == '\\' ? 2 : 1;
      }
      return at;
    }
  }
}
