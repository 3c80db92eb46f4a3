package io.ranbiki.run;

import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Concat;
import io.ranbiki.data.Contents;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Task;
import io.ranbiki.objective.Term;
import io.ranbiki.result.SeenByTeacher;
import io.ranbiki.result.SeenByTeacher.Part;
import io.ranbiki.teacher.TeacherSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which samples' labels go into a network, and which of those that this run takes for unlabelled or
 * new went into its teacher.
 */
final class TeacherLabels {

  private final LabelsSeen teacher;
  private final RunData data;

  /** By part of the training samples. */
  private final Map<Integer, Seen> parts = new HashMap<>();

  private TeacherLabels(LabelsSeen teacher, RunData data) {
    this.teacher = teacher;
    this.data = data;
  }

  /**
   * What the files of a teacher say.
   *
   * @throws io.ranbiki.RanbikiException if that is damaged
   */
  static LabelsSeen of(TeacherSource source) {
    if (source instanceof TeacherSource.Headed headed) {
      return ModelFolder.readLabelsSeen(headed.head());
    }
    if (source instanceof TeacherSource.Embedding embedding) {
      return ofEncoder(embedding.encoder());
    }
    if (source instanceof TeacherSource.Folder folder && folder.guesses()) {
      return LabelsSeen.NONE; // hidden pieces have none
    }
    if (source instanceof TeacherSource.Folder folder) {
      return ModelFolder.readLabelsSeen(folder.folder());
    }
    if (source instanceof TeacherSource.Probabilities probabilities) {
      return of(probabilities.of());
    }
    if (source instanceof TeacherSource.Ensemble ensemble) {
      return ensemble.members().stream()
          .map(TeacherLabels::of)
          .reduce(LabelsSeen.NONE, LabelsSeen::and);
    }
    return LabelsSeen.UNKNOWN;
  }

  /** Of an encoder, whose vectors have no labels: what its folder says, or else none. */
  private static LabelsSeen ofEncoder(TeacherSource.Encoder encoder) {
    return encoder
        .folder()
        .map(ModelFolder::readLabelsSeen)
        .filter(seen -> !seen.equals(LabelsSeen.UNKNOWN))
        .orElse(LabelsSeen.NONE);
  }

  /**
   * What the networks of a seed have seen when the run is done: the labels that they are trained
   * on, and those that went into their teacher and their initial weights.
   */
  static LabelsSeen ofStudent(
      RunConfig config, RunData data, long seed, @Nullable AskedTeacher teacher) {
    LabelsSeen seen = teacher == null ? LabelsSeen.NONE : teacher.labelsSeen();
    List<ModelChoice> networks =
        Stream.concat(Stream.of(config.student()), config.strategy().networks().stream()).toList();
    for (ModelChoice network : networks) {
      seen = seen.and(ofWeights(network));
      Optional<LabelsSeen> ofEncoder = network.encoder().map(e -> ofEncoder(e.source()));
      seen = ofEncoder.isPresent() ? seen.and(ofEncoder.get()) : seen;
    }
    if (data.task() instanceof Task.MaskedLanguage) {
      return seen; // whatever labels the texts have, nobody looks at them
    }
    boolean reads =
        config.strategy().learnsFromLabels()
            || config.objective().terms().stream().anyMatch(Term::needsLabels);
    return reads ? seen.and(trainedOn(data.split(seed).labelled(), data)) : seen;
  }

  /** What has gone into the initial weights of a network. */
  static LabelsSeen ofWeights(ModelChoice network) {
    if (network.weights().isEmpty()) {
      return LabelsSeen.NONE;
    }
    Path folder = Objects.requireNonNull(network.weights().get().toAbsolutePath().getParent());
    return Files.isRegularFile(folder.resolve(ModelFolder.CONFIG))
        ? ModelFolder.readLabelsSeen(folder)
        : LabelsSeen.UNKNOWN;
  }

  /**
   * What a network has seen that is trained on some samples.
   *
   * @param labelled of the training samples of {@code data}
   */
  @SuppressWarnings("NullAway") // it does not see that an array of a record may be missing
  static LabelsSeen trainedOn(Dataset labelled, RunData data) {
    BitSet positions = new BitSet();
    for (int index = 0; index < labelled.size(); index++) {
      if (labelled.isLabelled(index)) {
        positions.set((int) labelled.id(index));
      }
    }
    return positions.isEmpty()
        ? LabelsSeen.NONE
        : new LabelsSeen(
            Map.of(data.source().fingerprint(), positions),
            data.contents()
                .map(
                    all ->
                        IntStream.range(0, all.length)
                            .filter(i -> positions.get((int) data.source().id(i)))
                            .mapToLong(i -> all[i])
                            .toArray())
                .orElse(null),
            true);
  }

