package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.teacher.FiniteAnswers;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Asks a model for every sample of a dataset. */
public final class Evaluation {

  /** Past this size of all logits, the likeliest classes alone are kept. */
  static final long MOST_BYTES = 64L << 20;

  /** How many are kept then. */
  static final int KEPT = 20;

  private Evaluation() {}

  // An answer that is not finite has no largest logit, and would count as one of some class.

  /** Asks a teacher for every sample of a loader's first epoch. */
  public static Predictions of(Teacher teacher, Loader loader) {
    return of("The teacher " + teacher.title(), teacher, loader);
  }

  /**
   * Asks as {@link #of(Teacher, Loader)}.
   *
   * @param who answers, for messages
   */
  static Predictions of(String who, Teacher teacher, Loader loader) {
    Loader also = loader;
    for (Prepare prepare : teacher.prepares()) {
      also = also.also(prepare);
    }
    return of(who, batch -> teacher.signal(batch).logits(), also);
  }

  /** Asks a model for every sample of a loader's first epoch; leaves it in evaluation mode. */
  public static Predictions of(Model model, Loader loader) {
    model.module().eval();
    return of("The model " + model.spec().title(), batch -> model.answer(batch).logits(), loader);
  }

  private static Predictions of(String who, Function<Batch, Tensor> model, Loader loader) {
    Task task = loader.dataset().task();
    int classes = task.width();
    boolean large = (long) loader.dataset().size() * classes * Float.BYTES > MOST_BYTES;
    List<Predictions> parts = new ArrayList<>();
    try (NoGrad noGrad = new NoGrad();
        Epoch batches = loader.epoch(0)) {
      while (batches.hasNext()) {
        try (TensorScope scope = TensorScope.open("evaluate")) {
          Batch batch = Batch.of(batches.next());
          Tensor logits = model.apply(batch);
          FiniteAnswers.require(who, logits, batch, loader.dataset());
          if (task instanceof Task.MaskedLanguage) {
            parts.add(ofPieces(batch, logits));
          } else if (task instanceof Task.Classes) {
            Predictions part =
                Predictions.ofLogits(
                    batch.ids(), batch.labels().toLongs(), classes, logits.toFloats());
            parts.add(large && classes > KEPT ? part.top(KEPT) : part);
          } else {
            if (task instanceof Task.Embedding) {
              logits = Functional.normalize(logits, 1); // directions alone are compared
            }
            parts.add(
                Predictions.ofNumbers(
                    batch.ids(), batch.labels().toFloats(), classes, logits.toFloats()));
          }
        }
      }
    }
    return Predictions.concat(parts);
  }

  /** One answer for each hidden piece, under the id of its text; what was padded has none. */
  private static Predictions ofPieces(Batch batch, Tensor logits) {
    int classes = (int) logits.size(-1);
    Tensor known = batch.labels().ne(Functional.IGNORE);
    Tensor chosen = known.flatten(0).nonzero().squeeze(1);
    long[] labels = batch.labels().flatten(0).indexSelect(0, chosen).toLongs();
    long[] ids = new long[labels.length];
    long places = batch.labels().size(1);
    long[] rows = chosen.toLongs();
    for (int i = 0; i < ids.length; i++) {
      ids[i] = batch.ids()[(int) (rows[i] / places)];
    }
    Tensor answers = logits.reshape(-1, classes).indexSelect(0, chosen);
    return Likeliest.of(ids, labels, answers, Math.min(KEPT, classes));
  }
}
