package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Ways to choose samples. What is random is determined by a seed alone. All results are views that
 * borrow the dataset.
 */
public final class Splits {

  private static final long HOLD_OUT = 1;
  private static final long LABELLED = 2;
  private static final long FOLDS = 3;

  private Splits() {}

  /**
   * Two parts of a dataset without a common sample.
   *
   * @param train the samples to fit on
   * @param validation the samples that were held out
   */
  public record Split(Dataset train, Dataset validation) {}

  /** What becomes of the samples that are not chosen to keep their label. */
  public enum Rest {
    /** They are left out. */
    DROPPED,
    /** They stay, without label. */
    UNLABELLED
  }

  /**
   * Holds out a random fraction of the samples, rounded to the nearest number. Both parts keep the
   * order of the dataset.
   *
   * @param fraction above 0 and below 1
   * @throws RanbikiException if the fraction is out of range or leaves one part empty
   */
  public static Split holdOut(Dataset dataset, double fraction, long seed) {
    if (!(fraction > 0 && fraction < 1)) {
      throw RanbikiException.configuration(
          "The validation fraction is %s, but must be above 0 and below 1. Try 0.1.", fraction);
    }
    int held = (int) Math.round(dataset.size() * fraction);
    if (held == 0 || held == dataset.size()) {
      throw RanbikiException.configuration(
          "The validation fraction %s of %d samples leaves %d to train on and %d to validate on,"
              + " but both need one at least. Change the fraction or take more samples.",
          fraction, dataset.size(), dataset.size() - held, held);
    }
    int[] order = new SplitMix(HOLD_OUT, seed).permutation(dataset.size());
    int[] validation = Arrays.copyOf(order, held);
    int[] train = Arrays.copyOfRange(order, held, order.length);
    Arrays.sort(validation);
    Arrays.sort(train);
    return new Split(Subset.of(dataset, train), Subset.of(dataset, validation));
  }

  /**
   * Holds out some of the labelled samples at random, of every class the same part as far as whole
   * samples allow. Both parts keep the order of the dataset.
   *
   * @param count how many, below the number of labelled samples
   */
  public static Split holdOutByClass(Dataset dataset, int count, long seed) {
    int[] size = new int[dataset.strata()];
    int[] order = new SplitMix(HOLD_OUT, seed).permutation(dataset.size());
    int[] turn = new int[dataset.size()];
    for (int index : order) {
      if (dataset.isLabelled(index)) {
        turn[index] = size[dataset.stratum(index)]++;
      }
    }
    // How far a sample stands behind the first of its class; the classes are even at every count.
    Comparator<Integer> farther =
        Comparator.<Integer>comparingDouble(
                index -> (turn[index] + 0.5) / size[dataset.stratum(index)])
            .thenComparingInt(dataset::stratum);
    // The nearest ones alone: to sort all of ten million would take a gigabyte.
    PriorityQueue<Integer> nearest = new PriorityQueue<>(farther.reversed());
    for (int index : order) {
      Integer farthest = nearest.peek();
      if (!dataset.isLabelled(index)) {
        continue;
      }
      if (nearest.size() < count) {
        nearest.add(index);
      } else if (farthest != null && farther.compare(index, farthest) < 0) {
        nearest.poll();
        nearest.add(index);
      }
    }
    return holdOut(dataset, nearest.stream().mapToInt(index -> index).toArray());
  }

  /**
   * Holds out some of the samples without label at random. Both parts keep the order of the
   * dataset.
   *
   * @param count how many, up to the number of samples without label
   */
  public static Split holdOutUnlabelled(Dataset dataset, int count, long seed) {
    return holdOut(
        dataset,
        IntStream.of(new SplitMix(HOLD_OUT, seed).permutation(dataset.size()))
            .filter(index -> !dataset.isLabelled(index))
            .limit(count)
            .toArray());
  }

  private static Split holdOut(Dataset dataset, int[] chosen) {
    BitSet held = new BitSet();
    IntStream.of(chosen).forEach(held::set);
    BitSet kept = new BitSet();
    kept.set(0, dataset.size());
    kept.andNot(held);
    return new Split(Subset.of(dataset, kept), Subset.of(dataset, held));
  }

