package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Views;
import io.ranbiki.file.Reasons;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Asks a live teacher for every view of every sample that a store lacks, and writes the answers.
 * While the teacher computes, the loader's own thread prepares the next batches; a block goes to
 * the operating system in some microseconds, so writing needs no thread.
 *
 * <p>It may be stopped at any instant, also by killing the process; done again, it goes on from
 * there. An interrupt of the thread stops it after the current batch.
 */
public final class Labeller {

  private static final long PAUSE_MILLIS = 200;

  /**
   * How the teacher is asked.
   *
   * @param batch samples in one question, 1 or more
   * @param views the number of views of each sample, 1 or more: 0 to {@code views - 1}
   * @param threads threads that prepare batches, 1 or more
   */
  public record Options(int batch, int views, int threads) {

    /** Checks the numbers. */
    public Options {
      if (batch < 1 || views < 1 || threads < 1) {
        throw RanbikiException.configuration(
            "Labelling with a batch of %d, %d views and %d loader threads is not possible: each"
                + " must be 1 or more. Correct the number.",
            batch, views, threads);
      }
    }

    /** {@link #views(int, Precision)} for a teacher that computes as it was trained. */
    public static Options views(int views) {
      return views(views, Precision.FLOAT32);
    }

    /** One loader thread, and the batch that was fastest for small networks on a CPU. */
    public static Options views(int views, Precision precision) {
      return new Options(precision == Precision.FLOAT32 ? 64 : 128, views, 1);
    }
  }

  /** Hears how it goes. */
  public interface Listener {

    /** Hears nothing. */
    Listener NONE = new Listener() {};

    /**
     * Before the first question.
     *
     * @param missing answers that will be asked for
     * @param stored answers that are there already
     * @param bytes by how much the file will grow
     */
    default void starting(Path file, long missing, long stored, long bytes) {}

    /**
     * While somebody else writes to the same file, again and again: its answers are waited for. An
     * interrupt ends the waiting.
     */
    default void waiting(Path file) {}

    /** After each batch: so many of the missing answers are there. */
    default void progress(long done, long missing) {}

    /** Something worth a sentence, such as a damaged block that is asked again. */
    default void note(String sentence) {}
  }

  /**
   * What was done.
   *
   * @param asked answers that the teacher gave
   * @param reused answers that were there before
   */
  public record Outcome(long asked, long reused) {}

  private final Teacher teacher;
  private final Options options;
  private final Listener listener;
  private final ToLongFunction<Path> freeBytes;

  /** Makes a labeller; the teacher stays the caller's. */
  public Labeller(Teacher teacher, Options options, Listener listener) {
    this(teacher, options, listener, Labeller::freeBytes);
  }

  Labeller(Teacher teacher, Options options, Listener listener, ToLongFunction<Path> freeBytes) {
    this.teacher = teacher;
    this.options = options;
    this.listener = listener;
    this.freeBytes = freeBytes;
  }

  /**
   * Makes a file hold the answers to a dataset: starts it, goes on with it, or finds that nothing
   * is missing.
   *
   * @param key what the answers depend on; the samples are prepared by what it says
   * @param dataset all samples of the dataset that the key names, or some of them
   * @throws RanbikiException if the file holds other answers, the disk is too small, the teacher's
   *     answers are not finite, do not fit the key, or differ too much in bfloat16, or the thread
   *     is interrupted; whatever was answered before is kept
   */
  public Outcome label(Path file, StoreKey key, Dataset dataset) {
    if (teacher.classes() != key.classes()) {
      throw RanbikiException.configuration(
          "The teacher %s answers %d classes, but %d are wanted. Correct the number, or take the"
              + " teacher of these classes.",
          teacher.title(), teacher.classes(), key.classes());
    }
    long total = (long) dataset.size() * options.views();
    if (!Files.exists(file)) {
      create(file, key, dataset);
    } else if (isComplete(file, key, dataset)) {
      return new Outcome(0, total);
    }
    try (StoreWriter writer = open(file, key)) {
      writer.stored().notes().forEach(listener::note);
      List<int[]> missing = missing(writer.stored(), dataset);
      long count = count(missing);
      if (count == 0) {
        return new Outcome(0, total); // whoever was waited for has asked
      }
      long growth = writer.stored().growth(count);
      requireSpace(file, growth, count, freeBytes);
      requireFidelity(key, dataset);
      listener.starting(file, count, total - count, growth);
      long done = 0;
      for (int view = 0; view < missing.size(); view++) {
        if (missing.get(view).length > 0) {
          done = ask(writer, key, Subset.of(dataset, missing.get(view)), view, done, count);
        }
      }
      return new Outcome(count, total - count);
    }
  }

