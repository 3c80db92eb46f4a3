package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How samples are laid into the one input of an ONNX model: in its order, shape and type.
 *
 * @param name of the input
 * @param type of its elements, as the engine calls it: {@code FLOAT}, {@code DOUBLE}, {@code
 *     FLOAT16} or {@code UINT8}
 * @param sample shape of one sample as the data has it
 * @param channelsLast whether channels come last before lengths are joined or dropped
 * @param lengths shape of one sample in the input
 * @param fixedBatch the only batch size that the model takes; 0 if it takes any
 */
record OnnxInput(
    String name,
    String type,
    List<Integer> sample,
    boolean channelsLast,
    List<Integer> lengths,
    int fixedBatch)
    implements OnnxInputs {

  static final String BYTES = "UINT8";
  private static final Set<String> TYPES = Set.of("FLOAT", "DOUBLE", "FLOAT16", BYTES);
  private static final int LARGEST_BATCH = 1 << 16;
  private static final float LARGEST_BYTE = 255;

  /**
   * Compares the model's inputs with the data. Beside the shape of the data and that with channels
   * last, an input may have its numbers in one length, and lengths of 1 more or fewer, where that
   * leaves no doubt about their order.
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
    if (!TYPES.contains(input.type())) {
      throw RanbikiException.model(
          "%s takes input %s of type %s; export it with an input of float32 (or float16, float64, or uint8 for pixels).",
          title, input, input.type().isEmpty() ? "no tensor" : input.type());
    }
    for (boolean last : orders(sample, layout)) {
      List<Integer> ordered = last ? moved(sample) : sample;
      if (fits(input, ordered)) {
        return new OnnxInput(
            input.name(), input.type(), sample, last, ordered, batch(title, input));
      }
    }
    boolean ordered =
        countAbove1(sample) < 3 || channels(sample) == 1 || layout != Layout.FROM_SHAPE;
    boolean contradicted = layout != Layout.FROM_SHAPE && input.shape().length == 4;
    for (boolean last : contradicted ? List.<Boolean>of() : orders(sample, layout)) {
      List<Integer> lengths = reshaped(input, last ? moved(sample) : sample, ordered);
      if (!lengths.isEmpty()) {
        return new OnnxInput(
            input.name(), input.type(), sample, last, lengths, batch(title, input));
      }
    }
    throw refused(title, input, sample, layout, ordered);
  }

  private static RanbikiException refused(
      String title, OnnxEngine.Port input, List<Integer> sample, Layout layout, boolean ordered) {
    if (!ordered && !reshaped(input, sample, true).isEmpty()) {
      return RanbikiException.model(
          "%s takes inputs %s, the pixels of samples of shape %s in one row, and does not say whether channels come first or last; say it: teacher.layout nchw, as PyTorch flattens, or nhwc, as TensorFlow.",
          title, input, sample);
    }
    return RanbikiException.model(
        "%s takes inputs %s%s, but the data has samples of shape %s; use data of the shape that it was trained on.",
        title, input, layout == Layout.FROM_SHAPE ? "" : ", read as " + layout, sample);
  }

  /** Whether channels come last: the possible answers, the likelier first. */
  private static List<Boolean> orders(List<Integer> sample, Layout layout) {
    if (sample.size() != 3) {
      return List.of(false);
    }
    return switch (layout) {
      case NCHW -> List.of(false);
      case NHWC -> List.of(true);
      case FROM_SHAPE -> List.of(false, true);
    };
  }

  private static List<Integer> moved(List<Integer> image) {
    return List.of(image.get(1), image.get(2), image.get(0));
  }

  private static int channels(List<Integer> sample) {
    return sample.size() == 3 ? sample.get(0) : 1;
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

  /**
   * The input's lengths where it holds the numbers of a sample in the same order, but has other
   * lengths of 1, or all numbers in one length; empty where it does not.
   *
   * @param joins whether several lengths may become one, and one may become several
   */
  private static List<Integer> reshaped(
      OnnxEngine.Port input, List<Integer> sample, boolean joins) {
    long[] shape = input.shape();
    List<Integer> others = sample.stream().filter(length -> length != 1).toList();
    int numbers = sample.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
    int next = 0;
    long product = 1;
    boolean free = false;
    boolean alike = shape.length > 1;
    Integer[] lengths = new Integer[Math.max(0, shape.length - 1)];
    int wanted = countOther1(shape);
    for (int i = 1; i < shape.length; i++) {
      if (shape[i] == 1) {
        lengths[i - 1] = 1;
        continue;
      }
      int should = wanted == 1 ? numbers : next < others.size() ? others.get(next) : -1;
      next++;
      free |= shape[i] < 0;
      alike &= shape[i] < 0 || shape[i] == should;
      lengths[i - 1] = shape[i] < 0 ? should : (int) Math.min(shape[i], Integer.MAX_VALUE);
      product = product > numbers ? product : product * lengths[i - 1];
    }
    boolean same = alike && next == others.size();
    boolean flattened = alike && wanted == 1 && joins;
    boolean unflattened = others.size() == 1 && !free && product == numbers && wanted == 2;
    return same || flattened || unflattened ? List.of(lengths) : List.of();
  }

  private static int countOther1(long[] shape) {
    int count = 0;
    for (int i = 1; i < shape.length; i++) {
      count += shape[i] != 1 ? 1 : 0;
    }
    return count;
  }

  private static long countAbove1(List<Integer> sample) {
    return sample.stream().filter(length -> length != 1).count();
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

  @Override
  public List<OnnxEngine.Feed> feeds(String title, Batch samples, int step) {
    float[] values = arrange(title, samples.inputs());
    return List.of(new OnnxEngine.Feed(name, type, values, shape(step)));
  }

  /** Half of the largest value in every place. */
  @Override
  public List<OnnxEngine.Feed> example(int batch, int any) {
    long[] shape = shape(batch);
    int length = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    float[] values = new float[length];
    Arrays.fill(values, takesBytes() ? 127 : 0.5f);
    return List.of(new OnnxEngine.Feed(name, type, values, shape));
  }

  @Override
  public Batch trial() {
    return Trial.batch(sample, takesBytes());
  }

  /** Shape of the input for so many samples. */
  private long[] shape(int batch) {
    return Stream.concat(Stream.of(batch), lengths.stream())
        .mapToLong(Integer::longValue)
        .toArray();
  }

  /** Whether the model takes the pixels of images as bytes. */
  private boolean takesBytes() {
    return type.equals(BYTES);
  }

  /**
   * The numbers of samples {@code [batch, ...sample]} in the model's order. Bytes are the pixels
   * themselves, 0 to 255, of images, and the numbers as they are of rows.
   *
   * @throws RanbikiException if the model takes bytes and the samples are none
   */
  private float[] arrange(String title, Tensor samples) {
    Trial.requireSample(title, sample, samples);
    float[] values = (channelsLast ? samples.permute(0, 2, 3, 1) : samples).toFloats();
    if (takesBytes()) {
      float scale = sample.size() == 3 ? LARGEST_BYTE : 1;
      for (int i = 0; i < values.length; i++) {
        float scaled = Math.round(values[i] * scale);
        boolean whole = scale != 1 || scaled == values[i]; // views of images lie between bytes
        if (!(whole && scaled >= 0 && scaled <= LARGEST_BYTE)) {
          throw RanbikiException.model(
              "%s takes uint8, 0 to 255, but a sample holds %s; %s.",
              title,
              values[i],
              sample.size() == 3
                  ? "leave data.normalize out, so that pixels are 0 to 1"
                  : "use data of such numbers, or export it with a float32 input");
        }
        values[i] = scaled;
      }
    }
    return values;
  }
}
