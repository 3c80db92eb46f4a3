package io.ranbiki.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.Ec2Utils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against ids of Python's library: {@code make.py} beside the files says how they were made. */
class HuggingFaceLibraryTest {

  private static final int MANY = 10_000;

  private static String resource(String name) {
    try (InputStream in = HuggingFaceLibraryTest.class.getResourceAsStream("/" + name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Tokenizer tokenizer(String name) {
    return Tokenizer.parse(resource(name + ".json"), name + ".json");
  }

  private static void idsAreThoseOfPython(Tokenizer tokenizer, String name) {
    int texts = 0;
    for (JsonElement pair :
        JsonParser.parseString(resource("ids.json")).getAsJsonObject().getAsJsonArray(name)) {
      JsonArray both = pair.getAsJsonArray();
      String text = both.get(0).getAsString();
      long[] ids =
          both.get(1).getAsJsonArray().asList().stream()
              .mapToLong(JsonElement::getAsLong)
              .toArray();
      assertThat(tokenizer.encode(text, tokenizer.limit().orElse(MANY)).ids())
          .as(text)
          .isEqualTo(ids);
      texts++;
    }
    assertThat(texts).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"unigram", "sequence"})
  void ids_areThoseOfPython(String name) {
    idsAreThoseOfPython(tokenizer(name), name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unigram", "sequence"})
  void signsInAText_areText(String name) {
    idsAreThoseOfPython(tokenizer(name), name + " signs");
  }

  @Test
  void whatMarksTheNamesOfSigns_doesNotCallThem() {
    assertThat(tokenizer("unigram").encode("\uFDD0<s>\uFDD0</s>", MANY).ids())
        .startsWith(0)
        .endsWith(1)
        .satisfies(
            ids ->
                assertThat(IntStream.range(1, ids.length - 1).mapToLong(i -> ids[i]))
                    .doesNotContain(0L, 1L));
  }

  @Test
  void sizeNameAndLimit_areThoseOfTheFile() {
    Tokenizer unigram = tokenizer("unigram");
    assertThat(unigram).hasToString("Unigram of " + unigram.size() + " pieces");
    assertThat(unigram.fewest()).isEqualTo(3);
    assertThat(unigram.limit()).isEmpty();
    Tokenizer sequence = tokenizer("sequence");
    assertThat(sequence.size()).isEqualTo(200);
    assertThat(sequence.limit()).hasValue(12);
    assertThat(sequence.encode("the kettle stands beside the still, the still", 6).cut())
        .isPositive();
  }

  @Test
  void manyThreads_getTheSameIds() {
    Tokenizer tokenizer = tokenizer("unigram");
    List<String> texts = IntStream.range(0, 200).mapToObj(i -> "the card " + i).toList();
    List<long[]> one = texts.stream().map(text -> tokenizer.encode(text, MANY).ids()).toList();
    List<long[]> many =
        texts.parallelStream().map(text -> tokenizer.encode(text, MANY).ids()).toList();
    for (int i = 0; i < texts.size(); i++) {
      assertThat(many.get(i)).isEqualTo(one.get(i));
    }
  }

  /** Before the library asks anybody, it writes down when it did. */
  @Test
  void nobodyIsTold() throws ReflectiveOperationException {
    assertThat(tokenizer("unigram").encode("the still", MANY).ids()).isNotEmpty();
    Field asked = Ec2Utils.class.getDeclaredField("lastCheckIn");
    asked.setAccessible(true);
    assertThat(asked.getLong(null)).isZero();
    assertThat(System.getProperty("OPT_OUT_TRACKING")).isEqualTo("true");
    assertThat(System.getProperty("RUST_FLAVOR")).isEqualTo("cpu");
  }

  @Test
  void aFileThatIsNone_isRefused() {
    assertThatThrownBy(
            () -> Tokenizer.parse("{\"model\": {\"type\": \"Unigram\"}}", "tokenizer.json"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "tokenizer.json is not a tokenizer: a part of it is missing or of another kind. Give"
                + " the path of a tokenizer.json.");
    assertThatThrownBy(
            () ->
                Tokenizer.parse(
                    resource("unigram.json").replace("\"NFKC\"", "\"NFKX\""), "tokenizer.json"))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith("tokenizer.json is not a tokenizer: the library says: ");
  }

  @Test
  void textsCutOnTheLeft_areRefused() {
    String left =
        resource("sequence.json").replace("\"direction\":\"Right\"", "\"direction\":\"Left\"");
    assertThatThrownBy(() -> Tokenizer.parse(left, "tokenizer.json"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "tokenizer.json has the truncation on the side \"Left\", which is not known here. Pad"
                + " and cut texts on the right.");
  }
}
