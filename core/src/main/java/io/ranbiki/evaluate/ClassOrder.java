package io.ranbiki.evaluate;

import io.ranbiki.evaluate.Confusion.Cell;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * The renaming of a teacher's classes under which it is most often right: largest counts of its
 * confusion first, no class twice. A teacher that knows its task but not the order of the classes
 * is wrong as it stands and right under this renaming.
 *
 * <p>A single error looks like a renaming, too. So the first sample of each renamed class only
 * shows the renaming, and the others must confirm it: more of them than a teacher in the right
 * order would get wrong in just this way.
 */
final class ClassOrder {

  private static final double RIGHT_WHEN_RENAMED = 0.5;
  private static final double RIGHT_AS_IT_STANDS = 0.25;
  private static final int PAIRS_IN_MESSAGE = 8;

  /** The largest share of a class that a teacher in the right order takes for one other class. */
  private static final double CONFUSED = 1.0 / 3;

  /** Among so many teachers in the right order, one may be taken for one in another. */
  private static final double ONE_IN = 100;

  /** Classes that a renaming exchanges among themselves: the teacher's class by the data's. */
  private record Exchange(
      Map<Integer, Integer> predictionOf, int samples, int predictions, int right, int renamed) {

    static Exchange of(Map<Integer, Integer> predictionOf, Confusion confusion) {
      int samples = 0;
      int predictions = 0;
      int right = 0;
      int renamed = 0;
      for (Map.Entry<Integer, Integer> pair : predictionOf.entrySet()) {
        samples += confusion.ofLabel(pair.getKey());
        predictions += confusion.ofPrediction(pair.getValue());
        right += confusion.count(pair.getKey(), pair.getKey());
        renamed += confusion.count(pair.getKey(), pair.getValue());
      }
      return new Exchange(predictionOf, samples, predictions, right, renamed);
    }

    /**
     * Whether the classes are mostly wrong as they stand and mostly right renamed: most of their
     * samples are found, and most of what is taken for them is them. A teacher that gives
     * everything the same class does only the former.
     */
    boolean looksRenamed() {
      return renamed >= RIGHT_WHEN_RENAMED * Math.max(samples, predictions)
          && right <= RIGHT_AS_IT_STANDS * renamed;
    }

    /** Whether that is no accident, having looked at so many classes. */
    boolean isCertain(int classes) {
      int testing = Math.max(samples, predictions) - predictionOf.size();
      int confirming = renamed - predictionOf.size();
      return confirming > 0
          && BinomialDistribution.of(testing, CONFUSED).survivalProbability(confirming - 1)
                  * classes
                  * ONE_IN
              <= 1;
    }
  }

  private final Set<Integer> suspects = new TreeSet<>();
  private final List<Exchange> certain = new ArrayList<>();
  private final List<Exchange> unsure = new ArrayList<>();

  /** Finds the renaming. */
  ClassOrder(Confusion confusion) {
    Map<Integer, Integer> predictionOf = renaming(confusion);
    predictionOf.forEach(
        (label, prediction) -> {
          suspects.add(label);
          suspects.add(prediction);
        });
    List<Exchange> renamed =
        exchanges(predictionOf).stream()
            .map(exchange -> Exchange.of(exchange, confusion))
            .filter(Exchange::looksRenamed)
            .toList();
    Map<Integer, Integer> together = new TreeMap<>();
    renamed.forEach(exchange -> together.putAll(exchange.predictionOf));
    int classes = confusion.classes();
    boolean all = Exchange.of(together, confusion).isCertain(classes);
    renamed.forEach(
        exchange -> (all || exchange.isCertain(classes) ? certain : unsure).add(exchange));
  }

  private static Map<Integer, Integer> renaming(Confusion confusion) {
    List<Cell> cells =
        confusion.cells().stream()
            .sorted(
                Comparator.comparingInt((Cell cell) -> -cell.count())
                    .thenComparing(cell -> !cell.isRight())
                    .thenComparing(Cell::label)
                    .thenComparing(Cell::prediction))
            .toList();
    Map<Integer, Integer> predictionOf = new TreeMap<>();
    Set<Integer> labels = new HashSet<>();
    Set<Integer> predictions = new HashSet<>();
    for (Cell cell : cells) {
      if (!labels.contains(cell.label()) && !predictions.contains(cell.prediction())) {
        labels.add(cell.label());
        predictions.add(cell.prediction());
        if (!cell.isRight()) {
          predictionOf.put(cell.label(), cell.prediction());
        }
      }
    }
    return predictionOf;
  }

  /** The parts of a renaming that have nothing to do with each other: its cycles and chains. */
  private static List<Map<Integer, Integer>> exchanges(Map<Integer, Integer> predictionOf) {
    List<Map<Integer, Integer>> exchanges = new ArrayList<>();
    Set<Integer> done = new HashSet<>();
    Set<Integer> inside = new HashSet<>(predictionOf.values());
    // Chains from their beginnings, and then the cycles, which have none.
    Stream.concat(
            predictionOf.keySet().stream().filter(label -> !inside.contains(label)),
            predictionOf.keySet().stream())
        .forEach(
            first -> {
              Map<Integer, Integer> exchange = new TreeMap<>();
              Integer label = first;
              while (predictionOf.containsKey(label) && done.add(label)) {
                exchange.put(label, predictionOf.get(label));
                label = predictionOf.get(label);
              }
              if (!exchange.isEmpty()) {
                exchanges.add(exchange);
              }
            });
    return exchanges;
  }

  /**
   * The classes of teacher and data that the renaming touches: more samples of them may settle it.
   */
  Set<Integer> suspects() {
    return suspects;
  }

  /** Whether some classes stand in another order. */
  boolean isMismatched() {
    return !certain.isEmpty();
  }

  /** Whether some classes look as if they did, and have too few samples to tell. */
  boolean isUnsure() {
    return !unsure.isEmpty();
  }

  /** By how many right answers the renaming gains. */
  int gain() {
    return certain.stream().mapToInt(exchange -> exchange.renamed - exchange.right).sum();
  }

  /** The samples of the classes of which nothing can be told. */
  int unsureSamples() {
    return unsure.stream().mapToInt(Exchange::samples).sum();
  }

  /** The renaming in words, such as {@code its 3 is the data's 5 (sandal)}. */
  String words(List<String> names) {
    return words(certain, names);
  }

  /** What may be one, in the same words. */
  String unsureWords(List<String> names) {
    return words(unsure, names);
  }

  private static String words(List<Exchange> exchanges, List<String> names) {
    Map<Integer, Integer> labelOf = new TreeMap<>();
    exchanges.forEach(
        exchange -> exchange.predictionOf.forEach((label, own) -> labelOf.put(own, label)));
    String shown =
        labelOf.entrySet().stream()
            .limit(PAIRS_IN_MESSAGE)
            .map(
                pair ->
                    String.format(
                        Locale.ROOT, "its %d is the data's %s", pair.getKey(), label(pair, names)))
            .collect(Collectors.joining(", "));
    int more = labelOf.size() - PAIRS_IN_MESSAGE;
    return more > 0 ? shown + String.format(Locale.ROOT, " and %d more", more) : shown;
  }

  private static String label(Map.Entry<Integer, Integer> pair, List<String> names) {
    int label = pair.getValue();
    boolean telling = label < names.size() && !names.get(label).equals(Integer.toString(label));
    return telling
        ? String.format(Locale.ROOT, "%d (%s)", label, names.get(label))
        : Integer.toString(label);
  }
}
