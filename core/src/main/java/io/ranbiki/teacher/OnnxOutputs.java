package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the logits among the outputs of an ONNX model. */
final class OnnxOutputs {

  private static final Set<String> FLOATING = Set.of("FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE");

  private OnnxOutputs() {}

  /**
   * The name of the output that holds the logits.
   *
   * @param classes how many the data has; 0 if not known
   * @param named by the user; null to find the only one of shape {@code [batch, classes]} and a
   *     floating-point type
   * @throws RanbikiException if there is no such output, or more than one that could be it
   */
  static String logits(
      String title, List<OnnxEngine.Port> outputs, int classes, @Nullable String named) {
    if (named != null) {
      Layers.require(
          title, "output", outputs.stream().map(OnnxEngine.Port::name).toList(), List.of(named));
      return chosen(
          title,
          outputs.stream().filter(output -> output.name().equals(named)).findFirst().orElseThrow());
    }
    if (outputs.size() == 1) {
      return chosen(title, outputs.get(0)); // the first answer shows whether it fits
    }
    List<OnnxEngine.Port> numbers =
        outputs.stream().filter(output -> FLOATING.contains(output.type())).toList();
    List<OnnxEngine.Port> candidates =
        numbers.stream().filter(output -> canBeLogits(output, classes)).toList();
    if (candidates.isEmpty() && numbers.size() == 1 && numbers.get(0).shape().length == 0) {
      return numbers.get(0).name(); // its shape is not known before it answers
    }
    if (candidates.size() == 1) {
      return candidates.get(0).name();
    }
    String wanted = classes == 0 ? "classes" : Integer.toString(classes);
    String offered = OnnxEngine.Port.list(outputs);
    throw candidates.isEmpty()
        ? RanbikiException.model(
            "%s has no output that can be logits [batch, %s], among %s; export it with one tensor for all classes (of scikit-learn with the option zipmap: False).",
            title, wanted, offered)
        : RanbikiException.model(
            "%s has %d outputs that can be logits [batch, %s], among %s; name the one to use: teacher.output in the configuration, or --output for inspect.",
            title, candidates.size(), wanted, offered);
  }

  private static String chosen(String title, OnnxEngine.Port output) {
    if (!output.type().isEmpty() && !FLOATING.contains(output.type())) {
      throw RanbikiException.model(
          "%s answers in output %s with numbers of type %s, which can be decisions but no logits; name an output of floating-point numbers (teacher.output in the configuration, or --output for inspect), or export it with one.",
          title, output, output.type());
    }
    return output.name();
  }

  /** Lengths of 1 beside the classes do not matter. */
  private static boolean canBeLogits(OnnxEngine.Port output, int classes) {
    long[] shape = output.shape();
    long others = Arrays.stream(shape).skip(1).filter(length -> length != 1).count();
    if (shape.length < 2 || others > 1) {
      return false;
    }
    long found = Arrays.stream(shape).skip(1).filter(length -> length != 1).findFirst().orElse(1);
    return classes == 0 ? found != 1 : found < 0 || found == classes;
  }
}
