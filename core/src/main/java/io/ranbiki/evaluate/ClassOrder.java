package io.ranbiki.evaluate;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The renaming of a teacher's classes under which it is most often right: largest counts of its
 * confusion matrix first, no class twice. A teacher that knows its task but not the order of the
 * classes is wrong as it stands and right under this renaming.
 */
final class ClassOrder {

  private static final int FEWEST_SAMPLES = 10;
  private static final double RIGHT_WHEN_RENAMED = 0.5;
  private static final double RIGHT_AS_IT_STANDS = 0.25;
  private static final int PAIRS_IN_MESSAGE = 8;

  private final Map<Integer, Integer> renamed = new TreeMap<>();
  private final int samples;
  private final int right;
  private final int rightRenamed;

  /**
   * Finds the renaming.
   *
   * @param confusion {@code [label][prediction]} counts of samples
   */
  ClassOrder(int[][] confusion) {
    int classes = confusion.length;
    List<int[]> cells =
        IntStream.range(0, classes * classes)
            .mapToObj(i -> new int[] {i / classes, i % classes})
            .filter(cell -> confusion[cell[0]][cell[1]] > 0)
            .sorted(Comparator.comparingInt(cell -> -confusion[cell[0]][cell[1]]))
            .toList();
    Map<Integer, Integer> predictionOf = new LinkedHashMap<>();
    for (int[] cell : cells) {
      if (!predictionOf.containsKey(cell[0]) && !predictionOf.containsValue(cell[1])) {
        predictionOf.put(cell[0], cell[1]);
      }
    }
    int samplesOfRenamed = 0;
    int rightOfRenamed = 0;
    int rightUnderRenaming = 0;
    for (Map.Entry<Integer, Integer> pair : predictionOf.entrySet()) {
      int label = pair.getKey();
      if (pair.getValue() != label) {
        renamed.put(pair.getValue(), label);
        samplesOfRenamed += IntStream.of(confusion[label]).sum();
        rightOfRenamed += confusion[label][label];
        rightUnderRenaming += confusion[label][pair.getValue()];
      }
    }
    samples = samplesOfRenamed;
    right = rightOfRenamed;
    rightRenamed = rightUnderRenaming;
  }

  /** Whether the renamed classes are mostly wrong as they stand and mostly right renamed. */
  boolean isMismatched() {
    return samples >= FEWEST_SAMPLES
        && rightRenamed >= RIGHT_WHEN_RENAMED * samples
        && right <= RIGHT_AS_IT_STANDS * rightRenamed;
  }

  /** By how many right answers the renaming gains. */
  int gain() {
    return rightRenamed - right;
  }

  /** The renaming in words, such as {@code its 3 is the data's 5 (sandal)}. */
  String words(List<String> names) {
    String shown =
        renamed.entrySet().stream()
            .limit(PAIRS_IN_MESSAGE)
            .map(pair -> "its %d is the data's %s".formatted(pair.getKey(), label(pair, names)))
            .collect(Collectors.joining(", "));
    int more = renamed.size() - PAIRS_IN_MESSAGE;
    return more > 0 ? shown + " and %d more".formatted(more) : shown;
  }

  private static String label(Map.Entry<Integer, Integer> pair, List<String> names) {
    int label = pair.getValue();
    boolean telling = label < names.size() && !names.get(label).equals(Integer.toString(label));
    return telling ? "%d (%s)".formatted(label, names.get(label)) : Integer.toString(label);
  }
}
