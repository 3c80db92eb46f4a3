package io.ranbiki.data;

import io.ranbiki.config.Options;
import java.util.Locale;

/**
 * Mirrors an image with probability 0.5.
 *
 * @param direction along which axis
 */
public record Flip(Direction direction) implements Augmentation {

  /** Along which axis. */
  public enum Direction {
    /** Left and right change places. */
    HORIZONTAL,
    /** Top and bottom change places. */
    VERTICAL
  }

  static Flip read(Options options) {
    options.shorthand("direction");
    return new Flip(options.word("direction", Direction.HORIZONTAL, "Which sides change places"));
  }

  @Override
  public String words() {
    return "flip " + direction.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    if (random.nextBoolean()) {
      pixels.mirror(direction == Direction.HORIZONTAL);
    }
  }
}
