package io.ranbiki.tables;

import io.ranbiki.data.TableRow;
import io.ranbiki.prepare.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The row that an answer stands at.
 *
 * @param direct the columns that hold numbers and not texts of them
 * @param padded whether spaces around a value are none of it
 * @param number of the row in its file, from 1
 */
record DuckRow(ResultSet row, boolean[] direct, boolean padded, long number, String file)
    implements TableRow {

  /** What {@link Duck} makes a sentence of. */
  static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Failed(SQLException cause) {
      super(cause.getMessage(), cause);
    }
  }

  @Override
  public int size() {
    return direct.length;
  }

  @Override
  public String text(int column) {
    try {
      String text = row.getString(column + 1);
      return text == null ? "" : padded ? text.strip() : text;
    } catch (SQLException e) {
      throw new Failed(e);
    }
  }

  @Override
  public float number(int column) {
    if (!direct[column]) {
      return Columns.number(text(column));
    }
    try {
      double number = row.getDouble(column + 1);
      return row.wasNull() ? Float.NaN : (float) number;
    } catch (SQLException e) {
      throw new Failed(e);
    }
  }

  @Override
  public String place() {
    return "row " + number + " of " + file;
  }
}
