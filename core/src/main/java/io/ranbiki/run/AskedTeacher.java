package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Task;
import io.ranbiki.evaluate.Deployed;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.file.Identity;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.teacher.Labeller;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.PrincipalComponents;
import io.ranbiki.teacher.Recognition;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The teacher of a run: opened once, asked live or through its stored answers. */
final class AskedTeacher implements AutoCloseable {

  private final TeacherConfig config;
  private final TeacherSource source;
  private final Recognition recognition;
  private final Prepare prepare;
  private final ModelFolder.@Nullable Loaded ours;

  /** Of so many training samples' vectors the principal components are found. */
  private static final int NARROWED_BY = 2000;

  /** Null if vectors stay as long as they are. */
  private final @Nullable Narrowing narrowing;

  /** Where the answers lie in a file; null if a model gives them. */
  private final @Nullable GivenTeachers given;

  private final RunData data;
  private final LabelsSeen labelsSeen;
  private final List<Set<Long>> unseen;
  private final String hash;

  /** Of whoever answers training samples. */
  private final String trainingHash;

  private final AnswerStores stores;
  private final RunListener listener;
  private final Set<String> said = new HashSet<>();
  private @Nullable Teacher shared;

  private AskedTeacher(
      TeacherConfig config,
      TeacherSource source,
      List<Set<Long>> unseen,
      ModelFolder.@Nullable Loaded ours,
      RunData data,
      Path answersFolder,
      RunListener listener,
      BooleanSupplier stop) {
    this.config = config;
    this.source = source;
    this.unseen = unseen;
    this.ours = ours;
    this.data = data;
    this.stores = new AnswerStores("teacher", answersFolder, data.readers(), listener, stop);
    this.listener = listener;
    if (ours != null) {
      say(ours.model().notes());
    }
    if (source instanceof TeacherSource.Given file) {
      given = GivenTeachers.of(file, data, listener::note);
      prepare = data.prepare(); // nobody looks at what it makes
      recognition = new Recognition(source, List.of(), List.of());
      narrowing = null;
    } else {
      given = null;
      prepare =
          data.task() instanceof Task.MaskedLanguage
              ? SameTokens.ofPieces(source, data)
              : ModelInputs.prepare(
                      "The teacher " + source.title(),
                      source,
                      given(config, data).or(data::said),
                      data.whole(),
                      listener::note)
                  .forSamples(data.sampleFields());
      narrowing = narrowing();
      recognition =
          Recognition.of(source, config.kinds(), data.recognitionLoader(prepare), this::plain);
    }
    hash = narrowing == null ? recognition.source().hash() : narrowedHash();
    trainingHash =
        unseen.isEmpty()
            ? hash
            : Identity.of(
                "cross-fitted " + hash + " " + unseen.stream().map(TreeSet::new).toList(),
                List.of());
    labelsSeen = TeacherLabels.of(source);
    say(recognition.notes());
    say(recognition.doubts());
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
    return open(config, List.of(), data, answersFolder, listener, stop);
  }

  /**
   * Reads a teacher of several models, of which each alone answers the training samples whose
   * labels it has not seen; all other samples are answered by all of them.
   *
   * @param unseen for each model, the ids of these samples; empty if all answer every sample
   */
  static AskedTeacher open(
      TeacherConfig config,
      List<Set<Long>> unseen,
      RunData data,
      Path answersFolder,
      RunListener listener,
      BooleanSupplier stop) {
    TeacherSource source = config.source();
    if (data.task() instanceof Task.MaskedLanguage) {
      SameTokens.ofPieces(source, data);
    }
    ModelFit.requireClasses("teacher", source, data);
    ModelFolder.@Nullable Loaded ours = read(source);
    if (ours != null) {
      try {
        ModelConfig seeing = seeing(config, source, ours.config(), data);
        if (source instanceof TeacherSource.Folder) {
          ModelFit.require("teacher", source.title(), seeing, data);
        } else {
          ModelFit.requireSamples("teacher", source.title(), seeing, data);
        }
      } catch (RuntimeException e) {
        ours.close();
        throw e;
      }
    }
    try {
      return new AskedTeacher(config, source, unseen, ours, data, answersFolder, listener, stop);
    } catch (RuntimeException e) {
      if (ours != null) {
        ours.close();
      }
      throw e;
    }
  }

