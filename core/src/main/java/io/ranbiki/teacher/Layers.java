package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import java.util.Collection;
import java.util.Comparator;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Checks the names by which outputs and features are asked for. */
final class Layers {

  private static final int LONGEST = 200; // comparing names takes time by the square of this

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
            "%s has no %s '%s'; %s", title, what, name, nearest(known, name));
      }
    }
  }

  private static String nearest(Collection<String> known, String wanted) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    String names =
        known.stream()
            .filter(name -> name.length() <= LONGEST)
            .sorted(Comparator.comparingInt(name -> distance.apply(name, wanted)))
            .limit(3)
            .map(name -> "'" + name + "'")
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "it offers none" : "the nearest are " + names;
  }
}