  /** What a user should know of samples that are too many for their contents to be kept. */
  static Optional<String> notKept(Dataset source) {
    return source.size() <= Contents.MOST_SAMPLES
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "Of more than %,d training samples, the model folder keeps by place alone which of"
                    + " their labels it has seen: a student of it is told so of these same files,"
                    + " and of others that it is not known.",
                Contents.MOST_SAMPLES));
  }

  /** Counts what a teacher has seen of the samples of a run. */
  static SeenByTeacher count(AskedTeacher teacher, RunData data, List<Long> seeds) {
    TeacherLabels labels = new TeacherLabels(teacher.labelsSeen(), data);
    int folds = teacher.crossFitted();
    return new SeenByTeacher(
        labels.unlabelled(seeds), labels.test(), folds == 0 ? null : (Integer) folds);
  }

  /** What a user should know about these counts, in sentences. */
  static List<String> notes(LabelsSeen teacher, SeenByTeacher seen) {
    return Stream.concat(seen.sentence().stream(), unknown(teacher, seen).stream()).toList();
  }

  private static Optional<String> unknown(LabelsSeen teacher, SeenByTeacher seen) {
    Part unlabelled = seen.unlabelled();
    boolean some = unlabelled != null && unlabelled.unknown();
    if (!some && !seen.test().unknown()) {
      return Optional.empty();
    }
    String which =
        !some
            ? "the test samples"
            : seen.test().unknown()
                ? "samples that count as unlabelled here, or of the test samples"
                : "samples that count as unlabelled here";
    return Optional.of(
        "It is not known whether the teacher was trained on the labels of "
            + which
            + (teacher.complete()
                ? ": it was trained on other data, and the samples are not compared, because they"
                    + " are many or labels-seen.safetensors is missing."
                : ": its files do not say, or not all of them."));
  }

  private Part test() {
    Seen seen = of(data.test(), () -> Contents.of(data.test()));
    return new Part(data.test().size(), seen.positions().cardinality(), seen.complete(), null);
  }

  /** Of the seed with the most. */
  private @Nullable Part unlabelled(List<Long> seeds) {
    Part most = null;
    boolean differ = false;
    for (long seed : seeds) {
      Part part = unlabelled(seed);
      if (part == null) {
        return null; // how many there are does not depend on the seed
      }
      differ |= most != null && part.seen() != most.seen();
      most = most == null || part.seen() > most.seen() ? part : most;
    }
    return most == null || differ
        ? most
        : new Part(most.samples(), most.seen(), most.complete(), null);
  }

  private @Nullable Part unlabelled(long seed) {
    Dataset train = data.split(seed).train();
    int samples = 0;
    int seen = 0;
    boolean complete = true;
    for (int index = 0; index < train.size(); index++) {
      if (!train.isLabelled(index)) {
        long id = train.id(index);
        Seen part = parts.computeIfAbsent(Concat.part(id), this::ofPart);
        samples++;
        seen += part.positions().get((int) Concat.idInPart(id)) ? 1 : 0;
        complete &= part.complete();
      }
    }
    return samples == 0 ? null : new Part(samples, seen, complete, seed);
  }

  private Seen ofPart(int part) {
    if (part == 0) {
      return of(data.source(), data::contents);
    }
    Dataset second = data.secondSet().orElseThrow();
    return of(second, () -> Contents.of(second));
  }

  /**
   * What the teacher has seen of a data set.
   *
   * @param complete whether it surely has seen no more
   */
  private record Seen(BitSet positions, boolean complete) {}

  /**
   * By position where it was trained on this very set, since samples may be equal; else by content.
   */
  private Seen of(Dataset samples, Supplier<Optional<long[]>> contents) {
    BitSet same = teacher.positions().get(samples.fingerprint());
    BitSet seen = same == null ? new BitSet() : (BitSet) same.clone();
    if (teacher.positions().size() == (same == null ? 0 : 1)) {
      return new Seen(seen, teacher.complete());
    }
    Optional<long[]> here = teacher.contents() == null ? Optional.empty() : contents.get();
    here.ifPresent(
        all ->
            IntStream.range(0, all.length)
                .filter(index -> teacher.contains(all[index]))
                .forEach(index -> seen.set((int) samples.id(index))));
    return new Seen(seen, teacher.complete() && here.isPresent());
  }
}
