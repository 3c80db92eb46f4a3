package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The k most probable classes with their log-probabilities (temperature 1, nats), and the logarithm
 * of the probability that all others have together, the missing mass.
 *
 * <p>A decoded row holds log-probabilities as logits, the missing mass spread evenly over the other
 * classes. So at temperature 1 the k classes and the mass of the rest are the teacher's own; what
 * is lost is how the rest is divided, and at other temperatures, which weigh the rest differently,
 * all is an approximation. Of equal logits the class with the smaller number is kept. A class that
 * the teacher masks with -infinity stays masked among the k, and where all of the rest is masked;
 * else it gets its share of the missing mass.
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
  public int rowBytes(int classes) {
    int entry = classes <= LARGEST_SHORT_INDEX ? 6 : 8;
    return Math.addExact(4, Math.multiplyExact(Math.min(k, classes), entry));
  }

  @Override
  public byte[] encode(Tensor logits) {
    int classes = Math.toIntExact(logits.size(1));
    float[] values = logits.toFloats();
    int rows = values.length / classes;
    ByteBuffer target =
        ByteBuffer.allocate(rows * rowBytes(classes)).order(ByteOrder.LITTLE_ENDIAN);
    int[] kept = new int[Math.min(k, classes)];
    for (int row = 0; row < rows; row++) {
      encode(values, row * classes, classes, kept, target);
    }
    return target.array();
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
      if (classes <= LARGEST_SHORT_INDEX) {
        target.putShort((short) index);
      } else {
        target.putInt(index);
      }
      target.putFloat((float) (values[start + index] - largest - logTotal));
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
  public Tensor decode(byte[] bytes, int rows, int classes) {
    ByteBuffer source = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] logits = new float[Math.multiplyExact(rows, classes)];
    int count = Math.min(k, classes);
    int entry = (rowBytes(classes) - 4) / count;
    for (int row = 0; row < rows; row++) {
      int start = row * rowBytes(classes);
      float missing = source.getFloat(start + count * entry);
      float share = (float) (missing - Math.log(classes - count));
      java.util.Arrays.fill(logits, row * classes, (row + 1) * classes, share);
      for (int i = 0; i < count; i++) {
        int at = start + i * entry;
        int index = entry == 6 ? source.getShort(at) & 0xffff : source.getInt(at);
        logits[row * classes + index] = source.getFloat(at + entry - 4);
      }
    }
    return Tensors.of(logits, rows, classes);
  }

  @Override
  public String toString() {
    return "top-" + k;
  }
}
