package io.ranbiki.run;

import io.ranbiki.data.Dataset;
import io.ranbiki.data.Task;
import java.util.List;
import java.util.stream.IntStream;

/** How many samples of each class a dataset has. */
final class ClassCounts {

  private final List<String> names;
  private final int[] counts;

  private ClassCounts(List<String> names, int[] counts) {
    this.names = names;
    this.counts = counts;
  }

  /** Counts the samples that have a label. */
  static ClassCounts of(Dataset dataset) {
    int[] counts = new int[dataset.strata()];
    for (int i = 0; i < dataset.size(); i++) {
      if (dataset.isLabelled(i)) {
        counts[dataset.stratum(i)]++;
      }
    }
    List<String> names =
        dataset.task() instanceof Task.Classes classes ? classes.names() : List.of("all samples");
    return new ClassCounts(names, counts);
  }

  /** Number of classes, with samples or without. */
  int classes() {
    return counts.length;
  }

  /** The classes without a sample. */
  List<String> empty() {
    return named(IntStream.range(0, counts.length).filter(label -> counts[label] == 0));
  }

  /** The classes that have samples here, but none among some others of the same classes. */
  List<String> lackingIn(ClassCounts others) {
    return named(
        IntStream.range(0, counts.length)
            .filter(label -> counts[label] > 0 && others.counts[label] == 0));
  }

  /** The classes that have samples, but fewer than some number. */
  List<String> fewerThan(int least) {
    return named(
        IntStream.range(0, counts.length)
            .filter(label -> counts[label] > 0 && counts[label] < least));
  }

  /** How many samples of all classes. */
  int total() {
    return IntStream.of(counts).sum();
  }

  private List<String> named(IntStream labels) {
    return labels.mapToObj(names::get).toList();
  }
}
