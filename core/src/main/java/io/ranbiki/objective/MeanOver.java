package io.ranbiki.objective;

import io.ranbiki.data.Batch;

/**
 * What the value of a term is a mean over. Where that is known, a batch can be computed in parts,
 * by several threads or one after the other: the value and the gradient of the whole are the means
 * of the parts', weighted by how much of it each part holds.
 *
 * <p>The count of a part follows from the batch alone, so that a part's gradient can be weighted
 * before the others are known.
 */
@FunctionalInterface
public interface MeanOver {

  /** All samples. */
  MeanOver SAMPLES = (part, positions) -> part.size();

  /** The samples or, where every position is answered, the positions that count. */
  MeanOver ROWS = (part, positions) -> positions ? Rows.count(part) : part.size();

  /** The samples with a label or, where every position is answered, the positions that count. */
  MeanOver LABELS = (part, positions) -> positions ? Rows.count(part) : part.labelled();

  /**
   * How much of the whole a part holds: counts of parts add up to that of their batch.
   *
   * @param positions whether answers have positions between batch and classes, such as tokens
   * @return 0 or more; a term whose count is 0 has the value 0
   */
  double count(Batch part, boolean positions);
}
