package io.ranbiki.artifact;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What an ONNX file says about itself.
 *
 * @param producer the program that wrote it; empty if not said
 * @param opset version of the standard operators; 0 if not said
 * @param inputs what must be given, without weights that are inputs by name only
 * @param outputs what it answers with
 * @param layers the tensors between the operators, in the order in which they are computed: each
 *     can be asked for as a feature, by its name
 * @param zipMaps outputs that are lists of maps from class to probability, as scikit-learn's
 *     converter makes them: the name of the tensor that each is made of, by the output's name
 * @param metadata texts by key that whoever wrote the file added; trust none of them
 * @param parameters number of values in all floating-point weights, and in those of 8 bits; 0 if
 *     the numbers are no tensors, as those of trees
 * @param bytes size of the file and of the files with weights beside it
 */
public record OnnxInfo(
    String producer,
    long opset,
    List<Port> inputs,
    List<Port> outputs,
    List<Layer> layers,
    Map<String, String> zipMaps,
    Map<String, String> metadata,
    long parameters,
    long bytes) {

  /**
   * An input or output.
   *
   * @param type of the elements, such as {@code float32}; {@code unknown} for what is no tensor
   * @param shape each length as a number, a name that the file gives it ({@code n}), or {@code ?};
   *     the one word {@code unknown} if not even their number is known
   */
  public record Port(String name, String type, List<String> shape) {
    @Override
    public String toString() {
      return shape.stream().collect(Collectors.joining(", ", name + " [", "] " + type));
    }
  }

  /**
   * A tensor inside the network.
   *
   * @param name by which it is asked for
   * @param operator that computes it, such as {@code Conv}
   */
  public record Layer(String name, String operator) {}

  /** Copies the lists. */
  public OnnxInfo {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    layers = List.copyOf(layers);
    zipMaps = Map.copyOf(zipMaps);
    metadata = Map.copyOf(metadata);
  }
}
