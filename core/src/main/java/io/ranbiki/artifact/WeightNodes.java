package io.ranbiki.artifact;

import io.ranbiki.tensor.Tensor;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** How weights are kept. */
interface WeightNodes {
  /**
   * Adds the weights of a layer.
   *
   * @param name of the layer
   * @param input name of the value that goes into it
   * @param weight whose first length is the channels that come out
   * @return names of values of FLOAT32: the weight and, if there is one, the bias
   */
  List<String> add(String name, String input, Tensor weight, @Nullable Tensor bias);

  /**
   * Adds the weights of a layer that multiplies the last length of its input with them.
   *
   * @param weight {@code [out, in]}
   * @return as {@link #add}, the weight being {@code [in, out]}
   */
  List<String> addTurned(String name, String input, Tensor weight, @Nullable Tensor bias);

  /**
   * Adds some rows of a table.
   *
   * @param output name of the rows
   * @param choose adds what chooses them: from a table of that name, a value of the other
   */
  void rows(String output, Tensor table, BiConsumer<String, String> choose);
}
