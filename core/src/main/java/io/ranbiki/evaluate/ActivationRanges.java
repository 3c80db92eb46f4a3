package io.ranbiki.evaluate;

import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.OnnxInfo;
import io.ranbiki.artifact.Range;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Signal;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Between which numbers the values inside a network lie: smallest and largest over samples. */
public final class ActivationRanges {

  private ActivationRanges() {}

  /**
   * Asks an exported file about every sample of a loader's first epoch, as ONNX Runtime computes
   * it.
   *
   * @param shape of a sample, as the file takes it
   * @return the ranges of the input and of every value between the layers, by name
   */
  public static Map<String, Range> of(OnnxFile file, List<Integer> shape, Loader samples) {
    List<String> values =
        file.info().layers().stream()
            .map(OnnxInfo.Layer::name)
            .filter(name -> !name.contains("/")) // these lie within a layer, and may be no numbers
            .toList();
    Map<String, Range> ranges = new HashMap<>();
    try (OnnxTeacher network =
            OnnxTeacher.open(
                file, shape, samples.dataset().task().width(), values, OnnxOptions.STANDARD);
        Epoch batches = samples.epoch(0)) {
      while (batches.hasNext()) {
        try (TensorScope scope = TensorScope.open("ranges")) {
          Batch batch = Batch.of(batches.next());
          Signal signal = network.signal(batch);
          if (batch.masks().isEmpty()) {
            widen(ranges, Graph.INPUT, batch.inputs());
          }
          signal.features().forEach((name, value) -> widen(ranges, name, value));
        }
      }
    }
    return ranges;
  }

  private static void widen(Map<String, Range> ranges, String name, Tensor values) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : values.toFloats()) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    ranges.merge(
        name,
        new Range(low, high),
        (one, other) ->
            new Range(Math.min(one.low(), other.low()), Math.max(one.high(), other.high())));
  }
}
