package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.ranbiki.RanbikiException;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import io.ranbiki.result.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultJsonTest {

  private static final Pattern BLOCK = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);

  private static String example(int number) throws Exception {
    Matcher blocks = BLOCK.matcher(Files.readString(Path.of("..", "docs", "result-schema.md")));
    for (int i = 0; i <= number; i++) {
      assertThat(blocks.find()).isTrue();
    }
    return blocks.group(1);
  }

  @Test
  void exampleOfTheDocument_isReadInFullAndWrittenBackEqual() throws Exception {
    String example = example(0);

    Result result = ResultJson.parse("example", example);

    assertThat(result.models().keySet())
        .containsExactly("teacher", "scratch", "decisions", "student");
    assertThat(result.history().get(0).terms()).containsEntry("soft-targets", 1.93);
    assertThat(result.verdict())
        .isEqualTo(Verdict.sentence(result.evidence().gains().get(2), "labels alone"));
    ObjectMapper plain = new ObjectMapper();
    assertThat(plain.readTree(ResultJson.text(result))).isEqualTo(plain.readTree(example));
  }

  @Test
  void metricsOfTheDocument_areWhatTheLogWrites(@TempDir Path folder) throws Exception {
    Path documented = folder.resolve("documented.jsonl");
    Files.writeString(documented, example(1));
    Path written = folder.resolve("metrics.jsonl");

    try (MetricsLog log = MetricsLog.open(written)) {
      log.step(1, 100, Map.of("hard-labels", 0.74, "soft-targets", 2.2), 1.762, 0.001);
      log.epoch(ResultJson.parse("example", example(0)).history().get(0));
    }

    assertThat(MetricsLog.read(written)).isEqualTo(MetricsLog.read(documented));
  }

  @Test
  void valuesThatAreNotKnown_areLeftOut() {
    Result result =
        Result.of(
            "a",
            "train",
            1.5,
            Map.of("student", new ModelFigures(null, 10L, 40, null)),
            List.of(new EpochRecord(1, Map.of(), 0.5, null, null, 1, 2, 0.1)));

    assertThat(ResultJson.text(result).replaceAll("\\s", ""))
        .isEqualTo(
            "{\"schema\":2,\"name\":\"a\",\"command\":\"train\",\"seconds\":1.5,"
                + "\"models\":{\"student\":{\"parameters\":10,\"bytes\":40}},"
                + "\"history\":[{\"epoch\":1,\"terms\":{},\"total\":0.5,\"seconds\":1.0,"
                + "\"samples-per-second\":2.0,\"learning-rate\":0.1}]}");
  }

  @Test
  void written_isReadBackEqual(@TempDir Path folder) throws Exception {
    Result result = ResultJson.parse("example", example(0));
    Path file = folder.resolve("result.json");

    ResultJson.write(file, result);

    assertThat(ResultJson.read(file)).isEqualTo(result);
    assertThat(folder.toFile().list()).containsExactly("result.json");
  }

  /** Written by the version before. */
  @Test
  void schemaOne_isRead() {
    Result result =
        ResultJson.parse(
            "r.json",
            "{\"schema\": 1, \"name\": \"a\", \"command\": \"distill\", \"seconds\": 1.5, \"models\":"
                + " {\"teacher\": {\"accuracy\": 0.9, \"parameters\": 10, \"bytes\": 40,"
                + " \"milliseconds-per-image\": 2.1}}, \"history\": [], \"seeds\": {\"seeds\": [1, 2],"
                + " \"accuracy\": {}, \"gain\": {\"mean\": 0.5, \"low\": 0.1, \"high\": 0.9,"
                + " \"values\": [0.4, 0.6]}}, \"verdict\": \"Gained: as it was said then.\"}");

    assertThat(result.schema()).isEqualTo(1);
    assertThat(result.verdict()).isEqualTo("Gained: as it was said then.");
    assertThat(result.evidence()).isNull();
  }

  @Test
  void newerSchema_isRefused() {
    refused(
        "{\"schema\": 3, \"unheard-of\": 1}",
        "'r.json' has schema 3, but this version of ranbiki reads up to schema 2; use a newer"
            + " version.");
  }

  @Test
  void whatIsNotAResult_isRefused() throws Exception {
    String example = example(0);
    refused("[]", "'r.json' is not a result of a run: it has no key 'schema' with a whole number.");
    refused(
        "{\"schema\": \"1\"}",
        "'r.json' is not a result of a run: it has no key 'schema' with a whole number.");
    refused("", "'r.json' is not a result of a run: it has no key 'schema' with a whole number.");
    refused("{\"schema\": 1", "'r.json' is not a readable result: not valid JSON (line 1).");
    refused(
        example + "x",
        "'r.json' is not a readable result: not valid JSON (line "
            + (example.lines().count() + 1)
            + ").");
    refused(
        "{\"schema\": 1, \"schema\": 1}",
        "'r.json' is not a readable result: not valid JSON (line 1).");
    refused(
        example.replace("\"seconds\": 71.2", "\"seconds\": 71.2, \"minutes\": 1"),
        "'r.json' is not a readable result: unknown key 'minutes'.");
    refused(
        example.replace("  \"seconds\": 71.2,\n", ""),
        "'r.json' is not a readable result: 'seconds': missing, or not of the type that the schema"
            + " says.");
    refused(
        example.replace("\"accuracy\": 0.905", "\"accuracy\": 90.5"),
        "'r.json' is not a readable result: 'models.scratch': accuracy must lie between 0 and 1,"
            + " but is 90.5.");
    refused(
        example.replace("\"parameters\": 3604042", "\"parameters\": \"many\""),
        "'r.json' is not a readable result: 'models.teacher.parameters': missing, or not of the"
            + " type that the schema says.");
    refused(
        "{\"schema\": 1, \"name\": \"a\", \"command\": \"b\", \"seconds\": 1}",
        "'r.json' is not a readable result: models is missing.");
  }

  @Test
  void missingFile_isNamed(@TempDir Path folder) {
    Path file = folder.resolve("result.json");
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> ResultJson.read(file))
        .withMessage("There is no result '" + file + "'; has the run finished?");
  }

  private static void refused(String text, String message) {
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> ResultJson.parse("r.json", text))
        .withMessage(message)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION));
  }
}
