package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the logits among the outputs of an ONNX model. */
final class OnnxOutputs {

  private OnnxOutputs() {}

  /**
   * The name of the output that holds the logits.
   *
   * @param classes how many the data has; 0 if not known
   * @param named by the user; null to find the only one of shape {@code [batch, classes]}
   * @throws RanbikiException if there is no such output, or more than one that could be it
   */
  static String logits(
      String title, List<OnnxEngine.Port> outputs, int classes, @Nullable String named) {
    if (named != null) {
      Layers.require(
          title, "output", outputs.stream().map(OnnxEngine.Port::name).toList(), List.of(named));
      return named;
    }
    if (outputs.size() == 1) {
      return outputs.get(0).name(); // the first answer shows whether it fits
    }
    List<OnnxEngine.Port> candidates =
        outputs.stream().filter(output -> canBeLogits(output, classes)).toList();
    if (candidates.size() != 1) {
      throw RanbikiException.model(
          "%s has %d outputs that can be logits [batch, %s], among %s; name the one to use: teacher.output in the configuration, or --output for inspect.",
          title,
          candidates.size(),
          classes == 0 ? "classes" : classes,
          OnnxEngine.Port.list(outputs));
    }
    return candidates.get(0).name();
  }

  private static boolean canBeLogits(OnnxEngine.Port output, int classes) {
    long[] shape = output.shape();
    return shape.length == 2 && (classes == 0 || shape[1] < 0 || shape[1] == classes);
  }
}
