package io.ranbiki.tensor;

import org.bytedeco.pytorch.global.torch;

/** The type of a tensor's elements. */
public enum DType {
  /** 32-bit floating point. */
  FLOAT32(torch.ScalarType.Float),
  /** 64-bit floating point. */
  FLOAT64(torch.ScalarType.Double),
  /** 16-bit floating point, 5 bits of exponent. */
  FLOAT16(torch.ScalarType.Half),
  /** 16-bit floating point, 8 bits of exponent. */
  BFLOAT16(torch.ScalarType.BFloat16),
  /** 64-bit signed integer: labels and indices. */
  INT64(torch.ScalarType.Long),
  /** 32-bit signed integer. */
  INT32(torch.ScalarType.Int),
  /** 8-bit unsigned integer. */
  UINT8(torch.ScalarType.Byte),
  /** True or false. */
  BOOL(torch.ScalarType.Bool);

  private final torch.ScalarType type;

  DType(torch.ScalarType type) {
    this.type = type;
  }

  torch.ScalarType type() {
    return type;
  }

  static DType of(torch.ScalarType type) {
    for (DType candidate : values()) {
      if (candidate.type.value == type.value) {
        return candidate;
      }
    }
    throw new TensorException("element type " + type + " is not supported");
  }
}
