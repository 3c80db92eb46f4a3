package io.ranbiki.evaluate;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.OutOfScope;
import io.ranbiki.tensor.Functional;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a model answered to each sample of a dataset, in the order of the dataset. Every figure of a
 * comparison comes from these, so that a new figure needs no model.
 *
 * @param ids {@code [samples]} of the dataset
 * @param labels {@code [samples]} true class, {@link OutOfScope#LABEL} or {@link Functional#IGNORE}
 * @param classes number of classes
 * @param answers one for each sample
 * @param known the truth of a task of labels or numbers, and what a teacher says of vectors;
 *     samples then have the class 0 if anything is known of them; null for classes
 */
public record Predictions(
    long[] ids, long[] labels, int classes, Answers answers, @Nullable Known known) {

  /**
   * A truth that is no class.
   *
   * @param values {@code [samples * classes]}, NaN where not known
   * @param neighbours of vectors: see {@link Predictions#neighbours}; else empty
   */
  public record Known(float[] values, int[] neighbours) {}

  /** Of a sample whose nearest neighbour is of its class. */
  static final int SAME_CLASS = 1;

  /** Of a sample whose nearest neighbour is of another class. */
  static final int OTHER_CLASS = 0;

  /** Of a sample whose class nobody knows. */
  static final int UNKNOWN_CLASS = -1;

  private static final int[] NONE = {};

  /** What was kept of the answers. */
  public sealed interface Answers {

    /** The class with the largest logit. */
    int best(int sample);

    /**
     * The logits of a sample, or logarithms of its probabilities, which differ from them by a
     * constant.
     *
     * @param into {@code [classes]}
     */
    void read(int sample, double[] into);
  }

  /**
   * Everything.
   *
   * @param logits {@code [samples * classes]}, sample by sample
   * @param classes number of classes
   */
  public record Full(float[] logits, int classes) implements Answers {

    @Override
    public int best(int sample) {
      int from = sample * classes;
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = logits[from + c] > logits[from + best] ? c : best;
      }
      return best;
    }

    @Override
    public void read(int sample, double[] into) {
      for (int c = 0; c < classes; c++) {
        into[c] = logits[sample * classes + c];
      }
    }
  }

  /**
   * The likeliest classes; the rest of the probability counts as spread evenly over the others, so
   * that figures that need more than the likeliest are approximate.
   *
   * @param kept number of classes kept of each sample, 1 or more
   * @param top {@code [samples * kept]} the classes, likeliest first
   * @param logProbabilities {@code [samples * kept]} of these
   * @param rest {@code [samples]} probability of all other classes together
   */
  public record Top(int kept, int[] top, float[] logProbabilities, float[] rest)
      implements Answers {

    @Override
    public int best(int sample) {
      return top[sample * kept];
    }

    @Override
    public void read(int sample, double[] into) {
      // A rest of 0 is one that float32 cannot hold, not one that cannot be.
      double spread = Math.max(rest[sample], Float.MIN_NORMAL) / Math.max(1, into.length - kept);
      Arrays.fill(into, Math.log(spread));
      for (int i = sample * kept; i < (sample + 1) * kept; i++) {
        into[top[i]] = logProbabilities[i];
      }
    }
  }

  /** Checks that the parts belong together. */
  public Predictions {
    if (ids.length != labels.length) {
      throw new IllegalArgumentException(ids.length + " ids, but " + labels.length + " labels");
    }
  }

  /** Answers of classes. */
  public Predictions(long[] ids, long[] labels, int classes, Answers answers) {
    this(ids, labels, classes, answers, null);
  }

  /**
   * Full answers of labels or numbers.
   *
   * @param truth {@code [samples * width]}, NaN where not known
   * @param answers {@code [samples * width]}
   */
  public static Predictions ofNumbers(long[] ids, float[] truth, int width, float[] answers) {
    long[] labels = new long[ids.length];
    Arrays.fill(labels, Functional.IGNORE);
    for (int i = 0; i < truth.length; i++) {
      labels[i / width] = Float.isNaN(truth[i]) ? labels[i / width] : 0;
    }
    return new Predictions(ids, labels, width, new Full(answers, width), new Known(truth, NONE));
  }

  /**
   * These vectors with those of a teacher as their truth.
   *
   * @param teacher its vectors of the same samples
   * @param neighbours as {@link #neighbours}; empty if nobody looked
   */
  public Predictions against(Predictions teacher, int[] neighbours) {
    long[] told = new long[size()]; // something is known of each
    return new Predictions(
        ids, told, classes, answers, new Known(((Full) teacher.answers).logits(), neighbours));
  }

  /** Full answers. */
  public static Predictions ofLogits(long[] ids, long[] labels, int classes, float[] logits) {
    if (logits.length != ids.length * classes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d logits for %d samples of %d classes",
              logits.length,
              ids.length,
              classes));
    }
    return new Predictions(ids, labels, classes, new Full(logits, classes));
  }

  /** Whether nothing was left out, so that no figure is approximate. */
  public boolean isExact() {
    return answers instanceof Full;
  }

  /** These with the {@code kept} likeliest classes of every sample alone. */
  public Predictions top(int kept) {
    int[] top = new int[size() * kept];
    float[] log = new float[size() * kept];
    float[] rest = new float[size()];
    double[] logP = new double[classes];
    int[] order = new int[kept];
    for (int sample = 0; sample < size(); sample++) {
      logProbabilities(sample, 1, logP);
      likeliest(logP, order);
      double all = 0;
      for (double each : logP) {
        all += Math.exp(each);
      }
      for (int i = 0; i < kept; i++) {
        top[sample * kept + i] = order[i];
        log[sample * kept + i] = (float) logP[order[i]];
        all -= Math.exp(logP[order[i]]);
      }
      rest[sample] = (float) Math.max(0, all);
    }
    return new Predictions(ids, labels, classes, new Top(kept, top, log, rest));
  }

  /** The classes with the largest values, largest first; the lower class of two equal ones. */
  private static void likeliest(double[] values, int[] into) {
    int found = 0;
    for (int c = 0; c < values.length; c++) {
      int place = found;
      while (place > 0 && values[c] > values[into[place - 1]]) {
        place--;
      }
      if (place < into.length) {
        System.arraycopy(into, place, into, place + 1, Math.min(found, into.length - 1) - place);
        into[place] = c;
        found = Math.min(found + 1, into.length);
      }
    }
  }

  /**
   * Puts the parts of a dataset one behind the other.
   *
   * @param parts one or more, of the same classes, kept in the same way
   */
  static Predictions concat(List<Predictions> parts) {
    Predictions first = parts.get(0);
    int size = parts.stream().mapToInt(Predictions::size).sum();
    LongBuffer ids = LongBuffer.allocate(size);
    LongBuffer labels = LongBuffer.allocate(size);
    parts.forEach(part -> ids.put(part.ids));
    parts.forEach(part -> labels.put(part.labels));
    Answers joined;
    if (first.answers instanceof Top like) {
      int[] top = new int[size * like.kept];
      float[] log = new float[size * like.kept];
      float[] rest = new float[size];
      int at = 0;
      for (Predictions part : parts) {
        Top answers = (Top) part.answers;
        System.arraycopy(answers.top, 0, top, at * like.kept, answers.top.length);
        System.arraycopy(answers.logProbabilities, 0, log, at * like.kept, answers.top.length);
        System.arraycopy(answers.rest, 0, rest, at, part.size());
        at += part.size();
      }
      joined = new Top(like.kept, top, log, rest);
    } else {
      FloatBuffer logits = FloatBuffer.allocate(size * first.classes);
      parts.forEach(part -> logits.put(((Full) part.answers).logits));
      joined = new Full(logits.array(), first.classes);
    }
    return new Predictions(
        ids.array(),
        labels.array(),
        first.classes,
        joined,
        first.known == null ? null : known(parts));
  }

  private static Known known(List<Predictions> parts) {
    FloatBuffer truth =
        FloatBuffer.allocate(parts.stream().mapToInt(part -> part.size() * part.classes).sum());
    parts.forEach(part -> truth.put(Objects.requireNonNull(part.truth())));
    return new Known(truth.array(), NONE);
  }

  /**
   * Whether the nearest training sample of each sample is of its class: 1 if so, 0 if not, -1 where
   * the class is not known. Empty for all but vectors, and where nobody looked.
   */
  public int[] neighbours() {
    return known == null ? NONE : known.neighbours();
  }

  /** The truth of labels or numbers, {@code [samples * classes]}; null for classes. */
  public float @Nullable [] truth() {
    return known == null ? null : known.values();
  }

  /** Number of samples. */
  public int size() {
    return ids.length;
  }

  /** Whether the true class of a sample is known. */
  public boolean isLabelled(int sample) {
    return labels[sample] >= 0;
  }

  /** Whether a sample is known to be of none of the classes. */
  public boolean isOutOfScope(int sample) {
    return labels[sample] == OutOfScope.LABEL;
  }

  /** Whether any sample's true class is known. */
  public boolean isAnyLabelled() {
    return Arrays.stream(labels).anyMatch(label -> label >= 0);
  }

  /** The true class of a labelled sample. */
  public int label(int sample) {
    return (int) labels[sample];
  }

  /** The class with the largest logit. */
  public int prediction(int sample) {
    return answers.best(sample);
  }

  /** Whether a labelled sample was answered with its class. */
  public boolean isRight(int sample) {
    return labels[sample] == prediction(sample);
  }

  /**
   * Logarithms of {@code softmax(logits / temperature)}.
   *
   * @param into {@code [classes]}
   */
  public void logProbabilities(int sample, double temperature, double[] into) {
    answers.read(sample, into);
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      into[c] /= temperature;
      largest = Math.max(largest, into[c]);
    }
    double sum = 0;
    for (double z : into) {
      sum += Math.exp(z - largest);
    }
    double norm = largest + Math.log(sum);
    for (int c = 0; c < classes; c++) {
      into[c] -= norm;
    }
  }

  /**
   * The answers of all samples to each output, {@code [outputs][samples]}: logarithms of
   * probabilities for classes, else as answered.
   */
  public double[][] byOutput() {
    double[][] all = new double[classes][size()];
    double[] one = new double[classes];
    for (int i = 0; i < size(); i++) {
      if (truth() == null) {
        logProbabilities(i, 1, one);
      } else {
        answers.read(i, one);
      }
      for (int output = 0; output < classes; output++) {
        all[output][i] = one[output];
      }
    }
    return all;
  }

  /**
   * Share of the labelled samples that are right, 0 to 1; NaN if none is labelled, or the task is
   * not one of classes.
   */
  public double accuracy() {
    if (known != null) {
      return Double.NaN;
    }
    int labelled = 0;
    int right = 0;
    for (int i = 0; i < size(); i++) {
      labelled += isLabelled(i) ? 1 : 0;
      right += isLabelled(i) && isRight(i) ? 1 : 0;
    }
    return (double) right / labelled;
  }

  /** Share of all samples on which two models predict the same class, 0 to 1. */
  public double agreement(Predictions other) {
    int same = 0;
    for (int i = 0; i < size(); i++) {
      same += prediction(i) == other.prediction(i) ? 1 : 0;
    }
    return (double) same / size();
  }

  /**
   * Refuses to compare answers to different samples.
   *
   * @throws RanbikiException of kind configuration
   */
  public void requireSameSamples(Predictions other) {
    if (!Arrays.equals(ids, other.ids)
        || !Arrays.equals(labels, other.labels)
        || !Arrays.equals(truth(), other.truth())) {
      throw RanbikiException.configuration(
          "The predictions are of different test sets: %d and %d samples%s; measure both models on"
              + " the same one.",
          size(), other.size(), size() == other.size() ? ", with other ids or labels" : "");
    }
    if (classes != other.classes) {
      throw RanbikiException.configuration(
          "The predictions are of %d and of %d classes; compare models of the same classes.",
          classes, other.classes);
    }
  }
}
