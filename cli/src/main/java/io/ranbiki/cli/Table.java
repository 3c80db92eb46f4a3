package io.ranbiki.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Rows of cells, the first row naming the columns. */
final class Table {

  /** How a table is written. */
  enum Format {
    /** Columns under each other: the first to the left, the others to the right. */
    TEXT,
    /** Comma-separated values, as RFC 4180 quotes them. */
    CSV,
    /** A table of GitHub's Markdown. */
    MARKDOWN
  }

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
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String space = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? row.get(i) + space : "  " + space + row.get(i));
      }
      out.println(line.toString().stripTrailing());
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
