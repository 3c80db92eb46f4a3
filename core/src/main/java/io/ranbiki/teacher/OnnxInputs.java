package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.prepare.Field;
import java.util.List;

/** How a batch is laid into the inputs of an ONNX model. */
sealed interface OnnxInputs permits OnnxInput, OnnxTokens, OnnxFrames {

  /**
   * Compares the model's inputs with the data.
   *
   * @param sample shape of one sample; {@link Field#ANY} alone for the ids of a text, or as the
   *     number of frames of a sound
   * @throws io.ranbiki.RanbikiException if they do not fit
   */
  static OnnxInputs fit(
      String title, List<OnnxEngine.Port> inputs, List<Integer> sample, OnnxOptions options) {
    if (OnnxFrames.are(sample)) {
      return OnnxFrames.fit(title, inputs, sample);
    }
    return sample.equals(List.of(Field.ANY))
        ? OnnxTokens.fit(title, inputs, options.ports())
        : OnnxInput.fit(title, inputs, sample, options.layout());
  }

  /**
   * What some samples give to every input.
   *
   * @param step samples that the model is asked about; those that the batch lacks are zeros
   */
  List<OnnxEngine.Feed> feeds(String title, Batch samples, int step);

  /**
   * As a service would ask, of so many samples; only the time of an answer matters.
   *
   * @param length ids of each, if they are texts and may be of any length
   */
  List<OnnxEngine.Feed> example(int batch, int length);

  /** A few samples, all different, by which an answer is tried out. */
  Batch trial();

  /** The only batch size that the model takes; 0 if it takes any. */
  int fixedBatch();
}
