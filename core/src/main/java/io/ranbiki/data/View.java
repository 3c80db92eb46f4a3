package io.ranbiki.data;

/**
 * The name of one deterministic augmentation of one sample. Equal names give equal pixels, in any
 * process and on any machine.
 *
 * @param seed the seed of all views of a run
 * @param sampleId {@link Dataset#id} of the sample
 * @param number which of its views, 0 or more
 */
public record View(long seed, long sampleId, int number) {}
