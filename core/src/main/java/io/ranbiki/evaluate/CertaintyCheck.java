package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.teacher.FiniteAnswers;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Whether the teacher is far surer of what it is asked in the training than it may be of test
 * samples, as a network is that knows its training samples by heart. What it would teach beyond a
 * label, which classes are near each other, is then missing from its answers.
 *
 * <p>Asks about {@link #SAMPLES} of each, no more than the check of accuracy asks at least, so that
 * the doctor stays as fast, also with a slow teacher whose answers are not stored yet. The samples
 * are the first ones of the first epoch, with the views that the student will see: augmented views
 * that the teacher does not know make it less sure, and that is what counts.
 *
 * <p>The doubt of an answer is the probability that it leaves to all classes but the likeliest, and
 * 1 where that is not the label: a network that is sure of its errors, as one that was trained for
 * too long, has no entropy in the test either. Where most samples of the training have no label,
 * errors do not count on either side, since they could not be seen there. With calibrated answers
 * the mean doubt is the share of errors, give or take a factor of 2.
 *
 * <p>Warned of is a mean doubt in the training that is over {@link #FAR} times smaller than in the
 * test. A teacher that is as good on new samples as on old ones has a ratio near 1. Ordinary
 * overfitting, right on 98 % in the training and on 93 % in the test, has 3 to 5, and its answers
 * still hold much beyond the labels. One that has no errors left in the training has 10 and more:
 * its answers are its labels. A ratio holds for two classes as for a thousand. The difference must
 * be over {@link #DEVIATIONS} standard errors, so that a few samples are no reason to warn where
 * all answers are nearly certain.
 *
 * <p>Answers of a file are warned of sooner, where errors are {@link #FEWER} times rarer in the
 * training than in the test: a forest's answers to its own training rows are not certain, since a
 * third of its trees has not seen a row, but they name its label, and answers of the trees that
 * have not seen it cost nothing.
 */
final class CertaintyCheck {

  /** Asked of each kind. */
  static final int SAMPLES = 256;

  private static final String CHECK = "certainty";
  private static final double FAR = 8;
  private static final double DEVIATIONS = 3;
  private static final double FEWER = 4;

  private CertaintyCheck() {}

  static Finding of(Teacher teacher, Loader training, Teacher ofTest, Loader test) {
    Answers taught = new Answers(teacher, training);
    if (taught.broken.isPresent()) {
      return TeacherCheck.notFinite(taught.broken.get());
    }
    Answers tested = new Answers(ofTest, test);
    if (tested.broken.isPresent()) {
      return TeacherCheck.notFinite(tested.broken.get());
    }
    String seen =
        "The teacher's answers have a mean entropy of "
            + taught.words(" nats")
            + " in the training, and of "
            + tested.words("")
            + " in the test";
    if (teacher.isLookedUp() && knowsItsLabels(taught, tested)) {
      return Finding.warning(
          CHECK,
          "%s: whoever gave these answers had seen the labels of the training samples, so that the"
              + " answers say little beyond them. Take answers of models that had not seen the"
              + " sample, such as out-of-bag or cross-validated ones.",
          seen);
    }
    return isFarSurer(taught, tested)
        ? Finding.warning(
            CHECK,
            "%s: it knows by heart what it was trained on, and a teacher that is certain of everything it was trained on has little to teach there beyond the labels. Let it answer augmented views (data.augment), or samples that it was not trained on (data.unlabelled).",
            seen)
        : Finding.ok(CHECK, "%s.", seen);
  }

  private static boolean isFarSurer(Answers taught, Answers tested) {
    boolean withErrors = 2 * taught.labelled > taught.count;
    double[] known = taught.doubts(withErrors);
    double[] unknown = tested.doubts(withErrors);
    double noise = Math.hypot(standardError(known), standardError(unknown));
    return FAR * mean(known) < mean(unknown) && mean(unknown) - mean(known) > DEVIATIONS * noise;
  }

  private static boolean knowsItsLabels(Answers taught, Answers tested) {
    double known = taught.errors();
    double unknown = tested.errors();
    double noise =
        Math.sqrt(
            known * (1 - known) / taught.labelled + unknown * (1 - unknown) / tested.labelled);
    return FEWER * known < unknown && unknown - known > DEVIATIONS * noise;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  private static double standardError(double[] values) {
    double mean = mean(values);
    double variance = mean(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).toArray());
    return Math.sqrt(variance / values.length);
  }

  /** Of one kind of samples. */
  private static final class Answers {

    private final double[] left = new double[SAMPLES];
    private final boolean[] wrong = new boolean[SAMPLES];
    private Optional<String> broken = Optional.empty();
    private int count;
    private double entropies;
    private int labelled;
    private int right;

    Answers(Teacher teacher, Loader loader) {
      try (Epoch batches = loader.epoch(0)) {
        while (batches.hasNext() && count < SAMPLES && broken.isEmpty()) {
          try (TensorScope scope = TensorScope.open("certainty")) {
            Batch batch = Batch.of(batches.next());
            Tensor logits = teacher.signal(batch).logits();
            broken = FiniteAnswers.fault(logits, batch, loader.dataset());
            if (broken.isEmpty()) {
              add(logits.toFloats(), batch.labels().toLongs());
            }
          }
        }
      }
    }

    private void add(float[] logits, long[] labels) {
      int classes = logits.length / labels.length;
      for (int i = 0; i < labels.length && count < SAMPLES; i++) {
        add(Arrays.copyOfRange(logits, i * classes, (i + 1) * classes), labels[i]);
      }
    }

    private void add(float[] logits, long label) {
      int likeliest = 0;
      for (int c = 1; c < logits.length; c++) {
        likeliest = logits[c] > logits[likeliest] ? c : likeliest;
      }
      double others = 0;
      double weighted = 0;
      for (int c = 0; c < logits.length; c++) {
        double below = logits[c] - logits[likeliest];
        double exp = Math.exp(below);
        others += c == likeliest ? 0 : exp;
        weighted += exp == 0 ? 0 : exp * below; // a masked class has none
      }
      entropies += Math.log1p(others) - weighted / (1 + others);
      left[count] = others / (1 + others);
      if (label != Functional.IGNORE) {
        labelled++;
        right += likeliest == label ? 1 : 0;
        wrong[count] = likeliest != label;
      }
      count++;
    }

    /** Share of the samples with a label; NaN if there are none. */
    double errors() {
      return 1 - (double) right / labelled;
    }

    double[] doubts(boolean withErrors) {
      return IntStream.range(0, count)
          .mapToDouble(i -> withErrors && wrong[i] ? 1 : left[i])
          .toArray();
    }

    String words(String unit) {
      String entropy = String.format(Locale.ROOT, "%.3g%s", entropies / count, unit);
      return labelled == 0
          ? entropy
          : String.format(
              Locale.ROOT,
              "%s (right on %.1f %% of %d)",
              entropy,
              100.0 * right / labelled,
              labelled);
    }
  }
}
