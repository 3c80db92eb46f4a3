package io.ranbiki.artifact;

import io.ranbiki.artifact.OnnxWriter.Type;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Graph.Step;
import io.ranbiki.nn.Operation;
import io.ranbiki.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic in 8 bits, said by pairs of QuantizeLinear and DequantizeLinear, which engines turn
 * into operators on integers. Values are uint8 with a zero of their own; weights are int8, a scale
 * for each output channel, without zero; biases are int32. A pair follows every value that is new,
 * after its ReLU, and none the logits. What only moves values keeps the scale of what it moves.
 *
 * <p>In networks that look vectors up, as those of texts do, a pair stands before each layer with
 * weights alone: attention and norms lose too much in 8 bits. Tables keep a scale for each row, and
 * rows are chosen before they become numbers, since engines would else widen the whole table at
 * every call.
 */
final class Int8 implements WeightNodes {

  /**
   * Not 127: processors without VNNI add pairs of products in 16 bits, and {@code 255 * (63 + 63)}
   * still fits there.
   */
  static final int LARGEST_WEIGHT = 63;

  private static final int LARGEST_VALUE = 255;

  /** Rows of tables are numbers before anything is computed, so that nothing overflows. */
  private static final int LARGEST_OF_ROW = 127;

  /** How a value is quantised: names of scale and zero, and the scale itself. */
  private record Grid(String scale, String zero, float step) {}

  private final OnnxWriter out;
  private final Map<String, Range> ranges;
  private final Set<String> awaitRelu = new HashSet<>();
  private final Map<String, Grid> grids = new HashMap<>();

  /** The values with pairs, where these stand before layers. */
  private final Map<String, String> pairs = new HashMap<>();

  private final boolean looksUp;

  /**
   * Prepares.
   *
   * @param steps of the network
   * @param ranges of every value, by its name in the file
   */
  Int8(OnnxWriter out, List<Step> steps, Map<String, Range> ranges) {
    this.out = out;
    this.ranges = ranges;
    looksUp = looksUp(steps);
    Map<String, Integer> readers = new HashMap<>();
    steps.forEach(step -> step.inputs().forEach(input -> readers.merge(input, 1, Integer::sum)));
    for (Step step : steps) {
      boolean relu =
          step.operation() instanceof Operation.Elementwise e
              && (e.kind() == Activation.Kind.RELU || e.kind() == Activation.Kind.RELU6);
      if (relu && Objects.requireNonNull(readers.get(step.inputs().get(0))) == 1) {
        awaitRelu.add(step.inputs().get(0));
      }
    }
  }

  /** Whether vectors of a table are looked up, as in networks of texts. */
  static boolean looksUp(List<Step> steps) {
    return steps.stream().anyMatch(step -> step.operation() instanceof Operation.Lookup);
  }

  /**
   * Adds a pair before a layer with weights, where pairs stand there.
   *
   * @param inputs that the step takes
   * @return the values that it takes instead
   */
  List<String> before(Step step, List<String> inputs) {
    Operation operation = step.operation();
    boolean hasWeights =
        operation instanceof Operation.Affine
            || operation instanceof Operation.AffineEach
            || operation instanceof Operation.Convolution;
    if (!looksUp || !hasWeights) {
      return inputs;
    }
    String value = inputs.get(0);
    String known = pairs.get(value);
    if (known == null) { // several layers may take the same value
      known = quantized(value);
      pairs.put(value, known);
    }
    return List.of(known);
  }

  /**
   * Adds a pair behind a step, unless its ReLU follows.
   *
   * @param inputs that the step took
   * @return the value that others take
   */
  String after(Step step, List<String> inputs, String output) {
    if (looksUp || awaitRelu.contains(step.name())) {
      return output;
    }
    Grid moved = grids.get(inputs.get(0));
    boolean moves =
        step.operation() instanceof Operation.LargestOf
            || step.operation() instanceof Operation.Flatten;
    return moves && moved != null ? pair(output, moved) : quantized(output);
  }

  /** Adds a pair behind a value with a range of its own. */
  String quantized(String value) {
    Range range = ranges.get(value);
    if (range == null) {
      throw new IllegalArgumentException("no range of " + value);
    }
    float low = Math.min(0, range.low()); // 0 must be exact: convolutions pad with it
    float high = Math.max(0, range.high());
    float step = low == high ? 1 : (high - low) / LARGEST_VALUE;
    int zero = Math.min(LARGEST_VALUE, Math.round(-low / step));
    return pair(
        value,
        new Grid(
            out.tensor(value + "/scale", new float[] {step}),
            out.tensor(value + "/zero", Type.UINT8, new byte[] {(byte) zero}),
            step));
  }

