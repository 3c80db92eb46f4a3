package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The schema says of files what the readers say. */
class SchemaTest {

  private static final JsonSchema SCHEMA =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
          .getSchema(RunConfigReader.jsonSchema());

  private static final String VALID =
      """
      name: a
      data: {format: csv, folder: f, label: [a, b], header: true}
      teacher: {model: t.onnx, encoding: top-k, top-k: 4}
      student: {architecture: mlp, hidden: 8}
      strategy: offline
      objective:
        - hard-labels
        - soft-targets: {weight: {linear: {to: 1, epochs: 2}}, temperature: 4}
        - hint: {pairs: {teacher: x, student: y}}
      train:
        optimizer: {sgd: {learning-rate: 0.1, nesterov: true}}
        schedule: {multi-step: {at: [3, 5]}}
      compare: {scratch: {train: {epochs: 2}, objective: [hard-labels]}}
      accept: {bytes: 500kB, agreement: 0.9}
      """;

  private static Set<ValidationMessage> check(String yaml) throws IOException {
    JsonNode node = new YAMLMapper().readTree(yaml);
    return SCHEMA.validate(node.toString(), InputFormat.JSON);
  }

  static List<Path> examples() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("..", "examples"))) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .filter(file -> !file.toString().contains("target"))
          .filter(file -> !file.toString().contains("own-")) // their jars are not here
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExample_isValid_asIsWhatItResolvesTo(Path file) throws IOException {
    assertThat(check(Files.readString(file))).isEmpty();
    ConfigDocument document =
        ConfigDocument.read(file, List.of(), Map.of("RANBIKI_DATA", "data", "HOME", "home"));
    RunConfigReader.any(document);
    assertThat(check(YamlWriter.write(document.resolved()))).isEmpty();
  }

  @Test
  void whatReadersTake_isValid() throws IOException {
    assertThat(check(VALID)).isEmpty();
    RunConfigReader.any(ConfigDocument.parse("a.yaml", VALID, List.of(), Map.of()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: a | nam: a",
        "header: true | headr: true",
        "format: csv | format: idx",
        "format: csv | format: csvv",
        "top-k: 4 | top-k: 0",
        "encoding: top-k | encoding: float16",
        "hidden: 8 | hidden: 0",
        "hidden: 8 | depth: 20",
        "hidden: 8 | hidden: wide",
        "architecture: mlp, | ''",
        "- hard-labels | - hard-label",
        "temperature: 4 | temperature: 0",
        "temperature: 4 | temprature: 4",
        "to: 1, | ''",
        "pairs: {teacher: x, student: y} | weight: 1",
        "nesterov: true | nesterov: 3",
        "at: [3, 5] | at: 3",
        "epochs: 2}, objective | epoch: 2}, objective",
        "agreement: 0.9 | agreement: 1",
        "strategy: offline | strategy: {self: {every: 2, decay: 0.9}}",
      })
  void whatReadersRefuse_isNotValid(String before, String after) throws IOException {
    assertThat(VALID).contains(before);
    String broken = VALID.replace(before, after);
    assertThat(check(broken)).isNotEmpty();
    assertThat(readable(broken)).isFalse();
  }

  private static boolean readable(String yaml) {
    try {
      RunConfigReader.any(ConfigDocument.parse("a.yaml", yaml, List.of(), Map.of()));
      return true;
    } catch (RanbikiException e) {
      return false;
    }
  }

  @Test
  void termsOfAUsersOwn_areInIt() {
    assertThat(RunConfigReader.jsonSchema()).contains("confidence-penalty", "What it cannot fall");
  }
}
