package io.ranbiki.teacher;

/** The order of an image's lengths in a model's input. */
public enum Layout {
  /**
   * Found by comparing the model's shape with the data's; {@link #NCHW} where both orders would
   * fit.
   */
  FROM_SHAPE,
  /** {@code [batch, channels, height, width]}, as PyTorch exports. */
  NCHW,
  /** {@code [batch, height, width, channels]}, as TensorFlow exports. */
  NHWC
}
