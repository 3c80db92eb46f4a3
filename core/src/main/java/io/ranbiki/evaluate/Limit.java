package io.ranbiki.evaluate;

import java.util.Locale;

/** What a model can be asked to keep before it is good enough. */
public enum Limit {
  /** Largest loss of accuracy against the teacher, in percentage points. */
  ACCURACY_LOSS,
  /** Smallest share of the test samples that are answered as the teacher does. */
  AGREEMENT,
  /** Largest calibration error without what chance brings, 0 to 1. */
  ECE,
  /** Largest 95th percentile of the time of a call with one sample and one thread. */
  LATENCY_P95_MS,
  /** Largest size of the file that leaves. */
  BYTES,
  /** Largest loss of recall of any class against the teacher, in percentage points. */
  WORST_CLASS_LOSS;

  /** Whether it compares with a teacher, so that there must be one. */
  public boolean needsTeacher() {
    return this == ACCURACY_LOSS || this == AGREEMENT || this == WORST_CLASS_LOSS;
  }

  /** The key in configurations and results, such as {@code accuracy-loss}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
