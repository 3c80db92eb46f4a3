package io.ranbiki.prepare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes a vocabulary of the pieces of words: it begins with letters, and again and again the pair
 * of neighbours that stands there most often becomes a piece. Of pairs as often, the one of the
 * smaller ids is first, so that the same texts give the same vocabulary, which is that of Hugging
 * Face's {@code BpeTrainer}.
 *
 * <p>Source: Sennrich et al. 2015, arXiv:1508.07909, algorithm 1.
 */
final class PairTrainer {

  private final String prefix;
  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private final List<String> pieces = new ArrayList<>();
  private final List<String[]> merges = new ArrayList<>();
  private final List<Word> words = new ArrayList<>();
  private final Map<Long, Pair> pairs = new HashMap<>();
  private final PriorityQueue<Candidate> queue =
      new PriorityQueue<>(
          Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::key));

  /** A word as it is cut so far, and how often it stands in the texts. */
  private static final class Word {
    private int[] pieces;
    private final long count;

    Word(int[] pieces, long count) {
      this.pieces = pieces;
      this.count = count;
    }
  }

  /** Where two pieces are neighbours. */
  private static final class Pair {
    private long count;
    private final Set<Integer> words = new TreeSet<>();
  }

  /** A pair with the count that it had when it was put into the queue. */
  private record Candidate(long key, long count) {}

  /**
   * Begins with pieces that are always there.
   *
   * @param first signs with a meaning, then letters
   * @param prefix what a piece that begins no word has before it; empty for none
   */
  PairTrainer(Collection<String> first, String prefix) {
    this.prefix = prefix;
    first.forEach(this::piece);
  }

  /**
   * Makes pieces until there are as many as are wanted, or no pair is frequent enough.
   *
   * @param counts how often each word stands in the texts; letters that are no piece are left out
   * @param size how many pieces are wanted
   * @param fewest how often a pair must stand there, 1 or more
   */
  void train(Map<String, Long> counts, int size, long fewest) {
    new TreeMap<>(counts).forEach((word, count) -> words.add(new Word(letters(word), count)));
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      for (int at = 0; at + 1 < word.pieces.length; at++) {
        count(word.pieces[at], word.pieces[at + 1], word.count, i);
      }
    }
    pairs.forEach((key, pair) -> queue.add(new Candidate(key, pair.count)));
    while (pieces.size() < size && !queue.isEmpty()) {
      Candidate next = queue.poll();
      Pair pair = pairs.get(next.key());
      if (pair == null || pair.count < fewest) {
        continue;
      }
      if (pair.count != next.count()) {
        queue.add(new Candidate(next.key(), pair.count));
        continue;
      }
      merge(next.key());
    }
  }

  /** All pieces, by id. */
  List<String> pieces() {
    return List.copyOf(pieces);
  }

  /** What was made of which pairs, the first first. */
  List<String[]> merges() {
    return List.copyOf(merges);
  }

  private int piece(String text) {
    return ids.computeIfAbsent(
        text,
        missing -> {
          pieces.add(missing);
          return pieces.size() - 1;
        });
  }

  private int[] letters(String word) {
    List<Integer> letters = new ArrayList<>();
    for (int at = 0; at < word.length(); at = word.offsetByCodePoints(at, 1)) {
      String letter = word.substring(at, word.offsetByCodePoints(at, 1));
      if (ids.containsKey(letter)) {
        letters.add(at == 0 ? ids.get(letter) : piece(prefix + letter));
      }
    }
    return letters.stream().mapToInt(Integer::intValue).toArray();
  }

  private static long key(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }

  private Pair count(int left, int right, long count, int word) {
    Pair pair = pairs.computeIfAbsent(key(left, right), key -> new Pair());
    pair.count += count;
    pair.words.add(word);
    return pair;
  }

  private void merge(long key) {
    int left = (int) (key >>> Integer.SIZE);
    int right = (int) key;
    String second = pieces.get(right);
    merges.add(new String[] {pieces.get(left), second});
    int made =
        piece(
            pieces.get(left)
                + (second.startsWith(prefix) ? second.substring(prefix.length()) : second));
    Set<Long> grown = new TreeSet<>();
    Pair merged = pairs.remove(key);
    for (int number : merged == null ? Set.<Integer>of() : merged.words) {
      Word word = words.get(number);
      int[] kept = new int[word.pieces.length];
      int length = 0;
      for (int at = 0; at < word.pieces.length; at++) {
        boolean here =
            at + 1 < word.pieces.length && word.pieces[at] == left && word.pieces[at + 1] == right;
        kept[length++] = here ? made : word.pieces[at];
        at += here ? 1 : 0;
      }
      if (length == word.pieces.length) {
        continue;
      }
      for (int at = 0; at + 1 < word.pieces.length; at++) {
        Pair old = pairs.get(key(word.pieces[at], word.pieces[at + 1]));
        if (old != null) {
          old.count -= word.count;
        }
      }
      word.pieces = Arrays.copyOf(kept, length);
      for (int at = 0; at + 1 < length; at++) {
        count(kept[at], kept[at + 1], word.count, number);
        if (kept[at] == made || kept[at + 1] == made) {
          grown.add(key(kept[at], kept[at + 1]));
        }
      }
    }
    for (long each : grown) {
      Pair pair = pairs.get(each);
      if (pair != null) {
        queue.add(new Candidate(each, pair.count));
      }
    }
  }
}
