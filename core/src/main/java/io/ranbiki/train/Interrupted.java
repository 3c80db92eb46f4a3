package io.ranbiki.train;

/** A training was asked to stop; everything up to the last step is saved. */
public final class Interrupted extends RuntimeException {

  private final long step;

  Interrupted(long step) {
    super("stopped after step " + step);
    this.step = step;
  }

  /** How many steps were done. */
  public long step() {
    return step;
  }
}
