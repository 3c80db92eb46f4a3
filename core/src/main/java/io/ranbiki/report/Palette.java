package io.ranbiki.report;

import java.util.List;
import java.util.Locale;

/** The colours of figures on white, and what can be read on which. */
final class Palette {

  /** Of models and runs; each can be told from the others by most eyes, and read on white. */
  private static final List<String> SERIES =
      List.of(
          "#52606d", "#a65200", "#0b7a6e", "#1f55d6", "#7a3fc4", "#b3246b", "#4c7310", "#0a6e99");

  private static final int[] GOOD = {0xdbe6fb, 0x1f4fbf};
  private static final int[] BAD = {0xfbe3d8, 0xa93a0c};
  private static final String BLACK = "#000000";
  private static final String WHITE = "#ffffff";

  private Palette() {}

  /** How many colours there are, before they come again. */
  static int count() {
    return SERIES.size();
  }

  /** The colour of a series, as {@code #rrggbb}. */
  static String series(int colour) {
    return SERIES.get(Math.floorMod(colour, SERIES.size()));
  }

  /**
   * The background of a change.
   *
   * @param strength how large it is, 0 to 1
   */
  static String change(boolean good, double strength) {
    int[] ends = good ? GOOD : BAD;
    int colour = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = ends[0] >> shift & 0xff;
      int to = ends[1] >> shift & 0xff;
      colour |= (int) Math.round(from + strength * (to - from)) << shift;
    }
    return String.format(Locale.ROOT, "#%06x", colour);
  }

  /** Black or white, whichever can be read better on a background. */
  static String textOn(String background) {
    return contrast(WHITE, background) > contrast(BLACK, background) ? WHITE : BLACK;
  }

  /**
   * How well one colour can be read on another, 1 to 21; from 4.5 on it is well enough. Source: Web
   * Content Accessibility Guidelines 2.2, "contrast ratio".
   */
  static double contrast(String one, String other) {
    double first = luminance(one);
    double second = luminance(other);
    return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
  }

  private static double luminance(String colour) {
    int rgb = Integer.parseInt(colour.substring(1), 16);
    return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
  }

  private static double linear(int channel) {
    double value = (channel & 0xff) / 255.0;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }
}
