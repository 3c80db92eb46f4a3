package io.ranbiki.run;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.config.Words;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Concat;
import io.ranbiki.data.Contents;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.data.OutOfScope;
import io.ranbiki.data.Sampling;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Task;
import io.ranbiki.data.Units;
import io.ranbiki.data.Unlabelled;
import io.ranbiki.data.Views;
import io.ranbiki.prepare.CellGaps;
import io.ranbiki.prepare.Columns;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Values;
import io.ranbiki.teacher.OnnxEncoder;
import io.ranbiki.teacher.Recognition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
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

  /** With fewer labelled samples of a class, each is worth more for training than for judging. */
  private static final int FEWEST_OF_A_CLASS = 20;

  private static final int PARTS = 10;
  private static final int MOST_HELD_OUT = 2_000;

  /** Small, since the first answer of most teachers settles it. */
  private static final int RECOGNITION_BATCH = 16;

  private final DataConfig config;
  private final Prepare own;
  private final Prepare prepare;
  private final Dataset source;

  /** The samples of {@link #source} as their files have them. */
  private final Dataset files;

  /** As {@link #own}, with all pieces of the tokenizer. */
  private final Prepare whole;

  private final Optional<Dataset> unlabelled;
  private final Dataset test;
  private final Dataset all;

  /** What was said of reading the samples before training. */
  private final Set<String> told = new HashSet<>();

  @SuppressWarnings("NullableOptional") // null until it is read, and then perhaps not known
  private @Nullable Optional<long[]> contents;

  private @Nullable Normalization unit;

  private RunData(
      DataConfig config,
      Prepare own,
      Prepare prepare,
      Dataset source,
      Optional<Dataset> unlabelled,
      Dataset test,
      Dataset files,
      Prepare whole) {
    this.config = config;
    this.own = own;
    this.prepare = prepare;
    this.source = source;
    this.files = files;
    this.whole = whole;
    this.unlabelled = unlabelled;
    this.test = test;
    this.all = joined(source, unlabelled);
  }

  /** Opens the files of a run. */
  public static RunData open(RunConfig config) {
    Prepare own = config.prepare();
    Optional<EncoderConfig> encoder = config.student().encoder();
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
    OnnxEncoder opened = encoder.get().open();
    TextNotes.requireVocabulary("The encoder " + opened.title(), encoder.get().file(), own);
    return open(
        config.data(),
        own,
        Prepare.NONE,
        samples -> new Encoded(samples, opened, own),
        Optional.empty());
  }

  /** Opens the files, for networks whose inputs go through what the data say. */
  public static RunData open(DataConfig config) {
    Prepare own = Prepare.of(config.normalization());
    return open(config, own, own, UnaryOperator.identity(), Optional.empty());
  }

  private static RunData open(
      DataConfig config,
      Prepare ofAny,
      Prepare preparedAny,
      UnaryOperator<Dataset> as,
      Optional<Integer> vocabulary) {
    Dataset known =
        held("training samples", () -> SampleFiles.train(config.format(), config.outOfScope()));
    Prepare own = ofAny.forSamples(known.fields());
    Prepare prepare = preparedAny.forSamples(known.fields());
    Dataset train = config.outOfScope().map(name -> OutOfScope.train(known, name)).orElse(known);
    Dataset test =
        held(
            "samples of the test",
            () -> SampleFiles.test(config.format(), known, config.outOfScope(), own));
    Optional<Dataset> unlabelled =
        config
            .format()
            .unlabelled()
            .map(
                set ->
                    held(
                        "samples without labels",
                        () -> SampleFiles.unlabelled(config.format(), train)));
    Optional<Columns> columns = config.format().columns(train);
    columns.ifPresent(any -> requireNotNormalized(own));
    if (vocabulary.isPresent()) {
      List<Dataset> texts = Stream.concat(Stream.of(train), unlabelled.stream()).toList();
      Prepare fewer = own.with(TextNotes.pruned(own, vocabulary.get(), texts));
      return new RunData(
          config, fewer, fewer, as.apply(train), unlabelled.map(as), as.apply(test), train, own);
    }
    return new RunData(
        config,
        columns.map(all -> own.with(new Step.Encode(all))).orElse(own),
        columns.map(all -> prepare.with(new Step.Encode(all))).orElse(prepare),
        as.apply(train),
        unlabelled.map(as),
        as.apply(test),
        train,
        own);
  }

  private static void requireNotNormalized(Prepare own) {
    if (!own.normalization().equals(Normalization.none())) {
      throw RanbikiException.configuration(
          "The columns of numbers are normalized by the mean and standard deviation of the training"
              + " rows, but 'normalize' says others. Leave it out, or say normalize: auto.");
    }
  }

  private static Dataset held(String which, Supplier<Dataset> read) {
    return Memory.watch(
        Kind.CONFIGURATION,
        "reading the " + which,
        "Keep them on disk (ranbiki pack), use fewer or smaller samples",
        read);
  }

  /** Adds a set without labels; the ids of both do not depend on what was chosen of them. */
  private static Dataset joined(Dataset labelled, Optional<Dataset> unlabelled) {
    return unlabelled.isPresent() ? Concat.of(labelled, unlabelled.get()) : labelled;
  }

  /**
   * What one seed trains on.
   *
   * @param train every training sample, with or without label
   * @param labelled those that have a label; all of {@code train} if none has
   * @param validation held out with their labels; empty if none are
   * @param agreement held out without labels, where labels are few and a teacher answers; empty if
   *     none are
   */
  public record Split(
      Dataset train, Dataset labelled, Optional<Dataset> validation, Optional<Dataset> agreement) {}

  /**
   * Splits the training samples. Unless a share is asked for, a tenth is held out, at most 2,000:
   * of the labelled samples, by class; or, where a class has fewer than {@value #FEWEST_OF_A_CLASS}
   * of them or {@code labelled} is set, of those without label, if there is a teacher with whom a
   * student can agree on them.
   *
   * @param seed of the training; the split follows from it unless the data have a seed of their own
   * @throws io.ranbiki.RanbikiException if a class has samples, and all of them are held out
   */
  public synchronized Split split(long seed) {
    long chosen = config.splitSeed().orElse(seed);
    if (task() instanceof Task.Embedding) {
      return splitOfVectors(chosen);
    }
    HeldOut parts = holdOut(chosen);
    Dataset train = parts.train();
    if (config.labelled().isPresent()) {
      Splits.Rest rest = config.dropUnlabelled() ? Splits.Rest.DROPPED : Splits.Rest.UNLABELLED;
      train = Splits.labelledOnly(train, config.labelled().get(), chosen, rest);
    }
    train = joined(train, unlabelled.map(this::limited));
    Optional<Dataset> agreement = Optional.empty();
    if (parts.validation().isEmpty()
        && config.validation() instanceof DataConfig.Auto auto
        && auto.taught()
        && !(task() instanceof Task.Numbers)) { // two numbers are hardly ever the same
      int held = tenth(train.size() - ClassCounts.of(train).total());
      if (held > 0) {
        Splits.Split split = Splits.holdOutUnlabelled(train, held, chosen);
        train = split.train();
        agreement = Optional.of(split.validation());
      }
    }
    return new Split(train, labelledOf(train), parts.validation(), agreement);
  }

  /** No sample has a label, so that those held out are judged by the teacher's vectors. */
  private Split splitOfVectors(long seed) {
    Dataset train = joined(limited(), unlabelled.map(this::limited));
    int held =
        config.validation() instanceof DataConfig.Share given
            ? (int) Math.round(given.share() * train.size())
            : tenth(train.size());
    if (held == 0) {
      return new Split(train, train, Optional.empty(), Optional.empty());
    }
    Splits.Split split = Splits.holdOutUnlabelled(train, held, seed);
    return new Split(
        split.train(), split.train(), Optional.empty(), Optional.of(split.validation()));
  }

  private static int tenth(int samples) {
    return samples < FEWEST_OF_A_CLASS
        ? 0
        : Math.min(MOST_HELD_OUT, (int) Math.round((double) samples / PARTS));
  }

  /** How many samples have a label before any is held out or loses it. */
  int labelledSamples() {
    return ClassCounts.of(limited()).total();
  }

  /** Why no labelled samples are held out unless a share is asked for; empty where some are. */
  Optional<String> fewLabels() {
    if (config.labelled().isPresent()) {
      return Optional.of("'labelled' is set");
    }
    List<String> few = ClassCounts.of(limited()).fewerThan(FEWEST_OF_A_CLASS);
    return few.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%s %s fewer than %d labelled samples",
                Words.classes(few),
                few.size() == 1 ? "has" : "have",
                FEWEST_OF_A_CLASS));
  }

  /** The samples with label, before some lose it. */
  private record HeldOut(Dataset train, Optional<Dataset> validation) {}

  private HeldOut holdOut(long seed) {
    Dataset limited = limited();
    if (config.validation() instanceof DataConfig.Share given && given.share() > 0) {
      return holdOut(limited, given.share(), seed);
    }
    if (!config.mayHoldOut() || fewLabels().isPresent()) {
      return new HeldOut(limited, Optional.empty());
    }
    int held = tenth(labelledSamples());
    Splits.Split split = Splits.holdOutByClass(limited, held, seed);
    return new HeldOut(split.train(), Optional.of(split.validation()));
  }

  private static HeldOut holdOut(Dataset limited, double share, long seed) {
    Splits.Split split = Splits.holdOut(limited, share, seed);
    List<String> emptied = ClassCounts.of(limited).lackingIn(ClassCounts.of(split.train()));
    if (!emptied.isEmpty()) {
      throw RanbikiException.configuration(
          "With seed %d the validation share %s holds out all training samples of %s; take a"
              + " smaller share, or add samples.",
          seed, share, Words.classes(emptied));
    }
    return new HeldOut(split.train(), Optional.of(split.validation()));
  }

  private Dataset limited() {
    if (config.limit().isPresent() && task() instanceof Task.Embedding) {
      return spread(source, config.limit().get()); // classes do not count, and files are sorted
    }
    return config.limit().map(limit -> Splits.byTurns(source, limit)).orElse(source);
  }

  private static Dataset spread(Dataset samples, int most) {
    int count = Math.min(most, samples.size());
    return Subset.of(
        samples,
        IntStream.range(0, count).map(i -> (int) ((long) i * samples.size() / count)).toArray());
  }

  private Dataset limited(Dataset samples) {
    return config
        .format()
        .unlabelled()
        .flatMap(Unlabelled::limit)
        .map(limit -> Splits.first(samples, limit))
        .orElse(samples);
  }

  private static Dataset labelledOf(Dataset train) {
    BitSet labelled = new BitSet();
    IntStream.range(0, train.size()).filter(train::isLabelled).forEach(labelled::set);
    int count = labelled.cardinality();
    return count == train.size() || count == 0 ? train : Subset.of(train, labelled);
  }

  /** Every sample that is trained on with any of the seeds, once. */
  public Dataset trainedOn(List<Long> seeds) {
    return together(seeds.stream().map(seed -> split(seed).train()).toList());
  }

  /** Every sample on which students are to agree with the teacher with any of the seeds, once. */
  Optional<Dataset> agreedOn(List<Long> seeds) {
    List<Dataset> parts = seeds.stream().flatMap(seed -> split(seed).agreement().stream()).toList();
    return parts.isEmpty() ? Optional.empty() : Optional.of(together(parts));
  }

  private Dataset together(List<Dataset> parts) {
    BitSet kept = new BitSet();
    parts.forEach(part -> mark(part, kept));
    return Subset.of(all, kept);
  }

  /** Marks the samples of a part by their place among all; in their order, this takes no memory. */
  private void mark(Dataset part, BitSet kept) {
    if (!isInOrder(part) || !isInOrder(all)) {
      long[] ids = new long[part.size()];
      Arrays.setAll(ids, part::id);
      Arrays.sort(ids);
      IntStream.range(0, all.size())
          .filter(index -> Arrays.binarySearch(ids, all.id(index)) >= 0)
          .forEach(kept::set);
      return;
    }
    int next = 0;
    for (int index = 0; index < all.size() && next < part.size(); index++) {
      if (all.id(index) == part.id(next)) {
        kept.set(index);
        next++;
      }
    }
  }

  private static boolean isInOrder(Dataset samples) {
    return IntStream.range(1, samples.size()).allMatch(i -> samples.id(i - 1) < samples.id(i));
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
  public Loader trainLoader(Split split, int batch, long seed) {
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
  public Loader labelsAloneLoader(Split split, int batch, long seed) {
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
  Loader ownLoader(Split split, int batch, long seed, Augmentations augmentations) {
    return new Loader(
        split.labelled(),
        shuffled(batch, seed),
        prepare,
        augmentations.list().isEmpty() ? Views.none() : Views.fresh(augmentations, VIEW_SEED));
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
    return new Loader(spread(all, Recognition.SAMPLES), options, teacher, Views.none());
  }

  /** Samples from all over the training, as a teacher sees them. */
  Loader spreadLoader(int samples, Prepare teacher) {
    return new Loader(spread(all, samples), inOrder(RECOGNITION_BATCH), teacher, Views.none());
  }

  /** Batches in order, without augmentation. */
  public Loader evaluationLoader(Dataset dataset) {
    return evaluationLoader(dataset, prepare);
  }

  private Views views() {
    Augmentations augmentations = config.augmentations();
    if (augmentations.list().isEmpty()) {
      return Views.none();
    }
    return config.views() == 0
        ? Views.fresh(augmentations, VIEW_SEED)
        : Views.cycle(augmentations, VIEW_SEED, config.views());
  }

  /** Batches in order, without augmentation, for a model that was trained on other inputs. */
  public Loader evaluationLoader(Dataset dataset, Prepare other) {
    return new Loader(dataset, inOrder(EVALUATION_BATCH), other, Views.none());
  }

  /** The whole set of training samples with labels, before any is chosen. */
  Dataset source() {
    return source;
  }

  /** The whole second set, without labels. */
  Optional<Dataset> secondSet() {
    return unlabelled;
  }

  /** What {@link #source} holds, as {@link Contents#of}; read when first asked. */
  Optional<long[]> contents() {
    if (contents == null) {
      contents = Contents.of(files);
    }
    return contents;
  }

  /** All training samples, those without labels too, before any is chosen. */
  Dataset samples() {
    return all;
  }

  /**
   * The training samples whose class is known, among which neighbours of vectors are looked for;
   * empty for other tasks, and where no class is known.
   */
  Optional<Dataset> neighbours() {
    if (!(task() instanceof Task.Embedding)) {
      return Optional.empty();
    }
    Dataset limited = limited();
    int[] known =
        IntStream.range(0, limited.size())
            .filter(index -> EmbeddingSamples.classOf(limited, index) != Dataset.UNLABELLED)
            .toArray();
    return known.length == 0 ? Optional.empty() : Optional.of(Subset.of(limited, known));
  }

  /** The samples of the test. */
  public Dataset test() {
    return test;
  }

  /** What an answer means. */
  public Task task() {
    return all.task();
  }

  /**
   * The mean and standard deviation of each number that is to be predicted, over all training
   * samples of which it is known, also those that are held out; none for other tasks.
   */
  public synchronized Normalization unit() {
    Normalization known = unit;
    if (known == null) {
      known = task() instanceof Task.Numbers ? Units.of(source) : Normalization.none();
      unit = known;
    }
    return known;
  }

  /** Number of classes. */
  public int classes() {
    return all.task().width();
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
        network.fields(all.fields()).stream().map(RunData::asNetworksTakeIt).toList();
    if (fields.isEmpty()) {
      throw RanbikiException.configuration(
          "The samples have the fields %s, of which a network can take none. Say in 'student' or"
              + " 'model' what makes ids of texts, prepare: {tokenizer: tokenizer.json}, or frames"
              + " of sounds, prepare: {log-mel: {rate: 16000}}.",
          all.fields());
    }
    return fields;
  }

  /** Of the samples as their files have them. */
  List<Field> sampleFields() {
    return files.fields();
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
    return all.task().names();
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
    if (config.augmentations().list().isEmpty()) {
      return 1;
    }
    return config.views() == 0 ? epochs : Math.min(config.views(), epochs);
  }

  /** SHA-256 of the training samples, those without labels too. */
  public String fingerprint() {
    return all.fingerprint();
  }

  /**
   * What a user should know about the samples before a run with some seeds, in sentences.
   *
   * @throws io.ranbiki.RanbikiException as {@link #split}, for any of the seeds
   */
  public List<String> notes(List<Long> seeds) {
    List<Split> splits = seeds.stream().map(this::split).toList();
    List<String> notes = new ArrayList<>();
    notes.addAll(config.format().notes());
    List<String> read = readingNotes();
    notes.addAll(read);
    told.addAll(read);
    notes.addAll(textNotes());
    cutSounds().ifPresent(notes::add);
    if (shape().size() == 3 && own.logMel().isEmpty() && !prepare.normalization().fitsPixels()) {
      notes.add(
          "Pixels are in 0..1, so the mean and std of 'normalize' cannot be theirs; if they were"
              + " made for 0..255, divide both by 255.");
    }
    if (task() instanceof Task.Classes && classes() == 1) {
      notes.add(
          "All samples are of one class, '"
              + classNames().get(0)
              + "', so that every answer is right and nothing can be learned.");
    }
    if (!(task() instanceof Task.Classes)) {
      return notes;
    }
    ClassCounts all = ClassCounts.of(source);
    ClassCounts limited = ClassCounts.of(limited());
    note(
        notes,
        all.empty(),
        all,
        all.empty().equals(List.of("0"))
            ? "no training sample; labels that begin at 1 leave it empty, and the network answers"
                + " for it all the same"
            : "no training sample");
    note(notes, all.lackingIn(limited), all, "no training sample left by 'limit'");
    ClassCounts kept = ClassCounts.of(splits.get(0).labelled());
    note(
        notes,
        limited.lackingIn(kept),
        all,
        "no label left by 'labelled'" + (seeds.size() > 1 ? " with seed " + seeds.get(0) : ""));
    note(notes, limited.lackingIn(ClassCounts.of(test)), all, "no test sample");
    return notes;
  }

  private List<String> textNotes() {
    Optional<Step.Tokenize> tokenize = own.tokenize();
    if (tokenize.isEmpty()) {
      return List.of();
    }
    List<String> notes = new ArrayList<>();
    if (!whole.equals(own)) {
      notes.add(TextNotes.lost(whole.tokenize().orElseThrow(), tokenize.get(), test));
    }
    notes.addAll(TextNotes.of(files, tokenize.get()).sentences(tokenize.get()));
    return notes;
  }

  private Optional<String> cutSounds() {
    if (own.logMel().filter(step -> step.samples() > 0).isEmpty()) {
      return Optional.empty();
    }
    int[] cut = IntStream.range(0, files.size()).map(i -> own.cut(files.read(i))).toArray();
    long sounds = IntStream.of(cut).filter(samples -> samples > 0).count();
    int longest = IntStream.of(cut).max().orElse(0);
    return sounds == 0
        ? Optional.empty()
        : Optional.of(cutSounds(own.logMel().orElseThrow(), sounds, longest));
  }

  private String cutSounds(Step.LogMel step, long sounds, int longest) {
    double rate = step.spectrogram().options().rate();
    return String.format(
        Locale.ROOT,
        "%,d of %,d training sounds are longer than %.3g s and are cut there, the longest by %.3g"
            + " s; 'prepare.log-mel.seconds' says where.",
        sounds,
        files.size(),
        step.samples() / rate,
        longest / rate);
  }

  /** What reading the samples showed since {@link #notes} that a user should know, in sentences. */
  public List<String> readingNotes() {
    Stream<String> read =
        Stream.concat(Stream.of(source, test), unlabelled.stream())
            .flatMap(samples -> samples.notes().stream());
    return Stream.concat(read, gaps().stream()).filter(note -> !told.contains(note)).toList();
  }

  /** What the rows of the test lack, where samples are cells. */
  private Optional<String> gaps() {
    return own.columns()
        .flatMap(
            columns -> {
              CellGaps gaps = new CellGaps(columns);
              for (int i = 0; i < test.size(); i++) {
                Values.Cells row = (Values.Cells) test.read(i).get(Batch.COLUMNS);
                gaps.add(row::get);
              }
              return gaps.sentence("rows of the test");
            });
  }

  private static void note(
      List<String> notes, List<String> classes, ClassCounts all, String sentence) {
    if (!classes.isEmpty()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "Of %d classes, %s %s %s.",
              all.classes(),
              Words.classes(classes),
              classes.size() == 1 ? "has" : "have",
              sentence));
    }
  }

  @Override
  public void close() {
    source.close();
    unlabelled.ifPresent(Dataset::close);
    test.close();
  }
}