  /** What the configuration says of its inputs. */
  private static Optional<Prepare> given(TeacherConfig config, RunData data) {
    return config
        .prepare()
        .map(PrepareConfig::open)
        .map(prepare -> prepare.forSamples(data.sampleFields()));
  }

  /** The network of a folder that answers by itself; null for all others. */
  private static ModelFolder.@Nullable Loaded read(TeacherSource source) {
    if (source instanceof TeacherSource.Folder folder) {
      return folder.read();
    }
    return source instanceof TeacherSource.Embedding embedding
        ? embedding.encoder().read().orElse(null)
        : null;
  }

  /** A model with what its inputs will go through in this run. */
  private static ModelConfig seeing(
      TeacherConfig config, TeacherSource source, ModelConfig model, RunData data) {
    Prepare prepare =
        ModelInputs.prepare("", source, given(config, data), data.whole(), silent -> {});
    return new ModelConfig(model.spec(), prepare, model.task(), model.encoder());
  }

  /** Says once what a user should know. */
  private void say(List<String> notes) {
    notes.stream().filter(said::add).forEach(listener::note);
  }

  /** SHA-256 over the files of a teacher and what else its answers depend on. */
  static String hash(TeacherConfig config) {
    return config.source().hash();
  }

  /** What its inputs go through. */
  Prepare prepare() {
    return prepare;
  }

  /** Whether its answers lie in a file, so that nobody computes them. */
  boolean isGiven() {
    return given != null;
  }

  /** Whether it can be asked about the samples of the test. */
  boolean answersTest() {
    return given == null || given.test().isPresent();
  }

  /**
   * Refuses samples that it cannot answer.
   *
   * @param trainedOn all that will be asked about
   * @throws RanbikiException of kind configuration, which counts them
   */
  void requireAnswers(Dataset trainedOn) {
    if (given != null) {
      given.require(trainedOn);
    }
  }

  /** How many models answer what each has not seen; 0 if all answer every sample. */
  int crossFitted() {
    return unseen.size();
  }

  /** The samples whose labels it was trained on, as far as its files say. */
  LabelsSeen labelsSeen() {
    return labelsSeen;
  }

  /** The network itself; null for files of others and ensembles. */
  @Nullable Model model() {
    return ours == null ? null : ours.model();
  }

  /** Number of values in all parameters; null if the files do not say. */
  @Nullable Long parameterCount() {
    return ours == null
        ? Teachers.describe(source).parameters()
        : (Long) ours.model().parameterCount();
  }

  /** Size of the files that it is read from, as far as they hold weights. */
  long byteCount() {
    return ours == null ? Teachers.describe(source).bytes() : ours.model().byteCount();
  }

  /**
   * What it costs where it runs is measured of this.
   *
   * @param live itself; stays open as long as the answer is used
   */
  Deployed deployed(Teacher live) {
    return ours == null
        ? Deployed.of(recognition.source(), live, data.shape(prepare), prepare)
        : Deployed.of(ours);
  }

  /** The teacher, answering with the layers that an objective reads; the caller closes it. */
  Teacher live(Objective objective) {
    return live(objective.teacherLayers());
  }

  /**
   * Whoever answers the samples of the test; the caller closes it.
   *
   * @throws java.util.NoSuchElementException unless {@link #answersTest}
   */
  Teacher ofTest() {
    return given == null ? live(List.of()) : given.test().orElseThrow();
  }

  /** The teacher, answering with some layers; the caller closes it. */
  Teacher live(Collection<String> layers) {
    if (given != null) {
      return given.training();
    }
    Teacher teacher = opened(recognition.source(), layers);
    if (ours == null) {
      say(teacher.notes());
      return teacher;
    }
    return recognition.source() instanceof TeacherSource.Probabilities
        ? Teachers.logarithmsOf(teacher)
        : teacher;
  }

  /** A teacher or a member of one, answering as it does by itself. */
  private Teacher plain(TeacherSource of) {
    return opened(of, List.of());
  }

  private Teacher opened(TeacherSource of, Collection<String> layers) {
    if (narrowing == null) {
      return whole(of, layers);
    }
    PrincipalComponents components = narrowing.components();
    return Teachers.narrowed(whole(of, layers), components);
  }

