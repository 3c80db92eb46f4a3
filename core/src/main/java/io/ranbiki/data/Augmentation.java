package io.ranbiki.data;

import io.ranbiki.RanbikiException;

/** A random change of a sample that leaves its class alone; done before normalization. */
public sealed interface Augmentation {

  /** The axis of a {@link Flip}. */
  enum Direction {
    /** Left and right change places. */
    HORIZONTAL,
    /** Top and bottom change places. */
    VERTICAL
  }

  /**
   * Adds black pixels on all four sides and cuts out the original size at a random place.
   *
   * <p>Source: He et al. 2015, arXiv:1512.03385, section 4.2; {@code RandomCrop} of torchvision.
   *
   * @param padding pixels on each side, 1 to 4096
   */
  record Crop(int padding) implements Augmentation {
    /** Checks the padding. */
    public Crop {
      if (padding < 1 || padding > 4096) {
        throw RanbikiException.configuration(
            "The padding of a crop is %d, but must be 1 to 4096. Try 4 for images of 32 pixels.",
            padding);
      }
    }
  }

  /**
   * Mirrors an image with probability 0.5.
   *
   * @param direction along which axis
   */
  record Flip(Direction direction) implements Augmentation {}

  /**
   * Turns an image about its centre by a random angle, every angle of the range equally likely,
   * with bilinear interpolation; black comes in from outside.
   *
   * @param degrees the largest angle to either side, above 0, at most 180
   */
  record Rotation(double degrees) implements Augmentation {
    /** Checks the angle. */
    public Rotation {
      if (!(degrees > 0 && degrees <= 180)) {
        throw RanbikiException.configuration(
            "The rotation is %s degrees, but must be above 0 and at most 180. Try 10.", degrees);
      }
    }
  }

  /**
   * Adds independent normal noise to every number; images are clipped back to [0, 1], as
   * torchvision does it.
   *
   * @param std the standard deviation, finite and above 0, in the unit of the sample before
   *     normalization
   */
  record Noise(double std) implements Augmentation {
    /** Checks the standard deviation. */
    public Noise {
      if (!(std > 0 && Double.isFinite(std))) {
        throw RanbikiException.configuration(
            "The standard deviation of the noise is %s, but must be finite and above 0. Try 0.1.",
            std);
      }
    }
  }
}
