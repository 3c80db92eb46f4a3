package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Generator;
import java.util.Map;

/** A term of a user's own, as it would stand in their jar: negative entropy of the student. */
public final class ConfidencePenaltyProvider implements TermProvider {

  @Override
  public String name() {
    return "confidence-penalty";
  }

  @Override
  public Term create(Map<String, Object> options) {
    if (!(options.get("weight") instanceof Number weight)) {
      throw RanbikiException.configuration(
          "confidence-penalty needs a weight, a number, but has %s", options.get("weight"));
    }
    return new ConfidencePenalty(Ramp.constant(weight.doubleValue()));
  }

  private record ConfidencePenalty(Ramp weight) implements Term {

    @Override
    public String name() {
      return "confidence-penalty";
    }

    @Override
    public boolean needsTeacher() {
      return false;
    }

    @Override
    public TermLoss bind(LossInputs example, Generator generator) {
      return inputs ->
          inputs.studentLogits().softmax(1).mul(inputs.studentLogits().logSoftmax(1)).sum(1).mean();
    }
  }
}
