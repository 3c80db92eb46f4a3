package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Concat;
import io.ranbiki.data.Contents;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Sampling;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Task;
import io.ranbiki.data.Units;
import io.ranbiki.data.Views;
import io.ranbiki.prepare.Columns;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.teacher.Recognition;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The samples of a run: opened once, split anew for every seed. The test set is touched once, at
 * the end.
 */
public final class RunData implements AutoCloseable {

  /** Seed of the views; the same for every run, so that runs share stored answers. */
  static final long VIEW_SEED = 0;

  private static final int EVALUATION_BATCH = 64;

  /** Small, since the first answer of most teachers settles it. */
  private static final int RECOGNITION_BATCH = 16;

  private final DataConfig config;

  /** As their files have them. */
  private final SampleSets files;

  private final SampleSets sets;
  private final SeedSplits splits;
  private final DataNotes notes;
  private final Prepare own;
  private final Prepare prepare;

  /** As {@link #own}, with all pieces of the tokenizer. */
  private final Prepare whole;

  /** What opening the samples showed that a user should know, in sentences. */
  private final List<String> asides = new ArrayList<>();

  @SuppressWarnings("NullableOptional") // null until it is read, and then perhaps not known
  private @Nullable Optional<long[]> contents;

  private @Nullable Normalization unit;

  private RunData(
      DataConfig config,
      SampleSets files,
      SampleSets sets,
      Prepare own,
      Prepare prepare,
      Prepare whole) {
    this.config = config;
    this.files = files;
    this.sets = sets;
    this.splits = new SeedSplits(config, sets);
    this.notes = new DataNotes(sets, files.train(), own, whole);
    this.own = own;
    this.prepare = prepare;
    this.whole = whole;
  }

  /** Opens the files of a run. */
  public static RunData open(RunConfig config) {
    Prepare own = config.prepare();
    Optional<EncoderConfig> encoder = config.student().encoder();
    if (config.data().hidesPieces()) {
      Task.MaskedLanguage task = new Task.MaskedLanguage(config.pieces());
      return open(
          config.data(), own, own, samples -> new MaskedTexts(samples, task), Optional.empty());
    }
    if (encoder.isEmpty()) {
      Optional<Integer> width =
          config
              .teacher()
              .filter(TeacherConfig::teachesVectors)
              .map(teacher -> teacher.source().classes());
      return open(
          config.data(),
          own,
          own,
          samples -> width.isEmpty() ? samples : new EmbeddingSamples(samples, width.get()),
          config.vocabulary());
    }
    return encoded(config, encoder.get().source());
  }

  private static RunData encoded(RunConfig config, TeacherSource.Encoder source) {
    List<String> asides = new ArrayList<>();
    Prepare seen =
        ModelInputs.prepare(
            "The encoder " + source.title(),
            source,
            config.student().prepare().map(PrepareConfig::open),
            config.prepare(),
            asides::add);
    Teacher encoder = Teachers.encoder(source, List.of());
    try {
      RunData data =
          open(
              config.data(),
              seen,
              Prepare.NONE,
              samples -> new Encoded(samples, source, encoder, seen),
              Optional.empty());
      data.asides.addAll(asides);
      return data;
    } catch (RuntimeException e) {
      encoder.close();
      throw e;
    }
  }

  private static RunData open(
      DataConfig config,
      Prepare ofAny,
      Prepare preparedAny,
      UnaryOperator<Dataset> as,
      Optional<Integer> vocabulary) {
    SampleSets files = SampleSets.open(config, ofAny);
    List<Field> fields = files.train().fields();
    Prepare own = ofAny.forSamples(fields);
    Prepare prepare = preparedAny.forSamples(fields);
    SampleSets sets = files.as(as);
    if (vocabulary.isPresent()) {
      List<Dataset> texts =
          Stream.concat(Stream.of(files.train()), files.unlabelled().stream()).toList();
      Prepare fewer = own.with(TextNotes.pruned(own, vocabulary.get(), texts));
      return new RunData(config, files, sets, fewer, fewer, own);
    }
    Optional<Columns> columns = config.format().columns(files.train());
    columns.ifPresent(any -> requireNotNormalized(own));
    return new RunData(
        config,
        files,
        sets,
        columns.map(all -> own.with(new Step.Encode(all))).orElse(own),
        columns.map(all -> prepare.with(new Step.Encode(all))).orElse(prepare),
        own);
  }

