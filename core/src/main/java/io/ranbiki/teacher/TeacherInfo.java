package io.ranbiki.teacher;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a teacher's files say, for a reader.
 *
 * @param kind such as {@code ONNX}
 * @param inputs names and shapes of what goes in; empty if the files do not say
 * @param outputs names and shapes of what comes out; empty if the files do not say
 * @param layers names by which features can be asked for, in the order of the network
 * @param parameters number of values in all parameters; null if the files do not say, as where they
 *     were made constants, or are trees
 * @param bytes size of the weights, or of the files if these hold more than weights; 0 if nobody
 *     knows
 */
public record TeacherInfo(
    String kind,
    List<String> inputs,
    List<String> outputs,
    List<String> layers,
    @Nullable Long parameters,
    long bytes) {

  /** Copies the lists. */
  public TeacherInfo {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    layers = List.copyOf(layers);
  }
}
