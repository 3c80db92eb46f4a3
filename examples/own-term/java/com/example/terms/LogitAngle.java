package com.example.terms;

import io.ranbiki.RanbikiException;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.Ramp;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.TermLoss;
import io.ranbiki.objective.TermProvider;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.Map;

/**
 * A term of your own: the angle between the logits of student and teacher, whatever their length.
 *
 * <p>{@code L = 1 - mean over the batch of cos(z_s, z_t)}, from 0 to 2, with each sample's logits
 * centred. Logits are {@code [batch, classes]}.
 *
 * @param weight weight in the objective, finite, 0 or more
 */
public record LogitAngle(Ramp weight) implements Term {

  private static final double EPSILON = 1e-12;

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
    return Functional.normalize(logits.sub(logits.meanKeep(1)), 1, EPSILON);
  }

  /** Makes the term from {@code logit-angle: {weight: 2}}; named in META-INF/services. */
  public static final class Provider implements TermProvider {

    @Override
    public String name() {
      return "logit-angle";
    }

    @Override
    public Term create(Map<String, Object> options) {
      Object weight = options.getOrDefault("weight", 1);
      if (!(weight instanceof Number number)
          || !options.keySet().stream().allMatch("weight"::equals)) {
        throw RanbikiException.configuration(
            "logit-angle takes a weight, a number, but was given %s", options);
      }
      return new LogitAngle(Ramp.constant(number.doubleValue()));
    }
  }
}
