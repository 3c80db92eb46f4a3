package io.ranbiki.run;

import io.ranbiki.data.Contents;
import io.ranbiki.data.Dataset;
import io.ranbiki.prepare.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Texts that stand in the files more than once, where that says something about the data.
 *
 * @param train the training texts
 * @param held what each holds, as {@link Contents#of} says it
 */
record SameTexts(Dataset train, long[] held) {

  /** What a user should know, in sentences. */
  List<String> sentences(Dataset test) {
    List<String> notes = new ArrayList<>();
    otherClasses().ifPresent(notes::add);
    if (test.fields().stream().anyMatch(field -> field.kind() == Field.Kind.TEXT)) {
      Contents.of(test).flatMap(asked -> inBoth(test, asked)).ifPresent(notes::add);
    }
    return notes;
  }

  private Optional<String> otherClasses() {
    Map<Long, Integer> firsts = new HashMap<>();
    List<Integer> others = new ArrayList<>();
    for (int i = 0; i < held.length; i++) {
      if (train.isLabelled(i)) {
        Integer first = firsts.putIfAbsent(held[i], i);
        if (first != null && train.stratum(i) != train.stratum(first)) {
          others.add(i);
        }
      }
    }
    if (others.isEmpty()) {
      return Optional.empty();
    }
    int one = others.get(0);
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%,d of %,d training texts %s another class than the same text before, such as %s and"
                + " %s. Correct one of each, or remove both.",
            others.size(),
            train.size(),
            others.size() == 1 ? "has" : "have",
            train.nameOf(train.id(one)),
            train.nameOf(train.id(firsts.getOrDefault(held[one], one)))));
  }

  private Optional<String> inBoth(Dataset test, long[] asked) {
    Map<Long, Integer> known = new HashMap<>();
    for (int i = 0; i < held.length; i++) {
      known.putIfAbsent(held[i], i);
    }
    int[] both =
        IntStream.range(0, asked.length).filter(i -> known.containsKey(asked[i])).toArray();
    if (both.length == 0) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%,d of %,d test texts %s among the training texts, too, such as %s; being right on"
                + " them says little about new texts.",
            both.length,
            test.size(),
            both.length == 1 ? "is" : "are",
            test.nameOf(test.id(both[0]))));
  }
}
