package io.ranbiki.teacher;

import java.util.Locale;

/** How the vectors of a text's pieces become one. */
public enum Pool {
  /** Their mean, of those that the mask lets through. */
  MEAN,
  /** The first one, which stands before the text: {@code [CLS]}. */
  FIRST,
  /** The largest of each number, among those that the mask lets through. */
  MAX;

  /** The word for it in files. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
