package io.ranbiki.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Where values lie on an axis.
 *
 * @param low value at the beginning, below {@code high}
 * @param high value at the end
 * @param logarithmic whether equal factors are equally far apart
 * @param ticks values to be written beside the axis, ascending
 */
record Scale(double low, double high, boolean logarithmic, List<Double> ticks) {

  private static final double[] ROUND = {1, 2, 5, 10};

  /**
   * An axis that begins and ends at round values.
   *
   * @param most about how many ticks there may be
   */
  static Scale linear(double least, double largest, int most) {
    double margin = largest > least ? 0 : Math.max(Math.abs(least) * 0.1, 1e-3);
    double step = step((largest - least + 2 * margin) / most);
    double first = Math.floor((least - margin) / step + 1e-9);
    double last = Math.ceil((largest + margin) / step - 1e-9);
    List<Double> ticks = new ArrayList<>();
    for (double tick = first; tick <= last + 1e-9; tick++) {
      ticks.add(tick * step);
    }
    return new Scale(first * step, last * step, false, List.copyOf(ticks));
  }

  /** An axis of whole numbers, such as epochs, that ends where they end. */
  static Scale whole(int first, int last, int most) {
    int step = (int) Math.max(1, step((last - first) / (double) most));
    List<Double> ticks = new ArrayList<>();
    for (int tick = first + Math.floorMod(-first, step); tick <= last; tick += step) {
      ticks.add((double) tick);
    }
    return new Scale(first, Math.max(last, first + 1), false, List.copyOf(ticks));
  }

  /** An axis of factors; both values are above 0. */
  static Scale logarithmic(double least, double largest) {
    double low = least / 1.6;
    double high = largest * 1.6;
    List<Double> ticks = new ArrayList<>();
    for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (double factor : high / low > 300 ? new double[] {1} : new double[] {1, 3}) {
        double tick = factor * Math.pow(10, power);
        if (tick >= low && tick <= high) {
          ticks.add(tick);
        }
      }
    }
    return new Scale(low, high, true, List.copyOf(ticks));
  }

  /** 0 at the beginning of the axis to 1 at its end. */
  double at(double value) {
    return logarithmic
        ? Math.log(value / low) / Math.log(high / low)
        : (value - low) / (high - low);
  }

  private static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(Math.max(least, 1e-12))));
    for (double factor : ROUND) {
      if (factor * power >= least * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }
}
