package io.ranbiki.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Batches of samples of like length, so that little is padded. A shuffled epoch is taken in pools
 * of {@value #BATCHES} batches; within a pool samples are sorted by length, cut into batches, and
 * the batches come in random order. A last batch that is not full holds the samples that come last
 * in the shuffled order, whatever their length, so that leaving it out favours none.
 *
 * @param batch samples in a batch
 * @param seed determines the order of the batches
 * @param lengths of the samples, by index of the dataset
 */
record Buckets(int batch, long seed, int[] lengths) {

  private static final long STREAM = 6;

  /** Enough that a batch spans few lengths, few enough that epochs differ in who meets whom. */
  private static final int BATCHES = 50;

  /** The order of an epoch, from its shuffled order. */
  int[] of(int[] shuffled, int epoch) {
    int[] order = shuffled.clone();
    int full = shuffled.length / batch * batch;
    long pool = (long) BATCHES * batch;
    for (int from = 0; from < full; from = (int) Math.min(full, from + pool)) {
      int to = (int) Math.min(full, from + pool);
      List<Integer> sorted =
          Arrays.stream(shuffled, from, to)
              .boxed()
              .sorted(Comparator.comparingInt(index -> lengths[index])) // keeps equal ones shuffled
              .toList();
      int[] turns = new SplitMix(STREAM, seed, epoch, from).permutation((to - from) / batch);
      for (int i = 0; i < turns.length; i++) {
        int at = from + i * batch;
        int first = turns[i] * batch;
        IntStream.range(0, batch).forEach(j -> order[at + j] = sorted.get(first + j));
      }
    }
    return order;
  }
}
