package io.ranbiki.data;

import java.util.List;
import java.util.function.Consumer;

/**
 * A table with named columns, whose rows are read one after the other, in the same order always.
 */
public interface TableSource {

  /** What the table is called in messages, such as the path of its file. */
  String name();

  /** The names of the columns, in order. */
  List<String> columns();

  /**
   * Reads all rows, from the first.
   *
   * @throws io.ranbiki.RanbikiException if they cannot be read
   */
  void read(Consumer<TableRow> rows);
}
