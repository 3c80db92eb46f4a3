package io.ranbiki.data;

import java.util.Locale;

/** Which half of a data set that is published in two parts. */
public enum Part {
  /** The part to fit on. */
  TRAIN,
  /** The part that is touched once, at the end. */
  TEST;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