  private static void requireNotNormalized(Prepare own) {
    if (!own.normalization().equals(Normalization.none())) {
      throw RanbikiException.configuration(
          "The columns of numbers are normalized by the mean and standard deviation of the training"
              + " rows, but 'normalize' says others. Leave it out, or say normalize: auto.");
    }
  }

  /**
   * Splits the training samples. Unless a share is asked for, a tenth is held out, at most 2,000:
   * of the labelled samples, by class; or, where a class has few of them or {@code labelled} is
   * set, of those without label, if there is a teacher with whom a student can agree on them.
   *
   * @param seed of the training; the split follows from it unless the data have a seed of their own
   * @throws RanbikiException if a class has samples, and all of them are held out
   */
  public SeedSplit split(long seed) {
    return splits.of(seed);
  }

  /** Looks up the vectors of all texts that a run will read, where its network takes such. */
  void lookUpVectors(List<Long> seeds, AnswerStores stores) {
    if (sets.unlabelled().isPresent()
        || !(sets.train() instanceof Encoded train)
        || !(sets.test() instanceof Encoded test)) {
      return;
    }
    Set<Long> read = new HashSet<>();
    for (long seed : seeds) {
      SeedSplit split = split(seed);
      Stream.concat(Stream.of(split.train()), split.validation().stream())
          .forEach(part -> IntStream.range(0, part.size()).forEach(i -> read.add(part.id(i))));
    }
    train.lookUp(
        IntStream.range(0, train.size()).filter(i -> read.contains(train.id(i))).toArray(), stores);
    test.lookUp(IntStream.range(0, test.size()).toArray(), stores);
  }

  /** How many samples have a label before any is held out or loses it. */
  int labelledSamples() {
    return splits.labelledSamples();
  }

  /** Why no labelled samples are held out unless a share is asked for; empty where some are. */
  Optional<String> fewLabels() {
    return splits.fewLabels();
  }

  /** Every sample that is trained on with any of the seeds, once. */
  public Dataset trainedOn(List<Long> seeds) {
    return splits.trainedOn(seeds);
  }

  /** Every sample on which students are to agree with the teacher with any of the seeds, once. */
  Optional<Dataset> agreedOn(List<Long> seeds) {
    return splits.agreedOn(seeds);
  }

  /** Threads that read samples: as many as there are cores where they must be decoded, else one. */
  int readers() {
    return config.format().decodes() ? Runtime.getRuntime().availableProcessors() : 1;
  }

  private Loader.Options shuffled(int batch, long seed) {
    return Loader.Options.shuffled(batch, seed)
        .withThreads(readers())
        .withBlock(config.format().block());
  }

  private Loader.Options inOrder(int batch) {
    return Loader.Options.inOrder(batch).withThreads(readers());
  }

  /** Shuffled batches of all samples with the views of this run, mixed as it says. */
  public Loader trainLoader(SeedSplit split, int batch, long seed) {
    Loader.Options shuffled = shuffled(batch, seed);
    return new Loader(
        split.train(),
        config
            .labelledShare()
            .map(share -> shuffled.withSampling(new Sampling.LabelledShare(share)))
            .orElse(shuffled),
        prepare,
        views());
  }

  /**
   * Shuffled batches of the labelled samples alone, as many and as large as {@link #trainLoader}
   * makes. Where they must repeat within an epoch, it is in copies that have views of their own;
   * the id of a copy names no sample, so no teacher can be asked about these batches.
   */
  public Loader labelsAloneLoader(SeedSplit split, int batch, long seed) {
    int wanted = trainLoader(split, batch, seed).samplesPerEpoch();
    Dataset[] copies = new Dataset[(wanted - 1) / split.labelled().size() + 1];
    Arrays.fill(copies, split.labelled());
    return new Loader(
        copies.length == 1 ? split.labelled() : Concat.of(copies),
        shuffled(batch, seed).withSampling(new Sampling.Count(wanted)),
        prepare,
        views());
  }

