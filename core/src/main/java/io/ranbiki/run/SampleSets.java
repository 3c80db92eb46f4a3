package io.ranbiki.run;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.config.Words;
import io.ranbiki.data.Concat;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Format;
import io.ranbiki.data.OutOfScope;
import io.ranbiki.prepare.Prepare;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The samples that a run is given, whole, in sets that fit together.
 *
 * @param train to train on, those with labels
 * @param unlabelled the second set to train on, without labels; empty if there is none
 * @param test of the test, with the classes of the training samples
 */
record SampleSets(Dataset train, Optional<Dataset> unlabelled, Dataset test)
    implements AutoCloseable {

  /**
   * Opens the files.
   *
   * @param student what its inputs go through, which may bring images of different sizes to one
   * @throws RanbikiException if the sets do not fit together
   */
  static SampleSets open(DataConfig config, Prepare student) {
    Format format = config.format();
    Optional<String> outOfScope = config.outOfScope();
    // The test has the class that is out of scope, and training is not to.
    Dataset known =
        held(
            "training samples",
            () -> {
              Dataset read = format.train();
              return outOfScope.map(name -> OutOfScope.known(read, name)).orElse(read);
            });
    Dataset train = outOfScope.map(name -> OutOfScope.train(known, name)).orElse(known);
    Dataset test =
        held(
            "samples of the test",
            () -> test(format, known, train, outOfScope, student.forSamples(known.fields())));
    Optional<Dataset> unlabelled =
        format
            .unlabelled()
            .map(set -> held("samples without labels", () -> unlabelled(format, train)));
    return new SampleSets(train, unlabelled, test);
  }

  private static Dataset held(String which, Supplier<Dataset> read) {
    return Memory.watch(
        Kind.CONFIGURATION,
        "reading the " + which,
        "Keep them on disk (ranbiki pack), use fewer or smaller samples",
        read);
  }

  /** The same sets, each in another form. */
  SampleSets as(UnaryOperator<Dataset> form) {
    return new SampleSets(form.apply(train), unlabelled.map(form), form.apply(test));
  }

  /** All samples to train on; their ids do not depend on what is chosen of each set. */
  Dataset training() {
    return joined(train, unlabelled);
  }

  /** Some samples with labels and some without, in one dataset. */
  static Dataset joined(Dataset labelled, Optional<Dataset> unlabelled) {
    return unlabelled.isPresent() ? Concat.of(labelled, unlabelled.get()) : labelled;
  }

  /** What was found while reading, in sentences. */
  List<String> notes() {
    return Stream.concat(Stream.of(train, test), unlabelled.stream())
        .flatMap(samples -> samples.notes().stream())
        .toList();
  }

  @Override
  public void close() {
    train.close();
    unlabelled.ifPresent(Dataset::close);
    test.close();
  }

  private static Dataset test(
      Format format, Dataset known, Dataset train, Optional<String> outOfScope, Prepare student) {
    Dataset all = format.test(known);
    try {
      Dataset test = outOfScope.map(name -> OutOfScope.test(all, name)).orElse(all);
      requireFits(format, train, test, student);
      return test;
    } catch (RuntimeException e) {
      all.close();
      throw e;
    }
  }

  private static void requireFits(Format format, Dataset train, Dataset test, Prepare student) {
    boolean alike =
        train.fields().equals(test.fields())
            || student.fields(train.fields()).equals(student.fields(test.fields()));
    if (!alike) {
      throw RanbikiException.configuration(
          "The training samples have %s, but those of the test have %s; both must have the"
              + " same. Check the files in %s.",
          words(train), words(test), where(format, "folder"));
    }
    List<String> strangers = ClassCounts.of(test).lackingIn(ClassCounts.of(train));
    if (!strangers.isEmpty()) {
      throw RanbikiException.configuration(
          "The test has samples of %s, but training has none; give training samples of %s, too, or"
              + " remove those of the test.",
          Words.classes(strangers), strangers.size() == 1 ? "it" : "them");
    }
  }

  /** The samples without labels, in the shape of the training samples. */
  private static Dataset unlabelled(Format format, Dataset train) {
    Dataset samples = format.openUnlabelled(train);
    if (!train.fields().equals(samples.fields())) {
      String advice =
          train.fields().get(0).shape().size() == 3
              ? "Bring all images to one size."
              : "Give the rows the same features, and no column for a label.";
      RanbikiException mismatch =
          RanbikiException.configuration(
              "The labelled samples have %s, but those without labels in %s have %s; both must"
                  + " have the same. %s",
              words(train), where(format, "unlabelled.folder"), words(samples), advice);
      samples.close();
      throw mismatch;
    }
    return samples;
  }

  private static Object where(Format format, String key) {
    Path path = format.files().get(key);
    return path == null ? format.title() : path;
  }

  /** The shape of samples of one field; else all fields. */
  private static String words(Dataset samples) {
    return samples.fields().size() == 1
        ? "shape " + samples.input().shape()
        : "the fields " + samples.fields();
  }
}
