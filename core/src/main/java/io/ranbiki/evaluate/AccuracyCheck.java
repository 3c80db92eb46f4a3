package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Subset;
import io.ranbiki.prepare.Field;
import io.ranbiki.teacher.FiniteAnswers;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How often the teacher is right, and whether its classes stand in the data's order. */
final class AccuracyCheck {

  private static final String ACCURACY = "teacher accuracy";
  private static final String ORDER = "class order";
  private static final int SAMPLES_PER_CLASS = 20;
  private static final int FEWEST_SAMPLES = 256;
  private static final int MOST_SAMPLES = 1024;

  private final Teacher teacher;
  private final Loader labelled;
  private final Dataset samples;
  private final int[] order;
  private final int classes;

  /** By index of the dataset: what the teacher was asked about. */
  private final BitSet asked = new BitSet();

  /** What is wrong with an answer that is not finite. */
  private Optional<String> broken = Optional.empty();

  private AccuracyCheck(Teacher teacher, Loader labelled) {
    this.teacher = teacher;
    this.labelled = labelled;
    samples = labelled.dataset();
    order = labelled.order(0);
    classes = Math.max(teacher.classes(), samples.task().width());
  }

  static List<Finding> of(Teacher teacher, Loader labelled) {
    return new AccuracyCheck(teacher, labelled).find();
  }

  private List<Finding> find() {
    Confusion first = ask(first());
    if (broken.isPresent()) {
      return List.of(TeacherCheck.notFinite(broken.get()));
    }
    if (first.samples() == 0) {
      return List.of(
          Finding.warning(
              ACCURACY, "No sample has a label, so nobody knows how often the teacher is right."));
    }
    Confusion all = new Confusion();
    all.addAll(first);
    all.addAll(ask(ofClassesWithoutSample()));
    ClassOrder suspected = new ClassOrder(all);
    all.addAll(ask(more(suspected.suspects())));
    if (broken.isPresent()) {
      return List.of(TeacherCheck.notFinite(broken.get()));
    }
    ClassOrder found = new ClassOrder(all);
    List<String> names = samples.task().names();
    boolean knowsItsTask = 2L * (all.right() + found.gain()) >= all.samples();
    if (found.isMismatched() && knowsItsTask) {
      return List.of(
          Finding.fault(
              ORDER,
              "The teacher is right on %s of %d labelled samples, but on %s if its classes are renamed: %s. Put the classes of teacher and data into the same order.",
              percent(all.right(), all.samples()),
              all.samples(),
              percent(all.right() + found.gain(), all.samples()),
              found.words(names)));
    }
    return List.of(accuracy(first), order(found, all, names));
  }

  private Finding order(ClassOrder found, Confusion all, List<String> names) {
    if (found.isUnsure()) {
      return Finding.warning(
          ORDER,
          "Labelled samples are too few (%d of the classes in question) to tell whether some classes stand in another order or the teacher errs: perhaps %s. Compare the names of these classes, or label more samples of them.",
          found.unsureSamples(),
          found.unsureWords(names));
    }
    int unseen = classes - all.classes();
    return unseen == 0
        ? Finding.ok(ORDER, "No other order of the classes fits the labels much better.")
        : Finding.ok(
            ORDER,
            "No other order of the classes fits the labels much better; nothing can be told of %d of %d classes, of which no labelled sample was looked at.",
            unseen,
            classes);
  }

  private Finding accuracy(Confusion seen) {
    int right = seen.right();
    int size = seen.samples();
    double chance = 1.0 / classes;
    double twoDeviations = 2 * Math.sqrt(chance * (1 - chance) / size);
    String said =
        String.format(
            Locale.ROOT,
            "The teacher is right on %s of %d labelled samples",
            percent(right, size),
            size);
    if (classes > 1 && (double) right / size <= chance + twoDeviations) {
      return Finding.fault(
          ACCURACY,
          "%s, no more often than by guessing (%s). Check its weights, %s, and that it knows these classes.",
          said,
          percent(1, classes),
          preparation(samples.fields()));
    }
    return classes > 1 && right <= seen.mostFrequent()
        ? Finding.warning(
            ACCURACY,
            "%s, no more often than who always answers the most frequent class (%s).",
            said,
            percent(seen.mostFrequent(), size))
        : Finding.ok(ACCURACY, "%s; guessing would be on %s.", said, percent(1, classes));
  }

