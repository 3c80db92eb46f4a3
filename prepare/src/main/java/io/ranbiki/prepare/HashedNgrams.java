package io.ranbiki.prepare;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A bag of what stands in a text: its words, runs of neighbouring words, and runs of letters within
 * a word, each hashed into one of so many rows, so that nothing is unknown and no vocabulary is
 * kept. Texts are brought to Unicode's NFKC and small letters; words are split at white space and
 * punctuation, and a Chinese character is a word by itself. The order is that of the text: a word,
 * the letters within it, then the runs of words that it ends.
 *
 * <p>Source: Joulin et al. 2016, arXiv:1607.01759, and Bojanowski et al. 2017, arXiv:1607.04606,
 * section 3.2: a word's runs of letters begin and end with {@code <} and {@code >}, and the hash is
 * FNV-1a of 32 bits over UTF-8. Deviation: whole words are hashed, too; the hash of each kind
 * begins with a letter of its own.
 *
 * @param rows how many there are, 1 or more
 * @param words of the longest run of words, 1 or more
 * @param shortest run of letters, 1 or more
 * @param longest run of letters; 0 for none
 */
record HashedNgrams(int rows, int words, int shortest, int longest) implements Pieces {

  static final String TYPE = "HashedNgrams";
  static final String ROWS = "rows";
  static final String WORDS = "words";
  static final String SHORTEST = "shortest";
  static final String LONGEST = "longest";

  /** Ids of a text; those of some 300 words. */
  static final int MOST = 4096;

  private static final BertText SPLIT = new BertText(true, true, false, true);
  private static final int BASIS = 0x811c9dc5;
  private static final int PRIME = 0x01000193;

  /** Checks the numbers. */
  HashedNgrams {
    if (rows < 1 || words < 1 || shortest < 1 || longest != 0 && longest < shortest) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "its n-grams have %d rows, %d words and %d to %d letters, but must have 1 or more"
                  + " rows and words, and letters from 1 or more upwards",
              rows,
              words,
              shortest,
              longest));
    }
  }

  /** As a tokenizer's file has it. */
  String json() {
    return String.format(
        Locale.ROOT,
        "{\"version\": \"1.0\", \"model\": {\"type\": \"%s\", \"%s\": %d, \"%s\": %d, \"%s\": %d,"
            + " \"%s\": %d}}",
        TYPE,
        ROWS,
        rows,
        WORDS,
        words,
        SHORTEST,
        shortest,
        LONGEST,
        longest);
  }

  /** A text without a word has one id, that of nothing. */
  @Override
  public int[] of(String text) {
    List<String> all = SPLIT.words(Normalizer.normalize(text, Normalizer.Form.NFKC));
    IntStream.Builder ids = IntStream.builder();
    List<String> last = new ArrayList<>();
    for (String word : all) {
      ids.add(row(hash(hash(BASIS, "w"), word)));
      addLetters(word, ids);
      last.add(word);
      for (int count = 2; count <= Math.min(words, last.size()); count++) {
        String run = String.join(" ", last.subList(last.size() - count, last.size()));
        ids.add(row(hash(hash(BASIS, "r"), run)));
      }
      if (last.size() == words) {
        last.remove(0);
      }
    }
    return all.isEmpty() ? new int[] {row(BASIS)} : ids.build().toArray();
  }

  private void addLetters(String word, IntStream.Builder ids) {
    int[] letters = ("<" + word + ">").codePoints().toArray();
    for (int from = 0; from < letters.length; from++) {
      int hash = hash(BASIS, "l");
      for (int to = from; to < Math.min(letters.length, from + longest); to++) {
        hash = hash(hash, new String(letters, to, 1));
        boolean isEdge = from == to && (from == 0 || to == letters.length - 1);
        if (to - from + 1 >= shortest && !isEdge) {
          ids.add(row(hash));
        }
      }
    }
  }

  private static int hash(int begun, String text) {
    int hash = begun;
    for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (next & 0xff)) * PRIME;
    }
    return hash;
  }

  private int row(int hash) {
    return Integer.remainderUnsigned(hash, rows);
  }

  @Override
  public Map<String, Integer> ids() {
    return Map.of();
  }

  @Override
  public int size() {
    return rows;
  }

  @Override
  public String name() {
    return "hashed n-grams";
  }
}
