package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.TokenizerTrainer.Method;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenizerTrainerTest {

  private static String resource(String name) throws IOException {
    try (var in = TokenizerTrainerTest.class.getResourceAsStream("/tokenizers/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Tokenizer trained(Method method, int size, boolean lowercase, List<String> texts) {
    TokenizerTrainer trainer = new TokenizerTrainer(method, size, lowercase);
    texts.forEach(trainer::add);
    return trainer.train(1);
  }

  private static Map<String, Object> model(String json) throws IOException {
    return Json.fields(Json.fields(Json.tree(json, 12), "the whole").get("model"), "model");
  }

  @Test
  void bytePairs_haveThePiecesAndMergesOfTheReference() throws IOException {
    Map<String, Object> reference = model(resource("bpe.json"));
    Map<String, Object> own =
        model(trained(Method.BPE, 460, false, resource("corpus.txt").lines().toList()).json());
    assertThat(own.get("vocab")).hasToString(reference.get("vocab").toString());
    assertThat(own.get("merges")).isEqualTo(reference.get("merges"));
    assertThat((List<?>) own.get("merges")).hasSize(460 - 256 - 5);
  }

  @Test
  void theOrderOfTexts_saysNothing() throws IOException {
    List<String> texts = resource("corpus.txt").lines().toList();
    List<String> turned = new ArrayList<>(texts);
    Collections.reverse(turned);
    for (Method method : Method.values()) {
      assertThat(trained(method, 400, false, turned)).isEqualTo(trained(method, 400, false, texts));
    }
  }

  @Test
  void wordPieces_writeFrequentWordsWholeAndOthersInParts() throws IOException {
    Tokenizer tokenizer =
        trained(Method.WORDPIECE, 200, true, resource("corpus.txt").lines().toList());
    assertThat(tokenizer.encode("The TEACHER", 99).ids()).hasSize(4);
    assertThat(tokenizer.encode("teach", 99).ids().length).isBetween(3, 7);
    assertThat(tokenizer.encode("ψ", 99).ids()).containsExactly(2, 1, 3);
    assertThat(tokenizer.size()).isLessThanOrEqualTo(200);
  }

  /** The pair b, c stands there three times, a, b twice: closed form. */
  @Test
  void theMostFrequentPair_becomesAPieceFirst() throws IOException {
    Map<String, Object> model =
        model(trained(Method.WORDPIECE, 100, false, List.of("abc abc xbc")).json());
    List<String> pieces = new ArrayList<>(Json.fields(model.get("vocab"), "vocab").keySet());
    assertThat(pieces)
        .containsExactly(
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "x", "##b", "##c", "##bc",
            "abc", "xbc");
  }

  @Test
  void tooFewPieces_areRefused() {
    assertThatThrownBy(() -> new TokenizerTrainer(Method.BPE, 260, false))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("A vocabulary of 260 pieces is too small: it needs 261 at least. Try 4000.");
    assertThatThrownBy(() -> new TokenizerTrainer(Method.BPE, 4000, true))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("Byte-level BPE keeps capitals. Take WordPiece for small letters alone.");
  }
}
