package io.ranbiki.objective;

import io.ranbiki.config.Catalogue;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.Generator;
import java.util.List;

/** A term of a user's own, as it would stand in their jar. */
public final class OwnTerms implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        Provider.of(
            Term.class,
            "confidence-penalty",
            "Negative entropy of the student.",
            ConfidencePenalty::read));
  }

  /** Negative entropy of the student, cut off at a floor. */
  private record ConfidencePenalty(Ramp weight, double floor) implements Term {

    static ConfidencePenalty read(Options options) {
      return new ConfidencePenalty(
          Ramp.weight(options, 0.1),
          options.number("floor", -100, "What it cannot fall below", Rule.atMost(0)));
    }

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
          inputs
              .studentLogits()
              .softmax(1)
              .mul(inputs.studentLogits().logSoftmax(1))
              .sum(1)
              .mean()
              .clampMin(floor);
    }
  }
}
