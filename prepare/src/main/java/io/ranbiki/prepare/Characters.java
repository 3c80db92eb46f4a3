package io.ranbiki.prepare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a character is to Hugging Face's tokenizers, by tables of their own: those of a JDK differ
 * between its versions, and an id must not.
 */
final class Characters {

  private static final String TABLES = "characters.txt";
  private static final int HEXADECIMAL = 16;

  private static final Ranges PUNCTUATION = new Ranges();
  private static final Ranges CONTROL = new Ranges();
  private static final Ranges MARKS = new Ranges();
  private static final Ranges LETTERS = new Ranges();
  private static final Ranges NUMBERS = new Ranges();
  private static final Map<Integer, Integer> LOWER = new HashMap<>();

  static {
    try (InputStream in = Characters.class.getResourceAsStream(TABLES);
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8))) {
      lines.lines().filter(line -> !line.startsWith("#")).forEach(Characters::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Stream.of(PUNCTUATION, CONTROL, MARKS, LETTERS, NUMBERS).forEach(Ranges::freeze);
  }

  private Characters() {}

  /** Code points of a kind. */
  private static final class Ranges {
    private final TreeMap<Integer, Integer> ends = new TreeMap<>();
    private int[] first = {};
    private int[] last = {};

    void freeze() {
      first = ends.keySet().stream().mapToInt(Integer::intValue).toArray();
      last = ends.values().stream().mapToInt(Integer::intValue).toArray();
    }

    boolean contain(int sign) {
      int at = Arrays.binarySearch(first, sign);
      int range = at >= 0 ? at : -at - 2;
      return range >= 0 && sign <= last[range];
    }
  }

  private static void add(String line) {
    String[] words = line.split(" ");
    for (String word : Arrays.asList(words).subList(1, words.length)) {
      String[] ends = word.split("-");
      int from = Integer.parseInt(ends[0], HEXADECIMAL);
      int to = Integer.parseInt(ends[ends.length - 1], HEXADECIMAL);
      switch (words[0]) {
        case "punctuation" -> PUNCTUATION.ends.put(from, to);
        case "control" -> CONTROL.ends.put(from, to);
        case "mark" -> MARKS.ends.put(from, to);
        case "letter" -> LETTERS.ends.put(from, to);
        case "number" -> NUMBERS.ends.put(from, to);
        default -> LOWER.put(from, to);
      }
    }
  }

  static boolean isPunctuation(int sign) {
    return PUNCTUATION.contain(sign);
  }

  /** Neither tab nor line break. */
  static boolean isControl(int sign) {
    return CONTROL.contain(sign);
  }

  /** A mark on another letter, that takes no place of its own. */
  static boolean isMark(int sign) {
    return MARKS.contain(sign);
  }

  static boolean isLetter(int sign) {
    return LETTERS.contain(sign);
  }

  static boolean isNumber(int sign) {
    return NUMBERS.contain(sign);
  }

  static boolean isWhite(int sign) {
    return sign == ' '
        || sign >= '\t' && sign <= '\r'
        || sign == 0x85
        || sign >= 0x80 && Character.isSpaceChar(sign);
  }

  /** The blocks of Chinese characters, without kana and hangul; 2B820 to 2B91F are left out. */
  static boolean isChinese(int sign) {
    return sign >= 0x3400
        && (sign <= 0x4dbf
            || sign >= 0x4e00 && sign <= 0x9fff
            || sign >= 0xf900 && sign <= 0xfaff
            || sign >= 0x20000 && sign <= 0x2a6df
            || sign >= 0x2a700 && sign <= 0x2b81f
            || sign >= 0x2b920 && sign <= 0x2ceaf
            || sign >= 0x2f800 && sign <= 0x2fa1f);
  }

  /** The small letter of a capital by itself, whatever stands beside it. */
  static int lower(int sign) {
    Integer own = LOWER.get(sign);
    return own != null ? own : Character.toLowerCase(sign);
  }
}
