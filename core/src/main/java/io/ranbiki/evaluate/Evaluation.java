package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.Arrays;
import java.util.function.Function;

/**
 * The answers of a model to a dataset.
 *
 * @param predictions {@code [samples]} class with the largest logit, in the order of the dataset
 * @param labels {@code [samples]} true class, or {@link Functional#IGNORE} if there is none
 */
public record Evaluation(long[] predictions, long[] labels) {

  /** Asks a teacher for every sample of a loader's first epoch. */
  public static Evaluation of(Teacher teacher, Loader loader) {
    return of(batch -> teacher.signal(batch).logits(), loader);
  }

  /** Asks a model for every sample of a loader's first epoch; leaves it in evaluation mode. */
  public static Evaluation of(Model model, Loader loader) {
    model.module().eval();
    return of(batch -> model.apply(batch.inputs()), loader);
  }

  private static Evaluation of(Function<Batch, Tensor> model, Loader loader) {
    int size = loader.dataset().size();
    long[] predictions = new long[size];
    long[] labels = new long[size];
    int done = 0;
    try (NoGrad noGrad = new NoGrad();
        Epoch batches = loader.epoch(0)) {
      while (batches.hasNext()) {
        try (TensorScope scope = TensorScope.open("evaluate")) {
          Batch batch = Batch.of(batches.next());
          Tensor logits = model.apply(batch);
          System.arraycopy(logits.argmax(1).toLongs(), 0, predictions, done, batch.size());
          System.arraycopy(batch.labels().toLongs(), 0, labels, done, batch.size());
          done += batch.size();
        }
      }
    }
    return new Evaluation(Arrays.copyOf(predictions, done), Arrays.copyOf(labels, done));
  }

  /** Share of the labelled samples whose prediction is right, 0 to 1; NaN if none is labelled. */
  public double accuracy() {
    int labelled = 0;
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != Functional.IGNORE) {
        labelled++;
        right += predictions[i] == labels[i] ? 1 : 0;
      }
    }
    return (double) right / labelled;
  }

  /** Share of the samples on which two models predict the same class, 0 to 1. */
  public double agreement(Evaluation other) {
    int same = 0;
    for (int i = 0; i < predictions.length; i++) {
      same += predictions[i] == other.predictions[i] ? 1 : 0;
    }
    return (double) same / predictions.length;
  }
}
