package io.ranbiki.nn;

import io.ranbiki.Golden;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every layer beside the same layer in PyTorch: outputs, running statistics and gradients. */
class LayersGoldenTest {

  static List<String> squareConvolutions() {
    return Golden.idsBut("30-layer.conv2d-", "30-layer.conv2d-rect");
  }

  @ParameterizedTest
  @MethodSource("squareConvolutions")
  void conv2d(String id) {
    check(
        id,
        golden -> {
          long[] weight = golden.tensor("w.weight").shape();
          long groups = (long) golden.number("groups");
          Conv2d.Options options =
              new Conv2d.Options(
                  weight[1] * groups,
                  weight[0],
                  weight[2],
                  (long) golden.number("stride"),
                  (long) golden.number("padding"),
                  (long) golden.number("dilation"),
                  groups,
                  golden.has("w.bias"));
          try (Generator generator = new Generator(0)) {
            return new Conv2d(options, generator);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = "30-layer.conv2d-rect")
  void conv2d_withAWindowThatIsNotSquare(String id) {
    long[] one = {1, 1};
    check(
        id,
        golden ->
            function(
                golden,
                (x, w) -> Functional.conv2d(x, weight(w), w.get("bias"), one, one, one, 1)));
  }

  @ParameterizedTest
  @ValueSource(strings = "30-layer.convtranspose2d-k4s2p1")
  void convTranspose2d(String id) {
    check(
        id,
        golden ->
            function(
                golden, (x, w) -> Functional.convTranspose2d(x, weight(w), w.get("bias"), 2, 1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"30-layer.linear", "30-layer.linear-3d"})
  void linear(String id) {
    check(
        id,
        golden -> {
          long[] weight = golden.tensor("w.weight").shape();
          try (Generator generator = new Generator(0)) {
            return new Linear(weight[1], weight[0], golden.has("w.bias"), generator);
          }
        });
  }

  static List<String> batchNorms() {
    return Golden.ids("30-layer.batchnorm");
  }

  @ParameterizedTest
  @MethodSource("batchNorms")
  void batchNorm(String id) {
    check(
        id,
        golden -> {
          Layer layer = new BatchNorm(golden.tensor("w.weight").count());
          if (!golden.hyper("training").asBoolean()) {
            layer.eval();
          }
          return layer;
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"30-layer.layernorm", "30-layer.layernorm-2d"})
  void layerNorm(String id) {
    check(
        id,
        golden ->
            function(
                golden,
                (x, w) ->
                    Functional.layerNorm(
                        x, weight(w).shape(), w.get("weight"), w.get("bias"), 1e-5)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"relu", "tanh", "sigmoid", "gelu-erf", "silu"})
  void activation(String kind) {
    check(
        "30-layer." + kind,
        golden ->
            new Activation(
                switch (kind) {
                  case "relu" -> Activation.Kind.RELU;
                  case "tanh" -> Activation.Kind.TANH;
                  case "sigmoid" -> Activation.Kind.SIGMOID;
                  case "gelu-erf" -> Activation.Kind.GELU;
                  default -> Activation.Kind.SILU;
                }));
  }

  private static final Map<String, UnaryOperator<Tensor>> FUNCTIONS =
      Map.of(
          "leaky-relu", x -> Functional.leakyRelu(x, 0.1),
          "softmax", x -> x.softmax(1),
          "log-softmax", x -> x.logSoftmax(1),
          "maxpool-k3s2p1", x -> Functional.maxPool2d(x, 3, 2, 1),
          "avgpool-k3s2p1-include", x -> Functional.avgPool2d(x, 3, 2, 1, true),
          "avgpool-k3s2p1-exclude", x -> Functional.avgPool2d(x, 3, 2, 1, false),
          "interpolate-nearest", x -> Functional.upsampleNearest2d(x, 6, 6));

  static Iterable<String> functions() {
    return FUNCTIONS.keySet();
  }

  @ParameterizedTest
  @MethodSource("functions")
  void function(String name) {
    check("30-layer." + name, golden -> function(golden, (x, w) -> FUNCTIONS.get(name).apply(x)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"maxpool-k2s2", "avgpool-k2s2"})
  void poolsWithoutOverlap(String kind) {
    check("30-layer." + kind, golden -> kind.startsWith("max") ? Pool.max(2) : Pool.average(2));
  }

  static List<String> adaptivePools() {
    return Golden.ids("30-layer.adaptive-avgpool-");
  }

  @ParameterizedTest
  @MethodSource("adaptivePools")
  void adaptivePool(String id) {
    check(
        id,
        golden -> {
          long height = golden.hyper("output").get(0).asLong();
          long width = golden.hyper("output").get(1).asLong();
          return height == width
              ? Pool.adaptiveAverage(height)
              : function(golden, (x, w) -> Functional.adaptiveAvgPool2d(x, height, width));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = "30-layer.embedding")
  void embedding(String id) {
    check(id, golden -> function(golden, (x, w) -> Functional.embedding(weight(w), x)));
  }

  // ---- the check

  /** Loads the weights, compares the output, and the gradients for a given upstream gradient. */
  private static void check(String id, Function<Golden, Layer> maker) {
    Golden golden = Golden.load(id);
    try (TensorScope scope = TensorScope.open("golden");
        Layer layer = maker.apply(golden)) {
      load(golden, layer);
      Tensor input = golden.has("in.x") ? golden.leaf("in.x") : golden.tensor("in.index");

      Tensor output = layer.apply(input);
      Tensor loss = output.mul(golden.tensor("in.grad_out")).sum();
      loss.backward();

      golden.check("out.y", output);
      golden.check("out.loss", loss);
      if (input.requiresGrad()) {
        golden.checkGrad("in.x", input);
      }
      layer.parameters().forEach((name, weight) -> golden.checkGrad("w." + name, weight));
      golden
          .names("out.buf.")
          .forEach(name -> golden.check(name, layer.state().get(name.substring(8))));
    }
  }

  private static void load(Golden golden, Layer layer) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    golden.names("w.").forEach(name -> values.put(name.substring(2), golden.tensor(name)));
    golden.names("buf.").forEach(name -> values.put(name.substring(4), golden.tensor(name)));
    if (layer instanceof BatchNorm) {
      values.put("num_batches_tracked", Tensors.zeros(DType.INT64));
    }
    StateDict.load(layer, values, golden.id());
  }

  private static Tensor weight(Map<String, Tensor> weights) {
    return weights.get("weight");
  }

  /** A module of a function of the input and of the case's weights. */
  private static Layer function(
      Golden golden, BiFunction<Tensor, Map<String, Tensor>, Tensor> function) {
    return new WithWeights(golden, function);
  }

  private static final class WithWeights extends Layer {

    private final BiFunction<Tensor, Map<String, Tensor>, Tensor> function;

    WithWeights(Golden golden, BiFunction<Tensor, Map<String, Tensor>, Tensor> function) {
      this.function = function;
      golden.names("w.").forEach(name -> parameter(name.substring(2), golden.tensor(name)));
    }

    @Override
    protected Tensor forward(Tensor input) {
      return function.apply(input, parameters());
    }
  }
}
