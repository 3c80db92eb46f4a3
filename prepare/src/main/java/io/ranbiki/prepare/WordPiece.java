package io.ranbiki.prepare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts words into the longest pieces of a vocabulary, from left to right. A word that cannot be cut
 * so is one unknown piece.
 *
 * <p>Source: Schuster and Nakajima 2012, "Japanese and Korean voice search", in BERT's greedy form
 * (Devlin et al. 2018, arXiv:1810.04805).
 *
 * @param text splits a text into words
 * @param ids of the pieces, by their text
 * @param unknown the id of a word that cannot be cut
 * @param prefix what the vocabulary puts before a piece that begins no word, such as {@code ##}
 * @param longest letters of a word; a longer one is unknown
 */
record WordPiece(BertText text, Map<String, Integer> ids, int unknown, String prefix, int longest)
    implements Pieces {

  /** The ids of a word's pieces. */
  int[] pieces(String word) {
    Integer whole = ids.get(word);
    if (whole != null && word.length() <= longest) {
      return new int[] {whole};
    }
    int letters = word.codePointCount(0, word.length());
    return letters > longest ? new int[] {unknown} : cut(word);
  }

  private int[] cut(String word) {
    int[] pieces = new int[word.length()];
    int count = 0;
    for (int start = 0; start < word.length(); count++) {
      int end = word.length();
      Integer id = piece(word, start, end);
      while (id == null && end > start) {
        end = word.offsetByCodePoints(end, -1);
        id = piece(word, start, end);
      }
      if (id == null) {
        return new int[] {unknown};
      }
      pieces[count] = id;
      start = end;
    }
    return Arrays.copyOf(pieces, count);
  }

  private @Nullable Integer piece(String word, int start, int end) {
    String part = word.substring(start, end);
    return start == end ? null : ids.get(start == 0 ? part : prefix + part);
  }

  @Override
  public int[] of(String whole) {
    return words(whole).stream().flatMapToInt(Arrays::stream).toArray();
  }

  @Override
  public List<int[]> words(String whole) {
    List<int[]> parts = new ArrayList<>();
    text.words(whole).forEach(word -> parts.add(pieces(word)));
    return parts;
  }

  @Override
  public String name() {
    return "WordPiece";
  }
}
