package io.ranbiki.report;

import io.ranbiki.report.Svg.Anchor;
import io.ranbiki.report.Svg.Ink;
import io.ranbiki.report.Svg.Rule;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Values over other values: lines, or points with their intervals. */
final class XyChart {

  private static final double WIDTH = 460;
  private static final double PLOT_HEIGHT = 230;
  private static final double RIGHT = 24;
  private static final double LEGEND_LINE = 20;
  private static final int MOST_TICKS = 6;

  /** From here on a line has no point at every value. */
  private static final int MANY = 60;

  /**
   * What an axis means.
   *
   * @param title with its unit
   * @param words how a tick is written
   */
  record Axis(String title, DoubleFunction<String> words) {}

  /**
   * A value.
   *
   * @param low lower end of its interval; {@code null} without one
   * @param high upper end
   * @param label what is written beside it; empty for nothing
   */
  record Point(double x, double y, @Nullable Double low, @Nullable Double high, String label) {
    static Point of(double x, double y) {
      return new Point(x, y, null, null, "");
    }

    private DoubleStream extent() {
      return low == null || high == null ? DoubleStream.of(y) : DoubleStream.of(low, y, high);
    }
  }

  /** Values that belong together. */
  record Series(String name, int colour, List<Point> points) {}

  private final Svg svg = new Svg();
  private final List<Series> series;
  private final Scale x;
  private final Scale y;
  private final double top;
  private final double left;

  private XyChart(List<Series> series, boolean named, Axis xAxis, Axis yAxis, Scale x, Scale y) {
    this.series = series;
    this.x = x;
    this.y = y;
    double widest =
        y.ticks().stream().mapToDouble(t -> Svg.width(yAxis.words().apply(t))).max().orElse(0);
    left = 10 + widest;
    top = (named ? legend() : 0) + 24;
    axes(xAxis, yAxis);
  }

  /** Lines over whole numbers, such as epochs. */
  static Chart lines(
      String id, String title, String caption, Axis xAxis, Axis yAxis, List<Series> series) {
    int first = (int) all(series).mapToDouble(Point::x).min().orElse(0);
    int last = (int) all(series).mapToDouble(Point::x).max().orElse(1);
    XyChart chart =
        new XyChart(
            series, true, xAxis, yAxis, Scale.whole(first, last, MOST_TICKS), yScale(series));
    series.forEach(chart::line);
    return chart.figure(id, title, caption);
  }

  /**
   * Lines of shares over shares.
   *
   * @param diagonal whether the two are to be equal
   */
  static Chart shares(
      String id,
      String title,
      String caption,
      boolean diagonal,
      Axis xAxis,
      Axis yAxis,
      List<Series> series) {
    Scale scale = Scale.linear(0, 1, 5);
    XyChart chart = new XyChart(series, true, xAxis, yAxis, scale, scale);
    if (diagonal) {
      chart.svg.rule(Rule.REFERENCE, chart.x(0), chart.y(0), chart.x(1), chart.y(1));
    }
    series.forEach(chart::line);
    return chart.figure(id, title, caption);
  }

  /** Points over factors, each with its interval and its name beside it. */
  static Chart points(
      String id, String title, String caption, Axis xAxis, Axis yAxis, List<Series> series) {
    double least = all(series).mapToDouble(Point::x).min().orElse(1);
    double largest = all(series).mapToDouble(Point::x).max().orElse(1);
    XyChart chart =
        new XyChart(series, false, xAxis, yAxis, Scale.logarithmic(least, largest), yScale(series));
    series.forEach(one -> one.points().forEach(point -> chart.point(one, point)));
    return chart.figure(id, title, caption);
  }

  private static Stream<Point> all(List<Series> series) {
    return series.stream().flatMap(one -> one.points().stream());
  }

  private static Scale yScale(List<Series> series) {
    double[] values = all(series).flatMapToDouble(Point::extent).toArray();
    return Scale.linear(
        DoubleStream.of(values).min().orElse(0),
        DoubleStream.of(values).max().orElse(1),
        MOST_TICKS);
  }

  private double x(double value) {
    return left + x.at(value) * (WIDTH - left - RIGHT);
  }

  private double y(double value) {
    return top + (1 - y.at(value)) * PLOT_HEIGHT;
  }

  /** Names of the series at the top; gives the height that they take. */
  private double legend() {
    if (series.size() < 2) {
      return 0;
    }
    double at = 0;
    double line = 0;
    for (Series one : series) {
      String name = Svg.fit(one.name(), WIDTH - 40);
      double width = 22 + Svg.width(name) + 14;
      if (at > 0 && at + width > WIDTH) {
        at = 0;
        line += LEGEND_LINE;
      }
      svg.path(one.colour(), at, line + 8, at + 16, line + 8);
      svg.text(Ink.TEXT, Anchor.START, at + 22, line + 12, name);
      at += width;
    }
    return line + LEGEND_LINE;
  }

  private void axes(Axis xAxis, Axis yAxis) {
    double bottom = top + PLOT_HEIGHT;
    svg.text(Ink.MUTED, Anchor.START, 0, top - 12, yAxis.title());
    for (double tick : y.ticks()) {
      svg.rule(Rule.GRID, left, y(tick), WIDTH - RIGHT, y(tick));
      svg.text(Ink.MUTED, Anchor.END, left - 6, y(tick) + 4, yAxis.words().apply(tick));
    }
    svg.rule(Rule.AXIS, left, bottom, WIDTH - RIGHT, bottom);
    for (double tick : x.ticks()) {
      svg.rule(Rule.AXIS, x(tick), bottom, x(tick), bottom + 4);
      svg.text(Ink.MUTED, Anchor.MIDDLE, x(tick), bottom + 18, xAxis.words().apply(tick));
    }
    svg.text(Ink.MUTED, Anchor.END, WIDTH - RIGHT, bottom + 36, xAxis.title());
  }

  private void line(Series one) {
    double[] path =
        one.points().stream().flatMapToDouble(p -> DoubleStream.of(x(p.x()), y(p.y()))).toArray();
    svg.path(one.colour(), path);
    if (one.points().size() <= MANY) {
      one.points().forEach(p -> svg.dot(one.colour(), 3, x(p.x()), y(p.y()), p.label()));
    }
  }

  private void point(Series one, Point point) {
    double at = x(point.x());
    if (point.low() != null && point.high() != null) {
      svg.stroke(one.colour(), 2, at, y(point.low()), at, y(point.high()));
    }
    svg.dot(one.colour(), 4.5, at, y(point.y()), "");
    boolean right = at > (left + WIDTH) / 2;
    svg.text(
        Ink.TEXT,
        right ? Anchor.END : Anchor.START,
        at + (right ? -9 : 9),
        y(point.y()) + 4,
        Svg.fit(point.label(), (WIDTH - left) / 2));
  }

  private Chart figure(String id, String title, String caption) {
    return new Chart(
        id,
        title,
        caption,
        svg.picture(id, title, WIDTH, top + PLOT_HEIGHT + 42),
        Chart.Width.COLUMN);
  }
}
