package io.ranbiki.artifact;

import io.ranbiki.nn.Operation;
import java.util.List;
import java.util.Map;

/** How the operations of networks that hear sounds are said in ONNX. */
final class OnnxSoundNodes {

  private static final Map<String, Object> NONE = Map.of();
  private static final long FLOAT = 1;
  private static final long FRAMES = 2;

  private final OnnxWriter out;

  OnnxSoundNodes(OnnxWriter out) {
    this.out = out;
  }

  /**
   * As {@link OnnxNodes#add}.
   *
   * @return whether the operation is one of these
   */
  boolean add(Operation operation, List<String> inputs, String output) {
    String input = inputs.get(0);
    if (operation instanceof Operation.KeepFrames) {
      String weights = weights(inputs.get(1), output);
      out.node("Mul", List.of(input, weights), output, NONE);
    } else if (operation instanceof Operation.EverySecond) {
      String zero = out.tensor(output + "/from", new long[] {0}, 1);
      String end = out.tensor(output + "/to", new long[] {Long.MAX_VALUE}, 1);
      String axis = out.tensor(output + "/axis", new long[] {1}, 1);
      String step = out.tensor(output + "/step", new long[] {2}, 1);
      out.node("Slice", List.of(input, zero, end, axis, step), output, NONE);
    } else if (operation instanceof Operation.MeanOfFrames && inputs.size() == 1) {
      out.node(
          "ReduceMean",
          List.of(input),
          output,
          Map.of("axes", new long[] {FRAMES}, "keepdims", 0L));
    } else if (operation instanceof Operation.MeanOfFrames) {
      String weights = weights(inputs.get(1), output);
      String weighted = out.node("Mul", List.of(input, weights), output + "/weighted", NONE);
      String axis = out.tensor(output + "/axis", new long[] {FRAMES}, 1);
      Map<String, Object> drop = Map.of("keepdims", 0L);
      String sum = out.node("ReduceSum", List.of(weighted, axis), output + "/sum", drop);
      String counted = out.node("ReduceSum", List.of(weights, axis), output + "/counted", drop);
      String one = out.tensor(output + "/one", new float[] {1}, 1);
      String count = out.node("Max", List.of(counted, one), output + "/count", NONE);
      out.node("Div", List.of(sum, count), output, NONE);
    } else {
      return false;
    }
    return true;
  }

  /** {@code [batch, 1, frames, 1]}: 1 for a frame of a sound, else 0. */
  private String weights(String mask, String output) {
    String zero = out.tensor(output + "/nothing", new long[] {0}, 1);
    String padded = out.node("Equal", List.of(mask, zero), output + "/padded", NONE);
    String is = out.node("Not", List.of(padded), output + "/heard", NONE);
    String number = out.node("Cast", List.of(is), output + "/number", Map.of("to", FLOAT));
    String axes = out.tensor(output + "/axes", new long[] {1, 3}, 2);
    return out.node("Unsqueeze", List.of(number, axes), output + "/weights", NONE);
  }
}
