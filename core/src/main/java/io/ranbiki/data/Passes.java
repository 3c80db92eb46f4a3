package io.ranbiki.data;

/**
 * An endless sequence of passes over the numbers 0 to {@code size - 1}, each pass in an order of
 * its own.
 *
 * @param stream tells sequences with the same seed apart
 */
record Passes(long stream, long seed, int size) {

  /** The numbers at the places from {@code from} on. */
  int[] draw(long from, int count) {
    int[] drawn = new int[count];
    int done = 0;
    while (done < count) {
      long place = from + done;
      int[] pass = new SplitMix(stream, seed, place / size).permutation(size);
      int start = (int) (place % size);
      int length = Math.min(size - start, count - done);
      System.arraycopy(pass, start, drawn, done, length);
      done += length;
    }
    return drawn;
  }
}
