package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Convolutions and large linear layers against float64, which libtorch computes without oneDNN:
 * some versions of it are silently wrong on some processors.
 */
class ConvolutionTest {

  private static final List<Long> OUT = List.of(1L, 2L, 5L, 8L, 16L, 20L, 32L, 40L);

  @ParameterizedTest
  @CsvSource({"1, 8", "1, 28", "2, 8", "3, 28", "4, 8", "5, 9", "16, 8", "20, 14"})
  void anyNumberOfChannels_givesWhatFloat64Gives(long in, long size) {
    for (MemoryFormat layout : MemoryFormat.values()) {
      for (long out : OUT) {
        for (long batch : new long[] {1, 2, 32}) {
          check(batch, in, out, size, layout, 3, 1, true);
          check(batch, in, out, size, layout, 1, 2, true);
          if (in <= 3) { // pictures, which take a way of their own
            check(batch, in, out, size, layout, 3, 1, false);
            check(batch, in, out, size, layout, 1, 2, false);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"6272, 512", "3136, 512", "512, 1000", "2048, 1000", "512, 6272"})
  void largeLinearLayers_giveWhatFloat64GivesOnTwoThreads(long in, long out) {
    int before = Engine.threads();
    Engine.setThreads(2);
    try {
      for (long batch : new long[] {16, 32, 33, 48, 65, 80, 100, 128, 256}) {
        try (TensorScope scope = TensorScope.open("linear");
            Generator generator = new Generator(1)) {
          Tensor input = generator.normal(0, 1, batch, in);
          Tensor weight = generator.normal(0, 1, out, in);
          Tensor bias = generator.normal(0, 1, out);
          Tensor pull = generator.normal(0, 1, batch, out);
          Map<String, Tensor> exact =
              linear(
                  input.to(DType.FLOAT64),
                  weight.to(DType.FLOAT64),
                  bias.to(DType.FLOAT64),
                  pull.to(DType.FLOAT64));
          same("batch " + batch, linear(input, weight, bias, pull), exact, 1e-5);
          Map<String, Tensor> half;
          try (Autocast autocast = new Autocast()) {
            half = linear(input, weight, bias, pull);
          }
          same("batch " + batch + ", bfloat16", half, exact, 0.02);
        }
      }
    } finally {
      Engine.setThreads(before);
    }
  }

  @ParameterizedTest
  @CsvSource({"256, 512, 4, 1", "64, 128, 14, 1", "16, 32, 28, 2", "512, 256, 7, 1"})
  void kernelsOfOnePixel_giveWhatFloat64GivesOnTwoThreads(
      long in, long out, long size, long stride) {
    int before = Engine.threads();
    Engine.setThreads(2);
    try {
      for (long batch : new long[] {2, 13, 32, 33, 64}) {
        for (MemoryFormat layout : MemoryFormat.values()) {
          check(batch, in, out, size, layout, 1, stride, true);
        }
      }
    } finally {
      Engine.setThreads(before);
    }
  }

  private static void check(
      long batch,
      long in,
      long out,
      long size,
      MemoryFormat layout,
      long kernel,
      long stride,
      boolean inputLearns) {
    try (TensorScope scope = TensorScope.open("convolution");
        Generator generator = new Generator(1)) {
      Tensor image = generator.normal(0, 1, batch, in, size, size);
      Tensor weight = generator.normal(0, 1, out, in, kernel, kernel);
      long outSize = (size - 1) / stride + 1;
      Tensor pull = generator.normal(0, 1, batch, out, outSize, outSize);
      Map<String, Tensor> exact =
          results(
              image.to(DType.FLOAT64),
              weight.to(DType.FLOAT64),
              pull.to(DType.FLOAT64),
              stride,
              inputLearns);
      String which =
          "batch %d, in %d, out %d, kernel %d, stride %d, %s, gradient of the input %s"
              .formatted(batch, in, out, kernel, stride, layout, inputLearns);
      same(
          which,
          results(image.copy(layout), weight.copy(layout), pull, stride, inputLearns),
          exact,
          1e-5);
      Map<String, Tensor> half;
      try (Autocast autocast = new Autocast()) {
        half = results(image.copy(layout), weight.copy(layout), pull, stride, inputLearns);
      }
      same(which + ", bfloat16", half, exact, 0.02);
    }
  }

  private static Map<String, Tensor> linear(Tensor rows, Tensor weight, Tensor bias, Tensor pull) {
    Tensor input = rows.detach().setRequiresGrad(true);
    Tensor learnt = weight.detach().setRequiresGrad(true);
    Tensor shift = bias.detach().setRequiresGrad(true);
    Tensor output = Functional.linear(input, learnt, shift).to(rows.dtype());
    output.mul(pull).sum().backward();
    return Map.of(
        "output", output.detach(),
        "gradient of input", input.grad(),
        "gradient of weight", learnt.grad(),
        "gradient of bias", shift.grad());
  }

  private static Map<String, Tensor> results(
      Tensor image, Tensor weight, Tensor pull, long stride, boolean inputLearns) {
    Tensor input = image.detach().setRequiresGrad(inputLearns);
    Tensor kernel = weight.detach().setRequiresGrad(true);
    Tensor output =
        Functional.conv2d(input, kernel, null, both(stride), both(kernel.size(2) / 2), both(1), 1)
            .to(image.dtype());
    output.mul(pull).sum().backward();
    Map<String, Tensor> results = new HashMap<>();
    results.put("output", output.detach());
    results.put("gradient of weight", kernel.grad());
    if (inputLearns) {
      results.put("gradient of input", input.grad());
    }
    return results;
  }

  private static long[] both(long value) {
    return new long[] {value, value};
  }

  private static void same(
      String which, Map<String, Tensor> actual, Map<String, Tensor> exact, double tolerance) {
    exact.forEach(
        (name, expected) -> {
          Tensor difference = actual.get(name).to(DType.FLOAT64).sub(expected);
          assertThat(difference.norm().item() / expected.norm().item())
              .as("relative error of the %s: %s", name, which)
              .isLessThan(tolerance);
        });
  }
}
