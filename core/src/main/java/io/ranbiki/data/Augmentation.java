package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import java.util.List;
import java.util.function.Function;

/** A random change of a sample that leaves its class alone; done before normalization. */
public sealed interface Augmentation {

  /** Reads a list of augmentations, such as the key {@code augment} has. */
  static List<Augmentation> read(ConfigNode node) {
    List<Provider<Augmentation>> providers =
        List.of(
            provider(
                "crop",
                "Adds black on all sides and cuts out the original size at a random place.",
                Crop::read),
            provider(
                "resized-crop",
                "Cuts out a random part and stretches it to the original size.",
                ResizedCrop::read),
            provider("flip", "Mirrors an image with probability 0.5.", Flip::read),
            provider(
                "rotation", "Turns an image about its centre by a random angle.", Rotation::read),
            provider("noise", "Adds independent normal noise to every number.", Noise::read),
            provider("erase", "Makes a random rectangle of an image black.", Erase::read));
    return node.list(entry -> entry.choice(providers));
  }

  private static Provider<Augmentation> provider(
      String name, String sentence, Function<Options, Augmentation> reader) {
    return Provider.of(Augmentation.class, name, sentence, reader);
  }

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
    static Crop read(Options options) {
      return new Crop(options.integer("padding", 4, "Pixels on each side", Rule.between(1, 4096)));
    }

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
   * Cuts out a part at a random place and stretches it to the original size, with bilinear
   * interpolation.
   *
   * <p>The part's share of the area is uniform between {@code smallestArea} and 1, the logarithm of
   * its height by its width uniform between those of 3/4 and 4/3, its sides are rounded to whole
   * pixels. If none of ten such parts fits into the image, it stays as it is, where torchvision
   * takes the middle of it.
   *
   * <p>Source: Szegedy et al. 2014, arXiv:1409.4842, section 6; {@code RandomResizedCrop} of
   * torchvision. Students that are to match a teacher's function learn from such parts in Beyer et
   * al. 2021, arXiv:2106.05237, section 3.
   *
   * @param smallestArea the smallest share of the area, above 0 and below 1; 0.08 there
   */
  record ResizedCrop(double smallestArea) implements Augmentation {
    static ResizedCrop read(Options options) {
      return new ResizedCrop(
          options.number(
              "smallest-area", 0.25, "Smallest share of the area", Rule.above(0), Rule.below(1)));
    }

    /** Checks the share. */
    public ResizedCrop {
      if (!(smallestArea > 0 && smallestArea < 1)) {
        throw RanbikiException.configuration(
            "The smallest area of a resized crop is %s, but must be above 0 and below 1. Try 0.25.",
            smallestArea);
      }
    }
  }

  /**
   * Mirrors an image with probability 0.5.
   *
   * @param direction along which axis
   */
  record Flip(Direction direction) implements Augmentation {
    static Flip read(Options options) {
      options.shorthand("direction");
      return new Flip(options.word("direction", Direction.HORIZONTAL, "Which sides change places"));
    }
  }

  /**
   * Turns an image about its centre by a random angle, every angle of the range equally likely,
   * with bilinear interpolation; black comes in from outside.
   *
   * @param degrees the largest angle to either side, above 0, at most 180
   */
  record Rotation(double degrees) implements Augmentation {
    static Rotation read(Options options) {
      return new Rotation(
          options.number(
              "degrees", 10, "Largest angle to either side", Rule.above(0), Rule.atMost(180)));
    }

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
    static Noise read(Options options) {
      return new Noise(options.number("std", 0.1, "Standard deviation", Rule.above(0)));
    }

    /** Checks the standard deviation. */
    public Noise {
      if (!(std > 0 && Double.isFinite(std))) {
        throw RanbikiException.configuration(
            "The standard deviation of the noise is %s, but must be finite and above 0. Try 0.1.",
            std);
      }
    }
  }

  /**
   * Makes a random rectangle of an image black, in all channels.
   *
   * <p>Its share of the area is uniform between both bounds, the logarithm of its height by its
   * width uniform between those of 0.3 and 1/0.3, its sides are rounded to whole pixels, one at
   * least. If none of ten such rectangles fits into the image, nothing is erased.
   *
   * <p>Source: Zhong et al. 2017, "Random Erasing Data Augmentation", arXiv:1708.04896, algorithm
   * 1. Deviations: erased pixels are 0 before normalization, the black that the other augmentations
   * let in, where the paper has random values and {@code RandomErasing} of torchvision 0 after it;
   * the logarithm of the ratio is uniform, as in torchvision, not the ratio itself; the paper tries
   * without end.
   *
   * @param probability that a view has a rectangle, above 0, at most 1
   * @param smallestArea the smallest share of the area, above 0 and below 1
   * @param largestArea the largest share of the area, {@code smallestArea} or more and below 1
   */
  record Erase(double probability, double smallestArea, double largestArea)
      implements Augmentation {
    static Erase read(Options options) {
      return new Erase(
          options.number(
              "probability",
              0.5,
              "How likely a view has a rectangle",
              Rule.above(0),
              Rule.atMost(1)),
          options.number(
              "smallest-area", 0.02, "Smallest share of the area", Rule.above(0), Rule.below(1)),
          options.number(
              "largest-area", 0.33, "Largest share of the area", Rule.above(0), Rule.below(1)));
    }

    /** Checks the probability and the shares. */
    public Erase {
      if (!(probability > 0 && probability <= 1)) {
        throw RanbikiException.configuration(
            "The probability of erasing is %s, but must be above 0 and at most 1. Try 0.5.",
            probability);
      }
      if (!(smallestArea > 0 && smallestArea <= largestArea && largestArea < 1)) {
        throw RanbikiException.configuration(
            "The erased share of the area is %s to %s, but must be above 0 and below 1, the"
                + " smallest first. Try 0.02 to 0.33.",
            smallestArea, largestArea);
      }
    }
  }
}
