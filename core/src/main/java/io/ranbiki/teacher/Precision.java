package io.ranbiki.teacher;

/** How a live teacher computes while its answers are stored. */
public enum Precision {
  /** As it was trained. */
  FLOAT32("float32"),
  /**
   * Convolutions and matrix products in bfloat16, see {@link io.ranbiki.tensor.Autocast}: faster,
   * about 1 % off.
   */
  BFLOAT16("bfloat16");

  private final String title;

  Precision(String title) {
    this.title = title;
  }

  @Override
  public String toString() {
    return title;
  }
}