  /** What goes wrong unseen on the way of such samples into a network. */
  static String preparation(List<Field> samples) {
    List<Field.Kind> kinds = samples.stream().map(Field::kind).toList();
    if (kinds.contains(Field.Kind.TEXT)) {
      return "its tokenizer, prefix and pooling (teacher.prepare, teacher.pool)";
    }
    return kinds.contains(Field.Kind.CELLS)
        ? "its columns (teacher.prepare)"
        : "how its inputs are normalised (prepare.normalize)";
  }

  private static String percent(int part, int whole) {
    return String.format(java.util.Locale.ROOT, "%.1f %%", 100.0 * part / whole);
  }

  // ---- which samples

  /** As many as tell something, as they come. */
  private List<Integer> first() {
    long wanted =
        Math.min(MOST_SAMPLES, Math.max(FEWEST_SAMPLES, (long) SAMPLES_PER_CLASS * classes));
    return Arrays.stream(order).limit(wanted).boxed().toList();
  }

  /** One of every class of which none was asked, as far as it goes. */
  private List<Integer> ofClassesWithoutSample() {
    BitSet seen = new BitSet();
    asked.stream().filter(index -> isLabelled(index)).forEach(i -> seen.set(samples.stratum(i)));
    List<Integer> chosen = new ArrayList<>();
    for (int index : order) {
      if (chosen.size() < MOST_SAMPLES && isLabelled(index) && !seen.get(samples.stratum(index))) {
        seen.set(samples.stratum(index));
        chosen.add(index);
      }
    }
    return chosen;
  }

  /** More samples of some classes, which take turns. */
  private List<Integer> more(Set<Integer> ofClasses) {
    Map<Integer, List<Integer>> rest = new HashMap<>();
    for (int index : order) {
      if (!asked.get(index) && ofClasses.contains(samples.stratum(index))) {
        rest.computeIfAbsent(samples.stratum(index), label -> new ArrayList<>()).add(index);
      }
    }
    List<Integer> chosen = new ArrayList<>();
    for (int turn = 0; turn < SAMPLES_PER_CLASS; turn++) {
      for (int label : ofClasses) {
        List<Integer> ofLabel = rest.getOrDefault(label, List.of());
        if (turn < ofLabel.size() && chosen.size() < MOST_SAMPLES) {
          chosen.add(ofLabel.get(turn));
        }
      }
    }
    return chosen;
  }

  private boolean isLabelled(int index) {
    return samples.isLabelled(index);
  }

  private Confusion ask(List<Integer> indices) {
    Confusion confusion = new Confusion();
    if (indices.isEmpty() || broken.isPresent()) {
      return confusion;
    }
    indices.forEach(asked::set);
    int[] chosen = indices.stream().mapToInt(Integer::intValue).toArray();
    try (Epoch batches = labelled.over(Subset.of(samples, chosen)).epoch(0)) {
      while (batches.hasNext()) {
        try (TensorScope scope = TensorScope.open("accuracy")) {
          Batch batch = Batch.of(batches.next());
          long[] labels = batch.labels().toLongs();
          Tensor logits = teacher.signal(batch).logits();
          broken = FiniteAnswers.fault(logits, batch, samples);
          if (broken.isPresent()) {
            return confusion;
          }
          long[] predictions = logits.argmax(1).toLongs();
          for (int i = 0; i < labels.length; i++) {
            if (labels[i] != Functional.IGNORE) {
              confusion.add((int) labels[i], (int) predictions[i]);
            }
          }
        }
      }
    }
    return confusion;
  }
}
