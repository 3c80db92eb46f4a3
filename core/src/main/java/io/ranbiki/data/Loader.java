package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.prepare.Normalization;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches of a dataset: reads, augments, normalizes. The order of an epoch depends on the
 * seed and the number of the epoch alone, so that a run can go on in the middle of one. What an
 * epoch is, its {@link Sampling} says. Opens no file and holds no thread outside of an {@link
 * Epoch}.
 */
public final class Loader {

  private static final long ORDER = 3;

  /**
   * How batches are made.
   *
   * @param batch samples in a batch, 1 or more
   * @param seed determines the order of every epoch
   * @param shuffle whether the order is random; otherwise it is that of the dataset
   * @param dropLast whether a last batch that is not full is left out
   * @param threads threads that make batches, 1 or more; the result does not depend on it
   * @param prefetch the most batches that are made ahead, 1 or more; bounds the memory
   * @param sampling which samples an epoch holds; other than every one once only with shuffling
   */
  public record Options(
      int batch,
      long seed,
      boolean shuffle,
      boolean dropLast,
      int threads,
      int prefetch,
      Sampling sampling) {

    /** Checks the numbers. */
    public Options {
      requirePositive("batch size", batch);
      requirePositive("number of loader threads", threads);
      requirePositive("number of batches made ahead", prefetch);
      if (!shuffle && !(sampling instanceof Sampling.EveryOnce)) {
        throw RanbikiException.configuration(
            "The sampling is %s, but batches in the order of the dataset hold every sample once."
                + " Shuffle them, or leave the sampling out.",
            sampling);
      }
    }

    /** Options for epochs that hold every sample once. */
    public Options(
        int batch, long seed, boolean shuffle, boolean dropLast, int threads, int prefetch) {
      this(batch, seed, shuffle, dropLast, threads, prefetch, new Sampling.EveryOnce());
    }

    /** Shuffled batches, made ahead by one thread; the last one may be smaller. */
    public static Options shuffled(int batch, long seed) {
      return new Options(batch, seed, true, false, 1, 4);
    }

    /** Batches in the order of the dataset, made ahead by one thread, none left out. */
    public static Options inOrder(int batch) {
      return new Options(batch, 0, false, false, 1, 4);
    }

    /** These options with another sampling. */
    public Options withSampling(Sampling sampling) {
      return new Options(batch, seed, shuffle, dropLast, threads, prefetch, sampling);
    }

    private static void requirePositive(String name, int value) {
      if (value < 1) {
        throw RanbikiException.configuration(
            "The %s is %d, but must be 1 or more. Correct the number.", name, value);
      }
    }
  }

  private final Dataset dataset;
  private final Options options;
  private final Normalization normalization;
  private final Views views;
  private final int[] shape;
  private final int length;
  private final @Nullable Mixture mixture;
  private final int samples;

  /**
   * Makes a loader; the dataset stays open and is not closed by it.
   *
   * @throws RanbikiException if normalization or augmentations do not fit to the samples, an epoch
   *     is smaller than a batch and the last one is to be left out, or a labelled share cannot be
   *     had
   */
  public Loader(Dataset dataset, Options options, Normalization normalization, Views views) {
    this.dataset = dataset;
    this.options = options;
    this.normalization = normalization;
    this.views = views;
    this.shape = dataset.shape();
    this.length = dataset.sampleLength();
    normalization.requireFits(shape);
    views.augmentations().requireFits(shape);
    mixture =
        options.sampling() instanceof Sampling.LabelledShare labelled
            ? new Mixture(dataset, labelled.share(), options.batch())
            : null;
    samples = samples();
    requireRoom();
    if (batches() == 0) {
      throw RanbikiException.configuration(
          "The dataset has %d samples, fewer than one batch of %d, and incomplete batches are left"
              + " out, so none remains. Use a smaller batch or keep the last one.",
          samples, options.batch());
    }
  }