  private Teacher whole(TeacherSource of, Collection<String> layers) {
    if (ours != null) {
      Teacher teacher = Teachers.prepared(new ModelTeacher(ours.model(), layers), prepare);
      return of instanceof TeacherSource.Embedding ? Teachers.ofLengthOne(teacher) : teacher;
    }
    Teacher teacher = Teachers.open(of, data.shape(prepare), data.classes(), layers);
    return Teachers.prepare(of) == null ? Teachers.prepared(teacher, prepare) : teacher;
  }

  private @Nullable Narrowing narrowing() {
    if (!(source instanceof TeacherSource.Embedding embedding) || embedding.components() == 0) {
      return null;
    }
    StoreKey key =
        StoreKey.of(
            narrowedHash(),
            data.fingerprint(),
            prepare,
            Augmentations.none(),
            RunData.VIEW_SEED,
            embedding.components());
    Path file = stores.file(key);
    return new Narrowing(
        file.resolveSibling(file.getFileName().toString().replaceFirst("\\.store$", ".pca")),
        key.key().parts() + " of " + NARROWED_BY,
        () -> {
          try (Teacher teacher = whole(embedding, List.of())) {
            Loader samples = data.spreadLoader(NARROWED_BY, prepare);
            return PrincipalComponents.of(teacher, samples, embedding.components());
          }
        },
        listener::note);
  }

  /** To what vectors are narrowed depends on the data, too. */
  private String narrowedHash() {
    String how = "pca " + source.classes() + " " + data.fingerprint() + " " + source.hash();
    return Identity.of(how, List.of());
  }

  /** What its answers are. */
  Recognition recognition() {
    return recognition;
  }

  /** Somebody to ask about the samples of a training; the caller closes it. */
  synchronized Teacher ask(Objective objective, Dataset samples, int views) {
    if (!usesStored(objective)) {
      Teacher live = shared == null ? live(objective) : Teachers.oneAtATime(shared);
      keepNarrowing();
      return live;
    }
    store(objective, samples, views);
    return stored(objective);
  }

  /**
   * Answers several threads from now on: one teacher, which they ask one at a time, where answers
   * are not stored.
   */
  void share(Objective objective) {
    if (!usesStored(objective)) {
      shared = live(objective);
    }
  }

  /** Ends {@link #share}, once nobody asks any more. */
  void unshare() {
    if (shared != null) {
      shared.close();
      shared = null;
    }
  }

  /** Whether a run with this objective reads stored answers. */
  boolean usesStored(Objective objective) {
    return usesStored(config, objective);
  }

  /** Whether a run with this teacher and objective reads stored answers. */
  static boolean usesStored(TeacherConfig config, Objective objective) {
    return switch (config.answers()) {
      case AUTO -> objective.teacherLayers().isEmpty();
      case STORED -> true;
      case LIVE -> false;
    };
  }

  /** Where the stored answers lie, or will. */
  Path file(Objective objective) {
    return stores.file(key(objective));
  }

  /**
   * Asks for what is not stored yet.
   *
   * @throws RanbikiException if it was asked to stop; what was answered is kept
   */
  Labeller.Outcome store(Objective objective, Dataset samples, int views) {
    StoreKey key = key(objective);
    if (unseen.isEmpty()) {
      return store("answers", live(objective), key, samples, views);
    }
    long asked = 0;
    long reused = 0;
    int[] answering = answering(samples);
    for (int member = -1; member < unseen.size(); member++) {
      int who = member;
      int[] own = IntStream.range(0, answering.length).filter(i -> answering[i] == who).toArray();
      if (own.length > 0) {
        Teacher live = who < 0 ? live(objective) : plain(members().get(who));
        Labeller.Outcome part = store("answers", live, key, Subset.of(samples, own), views);
        asked += part.asked();
        reused += part.reused();
      }
    }
    return new Labeller.Outcome(asked, reused);
  }

  /** For each sample, the one model that answers it, or -1 for all together. */
  private int[] answering(Dataset samples) {
    Map<Long, Integer> by = new HashMap<>();
    for (int member = 0; member < unseen.size(); member++) {
      for (long id : unseen.get(member)) {
        by.put(id, member);
      }
    }
    return IntStream.range(0, samples.size())
        .map(index -> by.getOrDefault(samples.id(index), -1))
        .toArray();
  }

  private List<TeacherSource> members() {
    return ((TeacherSource.Ensemble) source).members();
  }

