package io.ranbiki.evaluate;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Views;
import io.ranbiki.teacher.Precision;
import io.ranbiki.teacher.Store;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.StoredTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TopK;
import io.ranbiki.tensor.Autocast;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
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
    if (!Files.exists(file)) {
      return Finding.ok(CHECK, "none are there yet");
    }
    Store store = Store.open(file, key);
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
          "%d of %d answers in %s are not what the teacher says now; they differ by up to %.3g (%s). Remove the file, so that the teacher is asked again",
          different,
          compared,
          file,
          largest,
          where);
    }
    return compared == 0
        ? Finding.ok(CHECK, "none of these samples are there yet")
        : Finding.ok(CHECK, "the teacher gives the same %d answers again", compared);
  }

  /** Stored samples, spread over the dataset. */
  private static int[] pick(Store store, Dataset samples, int view) {
    int count = Math.min(SAMPLES_PER_VIEW, samples.size());
    return IntStream.range(0, count)
        .map(i -> (int) ((long) i * samples.size() / count))
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
            key.normalization(),
            new Views(key.augmentations(), key.viewsSeed(), epoch -> view));
    try (TensorScope scope = TensorScope.open("stored answers");
        Epoch epoch = loader.epoch(0)) {
      Batch batch = Batch.of(epoch.next());
      Tensor asked = ask(batch);
      byte[] bytes = key.encoding().encode(asked);
      float[] now = comparable(key.encoding().decode(bytes, picked.length, key.classes()));
      float[] then = comparable(stored.signal(batch).logits());
      for (int row = 0; row < picked.length; row++) {
        compareRow(now, then, row, "sample %d, view %d".formatted(batch.ids()[row], view));
      }
    }
  }

  private Tensor ask(Batch batch) {
    if (key.precision() == Precision.FLOAT32) {
      return teacher.signal(batch).logits();
    }
    try (Autocast autocast = new Autocast()) {
      return teacher.signal(batch).logits();
    }
  }

  /** Log-probabilities of rare classes say little, so the top k are compared as probabilities. */
  private float[] comparable(Tensor logits) {
    return (key.encoding() instanceof TopK ? logits.exp() : logits).toFloats();
  }

  private void compareRow(float[] now, float[] then, int row, String name) {
    double size = 1;
    double difference = 0;
    for (int i = row * key.classes(); i < (row + 1) * key.classes(); i++) {
      size = Math.max(size, 1 + Math.abs(now[i]));
      difference = Math.max(difference, Math.abs(now[i] - then[i]));
    }
    compared++;
    double bound = key.precision() == Precision.FLOAT32 ? ROUNDING : ROUNDING_BFLOAT16;
    if (!(difference <= bound * size)) { // NaN too
      different++;
    }
    if (difference > largest) {
      largest = difference;
      where = name;
    }
  }
}
