package io.ranbiki.train;

import java.util.Map;

/**
 * What one epoch did.
 *
 * @param epoch from 1
 * @param terms mean of each term's own value, before its weight, by name
 * @param total mean of the objective
 * @param learningRate at the last step
 * @param validation how well the student did on held-out samples, 0 to 1; NaN if none are held out
 * @param seconds of training, without validation
 * @param samplesPerSecond of training
 */
public record EpochStats(
    int epoch,
    Map<String, Double> terms,
    double total,
    double learningRate,
    double validation,
    double seconds,
    double samplesPerSecond) {}
