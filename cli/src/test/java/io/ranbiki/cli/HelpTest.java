package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The help of every verb, and that what it shows can be typed. */
class HelpTest {

  static Stream<String> verbs() {
    return Main.commandLine().getSubcommands().keySet().stream();
  }

  private static List<String> examples(CommandLine command) {
    return Arrays.stream(command.getCommandSpec().usageMessage().footer())
        .flatMap(String::lines)
        .map(String::strip)
        .filter(line -> line.startsWith("ranbiki "))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void everyVerb_hasHelpWithAnExampleOfItsOwn(String verb) {
    Typed typed = Typed.run(verb, "--help");
    assertThat(typed.exitCode()).isZero();
    assertThat(typed.err()).isEmpty();
    assertThat(typed.out()).contains("Usage: ranbiki ", "Example", "--stacktrace");
    CommandLine command = Main.commandLine().getSubcommands().get(verb);
    assertThat(examples(command))
        .isNotEmpty()
        .allSatisfy(example -> assertThat(example.split(" ")[1]).isIn((Object[]) names(command)));
  }

  private static String[] names(CommandLine command) {
    return command.getCommandSpec().names().toArray(String[]::new);
  }

  @Test
  void everyExample_parses() {
    List<String> all = new ArrayList<>(examples(Main.commandLine()));
    Main.commandLine().getSubcommands().values().forEach(verb -> all.addAll(examples(verb)));
    assertThat(all).hasSizeGreaterThan(8);
    for (String example : all) {
      String[] words = example.substring("ranbiki ".length()).split(" ");
      assertThatCode(() -> Main.commandLine().parseArgs(words))
          .as(example)
          .doesNotThrowAnyException();
    }
  }

  static Stream<CommandLine> commands() {
    return withSubcommands(Main.commandLine());
  }

  private static Stream<CommandLine> withSubcommands(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(HelpTest::withSubcommands));
  }

  private static Set<String> words(String help) {
    return new HashSet<>(List.of(help.strip().split("\\s+")));
  }

  private static String help(CommandLine command, int width) {
    return command.setUsageHelpWidth(width).getUsageMessage(CommandLine.Help.Ansi.OFF);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyHelp_fitsEightyColumns_andBreaksNoWordThatOneWouldPaste(CommandLine command) {
    String help = help(command, 80);
    assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(words(help)).isEqualTo(words(help(command, 1000)));
    assertThat(help.lines().map(String::strip)).containsAll(examples(command));
  }

  @Test
  void helpOfTheTop_namesEveryVerbAndExitCode() {
    Typed typed = Typed.run("--help");
    assertThat(typed.exitCode()).isZero();
    verbs().forEach(verb -> assertThat(typed.out()).contains(verb));
    assertThat(typed.out())
        .contains("0 done", "1 internal", "2 usage", "3 configuration", "4 model", "5 training")
        .contains("6 disk");
  }

  @Test
  void version_isOneLineOnStandardOutput() {
    Typed typed = Typed.run("--version");
    assertThat(typed.exitCode()).isZero();
    assertThat(typed.out()).matches("ranbiki \\d+\\.\\d+\\.\\d+\\S*\\R");
    assertThat(typed.err()).isEmpty();
  }
}
