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

  /** What {@link #toString} gives back as one of these. */
  static Pool of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** The word that networks built here have for it. */
  String pooling() {
    return this == FIRST ? "cls" : toString();
  }

  /** The word for it in files. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
