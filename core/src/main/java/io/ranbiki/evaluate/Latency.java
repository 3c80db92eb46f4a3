package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.model.Model;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** How long a model takes for one sample, asked as a service does: one at a time if it can be. */
public final class Latency {

  private static final int WARM_UP = 20;
  private static final int CALLS = 100;
  private static final long LONGEST_NANOS = 5_000_000_000L;

  private Latency() {}

  /** Median milliseconds of a call with a single sample, in evaluation mode. */
  public static double milliseconds(Model model) {
    model.module().eval();
    return milliseconds(1, model.spec().input(), model::apply);
  }

  /**
   * Median milliseconds of a question, divided by its samples.
   *
   * @param batch samples in a question, 1 or more
   * @param input shape of one sample
   */
  public static double milliseconds(Teacher teacher, int batch, List<Integer> input) {
    long[] nobody = new long[batch];
    Arrays.fill(nobody, Functional.IGNORE);
    try (TensorScope scope = TensorScope.open("labels")) {
      Tensor unlabelled = Tensors.of(nobody, batch);
      return milliseconds(
              batch,
              input,
              samples -> teacher.signal(new Batch(samples, unlabelled, new long[batch], 0)))
          / batch;
    }
  }

  /** Fewer calls than usual where they would take too long. */
  private static double milliseconds(int batch, List<Integer> input, Consumer<Tensor> call) {
    double[] times = new double[CALLS];
    int measured = 0;
    try (TensorScope outer = TensorScope.open("latency");
        NoGrad noGrad = new NoGrad()) {
      Tensor samples = samples(batch, input);
      long begun = System.nanoTime();
      for (int i = 0; measured < CALLS; i++) {
        try (TensorScope scope = TensorScope.open("one call")) {
          long start = System.nanoTime();
          boolean late = start - begun > LONGEST_NANOS;
          if (late && measured > 0) {
            break;
          }
          call.accept(samples);
          if (i >= WARM_UP || late) {
            times[measured++] = (System.nanoTime() - start) / 1e6;
          }
        }
      }
    }
    Arrays.sort(times, 0, measured);
    return times[measured / 2];
  }

  private static Tensor samples(int batch, List<Integer> input) {
    long[] shape = new long[input.size() + 1];
    shape[0] = batch;
    for (int i = 0; i < input.size(); i++) {
      shape[i + 1] = input.get(i);
    }
    Tensor zeros = Tensors.zeros(shape);
    return shape.length == 4 ? zeros.copy(MemoryFormat.CHANNELS_LAST) : zeros;
  }
}
