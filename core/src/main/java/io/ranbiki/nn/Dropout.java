package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * In training, sets elements to 0 with a probability and scales the others up so that the mean
 * stays (Srivastava et al. 2014); in evaluation, nothing. Any shape.
 */
public final class Dropout extends Layer {

  private final double probability;
  private final Generator generator;

  /**
   * Makes a layer.
   *
   * @param probability 0 or more, below 1
   * @param generator source of the masks; borrowed
   */
  public Dropout(double probability, Generator generator) {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "dropout probability " + probability + " must be 0 or more and below 1");
    }
    this.probability = probability;
    this.generator = generator;
  }

  @Override
  protected boolean isSampleWise() {
    return probability == 0;
  }

  @Override
  protected String describe(Graph graph, String input) {
    return input;
  }

  @Override
  protected Tensor forward(Tensor input) {
    return isTraining() ? Functional.dropout(input, probability, generator) : input;
  }
}