  /**
   * Deals samples with label into folds at random; both the folds and the samples of each class in
   * them differ by one sample at most.
   *
   * @param labelled samples that all have a label
   * @param folds how many, 1 or more
   * @return the fold of each sample, from 0
   */
  public static int[] folds(Dataset labelled, int folds, long seed) {
    int[] fold = new int[labelled.size()];
    int[] dealt = {0};
    IntStream.of(new SplitMix(FOLDS, seed).permutation(labelled.size()))
        .boxed()
        .sorted(Comparator.comparingInt(labelled::stratum))
        .forEach(index -> fold[index] = dealt[0]++ % folds);
    return fold;
  }

  /**
   * The first samples of a dataset; all of them if it has no more.
   *
   * @param limit 1 or more
   * @throws RanbikiException if the limit is below 1
   */
  public static Dataset first(Dataset dataset, int limit) {
    if (limit < 1) {
      throw RanbikiException.configuration(
          "The limit of samples is %d, but must be 1 or more. Leave it out to use all samples.",
          limit);
    }
    return limit >= dataset.size()
        ? dataset
        : Subset.of(dataset, IntStream.range(0, limit).toArray());
  }

  /**
   * Some samples of a dataset, spread evenly over it, whatever their classes; all of them if it has
   * no more.
   *
   * @param most 1 or more
   */
  public static Dataset spread(Dataset dataset, int most) {
    return Subset.of(dataset, spread(dataset.size(), most));
  }

  /**
   * Some places, spread evenly over all.
   *
   * @return {@code [min(size, most)]}, ascending, from 0 to below {@code size}
   */
  public static int[] spread(int size, int most) {
    int count = Math.min(size, most);
    return IntStream.range(0, count).map(i -> (int) ((long) i * size / count)).toArray();
  }

  /**
   * Some samples of a dataset, from every class the same number as far as it goes: the classes take
   * turns, each giving its next sample, until there are enough; all of them if the dataset has no
   * more. Samples without label take turns as one more class. They keep the order of the dataset.
   *
   * @param limit 1 or more
   * @throws RanbikiException if the limit is below 1
   */
  public static Dataset byTurns(Dataset dataset, int limit) {
    if (limit < 1 || limit >= dataset.size()) {
      return first(dataset, limit);
    }
    int[] group = new int[dataset.size()];
    int[] turn = new int[dataset.size()];
    int[] seen = new int[dataset.strata() + 1];
    for (int i = 0; i < turn.length; i++) {
      group[i] = dataset.isLabelled(i) ? dataset.stratum(i) : dataset.strata();
      turn[i] = seen[group[i]]++;
    }
    return Subset.of(
        dataset,
        IntStream.range(0, turn.length)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(index -> turn[index])
                    .thenComparingInt(index -> group[index]))
            .limit(limit)
            .mapToInt(index -> index)
            .sorted()
            .toArray());
  }

  /** The same samples with every label hidden. */
  public static Dataset unlabelled(Dataset dataset) {
    boolean[] hidden = new boolean[dataset.size()];
    Arrays.fill(hidden, true);
    return Subset.hiding(dataset, hidden);
  }

  /**
   * Lets some samples keep their label, from every class the same number as far as it goes: the
   * classes take turns, each giving one of its samples at random, until there are enough.
   *
   * @param count the number of samples that keep their label, 1 or more
   * @throws RanbikiException if there are fewer labelled samples than that
   */
  public static Dataset labelledOnly(Dataset dataset, int count, long seed, Rest rest) {
    int labelled = (int) IntStream.range(0, dataset.size()).filter(dataset::isLabelled).count();
    if (count < 1 || count > labelled) {
      throw RanbikiException.configuration(
          "%d samples are to keep their label, but it must be 1 to %d, the number that have one."
              + " Correct the number.",
          count, labelled);
    }
    boolean[] hidden = new boolean[dataset.size()];
    Arrays.fill(hidden, true);
    int[] order = new SplitMix(LABELLED, seed).permutation(dataset.size());
    // The turn of a sample is how many of its class come before it in the random order.
    int[] turn = new int[dataset.size()];
    int[] seen = new int[dataset.strata()];
    for (int index : order) {
      turn[index] = !dataset.isLabelled(index) ? Integer.MAX_VALUE : seen[dataset.stratum(index)]++;
    }
    Arrays.stream(order)
        .boxed()
        .sorted(Comparator.comparingInt(index -> turn[index]))
        .limit(count)
        .forEach(index -> hidden[index] = false);
    return rest == Rest.UNLABELLED
        ? Subset.hiding(dataset, hidden)
        : Subset.of(dataset, IntStream.range(0, hidden.length).filter(i -> !hidden[i]).toArray());
  }
}
