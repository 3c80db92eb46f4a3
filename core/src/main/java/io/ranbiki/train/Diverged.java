package io.ranbiki.train;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.nn.Signal;
import io.ranbiki.teacher.AskedBatches;
import io.ranbiki.teacher.FiniteAnswers;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Says what of a step is not finite, with the samples if they can be told afterwards. */
record Diverged(AskedBatches.Answered taught, Dataset samples, long step) {

  /** Helps where weights grew; at the first step none has changed yet. */
  private static final String SMALLER_STEPS =
      "Try a smaller learning rate, smaller weights of terms, clip-norm, or a warm-up";

  /** A gradient that is not finite, before anybody knows of which step. */
  static final class Gradient extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Learner learner;
    private final double norm;

    Gradient(Learner learner, double norm) {
      super("gradient " + norm, null, false, false);
      this.learner = learner;
      this.norm = norm;
    }

    Learner learner() {
      return learner;
    }
  }

  RanbikiException loss(Learner learner, double total, Map<String, Double> terms) {
    return exception("loss", learner, total, " (" + terms + ")");
  }

  /**
   * The message about a gradient.
   *
   * @param norms of the terms' gradients by name
   */
  RanbikiException gradient(Gradient of, Map<String, Double> norms) {
    List<String> broken =
        norms.keySet().stream()
            .filter(name -> !Double.isFinite(Objects.requireNonNull(norms.get(name))))
            .toList();
    String terms = broken.isEmpty() ? "" : " (that of " + String.join(" and ", broken) + ")";
    return exception("gradient", of.learner, of.norm, terms);
  }

  private RanbikiException exception(String what, Learner learner, double value, String terms) {
    Cause cause = cause(learner);
    return new RanbikiException(
        RanbikiException.Kind.DIVERGED,
        String.format(
            Locale.ROOT,
            "The %s%s is %s at step %d%s%s; the weights of the step before are kept. %s.",
            what,
            learner.who(),
            value,
            step,
            terms,
            cause.where,
            cause.advice));
  }

  /**
   * Where it came from.
   *
   * @param where words that go on a sentence; empty if nobody can tell
   * @param advice what to do
   */
  private record Cause(String where, String advice) {}

  /** The first in the order of computation. */
  private Cause cause(Learner learner) {
    Batch batch = taught.batch();
    List<Integer> inputs = notFinite(batch.inputs());
    if (!inputs.isEmpty()) {
      return new Cause(
          ", where the input of " + named(inputs) + " is not finite",
          "Check the sample and data.normalize");
    }
    Signal signal = taught.signal();
    if (signal != null) {
      for (Map.Entry<String, Tensor> feature : signal.features().entrySet()) {
        List<Integer> rows = notFinite(feature.getValue());
        if (!rows.isEmpty()) {
          return new Cause(
              String.format(
                  Locale.ROOT,
                  ", where the teacher's output of %s for %s is not finite",
                  feature.getKey(),
                  named(rows)),
              "Check the teacher's weights, the sample and data.normalize");
        }
      }
    }
    Optional<String> answered;
    try (NoGrad noGrad = new NoGrad()) {
      answered = FiniteAnswers.fault(learner.replica().answer(batch).logits(), batch, samples);
    }
    if (answered.isPresent()) {
      return new Cause(
          ", where the student " + answered.get(),
          step == 1 ? "Check its weights, the sample and data.normalize" : SMALLER_STEPS);
    }
    List<Integer> masked = signal == null ? List.of() : notFinite(signal.logits());
    if (!masked.isEmpty()) {
      return new Cause(
          ", where the teacher gives a class of " + named(masked) + " the logit -Infinity",
          "Use a term for which that class has the probability 0, such as soft-targets");
    }
    return new Cause(
        "",
        step == 1
            ? "Check the options of the terms, and the weights of all networks"
            : SMALLER_STEPS);
  }

  private static List<Integer> notFinite(Tensor values) {
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < values.size(0); row++) {
      if (!values.narrow(0, row, 1).isAllFinite()) {
        rows.add(row);
      }
    }
    return rows;
  }

  private String named(List<Integer> rows) {
    String first = samples.nameOf(taught.batch().ids()[rows.get(0)]);
    return rows.size() == 1
        ? first
        : String.format(
            Locale.ROOT, "%s and %d more of %d", first, rows.size() - 1, taught.batch().size());
  }
}
