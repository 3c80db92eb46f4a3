package io.ranbiki.nn;

import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A module that answers samples: it says which fields it takes, and answers them by name.
 *
 * <p>To write one, implement {@link #inputs} and {@link #answer}; for one input and one layer,
 * {@link #of} is enough. Answers have their classes last and, before them, positions: {@code
 * [batch, classes]}, {@code [batch, tokens, classes]}.
 */
public abstract class Network extends Module {

  /** What a sample must have: names, kinds and shapes, in the order in which they are exported. */
  public abstract List<Field> inputs();

  /**
   * Answers a batch.
   *
   * @param inputs {@code [batch, ...]}, one of each field of {@link #inputs}
   */
  public abstract Signal answer(Map<String, Tensor> inputs);

  /**
   * Says by operations what {@link #answer} computes in evaluation mode, for {@link Graph}; call
   * children through {@link Graph#apply}. A network without it can be trained, but not exported.
   *
   * @param inputs names of the values that go in, by field
   * @return name of the value that comes out: the logits
   */
  protected String describe(Graph graph, Map<String, String> inputs) {
    throw graph.unknown(this);
  }

  /**
   * A network whose logits are what one layer makes of one input. Paths inside are the layer's.
   *
   * @param layer owned by the network from now on
   */
  public static Network of(Field input, Layer layer) {
    return new OfLayer(input, layer);
  }

  private static final class OfLayer extends Network {

    private final Field input;
    private final Layer layer;

    OfLayer(Field input, Layer layer) {
      this.input = input;
      this.layer = child("", layer);
    }

    @Override
    public List<Field> inputs() {
      return List.of(input);
    }

    @Override
    public Signal answer(Map<String, Tensor> inputs) {
      return Signal.of(layer.apply(Objects.requireNonNull(inputs.get(input.name()))));
    }

    @Override
    protected String describe(Graph graph, Map<String, String> inputs) {
      return graph.apply(layer, Objects.requireNonNull(inputs.get(input.name())));
    }
  }
}
