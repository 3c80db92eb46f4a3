package io.ranbiki.store;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Answer;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * The k most probable classes with their log-probabilities (temperature 1, nats), and the logarithm
 * of the probability that all others have together, the missing mass. They are handed on as {@link
 * Answer.Top}, never with a number for every class.
 *
 * <p>At temperature 1 the k classes and the mass of the rest are the teacher's own; what is lost is
 * how the rest is divided. Of equal logits the class with the smaller number is kept.
 *
 * @param k how many classes are kept, 1 or more; all of them if there are fewer
 */
public record TopK(int k) implements Encoding {

  private static final int LARGEST_SHORT_INDEX = 1 << 16;

  /** Checks the number. */
  public TopK {
    if (k < 1) {
      throw RanbikiException.configuration(
          "The number of classes to keep is %d, but must be 1 or more. Try top-8.", k);
    }
  }

  static TopK read(Options options) {
    return new TopK(options.integer("top-k", 8, "How many classes are kept", Rule.atLeast(1)));
  }

  @Override
  public List<Integer> positions(List<Integer> shape) {
    return shape.subList(0, shape.size() - 1);
  }

  @Override
  public int unitBytes(List<Integer> shape) {
    return unitBytes(shape.get(shape.size() - 1));
  }

  private int unitBytes(int classes) {
    return Math.addExact(4, Math.multiplyExact(Math.min(k, classes), entryBytes(classes)));
  }

  private static int entryBytes(int classes) {
    return classes <= LARGEST_SHORT_INDEX ? 6 : 8;
  }

  @Override
  public byte[] encode(Answer answer) {
    if (answer instanceof Answer.Top top && top.classes().size(-1) == Math.min(k, top.of())) {
      return encode(top);
    }
    Tensor logits = answer.dense();
    int classes = Math.toIntExact(logits.size(-1));
    float[] values = logits.toFloats();
    int positions = values.length / classes;
    ByteBuffer target = room(positions, classes);
    int[] kept = new int[Math.min(k, classes)];
    for (int position = 0; position < positions; position++) {
      encode(values, position * classes, classes, kept, target);
    }
    return target.array();
  }

  private ByteBuffer room(int positions, int classes) {
    return ByteBuffer.allocate(Math.multiplyExact(positions, unitBytes(classes)))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private byte[] encode(Answer.Top top) {
    long[] classes = top.classes().toLongs();
    float[] logProbabilities = top.logProbabilities().toFloats();
    float[] logRest = top.logRest().toFloats();
    int kept = classes.length / logRest.length;
    ByteBuffer target = room(logRest.length, top.of());
    for (int position = 0; position < logRest.length; position++) {
      for (int i = position * kept; i < (position + 1) * kept; i++) {
        put(target, (int) classes[i], top.of(), logProbabilities[i]);
      }
      target.putFloat(logRest[position]);
    }
    return target.array();
  }

  private static void put(ByteBuffer target, int index, int classes, float logProbability) {
    if (entryBytes(classes) == 6) {
      target.putShort((short) index);
    } else {
      target.putInt(index);
    }
    target.putFloat(logProbability);
  }

  private static void encode(
      float[] values, int start, int classes, int[] kept, ByteBuffer target) {
    select(values, start, classes, kept);
    double largest = values[start + kept[0]];
    boolean[] isKept = new boolean[classes];
    double keptSum = 0;
    for (int index : kept) {
      isKept[index] = true;
      keptSum += Math.exp(values[start + index] - largest);
    }
    double largestOfRest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < classes; i++) {
      if (!isKept[i]) {
        largestOfRest = Math.max(largestOfRest, values[start + i]);
      }
    }
    // Summed relative to its own largest term, so that a tiny mass is not rounded to none.
    double restSum = 0;
    for (int i = 0; i < classes; i++) {
      if (!isKept[i]) {
        restSum += Math.exp(values[start + i] - largestOfRest);
      }
    }
    boolean hasRest = largestOfRest > Double.NEGATIVE_INFINITY; // all of the rest may be masked
    double restShift = hasRest ? largestOfRest - largest : 0;
    double logTotal = Math.log(keptSum + (hasRest ? restSum * Math.exp(restShift) : 0));
    for (int index : kept) {
      put(target, index, classes, (float) (values[start + index] - largest - logTotal));
    }
    target.putFloat(
        hasRest ? (float) (Math.log(restSum) + restShift - logTotal) : Float.NEGATIVE_INFINITY);
  }

  /** Fills {@code kept} with the classes of the largest values, largest first. */
  private static void select(float[] values, int start, int classes, int[] kept) {
    int count = 0;
    for (int i = 0; i < classes; i++) {
      float value = values[start + i];
      if (count == kept.length && value <= values[start + kept[count - 1]]) {
        continue;
      }
      int place = count < kept.length ? count++ : count - 1;
      while (place > 0 && values[start + kept[place - 1]] < value) {
        kept[place] = kept[place - 1];
        place--;
      }
      kept[place] = i;
    }
  }

  @Override
  public Answer.Top decode(byte[] bytes, long... shape) {
    int classes = Math.toIntExact(shape[shape.length - 1]);
    int kept = Math.min(k, classes);
    int entry = entryBytes(classes);
    ByteBuffer source = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int positions = bytes.length / unitBytes(classes);
    long[] indices = new long[positions * kept];
    float[] logProbabilities = new float[positions * kept];
    float[] logRest = new float[positions];
    for (int position = 0; position < positions; position++) {
      for (int i = position * kept; i < (position + 1) * kept; i++) {
        indices[i] = entry == 6 ? source.getShort() & 0xffff : source.getInt();
        logProbabilities[i] = source.getFloat();
      }
      logRest[position] = source.getFloat();
    }
    long[] each = shape.clone();
    each[each.length - 1] = kept;
    return new Answer.Top(
        Tensors.of(indices, each),
        Tensors.of(logProbabilities, each),
        Tensors.of(logRest, Arrays.copyOf(shape, shape.length - 1)),
        classes);
  }

  @Override
  public String toString() {
    return "top-" + k;
  }
}
