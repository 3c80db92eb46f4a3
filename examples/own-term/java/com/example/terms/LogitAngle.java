package com.example.terms;

import io.ranbiki.config.Options;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.Ramp;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.TermLoss;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * A term of your own: the angle between the logits of student and teacher, whatever their length.
 *
 * <p>{@code L = 1 - mean over the batch of cos(z_s, z_t)}, from 0 to 2, with each sample's logits
 * centred. Logits are {@code [batch, classes]}.
 *
 * @param weight weight in the objective, finite, 0 or more
 */
public record LogitAngle(Ramp weight) implements Term {

  /** Reads its options; what it says of each is shown to editors and in tables. */
  static LogitAngle read(Options options) {
    return new LogitAngle(Ramp.weight(options, 1));
  }

  @Override
  public String name() {
    return "logit-angle";
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return inputs -> cosines(inputs).mean().neg().add(1);
  }

  private static Tensor cosines(LossInputs inputs) {
    return direction(inputs.studentLogits()).mul(direction(inputs.teacherLogits())).sum(1);
  }

  /** Each sample's logits without their mean, which the softmax ignores, brought to length 1. */
  private static Tensor direction(Tensor logits) {
    return Functional.normalize(logits.sub(logits.meanKeep(1)), 1);
  }
}
