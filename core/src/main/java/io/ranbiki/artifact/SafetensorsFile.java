package io.ranbiki.artifact;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.Quoted;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The content of a safetensors file.
 *
 * @param entries the tensors by name, in the order of the file's header
 * @param metadata free text by key, in the order of the file's header; empty if the file has none
 */
public record SafetensorsFile(Map<String, Entry> entries, Map<String, String> metadata) {

  /** Copies both maps. */
  public SafetensorsFile {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** The element types that are read and written, by their names in the file. */
  public enum DType {
    /** 64-bit floating point. */
    F64(8),
    /** 32-bit floating point. */
    F32(4),
    /** 16-bit floating point, IEEE 754 binary16. */
    F16(2),
    /** 16-bit floating point, the upper half of F32. */
    BF16(2),
    /** 64-bit signed integer. */
    I64(8),
    /** 32-bit signed integer. */
    I32(4),
    /** 16-bit signed integer. */
    I16(2),
    /** 8-bit signed integer. */
    I8(1),
    /** 8-bit unsigned integer. */
    U8(1),
    /** One byte, 0 or 1. */
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of one element: 1, 2, 4 or 8. */
    public int bytes() {
      return bytes;
    }
  }

  /**
   * One tensor of a file: row-major, little-endian. Shape and data are not shared with the caller's
   * view of them: {@code shape()} is a copy and {@code data()} a read-only view of its own
   * position.
   *
   * @param name as in the file, for example {@code features.0.weight}
   * @param dtype the element type
   * @param shape dimensions, each 0 or more; empty for a scalar
   * @param data the elements, exactly as many bytes as the type and shape say
   */
  public record Entry(String name, DType dtype, long[] shape, ByteBuffer data) {

    /** Checks that the data are as long as the shape says. */
    public Entry {
      shape = shape.clone();
      long expected = byteSize(dtype, shape);
      if (expected != data.remaining()) {
        throw RanbikiException.model(
            "Tensor %s has %d bytes of data; %s %s needs %s.",
            Quoted.of(name),
            data.remaining(),
            dtype,
            Arrays.toString(shape),
            expected < 0 ? "a shape of dimensions 0 or more that can be held" : expected);
      }
      data = data.slice().asReadOnlyBuffer();
    }

    /** An F32 tensor with a copy of these values. */
    public static Entry of(String name, float[] values, long... shape) {
      ByteBuffer bytes = buffer(values.length, DType.F32);
      bytes.asFloatBuffer().put(values);
      return new Entry(name, DType.F32, shape, bytes);
    }

    /** An F64 tensor with a copy of these values. */
    public static Entry of(String name, double[] values, long... shape) {
      ByteBuffer bytes = buffer(values.length, DType.F64);
      bytes.asDoubleBuffer().put(values);
      return new Entry(name, DType.F64, shape, bytes);
    }

    /** An I64 tensor with a copy of these values. */
    public static Entry of(String name, long[] values, long... shape) {
      ByteBuffer bytes = buffer(values.length, DType.I64);
      bytes.asLongBuffer().put(values);
      return new Entry(name, DType.I64, shape, bytes);
    }

    private static ByteBuffer buffer(int elements, DType dtype) {
      return ByteBuffer.allocate(Math.multiplyExact(elements, dtype.bytes()))
          .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Bytes that a tensor of this type and shape takes, or -1 if no number of bytes is right. */
    static long byteSize(DType dtype, long[] shape) {
      long bytes = dtype.bytes();
      for (long dimension : shape) {
        if (dimension < 0) {
          return -1;
        }
        try {
          bytes = Math.multiplyExact(bytes, dimension);
        } catch (ArithmeticException e) {
          return -1;
        }
      }
      return bytes;
    }

    @Override
    public long[] shape() {
      return shape.clone();
    }

    @Override
    public ByteBuffer data() {
      return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The number of elements. */
    public int elements() {
      return data.remaining() / dtype.bytes();
    }

    /**
     * The elements of a floating point tensor. F16 and BF16 are exact; F64 is rounded to nearest.
     *
     * @throws RanbikiException of kind MODEL if the tensor holds integers
     */
    public float[] floats() {
      float[] values = new float[elements()];
      ByteBuffer bytes = data();
      switch (dtype) {
        case F32 -> bytes.asFloatBuffer().get(values);
        case F64 -> {
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) bytes.getDouble();
          }
        }
        case F16 -> {
          for (int i = 0; i < values.length; i++) {
            values[i] = half(bytes.getShort());
          }
        }
        case BF16 -> {
          for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(bytes.getShort() << 16);
          }
        }
        default -> throw wrongType("floating point numbers");
      }
      return values;
    }

    /**
     * The elements of a floating point tensor, all exact.
     *
     * @throws RanbikiException of kind MODEL if the tensor holds integers
     */
    public double[] doubles() {
      if (dtype == DType.F64) {
        double[] values = new double[elements()];
        data().asDoubleBuffer().get(values);
        return values;
      }
      float[] floats = floats();
      double[] values = new double[floats.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = floats[i];
      }
      return values;
    }

    /**
     * The elements of an integer or boolean tensor; false is 0 and true is 1.
     *
     * @throws RanbikiException of kind MODEL if the tensor holds floating point numbers
     */
    public long[] longs() {
      long[] values = new long[elements()];
      ByteBuffer bytes = data();
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (dtype) {
              case I64 -> bytes.getLong();
              case I32 -> bytes.getInt();
              case I16 -> bytes.getShort();
              case I8 -> bytes.get();
              case U8, BOOL -> Byte.toUnsignedInt(bytes.get());
              default -> throw wrongType("integers");
            };
      }
      return values;
    }

    private RanbikiException wrongType(String wanted) {
      return RanbikiException.model(
          "Tensor %s holds %s where %s are expected.", Quoted.of(name), dtype, wanted);
    }

    private static float half(short bits) {
      int sign = (bits & 0x8000) << 16;
      int exponent = (bits >> 10) & 0x1f;
      int fraction = bits & 0x3ff;
      if (exponent == 0) {
        float magnitude = fraction * 0x1p-24f;
        return sign == 0 ? magnitude : -magnitude;
      }
      int wide = exponent == 0x1f ? 0xff : exponent + 127 - 15;
      return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    @Override
    public String toString() {
      return name + " " + dtype + Arrays.toString(shape);
    }
  }
}
