package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import java.util.Collection;

/** Checks the names by which outputs and features are asked for. */
final class Layers {

  private Layers() {}

  /**
   * Checks that every wanted name is known.
   *
   * @param what the names are: {@code layer} or {@code output}
   * @throws RanbikiException naming the three nearest
   */
  static void require(
      String title, String what, Collection<String> known, Collection<String> wanted) {
    for (String name : wanted) {
      if (!known.contains(name)) {
        throw RanbikiException.configuration(
            "%s has no %s '%s'; %s.", title, what, name, nearest(known, name));
      }
    }
  }

  private static String nearest(Collection<String> known, String wanted) {
    String names = Words.nearestThree(wanted, known);
    return names.isEmpty() ? "it offers none" : "the nearest are " + names;
  }
}
