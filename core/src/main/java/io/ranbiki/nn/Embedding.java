package io.ranbiki.nn;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorException;

/**
 * A vector for each id: {@code [...]} INT64 to {@code [..., width]}. Parameter: {@code weight}
 * {@code [rows, width]}.
 */
public final class Embedding extends Layer {

  private final Tensor weight;

  /** Makes a layer with standard normal values, as PyTorch does. */
  public Embedding(long rows, long width, Generator generator) {
    this(rows, width, 1, generator);
  }

  /**
   * Makes a layer with normal values of mean 0.
   *
   * @param deviation their standard deviation
   */
  public Embedding(long rows, long width, double deviation, Generator generator) {
    weight = parameter("weight", generator.normal(0, deviation, rows, width));
  }

  /** The vector of every id, {@code [rows, width]}. */
  public Tensor table() {
    return weight;
  }

  @Override
  protected String describe(Graph graph, String ids) {
    return graph.add(new Operation.Lookup(weight), ids);
  }

  @Override
  protected Tensor forward(Tensor ids) {
    try {
      return Functional.embedding(weight, ids);
    } catch (TensorException e) {
      long[] all = ids.toLongs();
      for (long id : all) {
        if (id < 0 || id >= weight.size(0)) {
          throw RanbikiException.configuration(
              "A sample holds the id %d, but the network has vectors for the ids 0 to %d. Give it a"
                  + " vocabulary as large as the tokenizer's.",
              id, weight.size(0) - 1);
        }
      }
      throw e;
    }
  }
}
