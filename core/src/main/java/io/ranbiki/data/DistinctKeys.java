package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/** Finds a key that two rows have, with 8 to 12 bytes a row and not all keys in memory. */
final class DistinctKeys {

  private static final long FIRST = 0xCBF29CE484222325L;
  private static final long PRIME = 0x100000001B3L;

  private final String file;
  private final boolean ofLines;

  /** The hashes by their first byte: many short arrays grow and are sorted without much room. */
  private final long[][] hashes = new long[1 << Byte.SIZE][16];

  private final int[] counts = new int[hashes.length];
  private int rows;

  /**
   * Begins.
   *
   * @param ofLines whether the file has lines with fields, and not rows with columns
   */
  DistinctKeys(String file, boolean ofLines) {
    this.file = file;
    this.ofLines = ofLines;
  }

  /**
   * Takes a key.
   *
   * @param number of its row or line, from 1
   */
  void add(String key, int number) {
    if (key.isEmpty()) {
      throw refusal(number, "no key");
    }
    long hash = hash(key);
    int first = (int) (hash >>> Long.SIZE - Byte.SIZE);
    int count = counts[first]++;
    if (count == hashes[first].length) {
      hashes[first] = Arrays.copyOf(hashes[first], count + (count >> 1));
    }
    hashes[first][count] = hash;
    rows++;
  }

  /** FNV-1a over the characters, whose low bits are mixed well enough to be told apart. */
  private static long hash(String key) {
    long hash = FIRST;
    for (int i = 0; i < key.length(); i++) {
      hash = (hash ^ key.charAt(i)) * PRIME;
      hash ^= hash >>> 32;
    }
    return hash;
  }

  /**
   * Checks that all are different.
   *
   * @param keys all of them by row, from 0
   * @param numbers of the rows, or of their lines, likewise
   */
  void requireDistinct(IntFunction<String> keys, IntUnaryOperator numbers) {
    Set<Long> twice = new HashSet<>();
    for (int i = 0; i < hashes.length; i++) {
      long[] sorted = hashes[i];
      Arrays.sort(sorted, 0, counts[i]);
      for (int j = 1; j < counts[i]; j++) {
        if (sorted[j] == sorted[j - 1]) {
          twice.add(sorted[j]);
        }
      }
    }
    Map<String, Integer> first = new HashMap<>();
    for (int row = 0; row < rows && !twice.isEmpty(); row++) {
      String key = keys.apply(row);
      if (twice.contains(hash(key))) {
        Integer other = first.putIfAbsent(key, row);
        if (other != null) {
          throw refusal(
              numbers.applyAsInt(row),
              String.format(
                  Locale.ROOT,
                  "the key '%s', which %s %d has, too",
                  Words.shorten(key),
                  ofLines ? "line" : "row",
                  numbers.applyAsInt(other)));
        }
      }
    }
  }

  private RanbikiException refusal(int number, String what) {
    return RanbikiException.configuration(
        "%s %d of %s has %s, but every %s must have a key of its own. Repair the file, or name"
            + " another %s (data.key).",
        ofLines ? "Line" : "Row",
        number,
        file,
        what,
        ofLines ? "line" : "row",
        ofLines ? "field" : "column");
  }
}
