package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;

/**
 * Cross-entropy between the student's answer and the class that the teacher finds likeliest: its
 * bare decision, without how sure it is or what else it considers.
 *
 * <p>{@code L = -mean(log softmax(z_s)[argmax z_t])}, in nats, over all samples of the batch, with
 * label or without. Logits are {@code [batch, classes]}.
 *
 * <p>Source: Touvron et al. 2020, arXiv:2012.12877, section 4, "hard-label distillation".
 * Deviation: the weights are free; the paper gives labels and decisions one half each.
 *
 * @param weight weight in the objective, finite, 0 or more
 */
public record TeacherDecisions(Ramp weight) implements Term {

  private static final String NAME = "teacher-decisions";

  /** Checks the range. */
  public TeacherDecisions {
    weight.requireNonNegative("'weight' of " + NAME);
  }

  /** With a constant weight. */
  public TeacherDecisions(double weight) {
    this(Ramp.constant(weight));
  }

  static TeacherDecisions read(Options options) {
    return new TeacherDecisions(Ramp.weight(options, 1));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.ROWS;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireSameShape(NAME, example);
    return inputs ->
        Functional.crossEntropy(inputs.studentLogits(), inputs.teacherLogits().argmax(1), 0);
  }
}
