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

/** Finds a key that two rows have, with 16 bytes a row and not all keys in memory. */
final class DistinctKeys {

  private static final long FIRST = 0xCBF29CE484222325L;
  private static final long PRIME = 0x100000001B3L;

  private final String file;
  private final boolean ofLines;
  private long[] hashes = new long[1024];
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
    if (rows == hashes.length) {
      hashes = Arrays.copyOf(hashes, rows + (rows >> 1));
    }
    hashes[rows++] = hash(key);
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
    long[] sorted = Arrays.copyOf(hashes, rows);
    Arrays.sort(sorted);
    Set<Long> twice = new HashSet<>();
    for (int i = 1; i < rows; i++) {
      if (sorted[i] == sorted[i - 1]) {
        twice.add(sorted[i]);
      }
    }
    Map<String, Integer> first = new HashMap<>();
    for (int row = 0; row < rows && !twice.isEmpty(); row++) {
      if (twice.contains(hashes[row])) {
        String key = keys.apply(row);
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
