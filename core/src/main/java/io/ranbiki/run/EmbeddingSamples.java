package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.ForwardingDataset;
import io.ranbiki.data.Task;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;

/**
 * Samples of which vectors are wanted, whatever their labels say: what vector is right, a teacher
 * tells. Their classes are kept beside, to judge vectors by their neighbours. Owns the samples.
 */
final class EmbeddingSamples implements ForwardingDataset {

  /** The field that keeps the class of a sample. */
  private static final String CLASS = "class";

  private final Dataset samples;
  private final Task task;
  private final boolean ofClasses;

  /**
   * Takes the labels away.
   *
   * @param width of the vectors
   * @throws RanbikiException if a sample is two texts
   */
  EmbeddingSamples(Dataset samples, int width) {
    if (samples.fields().stream().anyMatch(Field::holdsPairs)) {
      throw RanbikiException.configuration(
          "The teacher gives vectors of single texts, but a sample is a pair of them. Name one"
              + " column or field (data.text).");
    }
    this.samples = samples;
    task = new Task.Embedding(width);
    ofClasses = samples.task() instanceof Task.Classes;
  }

  /** The class of one of such samples, or {@link Dataset#UNLABELLED}. */
  static int classOf(Dataset samples, int index) {
    Row row = samples.read(index);
    return row.has(CLASS) ? (int) ((Values.Longs) row.get(CLASS)).data()[0] : UNLABELLED;
  }

  /** As {@link #classOf(Dataset, int)}, of all samples. */
  static int[] classesOf(Dataset samples) {
    int[] classes = new int[samples.size()];
    for (int index = 0; index < classes.length; index++) {
      classes[index] = classOf(samples, index);
    }
    return classes;
  }

  @Override
  public Dataset samples() {
    return samples;
  }

  @Override
  public Task task() {
    return task;
  }

  @Override
  public int stratum(int index) {
    return UNLABELLED;
  }

  @Override
  public Row read(int index) {
    Row row = samples.read(index);
    Row bare = row.without(Batch.TRUTH);
    return ofClasses && row.has(Batch.TRUTH) ? bare.with(CLASS, row.get(Batch.TRUTH)) : bare;
  }
}
