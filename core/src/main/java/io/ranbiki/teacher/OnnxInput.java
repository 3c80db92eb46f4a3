package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * How samples are laid into the one input of an ONNX model.
 *
 * @param name of the input
 * @param sample shape of one sample as the data has it
 * @param channelsLast whether the model wants {@code [batch, height, width, channels]}
 * @param fixedBatch the only batch size that the model takes; 0 if it takes any
 */
record OnnxInput(String name, List<Integer> sample, boolean channelsLast, int fixedBatch) {

  private static final int LARGEST_BATCH = 1 << 16;

  /**
   * Compares the model's inputs with the data.
   *
   * @throws RanbikiException if there is not one input, or it is made for other data
   */
  static OnnxInput fit(
      String title, List<OnnxEngine.Port> inputs, List<Integer> sample, Layout layout) {
    if (inputs.size() != 1) {
      throw RanbikiException.model(
          "%s asks for %d inputs (%s); a teacher takes one, the samples. Export it with one input.",
          title, inputs.size(), OnnxEngine.Port.list(inputs));
    }
    OnnxEngine.Port input = inputs.get(0);
    if (!input.type().equals("FLOAT")) {
      throw RanbikiException.model(
          "%s takes input %s of type %s, but samples are float32; export it with a float32 input.",
          title, input, input.type().isEmpty() ? "no tensor" : input.type());
    }
    return new OnnxInput(
        input.name(), sample, channelsLast(title, input, sample, layout), batch(title, input));
  }

  private static boolean channelsLast(
      String title, OnnxEngine.Port input, List<Integer> sample, Layout layout) {
    boolean image = sample.size() == 3;
    if (fits(input, sample) && !(image && layout == Layout.NHWC)) {
      return false;
    }
    if (image && layout != Layout.NCHW && fits(input, moved(sample))) {
      return true;
    }
    throw RanbikiException.model(
        "%s takes inputs %s%s, but the data has samples of shape %s; use data of the shape that it was trained on.",
        title, input, layout == Layout.FROM_SHAPE ? "" : ", read as " + layout, sample);
  }

  private static List<Integer> moved(List<Integer> image) {
    return List.of(image.get(1), image.get(2), image.get(0));
  }

  private static boolean fits(OnnxEngine.Port input, List<Integer> sample) {
    long[] shape = input.shape();
    if (shape.length != sample.size() + 1) {
      return false;
    }
    for (int i = 0; i < sample.size(); i++) {
      if (shape[i + 1] >= 0 && shape[i + 1] != sample.get(i)) {
        return false;
      }
    }
    return true;
  }

  private static int batch(String title, OnnxEngine.Port input) {
    long batch = input.shape()[0];
    if (batch > LARGEST_BATCH) {
      throw RanbikiException.model(
          "%s takes exactly %d samples at once; %d is the most. Export it with a dynamic batch.",
          title, batch, LARGEST_BATCH);
    }
    return batch > 0 ? (int) batch : 0;
  }

  /** Shape of the input for so many samples. */
  long[] shape(int batch) {
    List<Integer> lengths = channelsLast ? moved(sample) : sample;
    long[] shape = new long[lengths.size() + 1];
    shape[0] = batch;
    for (int i = 0; i < lengths.size(); i++) {
      shape[i + 1] = lengths.get(i);
    }
    return shape;
  }

  /** Samples {@code [batch, ...sample]} in the model's order. */
  Tensor arrange(String title, Tensor samples) {
    Trial.requireSample(title, sample, samples);
    return channelsLast ? samples.permute(0, 2, 3, 1) : samples;
  }
}
