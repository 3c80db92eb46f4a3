package io.ranbiki.prepare;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Byte-level BPE: a text is split as GPT-2 splits it, each part begins as its bytes of UTF-8, and
 * the pair of neighbours that was merged earliest when the vocabulary was made is merged, again and
 * again, until no pair is known.
 *
 * <p>Source: Sennrich et al. 2015, arXiv:1508.07909, algorithm 1; of bytes: Radford et al. 2019,
 * "Language models are unsupervised multitask learners", section 2.2.
 */
final class BytePairs implements Pieces {

  static final int BYTES = 256;
  private static final String[] ENDINGS = {"s", "t", "re", "ve", "m", "ll", "d"};

  private final Map<String, Integer> ids;
  private final int[] ofBytes;
  private final Map<Long, Merge> merges;
  private final boolean spaceBefore;

  /** A merge by how early it was made, and the id of what it makes. */
  private record Merge(int rank, int id) {}

  /** A merge of the pair that begins at a place, waiting for its turn. */
  private record Waiting(Merge merge, int at) implements Comparable<Waiting> {
    @Override
    public int compareTo(Waiting other) {
      int rank = Integer.compare(merge.rank(), other.merge.rank());
      return rank != 0 ? rank : Integer.compare(at, other.at);
    }
  }

  /**
   * From the parts of a file.
   *
   * @param ids by the text of a piece, whose bytes are written as {@link #letter}s
   * @param merges pairs of pieces, the first made first
   * @param spaceBefore whether a text that begins without a space is given one
   * @throws IllegalArgumentException if a byte or a part of a merge is no piece
   */
  BytePairs(Map<String, Integer> ids, List<String[]> merges, boolean spaceBefore) {
    this.ids = ids;
    this.spaceBefore = spaceBefore;
    ofBytes = new int[BYTES];
    for (int i = 0; i < BYTES; i++) {
      ofBytes[i] = id(ids, String.valueOf(letter(i)));
    }
    this.merges = new HashMap<>(2 * merges.size());
    for (int rank = 0; rank < merges.size(); rank++) {
      String[] pair = merges.get(rank);
      this.merges.put(
          key(id(ids, pair[0]), id(ids, pair[1])), new Merge(rank, id(ids, pair[0] + pair[1])));
    }
  }

  private static int id(Map<String, Integer> ids, String piece) {
    Integer id = ids.get(piece);
    if (id == null) {
      throw new IllegalArgumentException("its vocab has not the piece " + piece);
    }
    return id;
  }

  private static long key(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }

  /**
   * How vocabularies write a byte: as itself where it is a sign that can be seen, else as one of
   * the signs from 256 on, in the order of the bytes. A space is {@code \u0120}.
   */
  static char letter(int number) {
    if (isSeen(number)) {
      return (char) number;
    }
    int before = 0;
    for (int i = 0; i < number; i++) {
      before += isSeen(i) ? 0 : 1;
    }
    return (char) (BYTES + before);
  }

  /** The bytes of a part, as vocabularies write them. */
  static String letters(String part) {
    StringBuilder letters = new StringBuilder();
    for (byte number : part.getBytes(StandardCharsets.UTF_8)) {
      letters.append(letter(Byte.toUnsignedInt(number)));
    }
    return letters.toString();
  }

  private static boolean isSeen(int number) {
    return number >= '!' && number <= '~'
        || number >= 0xa1 && number <= 0xac
        || number >= 0xae && number < BYTES;
  }

  @Override
  public Map<String, Integer> ids() {
    return ids;
  }

  @Override
  public String name() {
    return "Byte-level BPE";
  }

  @Override
  public int[] of(String text) {
    return words(text).stream().flatMapToInt(Arrays::stream).toArray();
  }

  @Override
  public List<int[]> words(String text) {
    List<int[]> parts = new ArrayList<>();
    parts(text, spaceBefore).forEach(part -> parts.add(merged(part)));
    return parts;
  }

  /**
   * The parts of a text within which bytes are merged: letters, numbers or other signs, each with
   * one space before them; English endings; white space.
   */
  static List<String> parts(String text, boolean spaceBefore) {
    String whole = spaceBefore && !text.isEmpty() && text.charAt(0) != ' ' ? " " + text : text;
    List<String> parts = new ArrayList<>();
    for (int at = 0; at < whole.length(); ) {
      int end = end(whole, at);
      parts.add(whole.substring(at, end));
      at = end;
    }
    return parts;
  }

  private static int end(String text, int at) {
    if (text.charAt(at) == '\'') {
      for (String ending : ENDINGS) {
        if (text.startsWith(ending, at + 1)) {
          return at + 1 + ending.length();
        }
      }
    }
    int first = text.charAt(at) == ' ' && at + 1 < text.length() ? at + 1 : at;
    Sign sign = Sign.of(text.codePointAt(first));
    if (sign != Sign.WHITE) {
      return endOf(sign, text, first);
    }
    int end = endOf(Sign.WHITE, text, at);
    // The last one belongs to what follows, if that takes it.
    return end == text.length() || end == at + 1 ? end : end - 1;
  }

  private static int endOf(Sign sign, String text, int first) {
    int end = first;
    while (end < text.length() && Sign.of(text.codePointAt(end)) == sign) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  private enum Sign {
    LETTER,
    NUMBER,
    WHITE,
    OTHER;

    static Sign of(int sign) {
      if (Characters.isLetter(sign)) {
        return LETTER;
      }
      if (Characters.isNumber(sign)) {
        return NUMBER;
      }
      return Characters.isWhite(sign) ? WHITE : OTHER;
    }
  }

  /** Half a pair of surrogates becomes a question mark. */
  private int[] merged(String part) {
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    int[] pieces = new int[bytes.length];
    int[] before = new int[bytes.length];
    int[] after = new int[bytes.length];
    PriorityQueue<Waiting> waiting = new PriorityQueue<>();
    for (int i = 0; i < bytes.length; i++) {
      pieces[i] = ofBytes[Byte.toUnsignedInt(bytes[i])];
      before[i] = i - 1;
      after[i] = i + 1;
    }
    for (int i = 0; i < bytes.length; i++) {
      await(waiting, pieces, i, after[i]);
    }
    int left = bytes.length;
    while (!waiting.isEmpty()) {
      Waiting next = waiting.poll();
      int at = next.at();
      int second = pieces[at] < 0 ? bytes.length : after[at];
      if (second == bytes.length
          || !next.merge().equals(merges.get(key(pieces[at], pieces[second])))) {
        continue; // one of the two is part of another by now
      }
      pieces[at] = next.merge().id();
      pieces[second] = -1;
      after[at] = after[second];
      if (after[at] < bytes.length) {
        before[after[at]] = at;
      }
      left--;
      await(waiting, pieces, before[at], at);
      await(waiting, pieces, at, after[at]);
    }
    int[] kept = new int[left];
    for (int at = 0, i = 0; at < bytes.length; at = after[at]) {
      kept[i++] = pieces[at];
    }
    return kept;
  }

  private void await(PriorityQueue<Waiting> waiting, int[] pieces, int left, int right) {
    if (left >= 0 && right < pieces.length) {
      Merge merge = merges.get(key(pieces[left], pieces[right]));
      if (merge != null) {
        waiting.add(new Waiting(merge, left));
      }
    }
  }
}
