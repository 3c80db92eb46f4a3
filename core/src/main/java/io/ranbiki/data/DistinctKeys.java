package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/** Finds a key that two rows have, with 16 bytes a row and not all keys in memory. */
final class DistinctKeys {

  private static final long FIRST = 0xCBF29CE484222325L;
  private static final long PRIME = 0x100000001B3L;

  private final String file;
  private long[] hashes = new long[1024];
  private int rows;

  DistinctKeys(String file) {
    this.file = file;
  }

  void add(String key) {
    if (key.isEmpty()) {
      throw refusal(rows + 1, "no key");
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
   */
  void requireDistinct(IntFunction<String> keys) {
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
        Integer other = first.putIfAbsent(key, row + 1);
        if (other != null) {
          throw refusal(
              row + 1, "the key '" + Words.shorten(key) + "', which row " + other + " has, too");
        }
      }
    }
  }

  private RanbikiException refusal(int row, String what) {
    return RanbikiException.configuration(
        "Row %d of %s has %s, but every row must have a key of its own. Repair the file, or name"
            + " another column (data.key).",
        row, file, what);
  }
}
