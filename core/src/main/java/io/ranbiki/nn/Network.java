package io.ranbiki.nn;

import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.LinkedHashMap;
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

  /**
   * A network of numbers of any size: what another one answers is multiplied by the standard
   * deviations of their truth, and their mean is added. So that one works with numbers near 1, and
   * all who ask get the unit of the data. Paths inside are the other network's, and its weights
   * know nothing of the unit, which {@link Graph} does not hold either: whoever writes a network
   * down adds it behind the last step.
   *
   * @param network owned by the new one from now on
   * @param unit a mean and a standard deviation for each number
   */
  public static Network inUnits(Network network, Normalization unit) {
    return new InUnits(network, unit);
  }

  private static final class InUnits extends Network {

    private final Network network;
    private final Normalization unit;

    InUnits(Network network, Normalization unit) {
      this.network = child("", network);
      this.unit = unit;
    }

    @Override
    public List<Field> inputs() {
      return network.inputs();
    }

    @Override
    public Signal answer(Map<String, Tensor> inputs) {
      Signal signal = network.answer(inputs);
      Tensor numbers = signal.logits();
      Tensor mean = Tensors.of(unit.mean(), unit.mean().length).to(numbers.device());
      Tensor deviation = Tensors.of(unit.std(), unit.std().length).to(numbers.device());
      Map<String, Answer> outputs = new LinkedHashMap<>(signal.outputs());
      outputs.put(Signal.LOGITS, new Answer.Full(numbers.mul(deviation).add(mean)));
      return new Signal(outputs, signal.features(), unit);
    }

    @Override
    protected String describe(Graph graph, Map<String, String> inputs) {
      return graph.within(network, () -> network.describe(graph, inputs));
    }
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
