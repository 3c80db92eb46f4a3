package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches of a dataset: reads, augments, pads. Shuffled batches hold samples of like length
 * where lengths vary, see {@link Buckets}. The order of an epoch depends on the seed and the number
 * of the epoch alone, so that a run can go on in the middle of one. What an epoch is, its {@link
 * Sampling} says. Opens no file and holds no thread outside of an {@link Epoch}.
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
   * @param block how many neighbours shuffling leaves together, see {@link Passes}; 1 to part all
   */
  public record Options(
      int batch,
      long seed,
      boolean shuffle,
      boolean dropLast,
      int threads,
      int prefetch,
      Sampling sampling,
      int block) {

    /** Checks the numbers. */
    public Options {
      requirePositive("batch size", batch);
      requirePositive("number of loader threads", threads);
      requirePositive("number of batches made ahead", prefetch);
      requirePositive("number of samples in a block", block);
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
      this(batch, seed, shuffle, dropLast, threads, prefetch, new Sampling.EveryOnce(), 1);
    }

    /** Shuffled batches, made ahead by one thread; the last one may be smaller. */
    public static Options shuffled(int batch, long seed) {
      return new Options(batch, seed, true, false, 1, 4);
    }

    /** Batches in the order of the dataset, made ahead by one thread, none left out. */
    public static Options inOrder(int batch) {
      return new Options(batch, 0, false, false, 1, 4);
    }

    /** These options with so many threads, and a batch ahead for each of them. */
    public Options withThreads(int threads) {
      return new Options(
          batch,
          seed,
          shuffle,
          dropLast,
          threads,
          Math.max(prefetch, threads + 1),
          sampling,
          block);
    }

    /** These options with another sampling. */
    public Options withSampling(Sampling sampling) {
      return new Options(batch, seed, shuffle, dropLast, threads, prefetch, sampling, block);
    }

    /** These options with blocks of so many neighbours. */
    public Options withBlock(int block) {
      return new Options(batch, seed, shuffle, dropLast, threads, prefetch, sampling, block);
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
  private final Prepare prepare;
  private final List<Prepare> others;
  private final Views views;
  private final List<Field> fields;
  private final Optional<Masking> masking;
  private final @Nullable Mixture mixture;
  private final int samples;
  private int @Nullable [] lengths;

  /**
   * Makes a loader; the dataset stays open and is not closed by it.
   *
   * @throws RanbikiException if normalization or augmentations do not fit to the samples, an epoch
   *     is smaller than a batch and the last one is to be left out, or a labelled share cannot be
   *     had
   */
  public Loader(Dataset dataset, Options options, Prepare prepare, Views views) {
    this(dataset, options, prepare, List.of(), views);
  }

  /** Makes a loader of numbers. */
  public Loader(Dataset dataset, Options options, Normalization normalization, Views views) {
    this(dataset, options, Prepare.of(normalization), views);
  }

  private Loader(
      Dataset dataset, Options options, Prepare prepare, List<Prepare> others, Views views) {
    this.dataset = dataset;
    this.options = options;
    this.prepare = prepare;
    this.others = others;
    this.views = views;
    masking = Masking.of(dataset.task(), prepare);
    fields = fields(dataset, prepare, views.augmentations());
    mixture =
        options.sampling() instanceof Sampling.LabelledShare labelled
            ? new Mixture(dataset, labelled.share(), options.batch(), options.block())
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

  /** What of samples goes into batches: numbers, floating point where they are augmented. */
  private static List<Field> fields(Dataset dataset, Prepare prepare, Augmentations augmentations) {
    Normalization normalization = prepare.normalization();
    boolean plain = normalization.mean().length == 0 && augmentations.list().isEmpty();
    if (!plain
        && Stream.concat(dataset.fields().stream(), prepare.fields(dataset.fields()).stream())
            .noneMatch(Loader::isChanged)) {
      throw RanbikiException.configuration(
          "The samples have the fields %s, none of which can be normalized or augmented. Leave"
              + " normalize and augment out.",
          dataset.fields());
    }
    requireKind(dataset, augmentations);
    List<Field> seen = new ArrayList<>();
    for (Field field : dataset.fields()) {
      boolean augmented = isChanged(field) && !augmentations.list().isEmpty();
      if (augmented) {
        augmentations.requireFits(lengths(field));
      }
      seen.add(augmented ? new Field(field.name(), Field.Kind.FLOAT32, field.shape()) : field);
    }
    List<Field> fields = prepare.fields(seen);
    for (Field field : fields) {
      if (isChanged(field)) {
        normalization.requireFits(lengths(field));
        if (isOfSounds(dataset)) {
          augmentations.requireFits(lengths(field));
        }
      }
    }
    return Masking.of(dataset.task(), prepare).isPresent()
        ? Masking.fields(fields)
        : List.copyOf(fields);
  }

  private static int[] lengths(Field field) {
    return field.shape().stream().mapToInt(length -> length).toArray();
  }

  /** Sounds are augmented in the frames that a network gets of them. */
  private static boolean isOfSounds(Dataset dataset) {
    return dataset.fields().stream().anyMatch(field -> field.kind() == Field.Kind.SOUND);
  }

  /** A picture of a sound has the shape of an image, and none of its meaning. */
  private static void requireKind(Dataset dataset, Augmentations augmentations) {
    boolean sounds = isOfSounds(dataset);
    for (Augmentation augmentation : augmentations.list()) {
      if (augmentation.isForSounds() != sounds) {
        throw RanbikiException.configuration(
            sounds
                ? "The augmentation %s is not for sounds. Take time-shift, time-mask or"
                    + " frequency-mask, or remove it."
                : "The augmentation %s is for sounds alone, but the samples have other fields: %s."
                    + " Remove it.",
            augmentation,
            dataset.fields());
      }
    }
  }

  /** Whether normalization and augmentations are about a field: rows, and images of any size. */
  private static boolean isChanged(Field field) {
    int dimensions = field.shape().size();
    return (dimensions == 3 || dimensions > 0 && !field.varies())
        && (field.kind() == Field.Kind.UINT8 || field.kind() == Field.Kind.FLOAT32);
  }

  /** The most samples that a batch really has. */
  public int largestBatch() {
    return Math.min(options.batch(), samples);
  }

  /** One batch is used while another is made. */
  private void requireRoom() {
    for (Field field : fields) {
      if (field.varies()) {
        continue; // how much it takes, nobody knows before it is read
      }
      double length =
          field.shape().stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b);
      double numbers = largestBatch() * length;
      if (numbers > InMemory.LARGEST_ARRAY) {
        throw RanbikiException.configuration(
            "A batch of %d samples with %.0f numbers each is too large for one array. Use a smaller"
                + " batch or smaller samples.",
            largestBatch(), length);
      }
      int bytes = field.kind() == Field.Kind.UINT8 ? 1 : Float.BYTES;
      Memory.requireHeap(
          Kind.CONFIGURATION,
          numbers * bytes * Math.min(2, batches()),
          String.format(
              Locale.ROOT,
              "Making batches of %d samples with %.0f numbers each",
              largestBatch(),
              length),
          "Use a smaller batch or smaller samples");
    }
  }

  private int samples() {
    if (mixture != null) {
      return mixture.length();
    }
    return options.sampling() instanceof Sampling.Count count ? count.samples() : dataset.size();
  }

  /** A loader that makes the same of other samples with the same fields. */
  public Loader over(Dataset others) {
    return new Loader(others, options, prepare, this.others, views);
  }

  /** A loader whose batches hold their samples as another network takes them, too. */
  public Loader also(Prepare network) {
    if (network.equals(prepare) || others.contains(network)) {
      return this;
    }
    List<Prepare> more = new ArrayList<>(others);
    more.add(network);
    return new Loader(dataset, options, prepare, List.copyOf(more), views);
  }

  /** What the inputs of batches go through. */
  public Prepare prepare() {
    return prepare;
  }

  /** The fields of batches, without the truth. */
  public List<Field> fields() {
    return fields;
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
      Passes passes = new Passes(ORDER, options.seed(), dataset.size(), options.block());
      int[] order = passes.draw((long) epoch * samples, samples);
      return fields.stream().anyMatch(Field::varies)
          ? new Buckets(options.batch(), options.seed(), lengths()).of(order, epoch)
          : order;
    }
    int[] order = new int[dataset.size()];
    Arrays.setAll(order, index -> index);
    return order;
  }

  /** How long each sample is, in numbers of the fields whose length varies. */
  private synchronized int[] lengths() {
    if (lengths == null) {
      lengths =
          IntStream.range(0, dataset.size())
              .parallel()
              .map(
                  index -> {
                    Row row = prepare.apply(dataset.read(index));
                    return fields.stream()
                        .filter(field -> field.varies() && row.has(field.name()))
                        .mapToInt(field -> Values.count(row.get(field.name()).shape()))
                        .sum();
                  })
              .toArray();
    }
    return lengths;
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
    int size = options.batch();
    return epoch(
        epoch,
        fromBatch,
        batches(),
        batch ->
            Arrays.copyOfRange(order, batch * size, Math.min((batch + 1) * size, order.length)));
  }

  /**
   * Batches of chosen samples.
   *
   * @param epoch whose view is taken
   * @param batches the indices of the samples of each
   */
  public Epoch epochOf(int epoch, List<int[]> batches) {
    return epoch(epoch, 0, batches.size(), batches::get);
  }

  private Epoch epoch(int epoch, int from, int end, IntFunction<int[]> indices) {
    int view = views.numberOf().applyAsInt(epoch);
    return new Epoch(
        (batch, used, cancelled) -> make(indices.apply(batch), view, used, cancelled),
        from,
        end,
        options.threads(),
        options.prefetch());
  }

  private HostBatch make(
      int[] indices, int view, @Nullable HostBatch used, Epoch.Cancelled cancelled) {
    long[] ids = Arrays.stream(indices).mapToLong(dataset::id).toArray();
    boolean first = viewsAreFirst();
    List<Row> samples = new ArrayList<>();
    for (int i = 0; i < indices.length && !cancelled.now(); i++) {
      Row sample = dataset.read(indices[i]);
      samples.add(first ? view(dataset.fields(), sample, ids[i], view) : sample);
    }
    HostBatch made = batch(prepare, fields, samples, ids, indices, view, used);
    if (!first && !cancelled.now()) {
      augment(made);
    }
    return others.isEmpty()
        ? made
        : made.with(others.stream().map(other -> prepared(other, made, samples)).toList());
  }

  private HostBatch batch(
      Prepare network,
      List<Field> taken,
      List<Row> samples,
      long[] ids,
      int[] indices,
      int view,
      @Nullable HostBatch used) {
    boolean changes = isOfSounds(dataset) && !views.augmentations().list().isEmpty();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      Row row = network.apply(samples.get(i));
      if (masking.isPresent()) {
        row = masking.get().apply(new View(views.seed(), ids[i], view), row);
      }
      rows.add(changes ? view(taken, row, ids[i], view) : row);
    }
    Map<String, Values> arrays = new LinkedHashMap<>();
    Map<String, Values.Longs> masks = new LinkedHashMap<>();
    for (Field field : taken) {
      arrays.put(field.name(), stack(field, rows, used));
      if (field.varies()) {
        masks.put(field.name(), Padding.mask(field, rows));
      }
    }
    Field truth = dataset.task().truth();
    arrays.put(Batch.TRUTH, stack(truth, rows, used));
    if (masking.isPresent()) {
      masks.put(Batch.TRUTH, Padding.mask(truth, rows));
    }
    int labelled = (int) rows.stream().filter(row -> row.has(Batch.TRUTH)).count();
    return new HostBatch(arrays, masks, ids, indices, view, labelled, network, List.of());
  }

  /** The same views as another network takes them; the same numbers, where it takes these. */
  private HostBatch prepared(Prepare other, HostBatch made, List<Row> samples) {
    return other.steps().equals(prepare.steps())
        ? made.as(other)
        : batch(
            other,
            fields(dataset, other, views.augmentations()),
            samples,
            made.ids(),
            made.indices(),
            made.viewNumber(),
            null);
  }

  private static Values stack(Field field, List<Row> rows, @Nullable HostBatch used) {
    return Padding.stack(field, rows, used == null ? null : used.fields().get(field.name()));
  }

  /**
   * Whether samples are augmented one by one, before they are prepared for each network, and not in
   * the batch, which saves a copy.
   */
  private boolean viewsAreFirst() {
    return !views.augmentations().list().isEmpty()
        && (dataset.fields().stream().anyMatch(Field::varies)
            || !prepare.steps().isEmpty()
            || others.stream().anyMatch(other -> !other.steps().isEmpty()));
  }

  private Row view(List<Field> fields, Row sample, long id, int number) {
    Row view = sample;
    for (Field field : fields) {
      if (isChanged(field)) {
        Values values = sample.get(field.name());
        float[] numbers = new float[Values.count(values.shape())];
        Padding.toFloats(values, numbers, 0);
        View name = new View(views.seed(), id, number);
        float[] spare = new float[numbers.length];
        int[] shape = values.shape();
        if (field.varies()) {
          shape = views.augmentations().applyToAnySize(name, numbers, shape, spare);
        } else {
          views.augmentations().apply(name, numbers, 0, shape, spare);
        }
        view = view.with(field.name(), new Values.Floats(numbers, shape));
      }
    }
    return view;
  }

  private void augment(HostBatch made) {
    if (views.augmentations().list().isEmpty()) {
      return;
    }
    for (Field field : fields) {
      if (isChanged(field) && made.fields().get(field.name()) instanceof Values.Floats floats) {
        int[] shape = Arrays.copyOfRange(floats.shape(), 1, floats.shape().length);
        float[] spare = new float[Values.count(shape)];
        for (int i = 0; i < floats.shape()[0]; i++) {
          View name = new View(views.seed(), made.ids()[i], made.viewNumber());
          views.augmentations().apply(name, floats.data(), i * spare.length, shape, spare);
        }
      }
    }
  }
}
