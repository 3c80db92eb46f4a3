package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The files come from {@code make.py} and {@code make_bpe.py} beside them, by Hugging Face's
 * tokenizers 0.23.2.
 */
class TokenizerTest {

  private static final String NOT_KNOWN =
      ", which is not known here. Use a tokenizer as BERT's (BertNormalizer, BertPreTokenizer,"
          + " WordPiece) or as GPT-2's (ByteLevel, BPE), or take the module that knows all kinds:"
          + " start the command with RANBIKI_MODULES=tokenizers, or add"
          + " io.ranbiki:ranbiki-tokenizers to your dependencies.";

  private static String resource(String name) throws IOException {
    try (var in = TokenizerTest.class.getResourceAsStream("/tokenizers/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Tokenizer tokenizer(String name) throws IOException {
    return Tokenizer.parse(resource(name), name);
  }

  private static long[] ids(String words) {
    return Arrays.stream(words.split(" ")).mapToLong(Long::parseLong).toArray();
  }

  private static String text(String json) throws IOException {
    try (JsonParser in = new JsonFactory().createParser(json)) {
      in.nextToken();
      return in.getText();
    }
  }

  @Test
  void nastyTexts_haveTheIdsOfTheReference() throws IOException {
    Tokenizer uncased = tokenizer("uncased.json");
    Tokenizer cased = tokenizer("cased.json");
    List<String> lines = resource("ids.txt").lines().toList();
    assertThat(lines).hasSizeGreaterThan(180);
    for (String line : lines) {
      String[] columns = line.split("\t");
      String text = text(columns[0]);
      long[] whole = ids(columns[1]);
      Tokenizer.Encoding cut = uncased.encode(text, 8);
      assertThat(uncased.encode(text, 1000).ids()).as(columns[0]).isEqualTo(whole);
      assertThat(cased.encode(text, 1000).ids()).as(columns[0]).isEqualTo(ids(columns[2]));
      assertThat(cut.ids()).as(columns[0]).isEqualTo(ids(columns[3]));
      assertThat(cut.cut()).as(columns[0]).isEqualTo(whole.length - cut.ids().length);
    }
  }

  @Test
  void pairs_haveTheIdsAndTypesOfTheReference() throws IOException {
    List<String> lines = resource("pair-ids.txt").lines().toList();
    assertThat(lines).hasSize(210);
    for (String line : lines) {
      String[] columns = line.split("\t");
      Tokenizer tokenizer = tokenizer(columns[0] + ".json");
      int most = Integer.parseInt(columns[3]);
      Tokenizer.Encoding pair = tokenizer.encode(text(columns[1]), text(columns[2]), most);
      assertThat(pair.ids()).as(line).isEqualTo(ids(columns[4]));
      assertThat(pair.types()).as(line).isEqualTo(ids(columns[5]));
      assertThat(pair.ids().length).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void pairs_areRefusedWhereAFileHasNoTemplateOfThem() throws IOException {
    String json = resource("uncased.json");
    int from = json.indexOf("\"pair\":");
    int to = json.indexOf("\"special_tokens\":");
    Tokenizer single = Tokenizer.parse(json.substring(0, from) + json.substring(to), "single.json");
    assertThat(single.encode("my card", 8).ids()).hasSize(4);
    assertThatThrownBy(() -> single.encode("my", "card", 8))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The tokenizer (%s) does not say how two texts are put together. Name a tokenizer.json"
                + " whose post_processor has a template of pairs.",
            single);
    assertThatThrownBy(() -> tokenizer("uncased.json").encode("my", "card", 4))
        .hasMessage("4 ids are fewer than 5");
    refused(
        json.substring(0, from) + "\"pair\": [{}], " + json.substring(to),
        "t.json is not a tokenizer: each of pair must have one name. Give the path of a"
            + " tokenizer.json.");
    Tokenizer types =
        Tokenizer.parse(
            json.substring(0, from)
                + json.substring(from, to).replace("\"type_id\":1", "\"type_id\":7")
                + json.substring(to),
            "types.json");
    assertThatThrownBy(types::fewestOfPair)
        .hasMessageContaining("does not say how two texts are put together");
  }

  @Test
  void bytePairsOfNastyTexts_haveTheIdsOfTheReference() throws IOException {
    Tokenizer plain = tokenizer("bpe.json");
    Tokenizer spaced =
        Tokenizer.parse(
            resource("bpe.json")
                .replaceFirst("\"add_prefix_space\":false", "\"add_prefix_space\":true"),
            "bpe.json");
    assertThat(plain).hasToString("Byte-level BPE of 460 pieces");
    List<String> lines = resource("bpe-ids.txt").lines().toList();
    assertThat(lines).hasSizeGreaterThan(180);
    for (String line : lines) {
      String[] columns = line.split("\t");
      String text = text(columns[0]);
      assertThat(plain.encode(text, 1000).ids()).as(columns[0]).isEqualTo(ids(columns[1]));
      assertThat(spaced.encode(text, 1000).ids()).as(columns[0]).isEqualTo(ids(columns[2]));
    }
  }

  @Test
  void aWordWithoutEnd_takesNoLongerThanItsLength() throws IOException {
    Tokenizer tokenizer = tokenizer("bpe.json");
    assertThat(tokenizer.encode("the".repeat(200_000), 1_000_000).ids().length)
        .isEqualTo(tokenizer.encode("the".repeat(100_000), 1_000_000).ids().length * 2 - 2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"use_regex\":true | \"use_regex\":false | ByteLevel without \"use_regex\"",
        "\"normalizer\":null | \"normalizer\":{\"type\":\"NFC\"} | the normalizer \"NFC\"",
        "\"byte_fallback\":false | \"byte_fallback\":true | in BPE the part \"byte_fallback\"",
        "\"dropout\":null | \"dropout\":0.1 | in BPE the part \"dropout\"",
        "\"type\":\"ByteLevel\" | \"type\":\"Whitespace\" | the pre_tokenizer \"Whitespace\""
      })
  void unknownPartOfBytePairs_isRefusedByItsName(String part, String other, String named)
      throws IOException {
    String json = resource("bpe.json");
    assertThat(json).contains(part);
    int at = json.indexOf(part);
    refused(
        json.substring(0, at) + other + json.substring(at + part.length()),
        "t.json has " + named + NOT_KNOWN);
  }

  @Test
  void bytePairsWithoutAByte_areRefused() throws IOException {
    refused(
        resource("bpe.json").replaceFirst("\"!\":\\d+,", ""),
        "t.json is not a tokenizer: its vocab has not the piece !. Give the path of a"
            + " tokenizer.json.");
  }

  @Test
  void halfACharacter_isDropped() throws IOException {
    Tokenizer uncased = tokenizer("uncased.json");
    assertThat(uncased.encode("ca\ud800rd", 9))
        .usingRecursiveComparison()
        .isEqualTo(uncased.encode("card", 9));
  }

  @Test
  void file_saysItsLimitAndSize() throws IOException {
    assertThat(tokenizer("uncased.json").limit()).hasValue(64);
    assertThat(tokenizer("cased.json").limit()).isEmpty();
    assertThat(tokenizer("cased.json").fewest()).isEqualTo(3);
    assertThat(tokenizer("cased.json"))
        .isEqualTo(tokenizer("cased.json"))
        .isNotEqualTo(tokenizer("uncased.json"));
    assertThat(resource("uncased.json")).contains("\":" + (tokenizer("uncased.json").size() - 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"BertNormalizer\" | \"NFC\" | the normalizer \"NFC\"",
        "\"clean_text\" | \"strip\" | in BertNormalizer the part \"strip\"",
        "\"BertPreTokenizer\" | \"Metaspace\" | the pre_tokenizer \"Metaspace\"",
        "\"type\":\"WordPiece\",\"unk | \"type\":\"Unigram\",\"unk | the model \"Unigram\"",
        "\"TemplateProcessing\" | \"Sequence\" | the post_processor \"Sequence\"",
        "\"direction\":\"Right\",\"max | \"direction\":\"Left\",\"max | the truncation on the side"
            + " \"Left\"",
        "\"special\":true | \"special\":false | the added token \"[PAD]\" that is not special",
        "\"version\" | \"dropout\" | the part \"dropout\""
      })
  void unknownPart_isRefusedByItsName(String part, String other, String named) throws IOException {
    refused(replaced(part, other), "t.json has " + named + NOT_KNOWN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"[UNK]\":1, | | its unk_token [UNK] is no piece",
        "\"max_length\":64 | \"max_length\":2 | max_length is 2, which leaves no place for a text",
        "\"max_length\":64 | \"max_length\":\"x\" | max_length must be a number, but is x",
        "\"[UNK]\":1, | \"[UNK]\":-1, | the id of [UNK] is -1",
        "\"[UNK]\":1, | \"[UNK]\":2, | its pieces [CLS] and [UNK] both have the id 2",
        "\"[UNK]\":1, | \"[UNK]\":5000000, | the id of [UNK] is 5000000, but there are 610 pieces",
        "\"model\" | \"decoder\" | it is not JSON (Duplicate field 'decoder')"
      })
  void damagedFile_isRefused(String part, String other, String reason) throws IOException {
    refused(
        replaced(part, other == null ? "" : other),
        "t.json is not a tokenizer: " + reason + ". Give the path of a tokenizer.json.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{}", "1", "{\"model\":{\"type\":\"WordPiece\"}}"})
  void otherText_isRefused(String json) {
    assertThatThrownBy(() -> Tokenizer.parse(json, "t.json"))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith("t.json is not a tokenizer: ")
        .hasMessageEndingWith(". Give the path of a tokenizer.json.");
  }

  @Test
  void missingFile_isNamed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    assertThatThrownBy(() -> Tokenizer.read(file))
        .hasMessage("There is no tokenizer " + file + ". Give the path of a tokenizer.json.");
    Files.writeString(file, resource("cased.json"));
    assertThat(Tokenizer.read(file)).isEqualTo(tokenizer("cased.json"));
  }

  private static String replaced(String part, String other) throws IOException {
    String json = resource("uncased.json");
    assertThat(json).contains(part);
    int at = json.indexOf(part);
    return json.substring(0, at) + other + json.substring(at + part.length());
  }

  private static void refused(String json, String message) {
    assertThatThrownBy(() -> Tokenizer.parse(json, "t.json"))
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MODEL))
        .hasMessage(message);
  }
}
