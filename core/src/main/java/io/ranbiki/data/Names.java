package io.ranbiki.data;

/**
 * Which samples a batch is of, and how they are seen: what stored answers are found by.
 *
 * @param ids {@link Dataset#id} of each sample
 * @param view number of the view under which each sample is seen: 0, 1, ...
 */
public record Names(long[] ids, int view) {}
