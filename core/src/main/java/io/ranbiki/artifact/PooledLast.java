package io.ranbiki.artifact;

import io.ranbiki.nn.Graph.Step;
import io.ranbiki.nn.Operation;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a network of vectors as libraries expect its file: a vector for each token, of which
 * that of the text is made last. What a linear layer makes of a mean is the mean of what it makes
 * of each; behind a table of vectors it goes into the table, unless that would grow.
 */
final class PooledLast {

  private PooledLast() {}

  /** The same network; as it is where what follows its pooling cannot come before. */
  static List<Step> of(List<Step> steps) {
    List<Step> before = new ArrayList<>();
    Step pooling = null;
    String value = "";
    for (Step step : steps) {
      if (pooling == null && isPooling(step.operation())) {
        pooling = step;
        value = step.inputs().get(0);
      } else if (pooling == null) {
        before.add(step);
      } else {
        Operation each = ofEach(step.operation(), pooling.operation());
        if (each == null) {
          return steps;
        }
        add(before, new Step(step.name(), each, List.of(value)));
        value = step.name();
      }
    }
    if (pooling == null) {
      return steps;
    }
    List<String> inputs = new ArrayList<>(pooling.inputs());
    inputs.set(0, value);
    before.add(new Step(pooling.name(), pooling.operation(), inputs));
    return before;
  }

  /** Whether the vector of a text is made of those of its tokens by the last step. */
  static boolean isSo(List<Step> steps) {
    return steps.size() > 1 && isPooling(steps.get(steps.size() - 1).operation());
  }

  private static boolean isPooling(Operation operation) {
    return operation instanceof Operation.MeanOfTokens || operation instanceof Operation.FirstToken;
  }

  /** What an operation is to each token; null where it is another if it comes before. */
  private static @Nullable Operation ofEach(Operation operation, Operation pooling) {
    if (operation instanceof Operation.Affine a) {
      return new Operation.AffineEach(a.weight(), a.bias());
    }
    boolean one = operation instanceof Operation.Elementwise;
    return one && pooling instanceof Operation.FirstToken ? operation : null;
  }

  private static void add(List<Step> steps, Step step) {
    Step last = steps.isEmpty() ? step : steps.get(steps.size() - 1);
    if (last.operation() instanceof Operation.Lookup table
        && step.operation() instanceof Operation.AffineEach linear
        && linear.weight().size(0) <= linear.weight().size(1)) {
      steps.set(
          steps.size() - 1,
          new Step(
              step.name(), new Operation.Lookup(changed(table.table(), linear)), last.inputs()));
    } else {
      steps.add(step);
    }
  }

  private static Tensor changed(Tensor table, Operation.AffineEach linear) {
    try (NoGrad noGrad = new NoGrad()) {
      Tensor product = table.detach().matmul(linear.weight().detach().transpose(0, 1));
      Tensor bias = linear.bias();
      return (bias == null ? product : product.add(bias.detach())).contiguous();
    }
  }
}
