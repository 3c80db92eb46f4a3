package io.ranbiki.model;

/**
 * How large a network will be, known before it is built. Floating point numbers, since what a
 * configuration asks for may be past any integer.
 *
 * @param parameters values in all parameters
 * @param activations the least number of values that a training step keeps of each sample: the
 *     outputs of convolutions and linear layers
 * @param modules modules within it, at least
 */
public record NetworkSize(double parameters, double activations, double modules) {

  /** Nothing yet. */
  public static final NetworkSize NONE = new NetworkSize(0, 0, 1);

  /** This and a convolution with so many places of its window in each channel of the output. */
  public NetworkSize convolution(
      double in, double out, double window, boolean bias, double places) {
    return new NetworkSize(
        parameters + in * out * window + (bias ? out : 0), activations + out * places, modules + 1);
  }

  /** This and a linear layer. */
  public NetworkSize linear(double in, double out) {
    return convolution(in, out, 1, true, 1);
  }

  /** This and a table of vectors. */
  public NetworkSize table(double rows, double width) {
    return new NetworkSize(parameters + rows * width, activations + width, modules + 1);
  }

  /** This and a normalisation with a weight and a bias a channel. */
  public NetworkSize batchNorm(double channels) {
    return new NetworkSize(parameters + 2 * channels, activations, modules + 1);
  }

  /** This and another network so many times. */
  public NetworkSize plus(NetworkSize other, double times) {
    return new NetworkSize(
        parameters + times * other.parameters,
        activations + times * other.activations,
        modules + times * other.modules);
  }
}
