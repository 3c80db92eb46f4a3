package io.ranbiki.data;

import io.ranbiki.prepare.Columns;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the samples of a run lie on disk, as {@code data.format} names it: a record that reads its
 * keys under {@code data} from {@link io.ranbiki.config.Options}, and opens the samples when it is
 * asked. Ours stand in {@link Formats}; one of your own comes from a {@link
 * io.ranbiki.config.Catalogue} of yours, with {@code Format.class} as the kind of its provider.
 *
 * <p>A format that can have a second set of samples, without labels, reads it by {@link
 * Unlabelled#read}, and answers {@link #unlabelled} and {@link #openUnlabelled}.
 *
 * <p>Whatever keeps files from being opened is a {@link io.ranbiki.RanbikiException} of kind
 * configuration, which says what to do.
 */
public interface Format {

  /** The name in configurations. */
  String name();

  /**
   * The files and folders that it reads, by their keys under {@code data}, such as {@code folder}
   * and {@code unlabelled.folder}; those with labels first.
   */
  Map<String, Path> files();

  /**
   * All files and folders whose change makes other samples; of a folder, whatever lies in it. Only
   * looked at, to find out whether a pack of them is still true.
   */
  default List<Path> sources() {
    return List.copyOf(files().values());
  }

  /** What people call the samples: the last part of their path. The rest is nobody's business. */
  default String title() {
    Iterator<Path> files = files().values().iterator();
    Path name = files.hasNext() ? files.next().getFileName() : null;
    return name == null ? name() : name.toString();
  }

  /** The task as far as it can be told before a file is opened; of no names. */
  default Task likelyTask() {
    return new Task.Classes(List.of());
  }

  /** Opens the samples to train on. */
  Dataset train();

  /**
   * Opens the samples of the test.
   *
   * @param train what {@link #train} opened, whose classes those of the test are
   */
  Dataset test(Dataset train);

  /**
   * Opens the samples to train on for {@code ranbiki pack}. A format that would read all of them
   * into memory puts them into {@code sink} instead, one after the other, and returns what that
   * opens. Of any other the samples are read one by one as {@link #train()} opens them.
   *
   * @param sink takes these samples alone
   */
  default Dataset train(SampleSink sink) {
    return train();
  }

  /** The same for the samples of the test, with what {@link #train(SampleSink)} opened. */
  default Dataset test(Dataset train, SampleSink sink) {
    return test(train);
  }

  /** The same for the second set, with what {@link #train(SampleSink)} opened. */
  default Dataset openUnlabelled(Dataset train, SampleSink sink) {
    return openUnlabelled(train);
  }

  /** The second set of samples, which have no label; empty if there is none. */
  default Optional<? extends Unlabelled<?>> unlabelled() {
    return Optional.empty();
  }

  /**
   * Opens the second set of samples, all of them.
   *
   * @param train what {@link #train} opened, which must have the same fields
   */
  default Dataset openUnlabelled(Dataset train) {
    throw new IllegalStateException("format '" + name() + "' has no second set of samples");
  }

  /** Whether to read a sample is to decode a file, which is worth a thread for every core. */
  default boolean decodes() {
    return false;
  }

  /**
   * How many neighbours shuffled batches leave together, so that samples which memory cannot hold
   * are read quickly; 1 where it does not matter.
   */
  default int block() {
    return 1;
  }

  /**
   * How columns of a table become numbers; empty unless samples are cells of one.
   *
   * @param train what {@link #train} opened, on which this is fitted
   */
  default Optional<Columns> columns(Dataset train) {
    return Optional.empty();
  }

  /** What a user should know about the files, in sentences. */
  default List<String> notes() {
    return List.of();
  }
}
