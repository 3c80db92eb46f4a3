package io.ranbiki.run;

import io.ranbiki.train.TrainOptions;

/**
 * How a network is trained.
 *
 * @param options epochs, optimiser, schedule, clipping and precision
 * @param batch samples of a step, 1 or more
 * @param threads that one operation may use, 1 or more
 * @param logGradients every how many steps the gradient norm of each term goes into the metrics; 0
 *     for never
 * @param keepsBest whether the network of the epoch is kept that did best on the samples held out,
 *     not that of the last one
 * @param patience after how many epochs without a better one a training ends early; 0 for never
 */
public record TrainConfig(
    TrainOptions options,
    int batch,
    int threads,
    int logGradients,
    boolean keepsBest,
    int patience) {

  /** The same with other options and batches. */
  TrainConfig with(TrainOptions other, int otherBatch) {
    return new TrainConfig(other, otherBatch, threads, logGradients, keepsBest, patience);
  }
}