  private String pair(String value, Grid grid) {
    String bytes =
        out.node(
            "QuantizeLinear",
            List.of(value, grid.scale(), grid.zero()),
            value + "/uint8",
            Map.of());
    String back =
        out.node(
            "DequantizeLinear",
            List.of(bytes, grid.scale(), grid.zero()),
            value + "/rounded",
            Map.of());
    grids.put(back, grid);
    return back;
  }

  @Override
  public List<String> add(String name, String input, Tensor weight, @Nullable Tensor bias) {
    float[] values = weight.toFloats();
    float[] steps = steps(values, (int) weight.size(0), LARGEST_WEIGHT);
    byte[] bytes = rounded(values, steps);
    List<String> integers =
        List.of(
            out.tensor(name + ".weight/int8", Type.INT8, bytes, weight.shape()),
            // Without zeros that are written out, ONNX Runtime leaves Gemm in float32.
            out.tensor(name + ".weight/zero", Type.INT8, new byte[steps.length], steps.length));
    List<String> names = new ArrayList<>(List.of(channels(name + ".weight", integers, steps, 0)));
    if (bias != null) {
      names.add(
          bias(
              name + ".bias",
              Objects.requireNonNull(grids.get(input)).step(),
              steps,
              bias.toFloats()));
    }
    return names;
  }

  @Override
  public List<String> addTurned(String name, String input, Tensor weight, @Nullable Tensor bias) {
    int out = (int) weight.size(0);
    int in = (int) weight.size(1);
    float[] values = weight.toFloats();
    float[] steps = steps(values, out, LARGEST_WEIGHT);
    byte[] bytes = rounded(values, steps);
    byte[] turned = new byte[bytes.length];
    for (int i = 0; i < in; i++) {
      for (int o = 0; o < out; o++) {
        turned[i * out + o] = bytes[o * in + i];
      }
    }
    List<String> integers =
        List.of(
            this.out.tensor(name + ".weight/int8", Type.INT8, turned, in, out),
            this.out.tensor(name + ".weight/zero", Type.INT8, new byte[out], out));
    List<String> names = new ArrayList<>(List.of(channels(name + ".weight", integers, steps, 1)));
    if (bias != null) {
      names.add(this.out.tensor(name + ".bias", bias.toFloats(), out));
    }
    return names;
  }

  @Override
  public void rows(String output, Tensor table, BiConsumer<String, String> choose) {
    float[] values = table.toFloats();
    int rows = (int) table.size(0);
    float[] steps = steps(values, rows, LARGEST_OF_ROW);
    String integers = output + "/int8";
    choose.accept(
        out.tensor(output + ".weight/int8", Type.INT8, rounded(values, steps), table.shape()),
        integers);
    String one = out.tensor(output + "/one", new float[] {1});
    String numbers =
        out.node("DequantizeLinear", List.of(integers, one), output + "/integers", Map.of());
    String scales = output + "/scales";
    choose.accept(out.tensor(output + ".weight/scale", steps, rows, 1), scales);
    out.node("Mul", List.of(numbers, scales), output, Map.of());
  }

  private static byte[] rounded(float[] values, float[] steps) {
    int each = values.length / steps.length;
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.round(values[i] / steps[i / each]);
    }
    return bytes;
  }

  /** The largest weight of each output channel is the largest integer. */
  private static float[] steps(float[] values, int channels, int largest) {
    float[] steps = new float[channels];
    int each = values.length / channels;
    for (int i = 0; i < values.length; i++) {
      steps[i / each] = Math.max(steps[i / each], Math.abs(values[i]) / largest);
    }
    for (int c = 0; c < channels; c++) {
      steps[c] = steps[c] == 0 ? 1 : steps[c];
    }
    return steps;
  }

  private String bias(String name, float inputStep, float[] weightSteps, float[] values) {
    float[] steps = new float[values.length];
    ByteBuffer integers = OnnxWriter.littleEndian(Integer.BYTES * values.length);
    for (int c = 0; c < values.length; c++) {
      steps[c] = inputStep * weightSteps[c];
      integers.putInt(Math.round(values[c] / steps[c]));
    }
    return channels(
        name,
        List.of(out.tensor(name + "/int32", Type.INT32, integers.array(), values.length)),
        steps,
        0);
  }

  private String channels(String name, List<String> integersAndZeros, float[] steps, long axis) {
    List<String> inputs = new ArrayList<>(integersAndZeros);
    inputs.add(1, out.tensor(name + "/scale", steps, steps.length));
    return out.node("DequantizeLinear", inputs, name, Map.of("axis", axis));
  }
}
