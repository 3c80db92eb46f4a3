package io.ranbiki.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** How names and values are put into a message. */
public final class Words {

  private static final int LONGEST = 60;
  private static final int MOST_CLASSES = 8;

  /** Paths of layers are long; what is longer than this is none that anybody typed. */
  private static final int LONGEST_NAME = 200;

  private Words() {}

  /** The text on one line, cut where it would drown the message. */
  public static String shorten(String text) {
    String start = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    return start.replaceAll("\\p{Cntrl}+", " ");
  }

  /** The names of classes for a message, of which a long list would drown it. */
  public static String classes(List<String> names) {
    String shown =
        names.stream()
            .limit(MOST_CLASSES)
            .map(name -> "'" + shorten(name) + "'")
            .collect(Collectors.joining(", "));
    int more = names.size() - MOST_CLASSES;
    return (names.size() == 1 ? "the class " : "the classes ")
        + shown
        + (more > 0 ? " and " + more + " more" : "");
  }

  /**
   * The name that was probably meant: at most one change in three characters away, at least two.
   */
  public static Optional<String> nearest(String typed, Collection<String> known) {
    int allowed = Math.max(2, typed.length() / 3);
    if (typed.length() > LONGEST) {
      return Optional.empty();
    }
    LevenshteinDistance distance = new LevenshteinDistance(allowed);
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (String name : known) {
      int changes = distance.apply(typed, name);
      // A short name is within two changes of almost anything; it has to share a letter at least.
      if (changes >= 0 && changes < bestDistance && changes < name.length()) {
        best = name;
        bestDistance = changes;
      }
    }
    return Optional.ofNullable(best);
  }

  /** What to say after naming something unknown: the nearest known name, or all of them. */
  public static String instead(String typed, Collection<String> known) {
    return nearest(typed, known)
        .map(name -> "did you mean '" + name + "'?")
        .orElseGet(() -> "choose one of " + String.join(", ", known) + ".");
  }

  /** The nearest three of the known names, each quoted: {@code 'a', 'b', 'c'}; empty if none. */
  public static String nearestThree(String typed, Collection<String> known) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return known.stream()
        .filter(name -> !name.isEmpty() && name.length() <= LONGEST_NAME)
        .sorted(Comparator.comparingInt(name -> distance.apply(name, typed)))
        .limit(3)
        .map(name -> "'" + name + "'")
        .collect(Collectors.joining(", "));
  }
}
