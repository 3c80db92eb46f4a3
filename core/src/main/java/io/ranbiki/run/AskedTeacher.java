package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Normalization;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.teacher.Labeller;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.StoredTeacher;
import io.ranbiki.teacher.Teacher;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/** The teacher of a run: opened once, asked live or through its stored answers. */
final class AskedTeacher implements AutoCloseable {

  private static final int LABEL_BATCH = 128;

  private final TeacherConfig config;
  private final ModelFolder.Loaded loaded;
  private final String hash;
  private final Path answersFolder;
  private final RunListener listener;
  private final BooleanSupplier stop;

  private AskedTeacher(
      TeacherConfig config,
      ModelFolder.Loaded loaded,
      Path answersFolder,
      RunListener listener,
      BooleanSupplier stop) {
    this.config = config;
    this.loaded = loaded;
    this.hash = hash(config);
    this.answersFolder = answersFolder;
    this.listener = listener;
    this.stop = stop;
  }

  /**
   * Reads the teacher.
   *
   * @param answersFolder where stored answers of all runs lie
   * @param stop asked after every batch of answers: whether to stop labelling
   * @throws RanbikiException if it cannot be read, or was made for other data
   */
  static AskedTeacher open(
      TeacherConfig config,
      RunData data,
      Path answersFolder,
      RunListener listener,
      BooleanSupplier stop) {
    ModelFolder.Loaded loaded = ModelFolder.read(config.model());
    try {
      requireSameTask(config, loaded.config(), data);
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
    return new AskedTeacher(config, loaded, answersFolder, listener, stop);
  }

  private static void requireSameTask(TeacherConfig config, ModelConfig teacher, RunData data) {
    if (!teacher.spec().input().equals(data.shape())) {
      throw RanbikiException.configuration(
          "teacher %s takes samples of shape %s, but the data has %s; use the data that it was trained on",
          config.model(), teacher.spec().input(), data.shape());
    }
    if (teacher.spec().classes() != data.classes()) {
      throw RanbikiException.configuration(
          "teacher %s knows %d classes, but the data has %d; use the data that it was trained on",
          config.model(), teacher.spec().classes(), data.classes());
    }
    if (!teacher.classNames().isEmpty() && !teacher.classNames().equals(data.classNames())) {
      throw RanbikiException.configuration(
          "teacher %s has the classes %s, but the data has %s; both must have the same classes in the same order",
          config.model(), teacher.classNames(), data.classNames());
    }
  }

  /** SHA-256 over the files of a teacher. */
  static String hash(TeacherConfig config) {
    return StoreKey.hashOf(
        List.of(
            config.model().resolve(ModelFolder.CONFIG),
            config.model().resolve(ModelFolder.WEIGHTS)));
  }

  /** What the inputs went through that it was trained on. */
  Normalization trainedOn() {
    return loaded.config().normalization();
  }

  /** The network itself. */
  Model model() {
    return loaded.model();
  }

  /** The network as teacher of the layers that an objective reads; the caller closes it. */
  Teacher live(Objective objective) {
    return new ModelTeacher(loaded.model(), objective.teacherLayers());
  }

  /** Somebody to ask about the samples of a training; the caller closes it. */
  Teacher ask(Objective objective, Dataset samples, RunData data, int views) {
    if (!usesStored(objective)) {
      return live(objective);
    }
    store(objective, samples, data, views);
    return StoredTeacher.open(file(objective, data), key(objective, data));
  }

  /** Whether a run with this objective reads stored answers. */
  boolean usesStored(Objective objective) {
    return switch (config.answers()) {
      case AUTO -> objective.teacherLayers().isEmpty();
      case STORED -> true;
      case LIVE -> false;
    };
  }

  /** Where the stored answers lie, or will. */
  Path file(Objective objective, RunData data) {
    return answersFolder.resolve(key(objective, data).fileName());
  }

  /**
   * Asks for what is not stored yet.
   *
   * @throws RanbikiException if it was asked to stop; what was answered is kept
   */
  Labeller.Outcome store(Objective objective, Dataset samples, RunData data, int views) {
    Labeller.Options options = new Labeller.Options(LABEL_BATCH, views, 1);
    try (Teacher live = live(objective)) {
      return new Labeller(live, options, new Notes())
          .label(file(objective, data), key(objective, data), samples);
    } finally {
      if (stop.getAsBoolean()) {
        Thread.interrupted(); // it was our own sign to the labeller
      }
    }
  }

  /** What the stored answers depend on. */
  StoreKey key(Objective objective, RunData data) {
    StoreKey logits =
        StoreKey.of(
            hash,
            data.fingerprint(),
            data.normalization(),
            data.augmentations(),
            RunData.VIEW_SEED,
            loaded.config().spec().classes());
    return new StoreKey(
        logits.teacher(),
        logits.data(),
        logits.normalization(),
        logits.augmentations(),
        logits.viewsSeed(),
        logits.classes(),
        List.copyOf(objective.teacherLayers()),
        config.encoding(),
        config.precision());
  }

  @Override
  public void close() {
    loaded.close();
  }

  /** Passes on what the labeller tells. */
  private final class Notes implements Labeller.Listener {

    private long told;

    @Override
    public void starting(Path file, long missing, long stored, long bytes) {
      listener.note(
          String.format(
              Locale.ROOT,
              "asking the teacher for %,d answers (%,d are stored); they take %,d kB in %s",
              missing,
              stored,
              bytes / 1000,
              file));
      listener.labellingStarted(missing);
    }

    @Override
    public void progress(long done, long missing) {
      listener.labelled(done - told);
      told = done;
      if (stop.getAsBoolean()) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void note(String sentence) {
      listener.note(sentence);
    }
  }
}
