package io.ranbiki.data;

import java.util.List;
import java.util.stream.IntStream;

/** One row of a table, from whatever kind of file; it holds until the next one is read. */
public interface TableRow {

  /** How many columns it has. */
  int size();

  /**
   * What stands in a column; empty where the value is not known.
   *
   * @param column from 0
   */
  String text(int column);

  /**
   * The number in a column; NaN if there is none.
   *
   * @param column from 0
   */
  float number(int column);

  /** What stands in all columns, which holds also when the next row is read. */
  default List<String> texts() {
    return IntStream.range(0, size()).mapToObj(this::text).toList();
  }

  /** Where it stands, for a message, such as {@code line 7 of train.csv}. */
  String place();
}
