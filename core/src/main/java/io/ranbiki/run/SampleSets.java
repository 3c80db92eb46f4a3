package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Format;
import io.ranbiki.data.OutOfScope;
import io.ranbiki.prepare.Prepare;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Opens the samples that a format names, and checks that they fit together. */
final class SampleFiles {

  private SampleFiles() {}

  /**
   * The samples to train on, among them those of a class that is out of scope; that class is known
   * where it has none.
   */
  static Dataset train(Format format, Optional<String> outOfScope) {
    Dataset train = format.train();
    return outOfScope.map(name -> OutOfScope.known(train, name)).orElse(train);
  }

  /**
   * The samples of the test, with the classes of the training samples.
   *
   * @param train what {@link #train} gave
   * @param student what its inputs go through, which may bring images of different sizes to one
   */
  static Dataset test(Format format, Dataset train, Optional<String> outOfScope, Prepare student) {
    Dataset all = format.test(train);
    try {
      Dataset test = outOfScope.map(name -> OutOfScope.test(all, name)).orElse(all);
      requireFits(
          format,
          outOfScope.map(name -> OutOfScope.train(train, name)).orElse(train),
          test,
          student);
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
  static Dataset unlabelled(Format format, Dataset train) {
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