  /** The most samples that a batch really has. */
  private int largestBatch() {
    return Math.min(options.batch(), samples);
  }

  /** One batch is used while another is made. */
  private void requireRoom() {
    double numbers = (double) largestBatch() * length;
    if (numbers > InMemory.LARGEST_ARRAY) {
      throw RanbikiException.configuration(
          "A batch of %d samples with %d numbers each is too large for one array. Use a smaller"
              + " batch or smaller samples.",
          largestBatch(), length);
    }
    Memory.requireHeap(
        Kind.CONFIGURATION,
        numbers * Float.BYTES * Math.min(2, batches()),
        "Making batches of " + largestBatch() + " samples with " + length + " numbers each",
        "Use a smaller batch or smaller samples");
  }

  private int samples() {
    if (mixture != null) {
      return mixture.length();
    }
    return options.sampling() instanceof Sampling.Count count ? count.samples() : dataset.size();
  }

  /** A loader that makes the same of other samples of the same shape. */
  public Loader over(Dataset others) {
    return new Loader(others, options, normalization, views);
  }

  /** The dataset that the batches are made of. */
  public Dataset dataset() {
    return dataset;
  }

  /** The number of batches in an epoch. */
  public int batches() {
    int full = samples / options.batch();
    return options.dropLast() || samples % options.batch() == 0 ? full : full + 1;
  }

  /**
   * The number of samples in an epoch, one that comes several times counted as often; with those of
   * a last batch that is left out.
   */
  public int samplesPerEpoch() {
    return samples;
  }

  /** The indices of the dataset in the order of an epoch. */
  public int[] order(int epoch) {
    if (mixture != null) {
      return mixture.order(options.seed(), epoch);
    }
    if (options.shuffle()) {
      Passes passes = new Passes(ORDER, options.seed(), dataset.size());
      return passes.draw((long) epoch * samples, samples);
    }
    int[] order = new int[dataset.size()];
    Arrays.setAll(order, index -> index);
    return order;
  }

  /** All batches of an epoch (from 0). */
  public Epoch epoch(int epoch) {
    return epoch(epoch, 0);
  }

  /**
   * The batches of an epoch from one of them on.
   *
   * @param epoch which epoch, 0 or more
   * @param fromBatch how many batches to leave out, 0 to {@link #batches()}
   */
  public Epoch epoch(int epoch, int fromBatch) {
    if (epoch < 0 || fromBatch < 0 || fromBatch > batches()) {
      throw new IllegalArgumentException(
          "epoch " + epoch + ", batch " + fromBatch + " of " + batches());
    }
    int[] order = order(epoch);
    int view = views.numberOf().applyAsInt(epoch);
    return new Epoch(
        (batch, inputs, cancelled) -> make(order, view, batch, inputs, cancelled),
        largestBatch() * length,
        fromBatch,
        batches(),
        options.threads(),
        options.prefetch());
  }

  private HostBatch make(
      int[] order, int view, int batch, float[] inputs, Epoch.Cancelled cancelled) {
    int start = batch * options.batch();
    int[] indices =
        Arrays.copyOfRange(order, start, Math.min(start + options.batch(), order.length));
    int[] labels = new int[indices.length];
    long[] ids = new long[indices.length];
    float[] spare = new float[views.augmentations().list().isEmpty() ? 0 : length];
    for (int i = 0; i < indices.length && !cancelled.now(); i++) {
      labels[i] = dataset.label(indices[i]);
      ids[i] = dataset.id(indices[i]);
      dataset.read(indices[i], inputs, i * length);
      View name = new View(views.seed(), ids[i], view);
      views.augmentations().apply(name, inputs, i * length, shape, spare);
      normalization.apply(inputs, i * length, shape);
    }
    int[] batchShape = new int[shape.length + 1];
    batchShape[0] = indices.length;
    System.arraycopy(shape, 0, batchShape, 1, shape.length);
    return new HostBatch(inputs, batchShape, labels, ids, indices, view);
  }
}