  /** Shuffled batches of the labelled samples alone, each once in an epoch. */
  Loader ownLoader(SeedSplit split, int batch, long seed, Augmentations augmentations) {
    return new Loader(
        split.labelled(),
        shuffled(batch, seed),
        prepare,
        augmentations.list().isEmpty() && !hidesPieces()
            ? Views.none()
            : Views.fresh(augmentations, VIEW_SEED));
  }

  /** Shuffled batches without augmentation. */
  Loader plainLoader(Dataset dataset, int batch, long seed) {
    return new Loader(dataset, shuffled(batch, seed), prepare, Views.none());
  }

  /**
   * Samples spread over all that are trained on, from which a kind of answers is recognised.
   *
   * @param teacher what its inputs go through
   */
  Loader recognitionLoader(Prepare teacher) {
    Loader.Options options = inOrder(RECOGNITION_BATCH);
    return new Loader(
        Splits.spread(samples(), Recognition.SAMPLES), options, teacher, Views.none());
  }

  /** Samples from all over the training, as a teacher sees them. */
  Loader spreadLoader(int samples, Prepare teacher) {
    return new Loader(
        Splits.spread(samples(), samples), inOrder(RECOGNITION_BATCH), teacher, Views.none());
  }

  /** Batches in order, without augmentation. */
  public Loader evaluationLoader(Dataset dataset) {
    return evaluationLoader(dataset, prepare);
  }

  private Views views() {
    Augmentations augmentations = config.augmentations();
    if (!hasViews()) {
      return Views.none();
    }
    return config.views() == 0
        ? Views.fresh(augmentations, VIEW_SEED)
        : Views.cycle(augmentations, VIEW_SEED, config.views());
  }

  /**
   * Whether a sample looks different from epoch to epoch: it is augmented, or pieces are hidden.
   */
  private boolean hasViews() {
    return !config.augmentations().list().isEmpty() || hidesPieces();
  }

  private boolean hidesPieces() {
    return task() instanceof Task.MaskedLanguage;
  }

  /** Batches in order, without augmentation, for a model that was trained on other inputs. */
  public Loader evaluationLoader(Dataset dataset, Prepare other) {
    return new Loader(dataset, inOrder(EVALUATION_BATCH), other, Views.none());
  }

  /** The whole set of training samples with labels, before any is chosen. */
  Dataset source() {
    return sets.train();
  }

  /** The whole second set, without labels. */
  Optional<Dataset> secondSet() {
    return sets.unlabelled();
  }

  /** What {@link #source} holds, as {@link Contents#of}; read when first asked. */
  Optional<long[]> contents() {
    if (contents == null) {
      contents = Contents.of(files.train());
    }
    return contents;
  }

  /** All training samples, those without labels too, before any is chosen. */
  Dataset samples() {
    return splits.all();
  }

  /**
   * The training samples whose class is known, among which neighbours of vectors are looked for;
   * empty for other tasks, and where no class is known.
   */
  Optional<Dataset> neighbours() {
    if (!(task() instanceof Task.Embedding)) {
      return Optional.empty();
    }
    Dataset limited = splits.limited();
    int[] known =
        IntStream.range(0, limited.size())
            .filter(index -> EmbeddingSamples.classOf(limited, index) != Dataset.UNLABELLED)
            .toArray();
    return known.length == 0 ? Optional.empty() : Optional.of(Subset.of(limited, known));
  }

  /** The samples of the test. */
  public Dataset test() {
    return sets.test();
  }

  /** What an answer means. */
  public Task task() {
    return samples().task();
  }

  /**
   * The mean and standard deviation of each number that is to be predicted, over all training
   * samples of which it is known, also those that are held out; none for other tasks.
   */
  public synchronized Normalization unit() {
    Normalization known = unit;
    if (known == null) {
      known = task() instanceof Task.Numbers ? Units.of(sets.train()) : Normalization.none();
      unit = known;
    }
    return known;
  }

