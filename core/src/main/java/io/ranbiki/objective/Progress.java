package io.ranbiki.objective;

/**
 * How far training has come.
 *
 * @param epoch number of the epoch, from 0
 * @param epochs how many there will be
 * @param step number of the step over all epochs, from 0
 * @param stepsPerEpoch steps of one epoch, 1 or more
 */
public record Progress(int epoch, int epochs, long step, long stepsPerEpoch) {

  /** The very beginning of a training of one step. */
  public static final Progress START = new Progress(0, 1, 0, 1);

  /** Epochs done, with the part of the present one: from 0 to below {@code epochs}. */
  public double epochsDone() {
    return (double) step / stepsPerEpoch;
  }
}
