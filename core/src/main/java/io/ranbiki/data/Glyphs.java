package io.ranbiki.data;

import java.util.ArrayList;
import java.util.List;

/** How people write the ten digits: several styles of each, as strokes through a few points. */
final class Glyphs {

  /**
   * The path of the pen from touching the paper to leaving it.
   *
   * @param points {@code [points][2]}, x to the right and y down, 0 to 100
   * @param smooth whether the pen goes through the points in a curve or in straight lines
   */
  record Stroke(double[][] points, boolean smooth) {}

  /** Styles are apart by semicolons, strokes by bars; {@code ~} begins a curve, {@code -} lines. */
  private static final String[] STYLES = {
    "~50,5 25,18 18,50 26,82 50,95 75,82 82,50 74,18 50,5"
        + ";~58,8 34,14 22,46 28,84 52,94 72,78 76,40 66,14 46,10"
        + ";~44,6 22,30 24,72 46,95 72,76 76,36 60,8 40,8 34,16"
        + ";~52,4 34,20 30,50 36,84 52,96 66,82 70,50 64,20 52,4",
    "-52,5 50,95"
        + ";-30,26 54,6 52,95"
        + ";-34,24 53,7 52,92|-30,93 74,92"
        + ";-64,5 42,95"
        + ";~36,24 48,16 56,5|-56,5 54,95",
    "~22,28 36,8 62,6 76,24 66,48 42,72 20,93|-20,93 82,91"
        + ";~22,25 44,6 73,18 68,48 38,80 22,88 24,76 46,84 82,92"
        + ";-22,11 74,9 22,91 80,92"
        + ";~26,20 50,5 70,20 64,44 40,70 24,92|~24,92 44,84 62,92 80,86",
    "~22,14 50,5 74,18 66,38 44,46 70,54 78,74 54,95 22,86"
        + ";-24,8 74,8 46,41|~46,41 72,50 77,76 52,95 22,85"
        + ";~26,10 60,6 70,24 60,42 38,48|~38,48 66,52 74,72 58,92 24,92"
        + ";~20,20 44,4 70,14 68,36 48,47 50,47 76,60 72,86 46,96 20,82",
    "-30,8 22,56 82,54|-64,26 62,95"
        + ";-62,6 18,66 84,64|-62,6 60,95"
        + ";~26,8 24,42 38,55 76,48|-76,8 68,95"
        + ";-36,6 24,50 74,52|-72,10 66,60 62,95"
        + ";-60,95 62,5 20,62 80,60",
    "-74,8 32,9 27,44|~27,44 56,38 78,60 68,88 42,95 20,84"
        + ";-34,10 30,46|~30,46 60,40 78,64 62,92 22,88|-34,10 78,8"
        + ";~76,10 42,7 28,28 45,46 72,62 66,88 24,89"
        + ";~70,12 40,12 34,40 60,42 74,62 64,88 40,94 24,80",
    "~70,8 42,22 24,56 30,86 55,95 76,78 68,56 44,54 26,72"
        + ";~56,5 32,42 22,74 40,95 66,90 70,66 48,57 26,72"
        + ";~62,6 36,30 26,66 36,92 62,92 72,74 58,60 38,66 30,80"
        + ";-48,5 28,62|~28,62 30,90 54,96 72,80 62,62 42,62 28,76",
    "-20,10 80,9 42,95"
        + ";-20,10 80,10 44,95|-32,53 74,50"
        + ";~18,18 24,10 52,13 80,8|~80,8 60,46 48,95"
        + ";-20,26 22,9 80,8 46,95"
        + ";~22,12 50,8 76,12 62,40 52,68 50,95",
    "~72,18 50,5 28,20 40,42 66,58 74,80 50,95 26,80 36,58 62,42 72,18"
        + ";~50,5 30,16 32,38 50,47 70,38 70,16 50,5|~50,47 25,62 27,88 50,95 75,88 75,62 50,47"
        + ";~66,10 40,8 34,28 58,48 70,74 52,95 30,82 38,58 68,30 72,12"
        + ";~58,48 32,34 38,8 62,8 68,28 48,46 28,70 36,94 64,93 72,70 52,46",
    "~72,22 50,5 28,20 30,42 52,50 72,32|-73,20 66,95"
        + ";~74,26 52,6 28,22 36,48 62,46 74,26 76,60 60,92 30,90"
        + ";~70,18 46,6 28,26 38,48 64,42 70,18|~70,18 72,46 64,74 62,96"
        + ";~66,12 40,10 30,32 48,48 70,30 68,14 64,50 44,95",
  };

  private static final List<List<List<Stroke>>> DIGITS = parse();

  private Glyphs() {}

  /** The styles of a digit, each a list of strokes. */
  static List<List<Stroke>> styles(int digit) {
    return DIGITS.get(digit);
  }

  private static List<List<List<Stroke>>> parse() {
    List<List<List<Stroke>>> digits = new ArrayList<>();
    for (String styles : STYLES) {
      List<List<Stroke>> digit = new ArrayList<>();
      for (String style : styles.split(";")) {
        List<Stroke> strokes = new ArrayList<>();
        for (String stroke : style.split("\\|")) {
          String[] words = stroke.substring(1).split(" ");
          double[][] points = new double[words.length][2];
          for (int i = 0; i < words.length; i++) {
            int comma = words[i].indexOf(',');
            points[i][0] = Double.parseDouble(words[i].substring(0, comma));
            points[i][1] = Double.parseDouble(words[i].substring(comma + 1));
          }
          strokes.add(new Stroke(points, stroke.charAt(0) == '~'));
        }
        digit.add(strokes);
      }
      digits.add(digit);
    }
    return digits;
  }
}
