package io.ranbiki.artifact;

import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Graph.Step;
import io.ranbiki.nn.Operation;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How each operation is said in ONNX. */
final class OnnxNodes {

  private static final Map<String, Object> NONE = Map.of();

  private final OnnxWriter out;
  private final WeightNodes weights;

  OnnxNodes(OnnxWriter out, WeightNodes weights) {
    this.out = out;
    this.weights = weights;
  }

  /** Adds what computes a step: from values that are there, a value of the given name. */
  void add(Step step, List<String> inputs, String output) {
    Operation operation = step.operation();
    String input = inputs.get(0);
    if (operation instanceof Operation.Convolution c) {
      out.node(
          "Conv",
          withWeights(output, input, c.weight(), c.bias()),
          output,
          Map.of(
              "dilations", each(c.weight(), c.dilation()),
              "group", c.groups(),
              "kernel_shape", kernel(c.weight()),
              "pads", ends(c.weight(), c.padding()),
              "strides", each(c.weight(), c.stride())));
    } else if (operation instanceof Operation.TransposedConvolution c) {
      long[] pads = {c.padding(), c.padding(), c.padding(), c.padding()};
      out.node(
          "ConvTranspose",
          List.of(
              input,
              out.tensor(output + ".weight", c.weight().toFloats(), c.weight().shape()),
              out.tensor(output + ".bias", c.bias().toFloats(), c.bias().shape())),
          output,
          Map.of("kernel_shape", kernel(c.weight()), "pads", pads, "strides", pair(c.stride())));
    } else if (operation instanceof Operation.Affine a) {
      out.node(
          "Gemm", withWeights(output, input, a.weight(), a.bias()), output, Map.of("transB", 1L));
    } else if (operation instanceof Operation.Normalisation n) {
      normalisation(n, input, output);
    } else if (operation instanceof Operation.Elementwise e) {
      elementwise(e.kind(), input, output);
    } else if (operation instanceof Operation.LargestOf pool) {
      long padding = pool.padding();
      out.node(
          "MaxPool",
          inputs,
          output,
          Map.of(
              "kernel_shape", pair(pool.kernel()),
              "pads", new long[] {padding, padding, padding, padding},
              "strides", pair(pool.stride())));
    } else if (operation instanceof Operation.MeanOf pool) {
      out.node(
          "AveragePool",
          inputs,
          output,
          Map.of("kernel_shape", pair(pool.kernel()), "strides", pair(pool.kernel())));
    } else if (operation instanceof Operation.GlobalMean) {
      out.node("GlobalAveragePool", inputs, output, NONE);
    } else if (operation instanceof Operation.Flatten) {
      out.node("Flatten", inputs, output, Map.of("axis", 1L));
    } else if (operation instanceof Operation.Sum) {
      out.node("Add", inputs, output, NONE);
    } else if (operation instanceof Operation.AffineEach a) {
      affineEach(a, input, output);
    } else if (!new OnnxSoundNodes(out).add(operation, inputs, output)) {
      new OnnxTextNodes(out, weights).add(operation, inputs, output);
    }
  }

  /** Gemm takes matrices alone. */
  private void affineEach(Operation.AffineEach a, String input, String output) {
    List<String> added = weights.addTurned(output, input, a.weight(), a.bias());
    if (a.bias() == null) {
      out.node("MatMul", List.of(input, added.get(0)), output, NONE);
    } else {
      String product = out.node("MatMul", List.of(input, added.get(0)), output + "/product", NONE);
      out.node("Add", List.of(product, added.get(1)), output, NONE);
    }
  }

  private List<String> withWeights(
      String name, String input, Tensor weight, @Nullable Tensor bias) {
    List<String> all = new ArrayList<>(List.of(input));
    all.addAll(weights.add(name, input, weight, bias));
    return all;
  }

  private void normalisation(Operation.Normalisation n, String input, String output) {
    long channels = n.weight().count();
    out.node(
        "BatchNormalization",
        List.of(
            input,
            out.tensor(output + ".weight", n.weight().toFloats(), channels),
            out.tensor(output + ".bias", n.bias().toFloats(), channels),
            out.tensor(output + ".running_mean", n.mean().toFloats(), channels),
            out.tensor(output + ".running_var", n.variance().toFloats(), channels)),
        output,
        Map.of("epsilon", (float) n.epsilon()));
  }

  private void elementwise(Activation.Kind kind, String input, String output) {
    switch (kind) {
      case RELU -> out.node("Relu", List.of(input), output, NONE);
      case RELU6 -> {
        String low = out.tensor(output + "/low", new float[] {0});
        String high = out.tensor(output + "/high", new float[] {6});
        out.node("Clip", List.of(input, low, high), output, NONE);
      }
      case TANH -> out.node("Tanh", List.of(input), output, NONE);
      case SIGMOID -> out.node("Sigmoid", List.of(input), output, NONE);
      case SILU -> {
        String share = out.node("Sigmoid", List.of(input), output + "/share", NONE);
        out.node("Mul", List.of(input, share), output, NONE);
      }
      case GELU -> { // x / 2 * (1 + erf(x / sqrt(2)))
        String root = out.tensor(output + "/root", new float[] {(float) Math.sqrt(0.5)});
        String scaled = out.node("Mul", List.of(input, root), output + "/scaled", NONE);
        String erf = out.node("Erf", List.of(scaled), output + "/erf", NONE);
        String one = out.tensor(output + "/one", new float[] {1});
        String sum = out.node("Add", List.of(erf, one), output + "/sum", NONE);
        String twice = out.node("Mul", List.of(input, sum), output + "/twice", NONE);
        String half = out.tensor(output + "/half", new float[] {0.5f});
        out.node("Mul", List.of(twice, half), output, NONE);
      }
    }
  }

  /** The lengths of the window, of which there are as many as directions. */
  private static long[] kernel(Tensor weight) {
    return Arrays.copyOfRange(weight.shape(), 2, weight.shape().length);
  }

  /** A number for each direction of a window. */
  private static long[] each(Tensor weight, long value) {
    long[] numbers = kernel(weight);
    Arrays.fill(numbers, value);
    return numbers;
  }

  /** A number for both ends of each direction. */
  private static long[] ends(Tensor weight, long value) {
    long[] numbers = new long[2 * kernel(weight).length];
    Arrays.fill(numbers, value);
    return numbers;
  }

  private static long[] pair(long value) {
    return new long[] {value, value};
  }
}
