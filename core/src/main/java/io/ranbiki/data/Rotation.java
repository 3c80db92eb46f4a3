package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;

/**
 * Turns an image about its centre by a random angle, every angle of the range equally likely, with
 * bilinear interpolation; black comes in from outside.
 *
 * @param degrees the largest angle to either side, above 0, at most 180
 */
public record Rotation(double degrees) implements Augmentation {

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

  @Override
  public String words() {
    return "rotation degrees " + degrees;
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    pixels.rotate(random.between(-degrees, degrees));
  }
}
