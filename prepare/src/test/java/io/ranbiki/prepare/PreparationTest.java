package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparationTest {

  private static final String GREY =
      "{\"schema\":1,\"input\":\"image\",\"shape\":[1,28,28],\"steps\":[{\"decode\":\"grey\"},"
          + "{\"scale\":0.00392156862745098},{\"normalize\":{\"mean\":[0.286],\"std\":[0.353]}}],"
          + "\"inside\":[\"normalize\"]}";

  private static final Normalization FASHION =
      new Normalization(new float[] {0.286f}, new float[] {0.353f});

  private static Preparation parse(String json) {
    return Preparation.parse(json, "The preparation of a.onnx");
  }

  private static void refused(ThrowingCallable action, Kind kind, String message) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessage(message);
  }

  @Test
  void json_isTheAgreedText() {
    Preparation grey = Preparation.of(List.of(1, 28, 28), FASHION).normalizedInside();
    assertThat(grey.json()).isEqualTo(GREY);
    assertThat(Preparation.of(List.of(3), Normalization.none()).normalizedInside().json())
        .isEqualTo("{\"schema\":1,\"input\":\"values\",\"shape\":[3],\"steps\":[],\"inside\":[]}");
  }

  @Test
  void whatIsWritten_isReadBack() {
    float tiny = Math.nextUp(Float.MIN_NORMAL);
    for (Preparation one :
        List.of(
            parse(GREY),
            Preparation.of(List.of(3, 5, 7), FASHION),
            Preparation.of(List.of(1, 5, 7), Normalization.none()),
            Preparation.of(List.of(2, 5, 7), Normalization.none()),
            Preparation.of(
                List.of(3),
                new Normalization(new float[] {tiny, -0f, 1e30f}, new float[] {0.1f, tiny, 1})))) {
      assertThat(parse(one.json())).isEqualTo(one);
    }
  }

  @Test
  void channels_tellImagesFromValues() {
    assertThat(Preparation.of(List.of(3, 32, 32), FASHION).steps())
        .containsExactly(
            new Step.Decode(Colour.RGB), Step.Scale.PIXELS, new Step.Normalize(FASHION));
    assertThat(Preparation.of(List.of(4, 32, 32), FASHION).input())
        .isEqualTo(Preparation.Input.VALUES);
  }

  @Test
  void normalization_isDoneHereUnlessTheFileDoesIt() {
    Preparation outside =
        Preparation.of(List.of(2), new Normalization(new float[] {1, 2}, new float[] {2, 4}));
    float[] values = {3, 4};
    assertThat(outside.apply(values)).containsExactly(1, 0.5f);
    assertThat(outside.normalizedInside().apply(values)).containsExactly(3, 4);
    assertThat(values).containsExactly(3, 4);
    assertThat(outside.normalizedInside().normalization()).isEqualTo(outside.normalization());
  }

  private static Tokenizer tokenizer() {
    return Tokenizer.parse(
        "{\"truncation\":{\"direction\":\"Right\",\"max_length\":9},\"added_tokens\":[],"
            + "\"normalizer\":null,\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},"
            + "\"post_processor\":{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",1],"
            + "\"cls\":[\"[CLS]\",0]},\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"?\","
            + "\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":9,"
            + "\"vocab\":{\"[CLS]\":0,\"[SEP]\":1,\"?\":2,\"a\":3,\"b\":4}}}",
        "tokenizer.json");
  }

  @Test
  void text_becomesIds() {
    Preparation four = Preparation.of(new Step.Tokenize(tokenizer(), 4));
    assertThat(four.apply("b a").ids()).containsExactly(0, 4, 3, 1);
    assertThat(four.apply("a c b b").ids()).containsExactly(0, 3, 2, 1);
    assertThat(four.apply("a c b b").cut()).isEqualTo(2);
    assertThat(parse(four.json())).isEqualTo(four);
    assertThat(Step.Tokenize.of(tokenizer()).atMost()).isEqualTo(9);
  }

  /** As Python's tokenizers give for the prefix and the text behind it. */
  @Test
  void aPrefix_standsBeforeEveryText_andIsKept() {
    Preparation prefixed = Preparation.of(new Step.Tokenize(tokenizer(), 5, "b? "));
    assertThat(prefixed.apply("a").ids()).containsExactly(0, 4, 2, 3, 1);
    assertThat(prefixed.apply("a").ids())
        .isEqualTo(Preparation.of(new Step.Tokenize(tokenizer(), 5)).apply("b? a").ids());
    assertThat(parse(prefixed.json())).isEqualTo(prefixed);
    assertThat(prefixed).isNotEqualTo(Preparation.of(new Step.Tokenize(tokenizer(), 5)));
  }

  @Test
  void textAndNumbers_areNotTakenForEachOther() {
    Preparation text = Preparation.of(new Step.Tokenize(tokenizer(), 4));
    refused(
        () -> text.apply(new float[3]),
        Kind.CONFIGURATION,
        "The network takes texts, and got something else. Give it a text.");
    refused(
        () -> Preparation.of(List.of(3), Normalization.none()).apply("a"),
        Kind.CONFIGURATION,
        "The sample is a text, but the network takes 3 numbers. Give it a row of numbers.");
  }

  @Test
  void limitOfATokenizer_holds() {
    assertThatThrownBy(() -> new Step.Tokenize(tokenizer(), 10))
        .hasMessage("a text may have at most 10 ids, but the tokenizer takes a limit of 3 to 9");
    assertThatThrownBy(() -> new Step.Tokenize(tokenizer(), 2))
        .hasMessage("a text may have at most 2 ids, but the tokenizer takes a limit of 3 to 9");
  }

  @Test
  void values_thatDoNotFit_areRefused() {
    Preparation three = Preparation.of(List.of(3), Normalization.none());
    refused(
        () -> three.apply(new float[2]),
        Kind.CONFIGURATION,
        "The sample has 2 numbers, but the network takes 3, of shape [3]. Give one number for each.");
    refused(
        () -> three.apply(new float[] {0, Float.NaN, 0}),
        Kind.CONFIGURATION,
        "Number 1 of the sample, counted from 0, is NaN, but must be finite. Correct it.");
  }

  @Test
  void whatALaterVersionMayWrite_isRefusedByItsName() {
    newer(GREY.replace("\"schema\":1", "\"schema\":2,\"more\":3"), "schema 2");
    newer(GREY.replace("{\"scale\"", "{\"turn\":[28,28]},{\"scale\""), "the step \"turn\"");
    newer(GREY.replace("\"image\"", "\"video\""), "the input \"video\"");
    newer(GREY.replace("\"grey\"", "\"lab\""), "the colour \"lab\"");
  }

  private static void newer(String json, String what) {
    refused(
        () -> parse(json),
        Kind.MODEL,
        "The preparation of a.onnx asks for "
            + what
            + ", which this version of Ranbiki does not know. Use a newer version.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"schema\":1 | \"schema\":0 | schema is 0, but must be 1",
        "\"schema\":1 | \"schema\":1.5 | schema must not be 1.5",
        "\"schema\":1 | \"schema\":\"1\" | schema must be a number, but is 1",
        "\"schema\":1, | | it has no \"schema\"",
        "\"schema\":1 | \"schema\":1,\"extra\":1 | the whole must not have \"extra\"",
        "[1,28,28] | 28 | shape must be a list, but is 28",
        "[1,28,28] | [] | the shape [] must have lengths of 1 or more, and fewer than 2^31 numbers",
        "[1,28,28] | [1,65536,65536] | the shape [1, 65536, 65536] must have lengths of 1 or more,"
            + " and fewer than 2^31 numbers",
        "[1,28,28] | [3,28,28] | the shape [3, 28, 28] is not that of an image in the colour grey",
        "\"image\" | \"values\" | the steps [decode, scale, normalize] of values may be normalize"
            + " alone",
        "{\"decode\":\"grey\"}, | | the steps [scale, normalize] must be decode, then perhaps"
            + " resize, scale and normalize",
        "{\"decode\":\"grey\"} | {} | each of steps must have one name, but one has []",
        "{\"decode\":\"grey\"} | null | each of steps must be an object, but is null",
        "0.00392156862745098 | 0 | the factor of scale is 0.0, but must be finite and above 0",
        "0.00392156862745098 | -1 | the factor of scale is -1.0, but must be finite and above 0",
        "[0.353] | [0] | The standard deviation of channel 0 is 0.0, but must be finite and above 0."
            + " Correct the normalization",
        "[0.353] | [1e99] | The standard deviation of channel 0 is Infinity, but must be finite and"
            + " above 0. Correct the normalization",
        "[0.353] | [1,1] | The normalization has 1 means and 2 standard deviations, but needs one of"
            + " each for every channel. Add what is missing",
        "\"std\" | \"sd\" | normalize must not have \"sd\"",
        "[\"normalize\"] | [\"scale\"] | the steps [scale] are said to be inside the file, where only"
            + " normalize can be, and only if it is a step",
        "]} | ]}x | it is not JSON (Unrecognized token 'x': was expecting (JSON String, Number,"
            + " Array, Object or token 'null', 'true' or 'false'))"
      })
  void damagedText_isRefused(String part, String other, String reason) {
    assertThat(GREY).contains(part);
    int at = GREY.lastIndexOf(part);
    String json =
        GREY.substring(0, at) + (other == null ? "" : other) + GREY.substring(at + part.length());
    refused(
        () -> parse(json),
        Kind.MODEL,
        "The preparation of a.onnx is damaged: " + reason + ". Export the model again.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "1", "{", "{}{}", "[[[[[[[[[[]]]]]]]]]]", "{\"a\":1,\"a\":2}"})
  void otherText_isRefused(String json) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith("The preparation of a.onnx is damaged: ")
        .hasMessageEndingWith(". Export the model again.");
  }

  @Test
  void everyBeginning_isRefused() {
    for (int length = 0; length < GREY.length(); length++) {
      String json = GREY.substring(0, length);
      assertThatThrownBy(() -> parse(json)).isInstanceOf(RanbikiException.class);
    }
  }

  @Test
  void tokenizerThatAModuleKnows_isNotDamaged() {
    String json =
        Preparation.of(new Step.Tokenize(tokenizer(), 4))
            .json()
            .replace("\\\"WordPiece\\\"", "\\\"Unigram\\\"");
    assertThatThrownBy(() -> Preparation.parse(json, "The preparation of a.onnx"))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith(
            "The preparation of a.onnx cannot be used: its tokenizer has the model \"Unigram\", which"
                + " is not known here. ")
        .hasMessageEndingWith("add io.ranbiki:ranbiki-tokenizers to your dependencies.");
  }
}
