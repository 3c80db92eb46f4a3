package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Values;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLinesTest {

  @TempDir Path folder;

  private static JsonLines.Options options(String text, String label) {
    return new JsonLines.Options(
        List.of(text), CsvRows.Options.defaults().withLabel(label), Optional.empty());
  }

  private Path write(String... lines) throws IOException {
    return Files.writeString(folder.resolve("train.jsonl"), String.join("\n", lines) + "\n");
  }

  private static String text(Dataset data, int index) {
    return ((Values.Text) data.read(index).get(Batch.TEXT)).value();
  }

  @Test
  void lines_becomeTextsInTheirOrder() throws IOException {
    Path file =
        write(
            "\uFEFF{\"q\": \"Where is my card?\", \"kind\": \"card\", \"more\": {\"a\": [1,"
                + " {}]}}\r",
            "",
            "{\"kind\": \"\u6b8b\u9ad8\", \"q\":"
                + " \"\u6b8b\u9ad8\u306f\u3044\u304f\u3089\u3067\u3059\u304b\uff1f \ud842\udfb7\"}",
            "  {\"q\": \"a \\\"quote\\\", a\\nline\", \"kind\": \"card\"}  ");
    Dataset data = JsonLines.read(file, options("q", "kind"));
    assertThat(data.size()).isEqualTo(3);
    assertThat(text(data, 0)).isEqualTo("Where is my card?");
    assertThat(text(data, 1))
        .isEqualTo("\u6b8b\u9ad8\u306f\u3044\u304f\u3089\u3067\u3059\u304b\uff1f \ud842\udfb7");
    assertThat(text(data, 2)).isEqualTo("a \"quote\", a\nline");
    assertThat(data.task().names()).containsExactly("card", "\u6b8b\u9ad8");
    assertThat(data.stratum(1)).isEqualTo(1);
    assertThat(data.nameOf(1)).isEqualTo("sample 1 (line 3 of " + file + ")");
    assertThat(data.key(2)).isEqualTo("4");
  }

  @Test
  void packedFiles_holdTheSame() throws IOException {
    Path plain = write("{\"text\": \"a\", \"label\": 1}", "{\"text\": \"b\", \"label\": 0}");
    Path packed = folder.resolve("train.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(plain, out);
    }
    assertThat(JsonLines.read(packed, options("text", "label")).fingerprint())
        .isEqualTo(JsonLines.read(plain, options("text", "label")).fingerprint());
  }

  @Test
  void labels_areWordsNumbersOrSeveral() throws IOException {
    Path file =
        write(
            "{\"text\": \"a\", \"n\": 10, \"y\": true, \"z\": null, \"id\": \"x\"}",
            "{\"text\": \"b\", \"n\": 9, \"y\": false, \"z\": 1, \"id\": \"y\"}");
    assertThat(JsonLines.read(file, options("text", "n")).task().names())
        .containsExactly("9", "10");
    CsvRows.Options several =
        CsvRows.Options.defaults().withLabels(List.of("y", "z"), CsvRows.Kind.AUTO);
    Dataset data =
        JsonLines.read(file, new JsonLines.Options(List.of("text"), several, Optional.of("id")));
    assertThat(data.task()).isEqualTo(new Task.Labels(List.of("y", "z")));
    Values.Floats truth = (Values.Floats) data.read(0).get(Batch.TRUTH);
    assertThat(truth.data()).containsExactly(1, Float.NaN);
    assertThat(data.key(1)).isEqualTo("y");
    Dataset none = JsonLines.read(file, options("text", ""));
    assertThat(none.isLabelled(0)).isFalse();
  }

  /** Most texts that somebody has are of no known class. */
  @Test
  void emptyLabels_areNotKnown_butInATest() throws IOException {
    Path file =
        write(
            "{\"text\": \"a\", \"label\": \"x\"}",
            "{\"text\": \"b\", \"label\": null}",
            "{\"text\": \"c\", \"label\": \"\"}",
            "{\"text\": \"d\"}",
            "{\"text\": \"e\", \"label\": true}");
    Dataset data = JsonLines.read(file, options("text", "label"));
    assertThat(data.task().names()).containsExactly("true", "x");
    assertThat(IntStream.range(0, 5).map(data::stratum)).containsExactly(1, -1, -1, -1, 0);
    assertThat(data.read(1).has(Batch.TRUTH)).isFalse();
    Refusal.ofConfiguration(
        () -> JsonLines.read(file, options("text", "label").withTask(data.task())),
        "The label in line 2 of "
            + file
            + " is empty, but what a test asks must be known. Give the label, or remove the line.");
    Refusal.ofConfiguration(
        () -> JsonLines.read(file, options("text", "topic")),
        "No row of " + file + " has a label in 'topic'. Name what holds the class (data.label).");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"query\": \"a\", \"label\": \"x\"} | Line 2 of FILE has no field 'text', but [query,"
            + " label]. Name the field of the text (data.text).",
        "{\"text\": 7, \"label\": \"x\"} | Line 2 of FILE has 7 in the field 'text', but must have"
            + " a text. Repair the line, or name another field (data.text).",
        "{\"text\": [\"a\"], \"label\": \"x\"} | Line 2 of FILE has a list in the field 'text', but"
            + " must",
        "{\"text\": \" \", \"label\": \"x\"} | Line 2 of FILE has nothing in the field 'text'."
            + " Fill it, or remove the line.",
        "{\"text\": \"a\", \"label\": [1]} | Line 2 of FILE has a list in the field 'label', but"
            + " must have a word or a number.",
        "[\"a\", \"b\"] | Line 2 of FILE is not one JSON object (it begins otherwise). Write each"
            + " sample into a line of its own, such as {\"text\": \"...\", \"label\": \"...\"}.",
        "{\"text\": \"a\"}, | Line 2 of FILE is not one JSON object",
        "{\"text\": \"a\" | Line 2 of FILE is not one JSON object",
        "{\"text\": \"a\", \"text\": \"b\"} | Line 2 of FILE is not one JSON object (the field 'text'"
            + " is there twice).",
        "{ | Line 2 of FILE is not one JSON object (Unexpected end-of-input: expected close marker"
            + " for Object).",
        "{\"text\": \"a \\ud800 b\", \"label\": \"x\"} | Line 2 of FILE has half of a character in"
            + " the field 'text' (one of \\ud800 to \\udfff alone). Write the character whole, or"
            + " remove it.",
      })
  void brokenLines_areNamed(String line, String message) throws IOException {
    Path file = write("{\"text\": \"a\", \"label\": \"x\"}", line);
    Refusal.ofConfiguration(
        () -> JsonLines.read(file, options("text", "label")),
        message.replace("FILE", file.toString()));
  }

  @Test
  void lineThatIsNotUtf8_isNamed() throws IOException {
    Path file = folder.resolve("latin.jsonl");
    String lines =
        "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"caf\u00e9\", \"label\": \"x\"}\n";
    Files.write(file, lines.getBytes(StandardCharsets.ISO_8859_1));
    Refusal.ofConfiguration(
        () -> JsonLines.read(file, options("text", "label")),
        "Line 2 of " + file + " is not UTF-8 text. Save the file as UTF-8.");
  }

  @Test
  void keys_mustDiffer() throws IOException {
    Path file =
        write(
            "{\"text\": \"a\", \"label\": \"x\", \"id\": 1}",
            "{\"text\": \"b\", \"label\": \"x\", \"id\": 1}");
    Refusal.ofConfiguration(
        () ->
            JsonLines.read(
                file,
                new JsonLines.Options(
                    List.of("text"),
                    CsvRows.Options.defaults().withLabel("label"),
                    Optional.of("id"))),
        "Line 2 of "
            + file
            + " has the key '1', which line 1 has, too, but every line must have a key of its own."
            + " Repair the file, or name another field (data.key).");
  }

  @Test
  void textsInPlaceOfClasses_areRefused() throws IOException {
    String[] lines =
        IntStream.range(0, 30)
            .mapToObj(
                i ->
                    "{\"text\": \"card\", \"query\": \"Where has my card number " + i + " gone?\"}")
            .toArray(String[]::new);
    Path file = write(lines);
    CsvRows.Options truth = CsvRows.Options.defaults().withLabel("query").withText("text");
    Refusal.ofConfiguration(
        () -> JsonLines.read(file, new JsonLines.Options(List.of("text"), truth, Optional.empty())),
        "The 30 rows of "
            + file
            + " have 30 different labels in column query, such as 'Where has my card number ");
  }

  @Test
  void emptyFile_isRefused() throws IOException {
    Path file = write("", " ");
    Refusal.ofConfiguration(
        () -> JsonLines.read(file, options("text", "label")),
        file + " has no lines. Check that it is the right file.");
  }

  @Test
  void twoFields_becomePairs() throws IOException {
    Path file =
        write(
            "{\"question\": \"Who?\", \"answer\": \"We.\", \"label\": \"good\"}",
            "{\"question\": \"Why?\", \"answer\": \"Red.\", \"label\": \"bad\"}");
    JsonLines.Options pairs =
        new JsonLines.Options(
            List.of("question", "answer"),
            CsvRows.Options.defaults().withLabel("label"),
            Optional.empty());
    Dataset data = JsonLines.read(file, pairs);
    assertThat(data.fields()).containsExactly(new Field("text", Field.Kind.TEXT, List.of(2)));
    assertThat(data.read(1).get(Batch.TEXT)).isEqualTo(new Values.Pair("Why?", "Red."));
    write("{\"question\": \"Who?\", \"label\": \"good\"}");
    Refusal.ofConfiguration(
        () -> JsonLines.read(file, pairs),
        "Line 1 of "
            + file
            + " has no field 'answer', but [question, label]. Name the field of the text"
            + " (data.text).");
  }
}
