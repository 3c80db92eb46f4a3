package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import java.util.stream.IntStream;

/** How often the teacher is right, and whether its classes stand in the data's order. */
final class AccuracyCheck {

  private static final String ACCURACY = "teacher accuracy";
  private static final String ORDER = "class order";
  private static final int SAMPLES_PER_CLASS = 20;
  private static final int FEWEST_SAMPLES = 256;
  private static final int MOST_SAMPLES = 1024;

  private AccuracyCheck() {}

  static List<Finding> of(Teacher teacher, Loader labelled) {
    int classes = Math.max(teacher.classes(), labelled.dataset().classes());
    int[][] confusion = confusion(teacher, labelled, classes);
    int samples = IntStream.range(0, classes).map(c -> IntStream.of(confusion[c]).sum()).sum();
    if (samples == 0) {
      return List.of(
          Finding.warning(
              ACCURACY, "no sample has a label, so nobody knows how often the teacher is right"));
    }
    int right = IntStream.range(0, classes).map(c -> confusion[c][c]).sum();
    ClassOrder order = new ClassOrder(confusion);
    boolean knowsItsTask = 2 * (right + order.gain()) >= samples;
    if (order.isMismatched() && knowsItsTask) {
      return List.of(
          Finding.fault(
              ORDER,
              "the teacher is right on %s of %d labelled samples, but on %s if its classes are renamed: %s. Put the classes of teacher and data into the same order",
              percent(right, samples),
              samples,
              percent(right + order.gain(), samples),
              order.words(labelled.dataset().classNames())));
    }
    return List.of(
        accuracy(confusion, right, samples),
        Finding.ok(ORDER, "no other order of the classes fits the labels much better"));
  }

  private static Finding accuracy(int[][] confusion, int right, int samples) {
    double chance = 1.0 / confusion.length;
    double twoDeviations = 2 * Math.sqrt(chance * (1 - chance) / samples);
    double accuracy = (double) right / samples;
    String seen =
        "the teacher is right on %s of %d labelled samples"
            .formatted(percent(right, samples), samples);
    if (confusion.length > 1 && accuracy <= chance + twoDeviations) {
      return Finding.fault(
          ACCURACY,
          "%s, no more often than by guessing (%s). Check its weights, data.normalize, and that it knows these classes",
          seen,
          percent(1, confusion.length));
    }
    int mostFrequent =
        IntStream.range(0, confusion.length)
            .map(c -> IntStream.of(confusion[c]).sum())
            .max()
            .orElse(0);
    return confusion.length > 1 && right <= mostFrequent
        ? Finding.warning(
            ACCURACY,
            "%s, no more often than who always answers the most frequent class (%s)",
            seen,
            percent(mostFrequent, samples))
        : Finding.ok(ACCURACY, "%s; guessing would be on %s", seen, percent(1, confusion.length));
  }

  private static String percent(int part, int whole) {
    return String.format(java.util.Locale.ROOT, "%.1f %%", 100.0 * part / whole);
  }

  /** Counts {@code [label][prediction]} of as many samples as tell something. */
  private static int[][] confusion(Teacher teacher, Loader labelled, int classes) {
    int wanted = Math.min(MOST_SAMPLES, Math.max(FEWEST_SAMPLES, SAMPLES_PER_CLASS * classes));
    int[][] confusion = new int[classes][classes];
    int seen = 0;
    try (Epoch batches = labelled.epoch(0)) {
      while (batches.hasNext() && seen < wanted) {
        try (TensorScope scope = TensorScope.open("accuracy")) {
          Batch batch = Batch.of(batches.next());
          long[] labels = batch.labels().toLongs();
          long[] predictions = teacher.signal(batch).logits().argmax(1).toLongs();
          for (int i = 0; i < labels.length; i++) {
            if (labels[i] != Functional.IGNORE) {
              confusion[(int) labels[i]][(int) predictions[i]]++;
            }
          }
          seen += labels.length;
        }
      }
    }
    return confusion;
  }
}
