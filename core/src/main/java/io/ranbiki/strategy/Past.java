package io.ranbiki.strategy;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.model.Model;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.Map;
import java.util.Objects;

/** Which past of itself a student learns from. */
public sealed interface Past {

  /** How many epochs pass before it first teaches. */
  int epochsBefore();

  /**
   * The student as it was when an epoch began, taken anew every few epochs. Before the first one is
   * taken there is no past worth learning from, so that the student then learns from labels alone;
   * a copy of a network that has learnt nothing would teach nothing.
   *
   * @param every epochs from one to the next, 1 or more
   */
  record Snapshot(int every) implements Past {
    /** Checks the interval. */
    public Snapshot {
      if (every < 1) {
        throw RanbikiException.configuration(
            "The snapshot is to be taken every %d epochs; take 1 or more, such as 3.", every);
      }
    }

    @Override
    public int epochsBefore() {
      return every;
    }
  }

  /**
   * A moving average of the student's weights, {@code average = decay * average + (1 - decay) *
   * student} after every step, which teaches from the second epoch on. In the first steps the decay
   * is smaller, {@code min(decay, (1 + steps) / (10 + steps))}, so that the initial values are soon
   * forgotten. Running statistics of batch normalisation are the student's own.
   *
   * <p>Source: Tarvainen and Valpola 2017, arXiv:1703.01780, section 2. Deviations: the teacher
   * sees what the student sees, without a perturbation of its own; the first decays are those of
   * TensorFlow's {@code ExponentialMovingAverage}; the paper's consistency cost is whatever the
   * objective says.
   *
   * @param decay share of the average that stays, 0 to below 1, such as 0.999
   */
  record Average(double decay) implements Past {

    /** Reads the key {@code decay}. */
    public static Average read(Options options) {
      return new Average(
          options.number(
              "decay",
              0.999,
              "Share of the average that stays in a step",
              Rule.atLeast(0),
              Rule.below(1)));
    }

    /** Checks the range. */
    public Average {
      if (!(decay >= 0 && decay < 1)) {
        throw RanbikiException.configuration(
            "The decay of the average is %s, but must be 0 to below 1, such as 0.999.", decay);
      }
    }

    @Override
    public int epochsBefore() {
      return 1;
    }

    /**
     * Moves an average towards its student.
     *
     * @param average a copy of the student, changed
     * @param steps that the student has made, from 1
     */
    void follow(Model student, Model average, long steps) {
      double moves = 1 - Math.min(decay, (1.0 + steps) / (10.0 + steps));
      try (TensorScope scope = TensorScope.open("moving average");
          NoGrad noGrad = new NoGrad()) {
        Map<String, Tensor> trained = student.module().parameters();
        Map<String, Tensor> followed = average.module().state();
        student
            .module()
            .state()
            .forEach(
                (name, value) -> {
                  if (trained.containsKey(name)) {
                    Objects.requireNonNull(followed.get(name)).lerpInPlace(value.detach(), moves);
                  } else {
                    Objects.requireNonNull(followed.get(name)).copyFrom(value);
                  }
                });
      }
    }
  }
}
