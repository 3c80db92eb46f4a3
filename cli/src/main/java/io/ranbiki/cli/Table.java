package io.ranbiki.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows of cells, the first row naming the columns. */
final class Table {

  /** How a table is written. */
  enum Format {
    /**
     * Columns under each other: the first to the left, the others to the right. Where that is wider
     * than {@link #WIDTH}, the first cell of a row has a line of its own, and where that does not
     * help, every cell has.
     */
    TEXT,
    /** Comma-separated values, as RFC 4180 quotes them. */
    CSV,
    /** A table of GitHub's Markdown. */
    MARKDOWN
  }

  /** Columns of the screen that a table is made for. */
  static final int WIDTH = 80;

  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  Table(String... columns) {
    rows.add(List.of(columns));
  }

  void add(String... cells) {
    rows.add(List.of(cells));
  }

  void print(Format format, PrintWriter out) {
    switch (format) {
      case TEXT -> text(out);
      case CSV ->
          rows.forEach(
              row -> out.println(row.stream().map(Table::quoted).collect(Collectors.joining(","))));
      case MARKDOWN -> markdown(out);
    }
    out.flush();
  }

  private void text(PrintWriter out) {
    int columns = rows.get(0).size();
    int[] widths = IntStream.range(0, columns).map(this::width).toArray();
    int others = IntStream.of(widths).sum() - widths[0] + GAP.length() * (columns - 1);
    if (widths[0] + others <= WIDTH) {
      rows.forEach(row -> out.println(line(row, widths)));
    } else if (others <= WIDTH) {
      widths[0] = 0;
      for (List<String> row : rows) {
        List<String> rest = new ArrayList<>(row);
        rest.set(0, "");
        out.println(row.get(0));
        out.println(line(rest, widths));
      }
    } else {
      oneByOne(out);
    }
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String space = " ".repeat(widths[i] - row.get(i).length());
      line.append(i == 0 ? row.get(i) + space : GAP + space + row.get(i));
    }
    return line.toString().stripTrailing();
  }

  private void oneByOne(PrintWriter out) {
    List<String> names = rows.get(0);
    int longest = names.stream().mapToInt(String::length).max().orElse(0);
    for (List<String> row : rows.subList(1, rows.size())) {
      out.println(row.get(0));
      for (int i = 1; i < names.size(); i++) {
        String space = " ".repeat(longest - names.get(i).length());
        out.println(GAP + names.get(i) + space + GAP + row.get(i));
      }
    }
  }

  private static String quoted(String cell) {
    return cell.matches("[^\",\r\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }

  private void markdown(PrintWriter out) {
    for (int i = 0; i < rows.size(); i++) {
      out.println(
          rows.get(i).stream()
              .map(cell -> cell.replace("|", "\\|"))
              .collect(Collectors.joining(" | ", "| ", " |")));
      if (i == 0) {
        out.println("|" + "---|".repeat(rows.get(0).size()));
      }
    }
  }
}
