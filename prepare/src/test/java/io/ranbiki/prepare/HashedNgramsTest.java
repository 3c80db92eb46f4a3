package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import org.junit.jupiter.api.Test;

/**
 * Rows against a few lines of Python:
 *
 * <pre>
 * def h(s):
 *   x = 0x811c9dc5
 *   for c in s.encode(): x = (x ^ c) * 0x01000193 % 2**32
 *   return x
 * def ids(words, rows, run, lo, hi):
 *   out, last = [], []
 *   for w in words:
 *     out.append(h("w" + w)); m = "&lt;" + w + "&gt;"
 *     for i in range(len(m)):
 *       for j in range(i, min(len(m), i + hi)):
 *         if j - i + 1 >= lo and not (i == j and i in (0, len(m) - 1)): out.append(h("l" + m[i:j + 1]))
 *     last.append(w)
 *     for n in range(2, min(run, len(last)) + 1): out.append(h("r" + " ".join(last[-n:])))
 *     if len(last) == run: last.pop(0)
 *   return [x % rows for x in out]
 * </pre>
 */
class HashedNgramsTest {

  private static long[] ids(Tokenizer tokenizer, String text) {
    return tokenizer.encode(text, 4096).ids();
  }

  @Test
  void wordsRunsAndLetters_haveTheRowsOfTheirHashes() {
    assertThat(ids(Tokenizer.hashedNgrams(1000, 2, 3, 5), "  MY Card?"))
        .containsExactly(
            848, 171, 759, 685, 916, 601, 657, 15, 675, 981, 817, 592, 314, 641, 115, 91, 392, 70);
    assertThat(ids(Tokenizer.hashedNgrams(97, 3, 1, 0), "a b c d"))
        .containsExactly(85, 43, 15, 57, 10, 24, 15, 52, 28);
  }

  @Test
  void chineseCharacters_areWords_andWidthDoesNotCount() {
    Tokenizer tokenizer = Tokenizer.hashedNgrams(1000, 2, 1, 2);
    assertThat(ids(tokenizer, "\u6b8b\u9ad8\u306f"))
        .containsExactly(891, 530, 960, 418, 350, 231, 341, 529, 30, 335, 466, 188, 926, 362);
    assertThat(ids(tokenizer, "\uff21\uff34\uff2d \uff76\uff9e"))
        .isEqualTo(ids(tokenizer, "atm \u30ac"));
  }

  @Test
  void aTextWithoutWords_hasTheRowOfNothing() {
    Tokenizer tokenizer = Tokenizer.hashedNgrams(1000, 2, 3, 5);
    assertThat(ids(tokenizer, " \t")).containsExactly(261);
    assertThat(tokenizer.encode("one two three", 3).ids()).hasSize(3);
    assertThat(tokenizer.encode("one two three", 3).cut()).isPositive();
  }

  @Test
  void itsFile_readsAsItself_andABrokenOneIsRefused() {
    Tokenizer tokenizer = Tokenizer.hashedNgrams(32_768, 2, 3, 5);
    assertThat(tokenizer).hasToString("hashed n-grams of 32768 rows");
    Tokenizer read = Tokenizer.parse(tokenizer.json(), "the test");
    assertThat(read).isEqualTo(tokenizer);
    assertThat(ids(read, "Where is my card?")).isEqualTo(ids(tokenizer, "Where is my card?"));
    assertThat(
            Preparation.parse(Preparation.of(Step.Tokenize.of(tokenizer)).json(), "the test")
                .apply("card")
                .ids())
        .isEqualTo(ids(tokenizer, "card"));
    assertThatThrownBy(
            () -> Tokenizer.parse(tokenizer.json().replace("32768", "0"), "tokenizer.json"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "tokenizer.json is not a tokenizer: its n-grams have 0 rows, 2 words and 3 to 5"
                + " letters, but must have 1 or more rows and words, and letters from 1 or more"
                + " upwards. Give the path of a tokenizer.json.");
  }
}
