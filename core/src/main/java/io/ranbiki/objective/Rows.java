package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which of a batch's answers count, one a row: a sample of {@code [batch, classes]}, which passes
 * untouched, or each token of {@code [batch, tokens, classes]} and pixel of {@code [batch, height,
 * width, classes]} that is no padding and whose label is known. So a term on rows serves them all,
 * and what is left out changes no bit of it.
 */
final class Rows {

  private final long[] shape;
  private final @Nullable Tensor chosen;

  private Rows(long[] shape, @Nullable Tensor chosen) {
    this.shape = shape;
    this.chosen = chosen;
  }

  /** The rows of answers of a shape, {@code [batch, ..., classes]}. */
  static Rows of(Batch batch, long[] shape) {
    if (shape.length <= 2) {
      return new Rows(shape, null);
    }
    Tensor counts = counting(batch, Arrays.copyOf(shape, shape.length - 1));
    if (counts == null) {
      return new Rows(shape, null);
    }
    Tensor flat = counts.flatten(0);
    boolean all = flat.sum().item() == flat.count();
    return new Rows(shape, all ? null : flat.nonzero().squeeze(1));
  }

  /**
   * How many positions of a batch count.
   *
   * @param batch whose answers have positions, with a mask or one label a position
   */
  static double count(Batch batch) {
    long[] positions = positions(batch);
    Tensor counts = positions == null ? null : counting(batch, positions);
    return counts == null ? batch.size() : counts.sum().item();
  }

  /** As the labels or the masks have them; null, so that samples count, if there is neither. */
  private static long @Nullable [] positions(Batch batch) {
    Tensor labels = batch.fields().get(Batch.TRUTH);
    if (labels != null && labels.dim() > 1) {
      return labels.shape();
    }
    return batch.masks().values().stream().findFirst().map(Tensor::shape).orElse(null);
  }

  /** BOOL of the shape of the positions: true where one counts; null if all do. */
  private static @Nullable Tensor counting(Batch batch, long[] positions) {
    Tensor counts = mask(batch, positions);
    Tensor labels = batch.fields().get(Batch.TRUTH);
    if (labels != null
        && labels.dtype() == DType.INT64
        && Arrays.equals(labels.shape(), positions)) {
      Tensor known = labels.ne(Functional.IGNORE);
      counts = counts == null ? known : counts.mul(known);
    }
    return counts;
  }

  /** The mask of the truth, or else the first that fits. */
  private static @Nullable Tensor mask(Batch batch, long[] positions) {
    Tensor own = batch.masks().get(Batch.TRUTH);
    if (own != null && Arrays.equals(own.shape(), positions)) {
      return own.ne(0);
    }
    return batch.masks().values().stream()
        .filter(mask -> Arrays.equals(mask.shape(), positions))
        .findFirst()
        .map(mask -> mask.ne(0))
        .orElse(null);
  }

  /** The rows of a tensor {@code [batch, ..., n]}: {@code [rows, n]}. */
  Tensor of(Tensor values) {
    return shape.length <= 2 ? values : choose(values.reshape(-1, values.size(-1)));
  }

  /**
   * The rows of labels, one a row, or one for each number of a row.
   *
   * @throws RanbikiException if they are neither
   */
  Tensor ofLabels(Tensor labels) {
    if (shape.length <= 2) {
      return labels;
    }
    if (labels.dim() == shape.length) {
      return of(labels);
    }
    if (!Arrays.equals(labels.shape(), Arrays.copyOf(shape, shape.length - 1))) {
      throw RanbikiException.configuration(
          "Labels %s do not fit answers %s. Give one label for each position.",
          Arrays.toString(labels.shape()), Arrays.toString(shape));
    }
    return choose(labels.flatten(0));
  }

  private Tensor choose(Tensor rows) {
    return chosen == null ? rows : rows.indexSelect(0, chosen);
  }
}