  /**
   * By how much a file grows while it is labelled. If it is not there yet, the teacher is asked
   * about one sample where the key names layers, for their shapes.
   *
   * @return bytes, 0 or more
   * @throws RanbikiException if the file holds other answers or its header is damaged
   */
  public long growth(Path file, StoreKey key, Dataset dataset) {
    if (!Files.exists(file)) {
      return Store.estimateBytes(
          key, layers(key, dataset), (long) dataset.size() * options.views());
    }
    Store stored = Store.open(file, key);
    return stored.growth(count(missing(stored, dataset)));
  }

  /** Opens a file as soon as nobody else writes to it. */
  private StoreWriter open(Path file, StoreKey key) {
    while (true) {
      Optional<StoreWriter> writer = StoreWriter.open(file, key);
      if (writer.isPresent()) {
        return writer.get();
      }
      listener.waiting(file);
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        throw RanbikiException.io(
            "Labelling was interrupted while it waited for another run that writes to %s. Asked"
                + " again, it uses what is there then.",
            file);
      }
    }
  }

  /** Looks without writing, so that a finished store can be shared and read-only. */
  private boolean isComplete(Path file, StoreKey key, Dataset dataset) {
    Store stored = Store.open(file, key);
    stored.checkAll();
    return count(missing(stored, dataset)) == 0;
  }

  private static long count(List<int[]> missing) {
    return missing.stream().mapToLong(indices -> indices.length).sum();
  }

  /** Refuses a precision that changes the answers, and tells what it costs or saves. */
  private void requireFidelity(StoreKey key, Dataset dataset) {
    if (key.precision() == Precision.FLOAT32) {
      return;
    }
    try (Epoch epoch = loader(key, dataset, 0).epoch(0)) {
      Fidelity fidelity = Fidelity.of(teacher, inPrecision(key), epoch);
      listener.note(fidelity.require(key.precision()));
    }
  }

  /** The shape of one sample's output of each layer that a key names. */
  private Map<String, List<Integer>> layers(StoreKey key, Dataset dataset) {
    Map<String, List<Integer>> layers = new TreeMap<>();
    if (!key.layers().isEmpty()) {
      try (TensorScope scope = TensorScope.open("shapes of features");
          Epoch epoch = loader(key, Splits.first(dataset, 1), 0).epoch(0)) {
        Signal signal = teacher.signal(Batch.of(epoch.next()));
        for (String path : key.layers()) {
          long[] shape = signal.feature(path).shape();
          layers.put(path, Arrays.stream(shape).skip(1).mapToObj(Math::toIntExact).toList());
        }
      }
    }
    return layers;
  }

  private void create(Path file, StoreKey key, Dataset dataset) {
    Map<String, List<Integer>> layers = layers(key, dataset);
    long answers = (long) dataset.size() * options.views();
    requireSpace(file, Store.estimateBytes(key, layers, answers), answers, freeBytes);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new RanbikiException(
          RanbikiException.Kind.IO,
          "Cannot create the folder of " + file + ": " + Reasons.of(e) + ". Name another file.",
          e);
    }
    StoreWriter.create(file, key, layers);
  }

  /**
   * Refuses answers that the disk cannot take.
   *
   * @param file where they would be, or the folder
   * @throws RanbikiException of kind io
   */
  public static void requireSpace(Path file, long bytes, long answers) {
    requireSpace(file, bytes, answers, Labeller::freeBytes);
  }

  private static void requireSpace(
      Path file, long bytes, long answers, ToLongFunction<Path> freeBytes) {
    long free = freeBytes.applyAsLong(file);
    if (bytes > free) {
      throw RanbikiException.io(
          "%d answers take %d bytes in %s, but only %d bytes are free there. Free some space, or"
              + " store less: fewer views or layers, float16, or top-k.",
          answers, bytes, file, free);
    }
  }

  /** What the disk of a file, or of the folder in which it will be, can still take. */
  private static long freeBytes(Path file) {
    Path place = file.toAbsolutePath();
    while (!Files.exists(place) && place.getParent() != null) {
      place = place.getParent();
    }
    try {
      return Files.getFileStore(place).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE; // not known; writing will tell
    }
  }

  /** For every view, the indices of the samples whose answer is not stored. */
  private List<int[]> missing(Store stored, Dataset dataset) {
    return IntStream.range(0, options.views())
        .mapToObj(
            view ->
                IntStream.range(0, dataset.size())
                    .filter(index -> !stored.contains(dataset.id(index), view))
                    .toArray())
        .toList();
  }

  private Loader loader(StoreKey key, Dataset dataset, int view) {
    Loader.Options inOrder =
        new Loader.Options(options.batch(), 0, false, false, options.threads(), 4);
    Views views = new Views(key.augmentations(), key.viewsSeed(), epoch -> view);
    return new Loader(dataset, inOrder, key.prepare(), views);
  }

  private long ask(
      StoreWriter writer, StoreKey key, Dataset samples, int view, long before, long missing) {
    long done = before;
    Epoch samplesInOrder = loader(key, samples, view).epoch(0);
    try (AskedBatches batches = new AskedBatches(samplesInOrder, samples, inPrecision(key))) {
      while (batches.hasNext()) {
        if (Thread.currentThread().isInterrupted()) {
          throw interrupted(done, missing);
        }
        try (TensorScope scope = TensorScope.open("label")) {
          AskedBatches.Answered answered = next(batches, done, missing);
          Batch batch = answered.batch();
          List<byte[]> parts =
              encode(key, batch, Objects.requireNonNull(answered.signal()), samples);
          for (int i = 0; i < batch.size(); i++) {
            writer.add(batch.ids()[i], view, parts, batch.size(), i);
          }
          done += batch.size();
        }
        listener.progress(done, missing);
      }
    }
    return done;
  }

  private static AskedBatches.Answered next(AskedBatches batches, long done, long missing) {
    try {
      return batches.next();
    } catch (RanbikiException e) {
      throw Thread.currentThread().isInterrupted() ? interrupted(done, missing) : e;
    }
  }

  private static RanbikiException interrupted(long done, long missing) {
    return RanbikiException.io(
        "Labelling was interrupted after %d of %d answers, which are kept. Asked again, it goes on from"
            + " there.",
        done, missing);
  }

  private List<byte[]> encode(StoreKey key, Batch batch, Signal signal, Dataset samples) {
    List<byte[]> parts = new ArrayList<>();
    parts.add(key.encoding().encode(signal.logits()));
    for (String path : key.layers()) {
      Tensor half = signal.feature(path).to(DType.FLOAT16);
      requireFinite(half, path, batch, samples);
      parts.add(StoreLayout.channelsLast(half).toBytes());
    }
    return parts;
  }

  /** The teacher, computing as the key says. */
  private Teacher inPrecision(StoreKey key) {
    return key.precision() == Precision.FLOAT32 ? teacher : new Bfloat16Teacher(teacher);
  }

  private void requireFinite(Tensor values, String layer, Batch batch, Dataset samples) {
    if (values.isAllFinite()) {
      return;
    }
    int row = 0;
    while (values.narrow(0, row, 1).isAllFinite()) {
      row++;
    }
    throw RanbikiException.model(
        "The teacher %s gives an output of %s for %s that is not finite in 16 bits. Check its"
            + " weights and data.normalize, or say teacher.answers: live.",
        teacher.title(), layer, samples.nameOf(batch.ids()[row]));
  }
}
