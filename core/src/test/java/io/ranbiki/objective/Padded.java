package io.ranbiki.objective;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.TermContract.Drawn;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The rows of drawn inputs as tokens or pixels, among positions that do not count.
 *
 * @param student a leaf
 * @param counts which of the positions count
 */
record Padded(Tensor student, Tensor teacher, Batch batch, boolean[] counts) {

  /** Which of 3 x 4 positions count: as many as there are rows. */
  private static final boolean[] LENGTHS = {
    true, true, true, false, true, false, false, false, true, true, true, false
  };

  /** Tokens of three samples of 3, 1 and 3, padded to 4; labels are known for the padding too. */
  static Padded tokens(Drawn rows, double waste) {
    return of(rows, waste, true, 3, 4);
  }

  /** Pixels of one image of 3 x 4, some without a label. */
  static Padded pixels(Drawn rows, double waste) {
    return of(rows, waste, false, 1, 3, 4);
  }

  private static Padded of(Drawn rows, double waste, boolean masked, long... positions) {
    long[] labels = spread(rows.labels().toLongs(), masked ? 0 : Functional.IGNORE);
    long[] mask = new long[LENGTHS.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = LENGTHS[i] ? 1 : 0;
    }
    Batch batch =
        new Batch(
            Map.of(Batch.TRUTH, Tensors.of(labels, positions)),
            masked ? Map.of("text", Tensors.of(mask, positions)) : Map.of(),
            new Names(LongStream.range(0, positions[0]).toArray(), 0));
    return new Padded(
        logits(rows.student(), waste, positions).setRequiresGrad(true),
        logits(rows.teacher(), 2 * waste, positions),
        batch,
        LENGTHS);
  }

  private static long[] spread(long[] rows, long other) {
    long[] all = new long[LENGTHS.length];
    int row = 0;
    for (int i = 0; i < all.length; i++) {
      all[i] = LENGTHS[i] ? rows[row++] : other;
    }
    return all;
  }

  private static Tensor logits(Signal rows, double waste, long... positions) {
    float[] values = rows.logits().toFloats();
    int classes = (int) rows.logits().size(1);
    float[] all = new float[LENGTHS.length * classes];
    int row = 0;
    for (int i = 0; i < LENGTHS.length; i++) {
      for (int c = 0; c < classes; c++) {
        all[i * classes + c] =
            LENGTHS[i] ? values[row * classes + c] : (float) (waste * (c % 2 == 0 ? 1 : -1));
      }
      row += LENGTHS[i] ? 1 : 0;
    }
    long[] shape = Arrays.copyOf(positions, positions.length + 1);
    shape[positions.length] = classes;
    return Tensors.of(all, shape);
  }

  LossInputs inputs() {
    return inputs(batch);
  }

  private LossInputs inputs(Batch of) {
    return new LossInputs(of, Signal.of(student), Signal.of(teacher), Progress.START);
  }

  /** The same where no label is known. */
  LossInputs withoutLabels() {
    Tensor none = Tensors.full(Functional.IGNORE, DType.INT64, batch.labels().shape());
    return inputs(new Batch(Map.of(Batch.TRUTH, none), batch.masks(), batch.names()));
  }
}
