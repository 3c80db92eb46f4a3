package io.ranbiki.prepare;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Counts the rows that say less than they seem to: by a category that no training row had, or an
 * empty cell.
 */
public final class CellGaps {

  private final Columns columns;
  private final Set<String> strange = new TreeSet<>();
  private final Set<String> empty = new TreeSet<>();
  private int rows;
  private int strangeRows;
  private int emptyRows;

  /** Counts by the columns that a network takes. */
  public CellGaps(Columns columns) {
    this.columns = columns;
  }

  /**
   * Takes one more row.
   *
   * @param cells by the names of their columns
   */
  public void add(UnaryOperator<@Nullable String> cells) {
    boolean isStrange = false;
    boolean isEmpty = false;
    for (Columns.Column column : columns.list()) {
      String cell = cells.apply(column.name());
      if (cell == null || cell.isEmpty()) {
        isEmpty = true;
        empty.add(column.name());
      } else if (column instanceof Columns.Category && columns.place(column.name(), cell) < 0) {
        isStrange = true;
        strange.add(column.name());
      }
    }
    rows++;
    strangeRows += isStrange ? 1 : 0;
    emptyRows += isEmpty ? 1 : 0;
  }

  /**
   * What was counted, in a sentence.
   *
   * @param what the rows are, such as {@code rows of the test}
   */
  public Optional<String> sentence(String what) {
    if (strangeRows == 0 && emptyRows == 0) {
      return Optional.empty();
    }
    String unknown =
        strangeRows == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "%,d %s a category that no training row has (%s), which counts as none",
                strangeRows,
                have(strangeRows),
                String.join(", ", strange));
    String missing =
        emptyRows == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "%,d %s an empty cell (%s)",
                emptyRows,
                have(emptyRows),
                String.join(", ", empty));
    return Optional.of(
        String.format(
            Locale.ROOT,
            "Of %,d %s, %s%s%s.",
            rows,
            what,
            unknown,
            unknown.isEmpty() || missing.isEmpty() ? "" : "; ",
            missing));
  }

  private static String have(int count) {
    return count == 1 ? "has" : "have";
  }
}
