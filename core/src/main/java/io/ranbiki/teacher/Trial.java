package io.ranbiki.teacher;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Checks what goes into a foreign network and what comes out, first of all before it is used. */
final class Trial {

  private static final int SAMPLES = 2; // one would hide a batch size that was fixed by mistake
  private static final double TOLERANCE = 1e-3;

  private Trial() {}

  /**
   * Number of classes that a teacher answers with.
   *
   * @param expected how many the data has; 0 if not known
   * @throws RanbikiException if the answers are no logits, have other classes, or change from call
   *     to call
   */
  static int classes(Teacher teacher, List<Integer> sample, int expected) {
    return classes(teacher, () -> batch(sample, false), expected);
  }

  /** The same, of the samples of a batch that is made in the scope of the trial. */
  static int classes(Teacher teacher, Supplier<Batch> samples, int expected) {
    try (TensorScope scope = TensorScope.open("trial")) {
      Batch batch = samples.get();
      Tensor logits = teacher.signal(batch).logits();
      int classes = (int) logits.size(1);
      requireClasses(teacher.title(), classes, expected);
      requireSame(teacher.title(), logits.toFloats(), teacher.signal(batch).logits().toFloats());
      return classes;
    }
  }

  /** Checks the number of classes against that of the data, if that is known. */
  static void requireClasses(String title, int classes, int expected) {
    if (expected == 2 && classes == 1) {
      throw RanbikiException.model(
          "%s answers with one number for two classes; export it with one for each: 0 and z for a logit z, 1 - p and p for a probability p.",
          title);
    }
    if (expected != 0 && classes != expected) {
      throw RanbikiException.model(
          "%s answers with %d classes, but the data has %d; use a teacher that was trained on these classes.",
          title, classes, expected);
    }
  }

  private static void requireSame(String title, float[] first, float[] second) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < first.length; i++) {
      if (first[i] != second[i]) { // a masked class is -infinity both times
        largest = Math.max(largest, Math.abs(first[i]));
        difference = Math.max(difference, Math.abs(first[i] - second[i]));
      }
    }
    if (difference > TOLERANCE * (1 + largest)) {
      throw RanbikiException.model(
          "%s answers the same samples differently each time; export it in evaluation mode (model.eval()).",
          title);
    }
  }

  /** Samples of numbers between -1 and 1, all different; those for bytes are 0 and 1 in turns. */
  static Batch batch(List<Integer> sample, boolean bytes) {
    long[] shape = new long[sample.size() + 1];
    shape[0] = SAMPLES;
    double numbers = SAMPLES;
    for (int i = 0; i < sample.size(); i++) {
      shape[i + 1] = sample.get(i);
      numbers *= sample.get(i);
    }
    Memory.requireHeap(
        RanbikiException.Kind.MODEL,
        Float.BYTES * numbers,
        "Asking about " + SAMPLES + " samples of shape " + sample,
        "Use a model of smaller samples");
    int length = (int) numbers;
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = bytes ? i % 2 : (float) Math.sin(i);
    }
    long[] unlabelled = new long[SAMPLES];
    Arrays.fill(unlabelled, Functional.IGNORE);
    return new Batch(
        Tensors.of(values, shape), Tensors.of(unlabelled, SAMPLES), new long[SAMPLES], 0);
  }

  /**
   * An answer that is logits: FLOAT32 {@code [rows, classes]}. Lengths of 1 beside the classes are
   * left out, as in {@code [rows, classes, 1, 1]}.
   *
   * @param classes 0 for any number
   * @throws RanbikiException if the shape is another
   */
  static Tensor logits(String title, Tensor answer, int rows, int classes) {
    Tensor logits = withoutOnes(answer);
    long[] shape = logits.shape();
    if (shape.length != 2 || shape[0] != rows || (classes != 0 && shape[1] != classes)) {
      throw RanbikiException.model(
          "%s answers %d samples with a tensor of shape %s; logits must be [batch, %s].",
          title, rows, Arrays.toString(answer.shape()), classes == 0 ? "classes" : classes);
    }
    return logits.to(DType.FLOAT32);
  }

  private static Tensor withoutOnes(Tensor answer) {
    long[] shape = answer.shape();
    long[] others = Arrays.stream(shape).skip(1).filter(length -> length != 1).toArray();
    return shape.length > 2 && others.length <= 1
        ? answer.reshape(shape[0], others.length == 1 ? others[0] : 1)
        : answer;
  }

  /**
   * Checks that a batch holds the samples that a teacher was opened for.
   *
   * @throws RanbikiException if it does not
   */
  static void requireSample(String title, List<Integer> sample, Tensor samples) {
    long[] shape = samples.shape();
    if (!Arrays.equals(
        Arrays.copyOfRange(shape, 1, shape.length),
        sample.stream().mapToLong(Integer::longValue).toArray())) {
      throw RanbikiException.configuration(
          "%s was opened for samples of shape %s, but got a batch of shape %s.",
          title, sample, Arrays.toString(shape));
    }
  }
}
