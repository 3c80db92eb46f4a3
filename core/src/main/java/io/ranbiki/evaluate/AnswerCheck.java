package io.ranbiki.evaluate;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Views;
import io.ranbiki.nn.Answer;
import io.ranbiki.nn.Signal;
import io.ranbiki.store.Store;
import io.ranbiki.store.TopK;
import io.ranbiki.teacher.Precision;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.StoredTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Autocast;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.IntStream;

/** Whether the teacher still gives the answers that are stored. */
final class AnswerCheck {

  private static final String CHECK = "stored answers";
  private static final int SAMPLES_PER_VIEW = 32;

  /** Beyond what another batch size changes, and one step of 16 bits; relative to the logits. */
  private static final double ROUNDING = 2e-3;

  /** What another batch size changes in bfloat16. */
  private static final double ROUNDING_BFLOAT16 = 0.05;

  private final Path file;
  private final StoreKey key;
  private final Teacher teacher;
  private int compared;
  private int different;
  private double largest;
  private String where = "";

  AnswerCheck(Path file, StoreKey key, Teacher teacher) {
    this.file = file;
    this.key = key;
    this.teacher = teacher;
  }

  Finding of(Dataset samples, int views) {
    if (!Store.exists(file)) {
      return Finding.ok(CHECK, "No answer is there yet.");
    }
    Store store = Store.open(file, key.key());
    try (StoredTeacher stored = StoredTeacher.open(file, key)) {
      IntStream.of(0, views / 2, views - 1)
          .distinct()
          .forEach(view -> compare(stored, pick(store, samples, view), samples, view));
    } catch (RanbikiException e) {
      if (e.kind() != RanbikiException.Kind.IO) {
        throw e;
      }
      return Finding.warning(CHECK, "%s", e.getMessage()); // labelling asks the block again
    }
    if (different > 0) {
      return Finding.fault(
          CHECK,
          "%d of %d answers in %s are not what the teacher says now; they differ by up to %.3g"
              + " (%s). Remove the file, so that the teacher is asked again.",
          different,
          compared,
          file,
          largest,
          where);
    }
    return compared == 0
        ? Finding.ok(CHECK, "No answer to these samples is there yet.")
        : Finding.ok(CHECK, "The teacher gives the same %d answers again.", compared);
  }

  /** Stored samples, spread over the dataset. */
  private static int[] pick(Store store, Dataset samples, int view) {
    return IntStream.of(Splits.spread(samples.size(), SAMPLES_PER_VIEW))
        .filter(index -> store.contains(samples.id(index), view))
        .toArray();
  }

  private void compare(StoredTeacher stored, int[] picked, Dataset samples, int view) {
    if (picked.length == 0) {
      return;
    }
    Loader loader =
        new Loader(
            Subset.of(samples, picked),
            Loader.Options.inOrder(picked.length),
            key.prepare(),
            new Views(key.augmentations(), key.viewsSeed(), epoch -> view));
    try (TensorScope scope = TensorScope.open("stored answers");
        Epoch epoch = loader.epoch(0)) {
      Batch batch = Batch.of(epoch.next());
      Signal now = ask(batch);
      Signal then = stored.signal(batch);
      boolean[] differs = new boolean[picked.length];
      byte[] bytes = key.encoding().encode(new Answer.Full(now.logits()));
      Tensor logits = key.encoding().decode(bytes, now.logits().shape()).dense();
      compareRows(comparable(logits), comparable(then.logits()), "logits", batch, differs);
      stored
          .rounded(now, batch)
          .forEach(
              (layer, output) ->
                  compareRows(
                      output.toFloats(), then.feature(layer).toFloats(), layer, batch, differs));
      for (boolean differing : differs) {
        compared++;
        different += differing ? 1 : 0;
      }
    }
  }

  private Signal ask(Batch batch) {
    if (key.precision() == Precision.FLOAT32) {
      return teacher.signal(batch);
    }
    try (Autocast autocast = new Autocast()) {
      return teacher.signal(batch);
    }
  }

  /** Log-probabilities of rare classes say little, so the top k are compared as probabilities. */
  private float[] comparable(Tensor logits) {
    return (key.encoding() instanceof TopK ? logits.exp() : logits).toFloats();
  }

  /** Compares what was said of each sample, one after the other. */
  private void compareRows(float[] now, float[] then, String what, Batch batch, boolean[] differs) {
    int length = now.length / differs.length;
    double bound = key.precision() == Precision.FLOAT32 ? ROUNDING : ROUNDING_BFLOAT16;
    for (int row = 0; row < differs.length; row++) {
      double size = 1;
      double difference = 0;
      for (int i = row * length; i < (row + 1) * length; i++) {
        if (Float.isFinite(now[i])) {
          size = Math.max(size, 1 + Math.abs(now[i]));
        }
        if (now[i] != then[i]) { // a masked class is -infinity both times
          difference = Math.max(difference, Math.abs(now[i] - then[i]));
        }
      }
      differs[row] |= !(difference <= bound * size); // NaN too
      if (difference > largest) {
        largest = difference;
        where =
            String.format(
                Locale.ROOT, "%s of sample %d, view %d", what, batch.ids()[row], batch.view());
      }
    }
  }
}