  /** Number of classes. */
  public int classes() {
    return samples().task().width();
  }

  /**
   * What the student is given of a sample.
   *
   * @throws RanbikiException if that is nothing
   */
  public List<Field> fields() {
    return fields(prepare);
  }

  private List<Field> fields(Prepare network) {
    List<Field> fields =
        network.fields(samples().fields()).stream().map(RunData::asNetworksTakeIt).toList();
    if (fields.isEmpty()) {
      throw RanbikiException.configuration(
          "The samples have the fields %s, of which a network can take none. Say in 'student' or"
              + " 'model' what makes ids of texts, prepare: {tokenizer: tokenizer.json}, or frames"
              + " of sounds, prepare: {log-mel: {rate: 16000}}.",
          samples().fields());
    }
    return fields;
  }

  /** Of the samples as their files have them. */
  List<Field> sampleFields() {
    return files.train().fields();
  }

  /** Pixels become numbers before any network sees them. */
  static Field asNetworksTakeIt(Field field) {
    return field.kind() == Field.Kind.UINT8
        ? new Field(field.name(), Field.Kind.FLOAT32, field.shape())
        : field;
  }

  /** Shape of what the student is given of a sample. */
  public List<Integer> shape() {
    return fields().get(0).shape();
  }

  /**
   * Shape of what another network is given of a sample.
   *
   * @param network what its inputs go through; null for what the student's do
   */
  public List<Integer> shape(@Nullable Prepare network) {
    return fields(network == null ? prepare : network).get(0).shape();
  }

  /** Names of the classes. */
  public List<String> classNames() {
    return samples().task().names();
  }

  /** What the configuration says of the inputs of all networks alike; empty if nothing. */
  public Optional<Prepare> said() {
    Prepare all = Prepare.of(config.normalization());
    return own.equals(all) ? Optional.of(all) : Optional.empty();
  }

  /** What the student's inputs go through before an encoder sees them, if there is one. */
  Prepare own() {
    return own;
  }

  /** What the student's inputs go through. */
  public Prepare prepare() {
    return prepare;
  }

  /**
   * What inputs go through of a network that was trained elsewhere and does not say it: what the
   * student's do, but with all pieces of the tokenizer.
   */
  Prepare whole() {
    return whole.equals(own) ? prepare : whole;
  }

  /** What views do to a training sample. */
  public Augmentations augmentations() {
    return config.augmentations();
  }

  /** How many views of a sample a training of some epochs uses. */
  public int viewCount(int epochs) {
    if (!hasViews()) {
      return 1;
    }
    return config.views() == 0 ? epochs : Math.min(config.views(), epochs);
  }

  /** SHA-256 of the training samples, those without labels too. */
  public String fingerprint() {
    return samples().fingerprint();
  }

  /**
   * What a user should know about the samples before a run with some seeds, in sentences.
   *
   * @throws RanbikiException as {@link #split}, for any of the seeds
   */
  public List<String> notes(List<Long> seeds) {
    List<SeedSplit> each = seeds.stream().map(this::split).toList();
    List<String> all = new ArrayList<>(asides);
    all.addAll(config.format().notes());
    all.addAll(notes.ofInputs());
    if (shape().size() == 3 && own.logMel().isEmpty() && !prepare.normalization().fitsPixels()) {
      all.add(
          "Pixels are in 0..1, so the mean and std of 'normalize' cannot be theirs; if they were"
              + " made for 0..255, divide both by 255.");
    }
    String when = seeds.size() > 1 ? " with seed " + seeds.get(0) : "";
    all.addAll(notes.ofClasses(splits.limited(), each.get(0).labelled(), when));
    return all;
  }

  /** What was chosen and is as it should be, and yet worth a word, in sentences. */
  public List<String> facts() {
    return notes.facts();
  }

  /** What reading the samples showed since {@link #notes} that a user should know, in sentences. */
  public List<String> readingNotes() {
    return notes.reading();
  }

  @Override
  public void close() {
    sets.close();
  }
}
