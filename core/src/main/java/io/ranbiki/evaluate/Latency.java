package io.ranbiki.evaluate;

import io.ranbiki.model.Model;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.List;

/** How long a model takes for one sample at a time, as a service asks it. */
public final class Latency {

  private static final int WARM_UP = 20;
  private static final int CALLS = 100;

  private Latency() {}

  /** Median milliseconds of a call with a single sample, in evaluation mode. */
  public static double milliseconds(Model model) {
    model.module().eval();
    double[] times = new double[CALLS];
    try (TensorScope outer = TensorScope.open("latency");
        NoGrad noGrad = new NoGrad()) {
      Tensor sample = sample(model.spec().input());
      for (int i = -WARM_UP; i < CALLS; i++) {
        try (TensorScope scope = TensorScope.open("one sample")) {
          long start = System.nanoTime();
          model.apply(sample);
          if (i >= 0) {
            times[i] = (System.nanoTime() - start) / 1e6;
          }
        }
      }
    }
    Arrays.sort(times);
    return times[CALLS / 2];
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
