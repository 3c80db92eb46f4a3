package io.ranbiki.result;

import org.jspecify.annotations.Nullable;

/**
 * What was measured of one model.
 *
 * @param accuracy share of test samples answered correctly, 0 to 1; {@code null} if not measured
 * @param parameters number of trainable values, 0 or more; {@code null} if not known, as of a file
 *     that holds trees
 * @param bytes size of the weights on disk; 0 if not known, as of whoever gave the answers of a
 *     file
 * @param millisecondsPerImage time to answer one sample, above 0; {@code null} if not measured
 */
public record ModelFigures(
    @Nullable Double accuracy,
    @Nullable Long parameters,
    long bytes,
    @Nullable Double millisecondsPerImage) {

  /** Checks the ranges. */
  public ModelFigures {
    Check.fraction("accuracy", accuracy);
    if (parameters != null) {
      Check.notNegative("parameters", parameters);
    }
    Check.notNegative("bytes", bytes);
    Check.positive("milliseconds-per-image", millisecondsPerImage);
  }
}
