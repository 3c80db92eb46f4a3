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
 */
public record TrainConfig(TrainOptions options, int batch, int threads, int logGradients) {}
