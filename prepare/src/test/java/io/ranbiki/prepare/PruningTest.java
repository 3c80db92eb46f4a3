package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Ids are those that Hugging Face's tokenizers 0.23.2 gave with the pruned files of these tests:
 * {@code Tokenizer.from_file("pruned.json").encode("Where is my unusual card, please?").ids}.
 */
class PruningTest {

  private static final String TEXT = "Where is my unusual card, please?";

  private static String resource(String name) throws IOException {
    try (var in = PruningTest.class.getResourceAsStream("/tokenizers/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static List<String> corpus() throws IOException {
    return resource("corpus.txt").lines().toList();
  }

  private static Tokenizer pruned(String name, int size) throws IOException {
    return Tokenizer.parse(resource(name), name).pruned(corpus(), size);
  }

  @Test
  void wordPiece_keepsWhatTextsUse_andIsUnderstoodElsewhere() throws IOException {
    Tokenizer whole = Tokenizer.parse(resource("uncased.json"), "uncased.json");
    Tokenizer pruned = pruned("uncased.json", 120);
    assertThat(pruned).hasToString("WordPiece of 75 pieces");
    assertThat(pruned.encode(TEXT, 64).ids())
        .containsExactly(2, 22, 51, 48, 59, 48, 71, 70, 1, 68, 32, 17, 54, 48, 44, 60, 48, 36, 3);
    assertThat(pruned.unknown()).hasValue(1);
    for (String text : corpus()) {
      assertThat(pruned.encode(text, 64).ids()).hasSameSizeAs(whole.encode(text, 64).ids());
    }
    assertThat(pruned.limit()).isEqualTo(whole.limit());
  }

  @Test
  void bytePairs_keepTheBytesAndWhatPiecesAreMergedOf() throws IOException {
    Tokenizer pruned = pruned("bpe.json", 300);
    assertThat(pruned).hasToString("Byte-level BPE of 300 pieces");
    assertThat(pruned.encode(TEXT, 64).ids())
        .containsExactly(
            0, 59, 261, 266, 294, 225, 81, 93, 225, 89, 82, 89, 87, 89, 69, 80, 296, 16, 225, 84,
            80, 275, 87, 73, 35, 2);
    assertThat(pruned.unknown()).isEmpty();
  }

  @Test
  void fewerPieces_areThoseOfMostUse() throws IOException {
    Tokenizer few = pruned("uncased.json", 20);
    assertThat(few.size()).isEqualTo(20);
  }

  @Test
  void whatHasNoPlaceOrNoVocabulary_isRefused() {
    assertThatThrownBy(() -> pruned("bpe.json", 200))
        .isInstanceOf(RanbikiException.class)
        .hasMessageMatching(
            "A vocabulary of 200 pieces has no place for one of a text, beside the \\d+ that must"
                + " stay\\. Take more \\(prepare\\.vocabulary\\)\\.");
    assertThatThrownBy(() -> Tokenizer.hashedNgrams(8, 1, 3, 5).pruned(corpus(), 4))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "A tokenizer of hashed n-grams has no vocabulary that could be made smaller, as"
                + " WordPiece and byte-level BPE have. Leave prepare.vocabulary out.");
  }
}
