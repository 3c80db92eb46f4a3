package io.ranbiki.evaluate;

import org.jspecify.annotations.Nullable;

/** What the metrics of vectors share. */
final class Vectors {

  private static final float[] NOBODY_TOLD = {};

  private Vectors() {}

  /** All numbers, {@code [samples * width]}. */
  static float[] of(Predictions model) {
    return ((Predictions.Full) model.answers()).logits();
  }

  /** What a model's vectors are to be: the teacher's; empty if nobody told. */
  static float[] wanted(Predictions model, @Nullable Predictions teacher) {
    if (teacher != null) {
      return of(teacher);
    }
    float[] told = model.truth();
    return told == null || told.length == 0 || Float.isNaN(told[0]) ? NOBODY_TOLD : told;
  }
}
