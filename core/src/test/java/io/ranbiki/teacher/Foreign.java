package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.Weights;
import io.ranbiki.data.Batch;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Files made by PyTorch, and what PyTorch answers; see make_foreign_teachers.py. */
final class Foreign {

  static final List<Integer> IMAGE = List.of(1, 28, 28);
  static final List<Integer> ROW = List.of(6);
  static final double TOLERANCE = 1e-4;

  private Foreign() {}

  static Path file(String name) {
    try {
      return Path.of(Foreign.class.getResource("/foreign/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Images, their logits, and outputs of layers as {@code tap.<path>}. */
  static Map<String, Tensor> expected() {
    return Weights.readTensors(file("expected.safetensors"));
  }

  static Map<String, Tensor> expectedRows() {
    return Weights.readTensors(file("expected-rows.safetensors"));
  }

  /** A batch as the loader makes it: images channels last. */
  static Batch batch(Tensor inputs) {
    int size = (int) inputs.size(0);
    Tensor laidOut = inputs.dim() == 4 ? inputs.copy(MemoryFormat.CHANNELS_LAST) : inputs;
    return new Batch(laidOut, Tensors.of(new long[size], size), new long[size], 0);
  }

  static void requireEqual(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    double[] differences = actual.sub(expected).abs().toDoubles();
    assertThat(Arrays.stream(differences).allMatch(difference -> difference < TOLERANCE))
        .as("largest difference %s", Arrays.stream(differences).max())
        .isTrue();
  }
}
