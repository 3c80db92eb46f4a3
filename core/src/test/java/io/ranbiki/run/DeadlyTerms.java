package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Catalogue;
import io.ranbiki.config.Provider;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.Ramp;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.TermLoss;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.SegmentationFault;
import java.util.List;

/** A term of a user's own that ends the process which computes it, as a faulty library does. */
public final class DeadlyTerms implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        Provider.of(
            Term.class,
            "deadly",
            "Ends the process.",
            options -> new Deadly(options.string("end", "none", "How it ends"))));
  }

  private record Deadly(String end) implements Term {

    @Override
    public String name() {
      return "deadly";
    }

    @Override
    public Ramp weight() {
      return Ramp.constant(1);
    }

    @Override
    public boolean needsTeacher() {
      return false;
    }

    @Override
    public TermLoss bind(LossInputs example, Generator generator) {
      return inputs -> {
        // The last batch is the smaller one.
        boolean last = inputs.batch().size() < example.batch().size();
        switch (end) {
          case "exit" -> Runtime.getRuntime().halt(7);
          case "exit-at-last" -> {
            if (last) {
              Runtime.getRuntime().halt(7);
            }
          }
          case "segmentation-fault-on-two-threads" -> {
            if (Engine.threads() == 2) {
              SegmentationFault.here();
            }
          }
          case "refusal" -> throw RanbikiException.configuration("the term is refused.");
          default -> {}
        }
        return inputs.studentLogits().mean();
      };
    }
  }
}
