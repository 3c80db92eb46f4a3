package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import java.util.List;

/** What architectures of a single input take. */
final class Samples {

  private Samples() {}

  /** Images {@code [channels, height, width]} of one size. */
  static List<Field> images(String architecture, List<Field> offered) {
    requireOneSize(architecture, offered);
    return only(architecture, offered, 3, "images [channels, height, width]");
  }

  /** Rows of numbers. */
  static List<Field> rows(String architecture, List<Field> offered) {
    return only(architecture, offered, 1, "rows of numbers [features]");
  }

  private static void requireOneSize(String architecture, List<Field> offered) {
    if (offered.size() == 1 && offered.get(0).shape().size() == 3 && offered.get(0).varies()) {
      throw RanbikiException.configuration(
          "Architecture '%s' takes images of one size, but those of the data differ in size. Say"
              + " which: prepare: {resize: 32}, beside 'architecture'.",
          architecture);
    }
  }

  private static List<Field> only(
      String architecture, List<Field> offered, int dimensions, String what) {
    boolean fits =
        offered.size() == 1
            && offered.get(0).shape().size() == dimensions
            && !offered.get(0).varies();
    if (!fits) {
      throw RanbikiException.configuration(
          "The architecture '%s' takes %s, but the data has samples of shape %s.",
          architecture, what, offered.size() == 1 ? offered.get(0).shape() : offered);
    }
    return offered;
  }
}
