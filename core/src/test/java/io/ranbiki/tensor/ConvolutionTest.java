package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Convolutions and large linear layers against float64, which libtorch computes without oneDNN:
 * some versions of it are silently wrong on some processors.
 */
class ConvolutionTest {

  private static final List<String> GIVEN = List.of("input", "weight", "bias");
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

  /** The second thread is what makes oneDNN write past the end of its memory. */
  @ParameterizedTest
  @CsvSource({"1, 28", "3, 9"})
  void oddBatchesAndSteps_giveWhatFloat64GivesOnOneThreadAndOnTwo(long kernel, long size) {
    // Below 16 channels oneDNN takes the kernels that end the process.
    for (long in : new long[] {1, 2, 3, 4, 7, 8, 11, 15, 16, 17, 24}) {
      for (long batch : new long[] {1, 3, 17}) {
        for (long stride = 1; stride <= 3; stride++) {
          everyWay(Shape.square(batch, in, 8, size, kernel, stride, kernel / 2));
        }
      }
    }
  }

  @Test
  void paddingGroupsAndStepsInOneDirection_giveWhatFloat64Gives() {
    everyWay(Shape.square(3, 8, 8, 14, 1, 2, 1));
    everyWay(Shape.square(5, 8, 8, 13, 1, 3, 2));
    everyWay(new Shape(3, 8, 8, 14, 1, new long[] {1, 2}, new long[] {0, 0}, 1));
    everyWay(new Shape(3, 8, 8, 14, 1, new long[] {3, 1}, new long[] {2, 0}, 1));
    everyWay(new Shape(3, 8, 8, 14, 1, both(2), both(0), 8));
    everyWay(new Shape(3, 12, 24, 28, 1, both(2), both(0), 2));
    everyWay(Shape.square(3, 8, 8, 1, 1, 2, 0));
    everyWay(Shape.square(3, 8, 8, 5, 1, 7, 0));
  }

  /** In bfloat16 the gradient of the weights was whatever lay in memory before. */
  @Test
  void imagesSmallerThanTheStep_giveWhatFloat64GivesInBothPrecisions() {
    for (long size = 1; size <= 3; size++) {
      for (long kernel = 2; kernel <= 5; kernel++) {
        for (long stride = 2; stride <= 3; stride++) {
          for (long batch : new long[] {1, 5}) {
            long padding = kernel / 2;
            everyWay(Shape.square(batch, 10, 16, size, kernel, stride, padding));
            long[] steps = both(stride);
            long[] paddings = both(padding);
            everyWay(new Shape(batch, 10, 10, size, kernel, steps, paddings, 10));
            if ((size - 1) * stride - 2 * padding + kernel > 0) {
              transposedEveryWay(batch, 10, 16, size, kernel, stride, padding);
            }
          }
        }
      }
    }
  }

  @Test
  void aWindowThatDoesNotFit_isRefused() {
    try (TensorScope scope = TensorScope.open("convolution");
        Generator generator = new Generator(1)) {
      Tensor image = generator.normal(0, 1, 1, 2, 1, 1);
      Tensor weight = generator.normal(0, 1, 2, 2, 3, 3);
      assertThatThrownBy(() -> Functional.conv2d(image, weight, null, both(2), both(0), both(1), 1))
          .isInstanceOf(TensorException.class)
          .hasMessage(
              "conv2d: Calculated padded input size per channel: (1 x 1). Kernel size: (3 x 3)."
                  + " Kernel size can't be greater than actual input size");
    }
  }

  /**
   * A convolution.
   *
   * @param size height and width of the image
   */
  private record Shape(
      long batch,
      long in,
      long out,
      long size,
      long kernel,
      long[] stride,
      long[] padding,
      long groups) {

    static Shape square(
        long batch, long in, long out, long size, long kernel, long stride, long padding) {
      return new Shape(batch, in, out, size, kernel, both(stride), both(padding), 1);
    }

    long outSize(int direction) {
      return (size + 2 * padding[direction] - kernel) / stride[direction] + 1;
    }

    @Override
    public String toString() {
      return "batch %d, in %d, out %d, size %d, kernel %d, stride %s, padding %s, groups %d"
          .formatted(
              batch,
              in,
              out,
              size,
              kernel,
              Arrays.toString(stride),
              Arrays.toString(padding),
              groups);
    }
  }

  /** In both layouts, on one thread and on two. */
  private static void everyWay(Shape shape) {
    try (TensorScope scope = TensorScope.open("convolution");
        Generator generator = new Generator(1)) {
      Tensor image = generator.normal(0, 1, shape.batch, shape.in, shape.size, shape.size);
      Tensor weight =
          generator.normal(0, 1, shape.out, shape.in / shape.groups, shape.kernel, shape.kernel);
      Tensor bias = generator.normal(0, 1, shape.out);
      Tensor pull =
          generator.normal(0, 1, shape.batch, shape.out, shape.outSize(0), shape.outSize(1));
      everyWay(
          shape.toString(),
          List.of(image, weight, bias),
          pull,
          shape.size <= 3,
          given -> direct(given, shape.stride, shape.padding, shape.groups),
          given ->
              Functional.conv2d(
                  given.get(0),
                  given.get(1),
                  given.get(2),
                  shape.stride,
                  shape.padding,
                  both(1),
                  shape.groups));
    }
  }

