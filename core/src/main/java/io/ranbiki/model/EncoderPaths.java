package io.ranbiki.model;

import java.util.List;

/**
 * Where the layers stand in a block of an encoder that normalises after each part.
 *
 * @param projections of queries, keys and values, within {@code attention}
 * @param attended the linear layer behind the attention
 * @param attendedDropout behind that
 * @param attendedNorm of the sum with what went in
 * @param inner the first linear layer of each token by itself
 * @param activation behind that
 * @param outer the second one
 * @param outerDropout behind that
 * @param outerNorm of the sum with what went in there
 */
record EncoderPaths(
    String attention,
    List<String> projections,
    String attended,
    String attendedDropout,
    String attendedNorm,
    String inner,
    String activation,
    String outer,
    String outerDropout,
    String outerNorm) {}
