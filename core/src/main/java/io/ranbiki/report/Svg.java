package io.ranbiki.report;

import java.util.Locale;
import org.apache.commons.text.StringEscapeUtils;

/**
 * A picture, mark by mark. Colours are attributes, so that the picture stands by itself; every mark
 * has a class as well, by which the style sheet of a page gives it those of the page.
 */
final class Svg {

  /** Where a text is held. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  /** What a text is. */
  enum Ink {
    /** To be read first. */
    TEXT("ink", "#1b2129"),
    /** Of axes and units. */
    MUTED("muted", "#5a6472");

    private final String style;
    private final String colour;

    Ink(String style, String colour) {
      this.style = style;
      this.colour = colour;
    }
  }

  /** Lines that carry no value. */
  enum Rule {
    GRID("grid", "#e4e7eb"),
    AXIS("axis", "#9aa5b1"),
    /** What would be if nothing had changed, or all were well. */
    REFERENCE("axis", "#9aa5b1\" stroke-dasharray=\"4 3");

    private final String style;
    private final String colour;

    Rule(String style, String colour) {
      this.style = style;
      this.colour = colour;
    }
  }

  static final int FONT_SIZE = 12;

  /** Of an average letter of this size, on the wide side. */
  private static final double LETTER = 0.62;

  private final StringBuilder marks = new StringBuilder();

  /** About how wide a text is. */
  static double width(String text) {
    return text.codePointCount(0, text.length()) * LETTER * FONT_SIZE;
  }

  /** The text with its end cut off where it is wider than it may be. */
  static String fit(String text, double width) {
    int most = (int) (width / (LETTER * FONT_SIZE));
    int length = text.codePointCount(0, text.length());
    return length <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, Math.max(1, most - 1))) + "…";
  }

  void rule(Rule rule, double x1, double y1, double x2, double y2) {
    add(
        "<line class=\"%s\" stroke=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>",
        rule.style, rule.colour, number(x1), number(y1), number(x2), number(y2));
  }

  void text(Ink ink, Anchor anchor, double x, double y, String text) {
    text(ink, anchor, FONT_SIZE, "", x, y, text);
  }

  /** A text that rises to the right. */
  void slanted(double x, double y, String text, String whole) {
    String turn =
        String.format(Locale.ROOT, " transform=\"rotate(-45 %s %s)\"", number(x), number(y));
    title(
        whole.equals(text) ? "" : whole,
        () -> text(Ink.MUTED, Anchor.START, FONT_SIZE, turn, x, y, text));
  }

  /** A text on a background of its own, in a colour that can be read there. */
  void textOn(String background, double size, double x, double y, String text) {
    add(
        "<text text-anchor=\"middle\" font-size=\"%s\" fill=\"%s\" x=\"%s\" y=\"%s\">%s</text>",
        number(size), Palette.textOn(background), number(x), number(y), escape(text));
  }

  private void text(
      Ink ink, Anchor anchor, double size, String more, double x, double y, String text) {
    add(
        "<text class=\"%s\" fill=\"%s\"%s%s%s x=\"%s\" y=\"%s\">%s</text>",
        ink.style,
        ink.colour,
        anchor == Anchor.START
            ? ""
            : " text-anchor=\"" + anchor.name().toLowerCase(Locale.ROOT) + "\"",
        size == FONT_SIZE ? "" : " font-size=\"" + number(size) + "\"",
        more,
        number(x),
        number(y),
        escape(text));
  }

  /** A line of a series that stands for an interval. */
  void stroke(int colour, double strength, double x1, double y1, double x2, double y2) {
    add(
        "<line class=\"s%d\" stroke=\"%s\" stroke-width=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\""
            + " y2=\"%s\"/>",
        Math.floorMod(colour, Palette.count()),
        Palette.series(colour),
        number(strength),
        number(x1),
        number(y1),
        number(x2),
        number(y2));
  }

  /** A broad pale line of a series. */
  void band(int colour, double x1, double x2, double y) {
    add(
        "<line class=\"s%d\" stroke=\"%s\" stroke-width=\"8\" stroke-opacity=\"0.35\" x1=\"%s\""
            + " y1=\"%s\" x2=\"%s\" y2=\"%s\"/>",
        Math.floorMod(colour, Palette.count()),
        Palette.series(colour),
        number(x1),
        number(y),
        number(x2),
        number(y));
  }

  /** A line through points, given as {@code x y x y ...}. */
  void path(int colour, double... points) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < points.length; i += 2) {
      path.append(i == 0 ? 'M' : 'L').append(number(points[i])).append(' ');
      path.append(number(points[i + 1]));
    }
    add(
        "<path class=\"s%d\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" d=\"%s\"/>",
        Math.floorMod(colour, Palette.count()), Palette.series(colour), path);
  }

  /**
   * A point.
   *
   * @param title what is said where a pointer rests on it; empty for nothing
   */
  void dot(int colour, double radius, double x, double y, String title) {
    title(
        title,
        () ->
            add(
                "<circle class=\"f%d\" fill=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"/>",
                Math.floorMod(colour, Palette.count()),
                Palette.series(colour),
                number(x),
                number(y),
                number(radius)));
  }

  void bar(int colour, double x, double y, double width, double height) {
    add(
        "<rect class=\"f%d\" fill=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"2\"/>",
        Math.floorMod(colour, Palette.count()),
        Palette.series(colour),
        number(x),
        number(y),
        number(width),
        number(height));
  }

  void cell(String background, double x, double y, double size) {
    add(
        "<rect fill=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>",
        background, number(x), number(y), number(size), number(size));
  }

  /** Marks with a sentence that is said where a pointer rests on them. */
  void title(String title, Runnable marks) {
    if (title.isEmpty()) {
      marks.run();
      return;
    }
    add("<g><title>%s</title>", escape(title));
    marks.run();
    add("</g>");
  }

  /** The whole picture. */
  String picture(String id, String title, double width, double height) {
    String size = number(width) + "\" height=\"" + number(height);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\""
        + id
        + "\" role=\"img\" aria-label=\""
        + escape(title)
        + "\" viewBox=\"0 0 "
        + number(width)
        + " "
        + number(height)
        + "\" width=\""
        + size
        + "\" font-family=\"system-ui, sans-serif\" font-size=\""
        + FONT_SIZE
        + "\"><rect class=\"paper\" fill=\"#ffffff\" width=\""
        + size
        + "\"/>"
        + marks
        + "</svg>";
  }

  private void add(String format, Object... values) {
    marks.append(String.format(Locale.ROOT, format, values));
  }

  private static String escape(String text) {
    return StringEscapeUtils.escapeXml11(text);
  }

  /** With at most two decimals. */
  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    text = text.replaceAll("\\.?0+$", "");
    return text.isEmpty() || text.equals("-0") || text.equals("-") ? "0" : text;
  }
}