  private static void everyWay(
      String which,
      List<Tensor> given,
      Tensor pull,
      boolean halves,
      Function<List<Tensor>, Tensor> meant,
      Function<List<Tensor>, Tensor> operation) {
    List<Tensor> doubles = given.stream().map(tensor -> tensor.to(DType.FLOAT64)).toList();
    Map<String, Tensor> exact = gradients(doubles, 0, pull.to(DType.FLOAT64), meant);
    int before = Engine.threads();
    try {
      for (int threads = 1; threads <= 2; threads++) {
        Engine.setThreads(threads);
        for (MemoryFormat layout : MemoryFormat.values()) {
          List<Tensor> laidOut =
              List.of(given.get(0).copy(layout), given.get(1).copy(layout), given.get(2));
          String way = "%s, %s, %d threads".formatted(which, layout, threads);
          same(way, gradients(laidOut, 0, pull, operation), exact, 1e-5);
          if (halves) {
            leaveTracesInMemory();
            Map<String, Tensor> half;
            try (Autocast autocast = new Autocast()) {
              half = gradients(laidOut, 0, pull, operation);
            }
            same(way + ", bfloat16", half, exact, 0.03);
          }
        }
      }
    } finally {
      Engine.setThreads(before);
    }
  }

  /** What is not written is then not 0. */
  private static void leaveTracesInMemory() {
    try (TensorScope scope = TensorScope.open("traces")) {
      for (long size = 64; size <= 1 << 15; size *= 2) {
        Tensors.zeros(DType.FLOAT32, size).fill(Double.NaN);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "1, 1", "2, 0", "3, 1", "4, 1"})
  void transposedConvolutions_giveWhatFloat64Gives(long kernel, long padding) {
    for (long in : new long[] {1, 3, 8, 15, 16}) {
      for (long stride = 1; stride <= 3; stride++) {
        transposedEveryWay(3, in, 8, 14, kernel, stride, padding);
      }
    }
  }

  private static void transposedEveryWay(
      long batch, long in, long out, long size, long kernel, long stride, long padding) {
    try (TensorScope scope = TensorScope.open("transposed convolution");
        Generator generator = new Generator(1)) {
      long outSize = (size - 1) * stride - 2 * padding + kernel;
      everyWay(
          "transposed: batch %d, in %d, out %d, kernel %d, stride %d, padding %d"
              .formatted(batch, in, out, kernel, stride, padding),
          List.of(
              generator.normal(0, 1, batch, in, size, size),
              generator.normal(0, 1, in, out, kernel, kernel),
              generator.normal(0, 1, out)),
          generator.normal(0, 1, batch, out, outSize, outSize),
          size <= 3,
          given ->
              Native.tensor(
                  "conv_transpose2d",
                  () ->
                      torch.conv_transpose2d(
                          given.get(0).handle(),
                          given.get(1).handle(),
                          Native.optional(given.get(2)),
                          both(stride),
                          both(padding),
                          both(0),
                          1,
                          both(1))),
          given ->
              Functional.convTranspose2d(
                  given.get(0), given.get(1), given.get(2), stride, padding));
    }
  }

  @Test
  void aTransposedConvolutionOfNothing_isRefused() {
    try (TensorScope scope = TensorScope.open("transposed convolution");
        Generator generator = new Generator(1)) {
      Tensor image = generator.normal(0, 1, 1, 2, 1, 1);
      Tensor weight = generator.normal(0, 1, 2, 2, 1, 1);
      assertThatThrownBy(() -> Functional.convTranspose2d(image, weight, null, 2, 1))
          .isInstanceOf(TensorException.class)
          .hasMessage("conv_transpose2d: padding 1 leaves nothing of 1 x 1 pixels");
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
      Map<String, Tensor> exact = exact(image, weight, pull, stride, inputLearns);
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
    long padding = weight.size(2) / 2;
    return gradients(
        List.of(image, weight),
        inputLearns ? 0 : 1,
        pull,
        given ->
            Functional.conv2d(
                given.get(0), given.get(1), null, both(stride), both(padding), both(1), 1));
  }

  /** What libtorch computes in float64, and therefore without oneDNN, of the form that is meant. */
  private static Map<String, Tensor> exact(
      Tensor image, Tensor weight, Tensor pull, long stride, boolean inputLearns) {
    long padding = weight.size(2) / 2;
    return gradients(
        List.of(image.to(DType.FLOAT64), weight.to(DType.FLOAT64)),
        inputLearns ? 0 : 1,
        pull.to(DType.FLOAT64),
        given -> direct(given, both(stride), both(padding), 1));
  }

  private static Tensor direct(List<Tensor> given, long[] stride, long[] padding, long groups) {
    return Native.tensor(
        "conv2d",
        () ->
            torch.conv2d(
                given.get(0).handle(),
                given.get(1).handle(),
                Native.optional(given.size() > 2 ? given.get(2) : null),
                stride,
                padding,
                both(1),
                groups));
  }

  /**
   * The output, and the gradients of its product with {@code pull}.
   *
   * @param given input, weight, and perhaps bias
   * @param firstLearnt 1 if there is to be no gradient of the input, else 0
   */
  private static Map<String, Tensor> gradients(
      List<Tensor> given, int firstLearnt, Tensor pull, Function<List<Tensor>, Tensor> operation) {
    List<Tensor> own = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      own.add(given.get(i).detach().setRequiresGrad(i >= firstLearnt));
    }
    Tensor output = operation.apply(own).to(given.get(0).dtype());
    output.mul(pull).sum().backward();
    Map<String, Tensor> results = new HashMap<>();
    results.put("output", output.detach());
    for (int i = firstLearnt; i < given.size(); i++) {
      results.put("gradient of " + GIVEN.get(i), own.get(i).grad());
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
