package io.ranbiki.report;

import io.ranbiki.report.Svg.Anchor;
import io.ranbiki.report.Svg.Ink;
import io.ranbiki.report.Svg.Rule;
import java.util.List;
import java.util.Locale;

/** A square of classes against classes, in which only what differs from 0 is drawn. */
final class HeatMap {

  private static final double WIDEST_LABEL = 110;
  private static final double GAP = 8;

  /** So few classes leave room for another chart. */
  private static final int FEW = 12;

  /**
   * A number.
   *
   * @param row index of its class on the left
   * @param column index of its class at the top
   * @param good whether it is one to be glad of
   * @param title what it says, in words
   */
  record Cell(int row, int column, int value, boolean good, String title) {}

  private HeatMap() {}

  /**
   * Draws.
   *
   * @param rowTitle what the classes on the left are
   * @param columnTitle what the classes at the top are
   */
  static Chart of(
      String id,
      String title,
      String caption,
      String rowTitle,
      String columnTitle,
      List<String> classes,
      List<Cell> cells) {
    Svg svg = new Svg();
    int count = classes.size();
    double size = count <= FEW ? 32 : count <= 20 ? 28 : 24;
    double font = count <= FEW ? 12 : 10;
    double label = Math.min(WIDEST_LABEL, classes.stream().mapToDouble(Svg::width).max().orElse(0));
    double left = Math.max(label, Svg.width(rowTitle + " ↓")) + GAP;
    double slope = Math.max(14, label * 0.72);
    double top = 22 + slope + GAP;
    double end = left + count * size;
    svg.text(Ink.MUTED, Anchor.START, left, 12, columnTitle + " →");
    svg.text(Ink.MUTED, Anchor.START, 0, top - GAP, rowTitle + " ↓");
    for (int i = 0; i <= count; i++) {
      svg.rule(Rule.GRID, left + i * size, top, left + i * size, top + count * size);
      svg.rule(Rule.GRID, left, top + i * size, end, top + i * size);
    }
    for (int i = 0; i < count; i++) {
      String name = classes.get(i);
      String shown = Svg.fit(name, label);
      double middle = (i + 0.5) * size;
      svg.title(
          shown.equals(name) ? "" : name,
          () -> svg.text(Ink.MUTED, Anchor.END, left - GAP, top + middle + 4, shown));
      svg.slanted(left + middle, top - GAP, shown, name);
    }
    int largest = cells.stream().mapToInt(cell -> Math.abs(cell.value())).max().orElse(1);
    for (Cell cell : cells) {
      double x = left + cell.column() * size;
      double y = top + cell.row() * size;
      String background = Palette.change(cell.good(), Math.abs(cell.value()) / (double) largest);
      svg.title(
          cell.title(),
          () -> {
            svg.cell(background, x + 1, y + 1, size - 2);
            svg.textOn(
                background,
                font,
                x + size / 2,
                y + size / 2 + font / 3,
                String.format(Locale.ROOT, "%+d", cell.value()).replace('-', '−'));
          });
    }
    double width = end + slope + GAP;
    return new Chart(
        id,
        title,
        caption,
        svg.picture(id, title, width, top + count * size + 4),
        count <= FEW ? Chart.Width.SCROLLED : Chart.Width.FULL);
  }
}