  /**
   * Looks at the files of stored answers, before anything is asked, trained or written.
   *
   * @param training whether answers to the training samples will be stored; those to the test set
   *     are unless answers are to be live
   * @param samples all that are trained on
   * @param heldOut all on which students are to agree with the teacher
   * @throws RanbikiException if a file cannot be used, or the disk cannot take what is missing
   */
  void requireStores(
      boolean training,
      Objective objective,
      Dataset samples,
      Optional<Dataset> heldOut,
      int views) {
    long bytes = 0;
    long answers = 0;
    try (Teacher live = live(objective)) {
      if (training) {
        bytes += stores.growth(live, key(objective), samples, views);
        answers += (long) samples.size() * views;
      }
      if (config.answers() != TeacherConfig.Answers.LIVE) {
        if (answersTest()) {
          try (Teacher ofTest = ofTest()) {
            bytes += stores.growth(ofTest, testKey(), data.test(), 1);
          }
          answers += data.test().size();
        }
        if (heldOut.isPresent()) {
          bytes += stores.growth(live, heldOutKey(), heldOut.get(), 1);
          answers += heldOut.get().size();
        }
      }
    }
    stores.requireSpace(bytes, answers);
  }

  /**
   * What it answers to the test set: asked once for all runs, unless answers are to be live.
   *
   * @return empty where a file has no answers to it
   */
  Optional<Predictions> tested(Loader test) {
    if (!answersTest()) {
      return Optional.empty();
    }
    try (Teacher asked = answersToTest()) {
      return Optional.of(Evaluation.of(asked, test));
    }
  }

  /** What it answers to training samples that are held out, as {@link #tested}. */
  Predictions heldOut(Loader heldOut) {
    storeHeldOut(heldOut.dataset());
    try (Teacher asked = answersToHeldOut()) {
      return Evaluation.of(asked, heldOut);
    }
  }

  /** Somebody to ask about the samples of the test; the caller closes it. */
  Teacher answersToTest() {
    storeTest();
    return config.answers() == TeacherConfig.Answers.LIVE ? ofTest() : stores.open(testKey());
  }

  /** Somebody to ask about samples held out, whose answers are stored; the caller closes it. */
  Teacher answersToHeldOut() {
    return config.answers() == TeacherConfig.Answers.LIVE
        ? live(List.of())
        : stores.open(heldOutKey());
  }

  /** The stored answers to the samples of a training; the caller closes it. */
  Teacher stored(Objective objective) {
    return stores.open(key(objective));
  }

  /** Asks about the test set what is not stored yet; nothing if answers are to be live. */
  void storeTest() {
    if (config.answers() != TeacherConfig.Answers.LIVE && answersTest()) {
      store("answers to the test set", ofTest(), testKey(), data.test(), 1);
    }
  }

  /** Asks about samples held out what is not stored yet; nothing if answers are to be live. */
  void storeHeldOut(Dataset heldOut) {
    if (config.answers() != TeacherConfig.Answers.LIVE) {
      store("answers to samples held out", live(List.of()), heldOutKey(), heldOut, 1);
    }
  }

  private StoreKey testKey() {
    return plainKey(data.test().fingerprint());
  }

  private StoreKey heldOutKey() {
    return plainKey(data.fingerprint());
  }

  /** The teacher is judged as it is, in whatever precision and encoding it teaches. */
  private StoreKey plainKey(String fingerprint) {
    return StoreKey.of(
        hash, fingerprint, prepare, Augmentations.none(), RunData.VIEW_SEED, data.classes());
  }

  private Labeller.Outcome store(
      String what, Teacher live, StoreKey key, Dataset samples, int views) {
    keepNarrowing();
    return stores.store(what, live, key, takenForLogits(key), samples, views);
  }

  private void keepNarrowing() {
    if (narrowing != null) {
      narrowing.keep();
    }
  }

  /** Under which the answers were before somebody noticed that they are probabilities. */
  private Optional<StoreKey> takenForLogits(StoreKey key) {
    return recognition.source().equals(source)
        ? Optional.empty()
        : Optional.of(key.ofTeacher(source.hash()));
  }

  /** What the stored answers depend on. */
  StoreKey key(Objective objective) {
    return new StoreKey(
        trainingHash,
        data.fingerprint(),
        prepare,
        data.augmentations(),
        RunData.VIEW_SEED,
        data.classes(),
        List.copyOf(objective.teacherLayers()),
        config.encoding(),
        config.precision());
  }

  @Override
  public void close() {
    if (ours != null) {
      ours.close();
    }
  }
}
