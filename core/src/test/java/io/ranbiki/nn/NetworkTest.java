package io.ranbiki.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetworkTest {

  private static final Field INPUT = new Field("features", Field.Kind.FLOAT32, List.of(2));

  /** Adds two inputs, one of them through a layer. */
  private static final class Both extends Network {

    private final Linear linear;

    Both(Generator generator) {
      linear = child("linear", new Linear(2, 2, generator));
    }

    @Override
    public List<Field> inputs() {
      return List.of(
          new Field("a", Field.Kind.FLOAT32, List.of(2)),
          new Field("b", INPUT.kind(), INPUT.shape()));
    }

    @Override
    public Signal answer(Map<String, Tensor> inputs) {
      return Signal.of(shown(linear.apply(inputs.get("a")).add(inputs.get("b"))));
    }

    @Override
    protected String describe(Graph graph, Map<String, String> inputs) {
      return graph.add(new Operation.Sum(), graph.apply(linear, inputs.get("a")), inputs.get("b"));
    }
  }

  @Test
  void aNetworkOfOneLayer_hasTheLayersPathsAndModes() {
    try (TensorScope scope = TensorScope.open("test");
        Generator generator = new Generator(1);
        Network network =
            Network.of(INPUT, new Sequential(new Linear(2, 3, generator), Activation.relu()))) {
      assertThat(network.parameters().keySet()).containsExactly("0.weight", "0.bias");
      assertThat(network.modules().keySet()).containsExactly("", "0", "1");
      assertThat(network.treatsSamplesAlone()).isTrue();

      network.eval();

      assertThat(network.modules().values()).noneMatch(Module::isTraining);
      try (Taps taps = Taps.open(network, List.of("0"))) {
        Signal signal = network.answer(Map.of("features", Tensors.ones(1, 2)));
        assertThat(taps.take().get("0").relu().toFloats())
            .containsExactly(signal.logits().toFloats());
      }
    }
  }

  @Test
  void aNetworkOfSeveralInputs_isDescribedByTheirNames() {
    try (Generator generator = new Generator(1);
        Network network = new Both(generator)) {
      List<Graph.Step> steps = Graph.of(network);

      assertThat(steps).extracting(Graph.Step::name).containsExactly("linear", "Sum");
      assertThat(steps.get(0).inputs()).containsExactly("a");
      assertThat(steps.get(1).inputs()).containsExactly("linear", "b");
    }
  }

  private static final class Silent extends Network {
    @Override
    public List<Field> inputs() {
      return List.of(INPUT);
    }

    @Override
    public Signal answer(Map<String, Tensor> inputs) {
      return Signal.of(inputs.get("features"));
    }
  }

  @Test
  void aNetworkThatDoesNotSayWhatItComputes_isNamedWithTheWayOut() {
    try (Network network = new Silent()) {
      assertThatThrownBy(() -> Graph.of(network))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The network of class io.ranbiki.nn.NetworkTest$Silent does not say what it computes,"
                  + " so the network cannot be exported. Override describe in that class, with the"
                  + " operations that answer stands for.");
    }
  }
}
