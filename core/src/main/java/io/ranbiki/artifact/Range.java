package io.ranbiki.artifact;

/**
 * Numbers that a value takes.
 *
 * @param low the smallest one
 * @param high the largest one
 */
public record Range(float low, float high) {
  /** Checks the order, which also refuses what is not a number. */
  public Range {
    if (!(low <= high)) {
      throw new IllegalArgumentException("range from " + low + " to " + high);
    }
  }
}
