package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Dataset;
import io.ranbiki.teacher.GivenAnswers;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Answers that lie in a file, for the samples of a run: those that are trained on, and those of the
 * test if the file, or one of their own, has answers to them.
 *
 * @param answers to the samples that are trained on
 * @param training is asked about these
 * @param test is asked about the samples of the test; empty if they have no answers
 */
record GivenTeachers(GivenAnswers answers, Teacher training, Optional<Teacher> test) {

  /**
   * Reads the files and finds the samples.
   *
   * @param note hears what a user should know
   * @throws RanbikiException if a file is damaged or of other classes, two samples that are trained
   *     on have one key, or a file of the test lacks some of its samples
   */
  static GivenTeachers of(TeacherSource.Given source, RunData data, Consumer<String> note) {
    GivenAnswers answers =
        GivenAnswers.read(source.file(), source.key(), source.kind(), data.task());
    Set<String> trained = distinctKeys(data.samples());
    Optional<Teacher> test =
        source.test().isPresent()
            ? Optional.of(ofTest(source, data))
            : together(answers, trained, data.test(), note);
    Set<String> known = new HashSet<>(trained);
    if (source.test().isEmpty() && test.isPresent()) {
      known.addAll(keys(data.test()));
    }
    List<String> surplus = answers.keys().stream().filter(key -> !known.contains(key)).toList();
    if (!surplus.isEmpty()) {
      note.accept(
          String.format(
              Locale.ROOT,
              "%,d of %,d answers in %s belong to no sample and are not used: %s.",
              surplus.size(),
              answers.keys().size(),
              answers.file(),
              GivenAnswers.named(surplus)));
    }
    return new GivenTeachers(answers, answers.teacher(data.samples()), test);
  }

  private static Teacher ofTest(TeacherSource.Given source, RunData data) {
    GivenAnswers answers =
        GivenAnswers.read(source.test().orElseThrow(), source.key(), source.kind(), data.task());
    requireAll(answers, "samples of the test", data.test());
    return answers.teacher(data.test());
  }

  /** Answers to the test from the file of all, unless keys name samples of both. */
  private static Optional<Teacher> together(
      GivenAnswers answers, Set<String> trained, Dataset test, Consumer<String> note) {
    List<String> both = keys(test).stream().filter(trained::contains).toList();
    List<String> missing = answers.missing(test);
    if (both.isEmpty() && missing.isEmpty()) {
      return Optional.of(answers.teacher(test));
    }
    note.accept(
        String.format(
            Locale.ROOT,
            "The teacher is not measured, since %s. Name a file of the answers to the test under"
                + " 'teacher.test' to see it beside the student.",
            both.isEmpty()
                ? String.format(
                    Locale.ROOT,
                    "%s has no answer to %,d of %,d samples of the test: %s",
                    answers.file(),
                    missing.size(),
                    test.size(),
                    GivenAnswers.named(missing))
                : "keys such as "
                    + GivenAnswers.named(both.subList(0, 1))
                    + " name a training sample and one of the test, and "
                    + answers.file()
                    + " is taken for the answers to the training"));
    return Optional.empty();
  }

  private static List<String> keys(Dataset samples) {
    return IntStream.range(0, samples.size())
        .mapToObj(index -> GivenAnswers.keyOf(samples, index))
        .toList();
  }

  private static Set<String> distinctKeys(Dataset samples) {
    Map<String, Integer> first = new HashMap<>();
    for (int index = 0; index < samples.size(); index++) {
      String key = GivenAnswers.keyOf(samples, index);
      if (first.putIfAbsent(key, index) != null) {
        throw RanbikiException.configuration(
            "The key '%s' names two samples, %s and %s, so an answer could be meant for either. Give"
                + " every sample a key of its own (data.key).",
            key,
            samples.nameOf(samples.id(Objects.requireNonNull(first.get(key)))),
            samples.nameOf(samples.id(index)));
      }
    }
    return first.keySet();
  }

  /**
   * Refuses samples that have no answer.
   *
   * @throws RanbikiException that counts them and names the first five
   */
  void require(Dataset trainedOn) {
    requireAll(answers, "training samples", trainedOn);
  }

  private static void requireAll(GivenAnswers answers, String which, Dataset samples) {
    List<String> missing = answers.missing(samples);
    if (!missing.isEmpty()) {
      throw RanbikiException.configuration(
          "%s has no answer to %d of %d %s: %s. Add them; all keys that need an answer are written"
              + " by: ranbiki label CONFIG --unanswered FILE",
          answers.file(), missing.size(), samples.size(), which, GivenAnswers.named(missing));
    }
  }
}
