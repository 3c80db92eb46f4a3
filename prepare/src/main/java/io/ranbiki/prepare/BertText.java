package io.ranbiki.prepare;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a text into words as BERT's tokenizers do: a punctuation mark is a word by itself, and
 * what else happens is told by four switches.
 *
 * @param clean whether control characters go, and all white space becomes a space
 * @param chinese whether a Chinese character is a word by itself
 * @param stripAccents whether marks on letters go
 * @param lowercase whether capitals become small letters
 */
record BertText(boolean clean, boolean chinese, boolean stripAccents, boolean lowercase) {

  private static final int REPLACEMENT = 0xfffd;
  private static final int CAPITAL_I_WITH_DOT = 0x130;

  /** The words of a text in order. */
  List<String> words(String text) {
    String normal = normalized(text);
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int at = 0; at < normal.length(); ) {
      int sign = normal.codePointAt(at);
      int next = at + Character.charCount(sign);
      boolean white = Characters.isWhite(sign);
      if (white || Characters.isPunctuation(sign)) {
        if (at > start) {
          words.add(normal.substring(start, at));
        }
        if (!white) {
          words.add(normal.substring(at, next));
        }
        start = next;
      }
      at = next;
    }
    if (start < normal.length()) {
      words.add(normal.substring(start));
    }
    return words;
  }

  private String normalized(String text) {
    String spaced = spaced(text);
    String bare = stripAccents ? withoutMarks(spaced) : spaced;
    return lowercase ? lower(bare) : bare;
  }

  private String spaced(String text) {
    StringBuilder spaced = new StringBuilder(text.length() + 8);
    text.codePoints()
        .forEach(
            sign -> {
              if (clean && Characters.isWhite(sign) && !isDropped(sign)) {
                spaced.append(' ');
              } else if (chinese && Characters.isChinese(sign)) {
                spaced.append(' ').appendCodePoint(sign).append(' ');
              } else if (!clean || !isDropped(sign)) {
                spaced.appendCodePoint(sign);
              }
            });
    return spaced.toString();
  }

  /** A half of a pair of surrogates is no character. */
  private static boolean isDropped(int sign) {
    return Characters.isControl(sign)
        || sign == REPLACEMENT
        || sign >= Character.MIN_SURROGATE && sign <= Character.MAX_SURROGATE;
  }

  private static String withoutMarks(String text) {
    String apart = Normalizer.normalize(text, Normalizer.Form.NFD);
    StringBuilder kept = new StringBuilder(apart.length());
    apart.codePoints().filter(sign -> !Characters.isMark(sign)).forEach(kept::appendCodePoint);
    return kept.toString();
  }

  private static String lower(String text) {
    StringBuilder small = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            sign -> {
              if (sign == CAPITAL_I_WITH_DOT) { // the only letter that becomes two
                small.append("i\u0307");
              } else {
                small.appendCodePoint(Characters.lower(sign));
              }
            });
    return small.toString();
  }
}
