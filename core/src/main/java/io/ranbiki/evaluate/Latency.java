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

/** How long a model takes for one sample at a time, as a service asks it. */
public final class Latency {

  private static final int WARM_UP = 20;
  private static final int CALLS = 100;
  private static final long LONGEST_NANOS = 5_000_000_000L;

  private Latency() {}

  /** Median milliseconds of a call with a single sample, in evaluation mode. */
  public static double milliseconds(Model model) {
    model.module().eval();
    return milliseconds(model.spec().input(), model::apply);
  }

  /**
   * Median milliseconds of a question about a single sample.
   *
   * @param input shape of the sample
   */
  public static double milliseconds(Teacher teacher, List<Integer> input) {
    try (TensorScope scope = TensorScope.open("labels")) {
      Tensor unlabelled = Tensors.of(new long[] {Functional.IGNORE}, 1);
      return milliseconds(
          input, sample -> teacher.signal(new Batch(sample, unlabelled, new long[1], 0)));
    }
  }

  /** Fewer calls than usual where they would take too long. */
  private static double milliseconds(List<Integer> input, Consumer<Tensor> call) {
    double[] times = new double[CALLS];
    int measured = 0;
    try (TensorScope outer = TensorScope.open("latency");
        NoGrad noGrad = new NoGrad()) {
      Tensor sample = sample(input);
      long begun = System.nanoTime();
      for (int i = 0; measured < CALLS; i++) {
        try (TensorScope scope = TensorScope.open("one sample")) {
          long start = System.nanoTime();
          boolean late = start - begun > LONGEST_NANOS;
          if (late && measured > 0) {
            break;
          }
          call.accept(sample);
          if (i >= WARM_UP || late) {
            times[measured++] = (System.nanoTime() - start) / 1e6;
          }
        }
      }
    }
    Arrays.sort(times, 0, measured);
    return times[measured / 2];
  }

  private static Tensor sample(List<Integer> input) {
    long[] shape = new long[input.size() + 1];
    shape[0] = 1;
    for (int i = 0; i < input.size(); i++) {
      shape[i + 1] = input.get(i);
    }
    Tensor zeros = Tensors.zeros(shape);
    return shape.length == 4 ? zeros.copy(MemoryFormat.CHANNELS_LAST) : zeros;
  }
}
