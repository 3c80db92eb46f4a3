package io.ranbiki.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Makes tensors: from Java arrays, filled, and from other tensors. */
public final class Tensors {

  private Tensors() {}

  /** A FLOAT32 tensor with the given values in row-major order. */
  public static Tensor of(float[] values, long... shape) {
    requireCount(values.length, shape);
    Tensor tensor = empty(DType.FLOAT32, shape);
    if (values.length > 0) {
      tensor.handle().data_ptr_float().put(values);
    }
    return tensor;
  }

  /** A FLOAT32 tensor filled from the beginning of a longer array, in row-major order. */
  public static Tensor ofBeginning(float[] values, long... shape) {
    Tensor tensor = empty(DType.FLOAT32, shape);
    int count = Math.toIntExact(tensor.count());
    if (values.length < count) {
      requireCount(values.length, shape);
    }
    tensor.handle().data_ptr_float().put(values, 0, count);
    return tensor;
  }

  /** An INT64 tensor filled from the beginning of a longer array, in row-major order. */
  public static Tensor ofBeginning(long[] values, long... shape) {
    Tensor tensor = empty(DType.INT64, shape);
    int count = Math.toIntExact(tensor.count());
    if (values.length < count) {
      requireCount(values.length, shape);
    }
    tensor.handle().data_ptr_long().put(values, 0, count);
    return tensor;
  }

  /** A UINT8 tensor filled from the beginning of a longer array, in row-major order. */
  public static Tensor ofBeginning(byte[] values, long... shape) {
    Tensor tensor = empty(DType.UINT8, shape);
    int count = Math.toIntExact(tensor.count());
    if (values.length < count) {
      requireCount(values.length, shape);
    }
    tensor.handle().data_ptr_byte().put(values, 0, count);
    return tensor;
  }

  /** A FLOAT64 tensor with the given values in row-major order. */
  public static Tensor of(double[] values, long... shape) {
    requireCount(values.length, shape);
    Tensor tensor = empty(DType.FLOAT64, shape);
    if (values.length > 0) {
      tensor.handle().data_ptr_double().put(values);
    }
    return tensor;
  }

  /** An INT64 tensor with the given values in row-major order. */
  public static Tensor of(long[] values, long... shape) {
    requireCount(values.length, shape);
    Tensor tensor = empty(DType.INT64, shape);
    if (values.length > 0) {
      tensor.handle().data_ptr_long().put(values);
    }
    return tensor;
  }

  /** A tensor of any type whose elements have the given bytes in row-major order. */
  public static Tensor ofBytes(DType type, byte[] bytes, long... shape) {
    Tensor tensor = empty(type, shape);
    long expected = tensor.count() * tensor.handle().element_size();
    if (bytes.length != expected) {
      throw new TensorException(
          String.format(
              Locale.ROOT,
              "%d bytes do not fill a %s tensor of shape %s, which takes %d",
              bytes.length,
              type,
              Arrays.toString(shape),
              expected));
    }
    if (bytes.length > 0) {
      try (PointerScope scope = new PointerScope()) {
        Pointer.memcpy(tensor.handle().data_ptr(), new BytePointer(bytes), bytes.length);
      }
    }
    return tensor;
  }

  /** A single number. */
  public static Tensor scalar(double value) {
    return full(value, DType.FLOAT32);
  }

  /** A tensor whose elements have yet to be set. */
  public static Tensor empty(DType type, long... shape) {
    Engine.start();
    return Native.tensor(
        "empty", () -> torch.empty(shape, options(type), new MemoryFormatOptional()));
  }

  /** A tensor of zeros. */
  public static Tensor zeros(DType type, long... shape) {
    return full(0, type, shape);
  }

  /** A FLOAT32 tensor of zeros. */
  public static Tensor zeros(long... shape) {
    return full(0, DType.FLOAT32, shape);
  }

  /** A FLOAT32 tensor of ones. */
  public static Tensor ones(long... shape) {
    return full(1, DType.FLOAT32, shape);
  }

  /** A tensor of one value. */
  public static Tensor full(double value, DType type, long... shape) {
    Engine.start();
    return Native.tensor("full", () -> torch.full(shape, Native.scalar(value), options(type)));
  }

  /** INT64 numbers 0 to {@code end - 1}. */
  public static Tensor arange(long end) {
    Engine.start();
    return Native.tensor(
        "arange", () -> torch.arange(new org.bytedeco.pytorch.Scalar(end), options(DType.INT64)));
  }

  /** The unit matrix, FLOAT32. */
  public static Tensor eye(long size) {
    Engine.start();
    return Native.tensor("eye", () -> torch.eye(size, options(DType.FLOAT32)));
  }

  /** Tensors joined along an existing dimension. */
  public static Tensor cat(List<Tensor> tensors, long dimension) {
    return Native.tensor("cat", () -> torch.cat(Native.vector(tensors), dimension));
  }

  /** Tensors of one shape joined along a new dimension. */
  public static Tensor stack(List<Tensor> tensors, long dimension) {
    return Native.tensor("stack", () -> torch.stack(Native.vector(tensors), dimension));
  }

  /**
   * Adds the gradient of a weighted sum of single numbers to the {@link Tensor#grad()} of every
   * leaf that led to one of them, without computing the sum.
   *
   * @param factors one for each number
   * @throws TensorException if there is none, or one that no gradient leads back from
   */
  public static void backward(List<Tensor> numbers, List<Double> factors) {
    if (numbers.isEmpty()) {
      throw new TensorException("backward: no number depends on anything that has a gradient");
    }
    try (PointerScope scope = new PointerScope()) {
      TensorVector starts = new TensorVector();
      TensorVector gradients = new TensorVector();
      for (int i = 0; i < numbers.size(); i++) {
        Tensor number = numbers.get(i);
        GivenGradient given = number.given();
        double factor = factors.get(i);
        starts.push_back(given == null ? number.handle() : given.of());
        gradients.push_back(
            given == null
                ? torch.full_like(number.handle(), Native.scalar(factor))
                : given.times(factor));
      }
      Native.run(
          "backward",
          () ->
              torch.backward(
                  starts, gradients, new BoolOptional(false), false, new TensorVector()));
    }
  }

  private static TensorOptions options(DType type) {
    return new TensorOptions(type.type());
  }

  private static void requireCount(long values, long[] shape) {
    long expected = 1;
    for (long length : shape) {
      expected *= length;
    }
    if (values != expected) {
      throw new TensorException(
          String.format(
              Locale.ROOT,
              "%d values do not fill a tensor of shape %s, which has %d",
              values,
              Arrays.toString(shape),
              expected));
    }
  }
}
