package io.ranbiki.report;

import io.ranbiki.report.Svg.Anchor;
import io.ranbiki.report.Svg.Ink;
import io.ranbiki.report.Svg.Rule;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** One row for each thing, with its name on the left and its value in words on the right. */
final class RowChart {

  private static final double WIDTH = 460;
  private static final double ROW = 30;
  private static final double WIDEST_LABEL = 165;
  private static final double GAP = 12;
  private static final int MOST_TICKS = 4;

  /**
   * A value with its intervals.
   *
   * @param label what it is of
   * @param low lower end of the interval that is drawn broad; {@code null} without one
   * @param high its upper end
   * @param outerLow lower end of the interval that is drawn as a line; {@code null} without one
   * @param outerHigh its upper end
   * @param words the value as it is written
   */
  record Row(
      String label,
      int colour,
      double value,
      @Nullable Double low,
      @Nullable Double high,
      @Nullable Double outerLow,
      @Nullable Double outerHigh,
      String words) {

    /** With one interval, drawn as a line. */
    static Row of(String label, int colour, double value, double low, double high, String words) {
      return new Row(label, colour, value, null, null, low, high, words);
    }

    /** Without an interval. */
    static Row of(String label, int colour, double value, String words) {
      return new Row(label, colour, value, null, null, null, null, words);
    }

    private DoubleStream extent() {
      return DoubleStream.concat(
          DoubleStream.of(value), DoubleStream.concat(pair(low, high), pair(outerLow, outerHigh)));
    }

    private static DoubleStream pair(@Nullable Double low, @Nullable Double high) {
      return low == null || high == null ? DoubleStream.empty() : DoubleStream.of(low, high);
    }
  }

  private final Svg svg = new Svg();
  private final List<Row> rows;
  private final Scale scale;
  private final double left;
  private final double right;
  private final double labels;

  private RowChart(List<Row> rows, Scale scale) {
    this.rows = rows;
    this.scale = scale;
    labels = Math.min(WIDEST_LABEL, widest(rows.stream().map(Row::label).toList()));
    left = labels + GAP;
    right = WIDTH - widest(rows.stream().map(Row::words).toList()) - GAP;
  }

  private static double widest(List<String> texts) {
    return texts.stream().mapToDouble(Svg::width).max().orElse(0);
  }

  /**
   * Values with their intervals along a common axis.
   *
   * @param unit what the axis counts
   * @param ticks how a tick is written
   * @param reference the value to which the others are held, marked by a line; {@code null} for
   *     none
   */
  static Chart intervals(
      String id,
      String title,
      String caption,
      String unit,
      DoubleFunction<String> ticks,
      @Nullable Double reference,
      List<Row> rows) {
    DoubleStream ends = rows.stream().flatMapToDouble(Row::extent);
    double[] all =
        (reference == null ? ends : DoubleStream.concat(ends, DoubleStream.of(reference)))
            .toArray();
    RowChart chart =
        new RowChart(
            rows,
            Scale.linear(
                DoubleStream.of(all).min().orElse(0),
                DoubleStream.of(all).max().orElse(1),
                MOST_TICKS));
    chart.axis(unit, ticks);
    if (reference != null) {
      chart.svg.rule(Rule.AXIS, chart.x(reference), 0, chart.x(reference), chart.bottom());
    }
    for (int i = 0; i < rows.size(); i++) {
      chart.interval(rows.get(i), (i + 0.5) * ROW);
    }
    return chart.figure(id, title, caption, chart.bottom() + 40);
  }

  /** Bars that begin at 0. */
  static Chart bars(String id, String title, String caption, List<Row> rows) {
    double largest = rows.stream().mapToDouble(Row::value).max().orElse(1);
    RowChart chart = new RowChart(rows, Scale.linear(0, Math.max(largest, 1e-9), MOST_TICKS));
    chart.svg.rule(Rule.AXIS, chart.left, 0, chart.left, chart.bottom());
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      double y = (i + 0.5) * ROW;
      chart.names(row, y);
      chart.svg.bar(
          row.colour(), chart.left, y - 8, Math.max(1, chart.x(row.value()) - chart.left), 16);
    }
    return chart.figure(id, title, caption, chart.bottom() + 4);
  }

  private double bottom() {
    return rows.size() * ROW;
  }

  private double x(double value) {
    return left + scale.at(value) * (right - left);
  }

  private void axis(String unit, DoubleFunction<String> words) {
    double bottom = bottom();
    for (double tick : scale.ticks()) {
      svg.rule(Rule.GRID, x(tick), 0, x(tick), bottom);
      svg.text(Ink.MUTED, Anchor.MIDDLE, x(tick), bottom + 16, words.apply(tick));
    }
    svg.text(Ink.MUTED, Anchor.MIDDLE, (left + right) / 2, bottom + 34, unit);
  }

  private void names(Row row, double y) {
    String name = Svg.fit(row.label(), labels);
    svg.title(
        name.equals(row.label()) ? "" : row.label(),
        () -> svg.text(Ink.TEXT, Anchor.END, labels, y + 4, name));
    svg.text(Ink.TEXT, Anchor.END, WIDTH, y + 4, row.words());
  }

  private void interval(Row row, double y) {
    names(row, y);
    if (row.low() != null && row.high() != null) {
      svg.band(row.colour(), x(row.low()), x(row.high()), y);
    }
    if (row.outerLow() != null && row.outerHigh() != null) {
      svg.stroke(row.colour(), 2, x(row.outerLow()), y, x(row.outerHigh()), y);
    }
    svg.dot(row.colour(), 4.5, x(row.value()), y, row.label() + ": " + row.words());
  }

  private Chart figure(String id, String title, String caption, double height) {
    return new Chart(id, title, caption, svg.picture(id, title, WIDTH, height), Chart.Width.COLUMN);
  }
}
