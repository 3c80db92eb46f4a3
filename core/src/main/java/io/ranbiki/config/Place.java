package io.ranbiki.config;

/**
 * Where a value was written.
 *
 * @param source the file, or the override
 * @param line from 1; 0 for an override, which has no lines
 * @param column from 1
 */
record Place(String source, int line, int column) implements Comparable<Place> {

  /** The place of everything that an override says. */
  static Place override(String text) {
    return new Place("override '" + Words.shorten(text) + "'", 0, 0);
  }

  boolean isOverride() {
    return line == 0;
  }

  @Override
  public int compareTo(Place other) {
    if (isOverride() != other.isOverride()) {
      return isOverride() ? 1 : -1;
    }
    int byLine = Integer.compare(line, other.line);
    return byLine != 0 ? byLine : Integer.compare(column, other.column);
  }

  @Override
  public String toString() {
    return isOverride() ? source : source + ":" + line + ":" + column;
  }
}
