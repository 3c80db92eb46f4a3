package io.ranbiki.tensor;

import org.bytedeco.pytorch.Scalar;

/**
 * What is known of a number that was computed without recording: its gradient for one tensor. The
 * way back starts at that tensor, which is cheaper than to record every operation and go back
 * through each. PyTorch has {@code torch.autograd.Function} for it; the binding does not.
 *
 * <p>The number's own handle holds it before {@code scale}, so that a step is spared two
 * multiplications of a single number.
 *
 * @param scale what the number's handle is to be multiplied by
 * @param of the tensor that the number was computed from, with its history
 * @param slope shaped as {@code of}: the gradient before {@code slopeScale}
 * @param slopeScale what {@code slope} is to be multiplied by
 */
record GivenGradient(
    double scale,
    org.bytedeco.pytorch.Tensor of,
    org.bytedeco.pytorch.Tensor slope,
    double slopeScale) {

  /** The gradient for {@link #of} of the number times a factor. */
  org.bytedeco.pytorch.Tensor times(double factor) {
    return slope.mul(new Scalar(slopeScale * factor));
  }

  /** The number as an operation would have recorded it, for whatever is computed from it. */
  org.bytedeco.pytorch.Tensor recorded(org.bytedeco.pytorch.Tensor unscaled) {
    org.bytedeco.pytorch.Tensor number = of.mul(times(1)).sum(); // linear, with the gradient given
    try (NoGrad noGrad = new NoGrad()) {
      return number.copy_(unscaled.mul(new Scalar(scale)));
    }
  }
}
