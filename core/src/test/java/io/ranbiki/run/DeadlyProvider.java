package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.Ramp;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.TermLoss;
import io.ranbiki.objective.TermProvider;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.SegmentationFault;
import java.util.Map;

/** A term of a user's own that ends the process which computes it, as a faulty library does. */
public final class DeadlyProvider implements TermProvider {

  @Override
  public String name() {
    return "deadly";
  }

  @Override
  public Term create(Map<String, Object> options) {
    return new Deadly(String.valueOf(options.get("end")));
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
