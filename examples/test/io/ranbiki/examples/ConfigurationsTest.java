package io.ranbiki.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.run.ModelChoice;
import io.ranbiki.run.PrepareConfig;
import io.ranbiki.run.ProgressiveStrategy;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every configuration file of the examples can be typed as its comment says. */
class ConfigurationsTest {

  private static final Map<String, String> ENVIRONMENT = Map.of("RANBIKI_DATA", "/data");
  private static final Pattern COMMAND =
      Pattern.compile(
          "\\./ranbiki (train|distill|curve|plan|label|probe) (examples/\\S+\\.yaml)(.*)");

  static List<Path> configurations() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(""))) {
      return files
          .filter(file -> file.toString().endsWith(".yaml") && !file.startsWith("target"))
          .sorted()
          .toList();
    }
  }

  @Test
  void theSeedsWaysToDistil_areAllThere() throws IOException {
    assertThat(configurations().stream().map(file -> file.getFileName().toString()))
        .contains("teacher.yaml", "basic.yaml", "features.yaml", "few-labels.yaml")
        .contains("self.yaml", "born-again.yaml", "ensemble.yaml", "progressive.yaml")
        .contains("mutual.yaml", "online.yaml", "unlabelled.yaml");
  }

  @Test
  void names_areAllDifferent() throws IOException {
    Set<String> names = new HashSet<>();
    for (Path file : configurations()) {
      String name = RunConfigReader.any(ConfigDocument.read(file, List.of(), ENVIRONMENT)).name();
      assertThat(names.add(name)).as("%s of %s", name, file).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void everyCommandOfItsComment_isUnderstood(Path file) throws IOException {
    List<String> comment =
        Files.readAllLines(file).stream().takeWhile(line -> line.startsWith("#")).toList();
    List<Path> named = new ArrayList<>();
    for (String line : comment) {
      Matcher command = COMMAND.matcher(line);
      while (command.find()) {
        Path other = Path.of(command.group(2).substring("examples/".length()));
        named.add(other);
        understand(command.group(1), other, overrides(command.group(3)));
      }
    }
    assertThat(named).as("a command that runs %s, in its comment", file).contains(file);
  }

  /** The words after the file, without options and the quotes of a shell. */
  private static List<String> overrides(String rest) {
    return Pattern.compile("'([^']*=[^']*)'|(\\S+=\\S+)")
        .matcher(rest)
        .results()
        .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
        .toList();
  }

  private static void understand(String verb, Path file, List<String> overrides) {
    ConfigDocument document = ConfigDocument.read(file, overrides, ENVIRONMENT);
    RunConfig config =
        verb.equals("train")
            ? RunConfigReader.training(document)
            : RunConfigReader.distillation(document);
    assertThat(config.isDistillation()).isEqualTo(!verb.equals("train"));
    List<ModelChoice> networks = new ArrayList<>(List.of(config.student()));
    if (config.strategy() instanceof ProgressiveStrategy progressive) {
      networks.addAll(progressive.assistants());
    }
    networks.removeIf(network -> network.taken().isPresent()); // its folder is not fetched here
    for (ModelChoice network : networks) {
      assertThatCode(
              () ->
                  new ModelSpec(
                      network.architecture(), List.of(input(network)), 10, network.options()))
          .doesNotThrowAnyException();
    }
  }

  /**
   * What a network of the examples gets: vectors, rows, ids of a text, frames of a sound, an image.
   */
  private static Field input(ModelChoice network) {
    if (network.encoder().isPresent()) {
      return ModelSpec.field(List.of(384));
    }
    if (network.architecture().equals("mlp")) {
      return ModelSpec.field(List.of(16)); // a table
    }
    if (network.prepare().flatMap(PrepareConfig::logMel).isPresent()) {
      return new Field(Preparation.FRAMES, Field.Kind.FLOAT32, List.of(1, Field.ANY, 40));
    }
    boolean text =
        network
            .prepare()
            .filter(of -> of.tokenizer().isPresent() || of.ngrams().isPresent())
            .isPresent();
    return text
        ? new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY))
        : ModelSpec.field(List.of(1, 28, 28));
  }
}
