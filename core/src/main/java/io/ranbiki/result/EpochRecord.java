package io.ranbiki.result;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One epoch of training.
 *
 * @param epoch number of the epoch, from 1
 * @param terms mean value of each term of the objective, unweighted, by name and in the order of
 *     the configuration; finite
 * @param total mean value of the weighted objective; finite
 * @param validationAccuracy share of held-out samples answered correctly after this epoch, 0 to 1;
 *     {@code null} if none with a label were held out
 * @param validationAgreement share of held-out samples answered as the teacher does, 0 to 1; {@code
 *     null} if epochs are not judged by it
 * @param validationScore the metric by which epochs are judged, on the samples held out; {@code
 *     null} where that is accuracy or agreement, or the samples do not tell
 * @param seconds wall time of the epoch, 0 or more
 * @param samplesPerSecond training samples per second of wall time, 0 or more
 * @param learningRate learning rate of the epoch's last step, 0 or more
 */
public record EpochRecord(
    int epoch,
    Map<String, Double> terms,
    double total,
    @Nullable Double validationAccuracy,
    @Nullable Double validationAgreement,
    @Nullable Double validationScore,
    double seconds,
    double samplesPerSecond,
    double learningRate) {

  /** Of a training that is judged by accuracy or agreement. */
  public EpochRecord(
      int epoch,
      Map<String, Double> terms,
      double total,
      @Nullable Double validationAccuracy,
      @Nullable Double validationAgreement,
      double seconds,
      double samplesPerSecond,
      double learningRate) {
    this(
        epoch,
        terms,
        total,
        validationAccuracy,
        validationAgreement,
        null,
        seconds,
        samplesPerSecond,
        learningRate);
  }

  /** Copies the terms and checks the ranges. */
  public EpochRecord {
    if (epoch < 1) {
      throw new IllegalArgumentException("epoch must be 1 or more, but is " + epoch);
    }
    terms = Check.ordered("terms", terms);
    terms.forEach((name, value) -> Check.finite("terms." + name, value));
    Check.finite("total", total);
    Check.fraction("validation-accuracy", validationAccuracy);
    Check.fraction("validation-agreement", validationAgreement);
    Check.notNegative("seconds", seconds);
    Check.notNegative("samples-per-second", samplesPerSecond);
    Check.notNegative("learning-rate", learningRate);
  }
}
