package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Answer;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.Taps;
import io.ranbiki.prepare.Field;
import io.ranbiki.store.Column;
import io.ranbiki.store.Encoding;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How an answer is laid out in a store: every output under its name, and then the outputs of layers
 * in their order, as 16-bit numbers; maps {@code [channels, height, width]} pixel by pixel, as
 * networks here lay them out.
 *
 * @param columns what every row holds
 * @param answers by the name of the column, {@code [batch, ...]}
 * @param lengths of whatever varies, for each sample
 */
record Stored(List<Column> columns, Map<String, Answer> answers, int[] lengths) {

  private static final String LAYER = "layer:";
  private static final int MAPS = 4; // dimensions of a batch of them

  /** The answer to a batch. */
  static Stored of(StoreKey key, Batch batch, Signal signal) {
    int padded = padded(batch);
    List<Column> columns = new ArrayList<>();
    Map<String, Answer> answers = new LinkedHashMap<>();
    signal
        .outputs()
        .forEach(
            (name, answer) -> {
              boolean logits = name.equals(Signal.LOGITS);
              Encoding encoding = logits ? key.encoding() : Encoding.FLOAT32;
              columns.add(new Column(name, encoding, shape(answer, padded)));
              answers.put(name, answer);
            });
    for (String path : layers(key, signal)) {
      Answer output = new Answer.Full(channelsLast(signal.feature(path).to(DType.FLOAT16)));
      columns.add(new Column(LAYER + path, Encoding.FLOAT16, shape(output, padded)));
      answers.put(LAYER + path, output);
    }
    return new Stored(columns, answers, lengths(batch));
  }

  /** The layers that a store holds, one by one: a key may say {@code hidden.*}. */
  static Set<String> layers(StoreKey key, Signal signal) {
    return Taps.each(signal.features().keySet(), key.layers());
  }

  /**
   * The output of a layer as a store gives it back: rounded to 16 bits, and 0 where texts were
   * padded.
   */
  static Tensor rounded(Tensor feature, Batch batch) {
    Tensor rounded = channelsLast(feature.to(DType.FLOAT16).to(DType.FLOAT32));
    Tensor padding = mask(batch).map(mask -> mask.eq(0)).orElse(null);
    for (int axis = 1; padding != null && axis < rounded.dim() - 1; axis++) {
      if (rounded.size(axis) != padding.size(1)) {
        break;
      }
      long[] shape = new long[rounded.dim()];
      Arrays.fill(shape, 1);
      shape[0] = padding.size(0);
      shape[axis] = padding.size(1);
      rounded = rounded.maskedFill(padding.reshape(shape), 0);
    }
    return channelsSecond(rounded);
  }

  /** The path of the layer whose output a column holds; nothing if it is that of the network. */
  static Optional<String> layer(String column) {
    return column.startsWith(LAYER)
        ? Optional.of(column.substring(LAYER.length()))
        : Optional.empty();
  }

  private static Tensor channelsLast(Tensor feature) {
    return feature.dim() == MAPS ? feature.permute(0, 2, 3, 1) : feature;
  }

  static Tensor channelsSecond(Tensor stored) {
    return stored.dim() == MAPS ? stored.permute(0, 3, 1, 2) : stored;
  }

  /** The length to which the samples of a batch are padded; 0 if all are equally long. */
  static int padded(Batch batch) {
    return mask(batch).map(mask -> Math.toIntExact(mask.size(1))).orElse(0);
  }

  private static int[] lengths(Batch batch) {
    return mask(batch)
        .map(mask -> mask.sum(1).toLongs())
        .map(sums -> Arrays.stream(sums).mapToInt(Math::toIntExact).toArray())
        .orElseGet(() -> new int[batch.size()]);
  }

  private static Optional<Tensor> mask(Batch batch) {
    return batch.masks().values().stream().filter(mask -> mask.dim() == 2).findFirst();
  }

  /**
   * The shape of one sample's output. An answer for every position, {@code [batch, positions, ...]}
   * with three dimensions or more, varies where it is as long as the padded samples.
   */
  private static List<Integer> shape(Answer answer, int padded) {
    List<Integer> shape = new ArrayList<>();
    for (long length : answer.shape()) {
      shape.add(Math.toIntExact(length));
    }
    shape.remove(0);
    for (int axis = 0; axis < shape.size() - 1 && shape.get(axis) == padded; axis++) {
      shape.set(axis, Field.ANY);
    }
    return shape;
  }
}
