package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.Version;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Views;
import io.ranbiki.nn.Answer;
import io.ranbiki.nn.Signal;
import io.ranbiki.store.Column;
import io.ranbiki.store.Store;
import io.ranbiki.store.StoreWriter;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Asks a live teacher for every view of every sample that a store lacks, and writes the answers.
 * While the teacher computes, the loader's own thread prepares the next batches; an answer goes to
 * the operating system in some microseconds, so writing needs no thread.
 *
 * <p>What is asked together changes the last bits of an answer. So the missing samples are asked in
 * blocks of {@value #BLOCK} by ascending id, each cut into batches of samples of like length, and a
 * block is kept whole or not at all: whenever labelling is stopped, also by killing the process, it
 * goes on with the next block, and the answers are the same to the bit as without the stop. An
 * interrupt of the thread stops it after the current batch.
 */
public final class Labeller {

  /** The most samples that are asked together and kept together; fewer where answers are large. */
  static final int BLOCK = 1024;

  private static final long PAUSE_MILLIS = 200;
  private static final long LARGEST_BLOCK = 1 << 29;

  /** What a length that varies is taken for where a block must be small enough. */
  private static final int LONG = 1024;

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

    /** The same with so many loader threads. */
    public Options withThreads(int number) {
      return new Options(batch, views, number);
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
     * @param bytes by how much the store will grow
     */
    default void starting(Path file, long missing, long stored, long bytes) {}

    /**
     * While somebody else writes to the same store, again and again: its answers are waited for. An
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
   * Makes a store hold the answers to a dataset: starts it, goes on with it, or finds that nothing
   * is missing.
   *
   * @param folder of the store; made if it is not there
   * @param key what the answers depend on; the samples are prepared by what it says
   * @param dataset all samples of the dataset that the key names, or some of them
   * @throws RanbikiException if the store holds other answers, the disk is too small, the teacher's
   *     answers are not finite, do not fit the key, or differ too much in bfloat16, or the thread
   *     is interrupted; whatever blocks were answered before are kept
   */
  public Outcome label(Path folder, StoreKey key, Dataset dataset) {
    if (teacher.classes() != key.classes()) {
      throw RanbikiException.configuration(
          "The teacher %s answers %d classes, but %d are wanted. Correct the number, or take the"
              + " teacher of these classes.",
          teacher.title(), teacher.classes(), key.classes());
    }
    long total = (long) dataset.size() * options.views();
    Optional<Store> before =
        Store.exists(folder) ? Optional.of(open(folder, key)) : Optional.empty();
    if (before.isPresent() && isComplete(before.get(), dataset)) {
      return new Outcome(0, total); // without writing: a finished store may be read-only
    }
    List<Column> columns = columns(before, key, dataset);
    int perBlock = perBlock(columns);
    requireSpace(folder, growth(before, key, columns, dataset), freeBytes);
    try (StoreWriter writer = write(folder, key)) {
      writer.stored().notes().forEach(listener::note);
      List<int[]> missing = missing(writer.stored(), dataset);
      long count = count(missing);
      if (count == 0) {
        return new Outcome(0, total); // whoever was waited for has asked
      }
      Growth growth = growth(Optional.of(writer.stored()), key, columns, dataset);
      requireSpace(folder, growth, freeBytes);
      requireFidelity(key, dataset);
      listener.starting(folder, count, total - count, growth.bytes());
      Progress progress = new Progress(count);
      for (int view = 0; view < missing.size(); view++) {
        if (missing.get(view).length > 0) {
          ask(writer, key, dataset, missing.get(view), perBlock, view, progress);
        }
      }
      return new Outcome(count, total - count);
    }
  }

  /**
   * By how much a store grows while it is labelled. If it is not there yet, the teacher is asked
   * about one sample where the shape of its answers cannot be told from the key.
   *
   * @return bytes, 0 or more; an estimate where the lengths of answers vary
   * @throws RanbikiException if the store holds other answers or its header is damaged
   */
  public long growth(Path folder, StoreKey key, Dataset dataset) {
    Optional<Store> stored =
        Store.exists(folder) ? Optional.of(open(folder, key)) : Optional.empty();
    return growth(stored, key, columns(stored, key, dataset), dataset).bytes();
  }

  /** Some answers, and the bytes that they will take. */
  private record Growth(long answers, long bytes) {}

  private Growth growth(
      Optional<Store> stored, StoreKey key, List<Column> columns, Dataset dataset) {
    boolean vary = columns.stream().anyMatch(Column::varies);
    int length = vary ? Blocks.meanLength(loader(key, dataset, 0), key.prepare()) : 0;
    long answers = 0;
    long bytes = 0;
    if (stored.isEmpty()) { // as many views as somebody may have mistyped are not listed
      answers = Math.multiplyExact((long) options.views(), dataset.size());
      bytes = Math.multiplyExact((long) options.views(), bytes(columns, length, dataset.size()));
    } else {
      for (int[] missing : missing(stored.get(), dataset)) {
        answers += missing.length;
        bytes += bytes(columns, length, missing.length);
      }
    }
    long begun = answers == 0 ? 0 : Store.emptyBytes(key.key(), software(), columns);
    return new Growth(answers, begun + bytes);
  }

  private static long bytes(List<Column> columns, int length, int answers) {
    return Store.bytes(columns, length, answers, perBlock(columns));
  }

  private static int perBlock(List<Column> columns) {
    long row = columns.stream().mapToLong(column -> column.rowBytes(LONG)).sum();
    return (int) Math.max(1, Math.min(BLOCK, LARGEST_BLOCK / row));
  }

  /** The software whose answers a store will hold. */
  private static String software() {
    return String.format(
        Locale.ROOT,
        "ranbiki %s, libtorch %s, ONNX Runtime %s",
        Version.text(),
        Engine.version(),
        OnnxEngine.version());
  }

  private static Store open(Path folder, StoreKey key) {
    Store stored = Store.open(folder, key.key());
    stored.checkAll();
    return stored;
  }

  /** Opens a store as soon as nobody else writes to it. */
  private StoreWriter write(Path folder, StoreKey key) {
    while (true) {
      Optional<StoreWriter> writer = StoreWriter.open(folder, key.key(), software());
      if (writer.isPresent()) {
        return writer.get();
      }
      listener.waiting(folder);
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        throw RanbikiException.io(
            "Labelling was interrupted while it waited for another run that writes to %s. Asked"
                + " again, it uses what is there then.",
            folder);
      }
    }
  }

  private boolean isComplete(Store stored, Dataset dataset) {
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

  /** What a row holds, or will. */
  private List<Column> columns(Optional<Store> stored, StoreKey key, Dataset dataset) {
    if (stored.isPresent() && !stored.get().columns().isEmpty()) {
      return stored.get().columns();
    }
    if (key.layers().isEmpty() && !Blocks.vary(loader(key, dataset, 0).fields())) {
      return List.of(new Column(Signal.LOGITS, key.encoding(), List.of(key.classes())));
    }
    try (TensorScope scope = TensorScope.open("shapes of answers");
        Epoch epoch = loader(key, Splits.first(dataset, 1), 0).epoch(0)) {
      Batch batch = Batch.of(epoch.next());
      return Stored.of(key, batch, teacher.signal(batch)).columns();
    }
  }

  /**
   * Refuses answers that the disk cannot take.
   *
   * @param file where they would be, or the folder
   * @throws RanbikiException of kind io
   */
  public static void requireSpace(Path file, long bytes, long answers) {
    requireSpace(file, new Growth(answers, bytes), Labeller::freeBytes);
  }

  private static void requireSpace(Path file, Growth growth, ToLongFunction<Path> freeBytes) {
    long free = freeBytes.applyAsLong(file);
    if (growth.bytes() > free) {
      throw RanbikiException.io(
          "%d answers take %d bytes in %s, but only %d bytes are free there. Free some space, or"
              + " store less: fewer views or layers, float16, or top-k.",
          growth.answers(), growth.bytes(), file, free);
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

  /** For every view, the indices of the samples whose answer is not stored, by ascending id. */
  private List<int[]> missing(Store stored, Dataset dataset) {
    int[] byId =
        IntStream.range(0, dataset.size())
            .boxed()
            .sorted(Comparator.comparingLong(dataset::id))
            .mapToInt(index -> index)
            .toArray();
    return IntStream.range(0, options.views())
        .mapToObj(
            view ->
                IntStream.of(byId)
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

  /** How far labelling is. */
  private static final class Progress {
    final long missing;
    long asked;
    long kept;

    Progress(long missing) {
      this.missing = missing;
    }
  }

  private void ask(
      StoreWriter writer,
      StoreKey key,
      Dataset samples,
      int[] missing,
      int perBlock,
      int view,
      Progress progress) {
    Loader loader = loader(key, samples, view);
    List<Blocks.Block> blocks =
        Blocks.of(loader, key.prepare(), missing, perBlock, options.batch());
    List<int[]> all = blocks.stream().flatMap(block -> block.batches().stream()).toList();
    Epoch inOrder = loader.epochOf(0, all);
    try (AskedBatches batches = new AskedBatches(inOrder, samples, inPrecision(key))) {
      for (Blocks.Block block : blocks) {
        for (int i = 0; i < block.batches().size(); i++) {
          if (Thread.currentThread().isInterrupted()) {
            throw interrupted(progress);
          }
          try (TensorScope scope = TensorScope.open("label")) {
            AskedBatches.Answered answered = next(batches, progress);
            Batch batch = answered.batch();
            Stored stored = Stored.of(key, batch, Objects.requireNonNull(answered.signal()));
            requireFinite(stored, batch, samples);
            if (i == 0) {
              writer.begin(stored.columns(), view, block.ids(samples));
            }
            writer.add(batch.ids(), stored.answers(), stored.lengths());
            progress.asked += batch.size();
          }
          if (i == block.batches().size() - 1) {
            progress.kept = progress.asked;
          }
          listener.progress(progress.asked, progress.missing);
        }
      }
    }
  }

  private static AskedBatches.Answered next(AskedBatches batches, Progress progress) {
    try {
      return batches.next();
    } catch (RanbikiException e) {
      throw Thread.currentThread().isInterrupted() ? interrupted(progress) : e;
    }
  }

  private static RanbikiException interrupted(Progress progress) {
    return RanbikiException.io(
        "Labelling was interrupted after %d of %d answers, which are kept. Asked again, it goes on from"
            + " there.",
        progress.kept, progress.missing);
  }

  /** The teacher, computing as the key says. */
  private Teacher inPrecision(StoreKey key) {
    return key.precision() == Precision.FLOAT32 ? teacher : new Bfloat16Teacher(teacher);
  }

  /** Logits were looked at before; outputs of layers may be beyond what 16 bits hold. */
  private void requireFinite(Stored stored, Batch batch, Dataset samples) {
    for (Map.Entry<String, Answer> answer : stored.answers().entrySet()) {
      Optional<String> layer = Stored.layer(answer.getKey());
      Tensor values = answer.getValue().tensors().get(0);
      if (layer.isEmpty() || values.isAllFinite()) {
        continue;
      }
      int row = 0;
      while (values.narrow(0, row, 1).isAllFinite()) {
        row++;
      }
      throw RanbikiException.model(
          "The teacher %s gives an output of %s for %s that is not finite in 16 bits. Check its"
              + " weights and data.normalize, or say teacher.answers: live.",
          teacher.title(), layer.get(), samples.nameOf(batch.ids()[row]));
    }
  }
}
