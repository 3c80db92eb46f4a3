package io.ranbiki.nn;

import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * {@link Attention} with a linear layer each for queries, keys and values: {@code [batch, tokens,
 * width]} to the same. The linear layer behind it is not part of it. Attention weights are not
 * dropped.
 */
public final class SelfAttention extends Module {

  private final Attention attention;
  private final Linear query;
  private final Linear key;
  private final Linear value;

  /**
   * Makes a module with normal weights and biases of 0.
   *
   * @param width of a token, a multiple of {@code heads}
   * @param deviation of the weights at first
   * @param names of the linear layers: of queries, keys and values
   */
  public SelfAttention(
      int width, int heads, double deviation, List<String> names, Generator generator) {
    attention = new Attention(width, heads);
    query = child(names.get(0), Linear.normal(width, width, deviation, generator));
    key = child(names.get(1), Linear.normal(width, width, deviation, generator));
    value = child(names.get(2), Linear.normal(width, width, deviation, generator));
  }

  /** What of it can be tapped beside its output. */
  public Attention.Points points() {
    return attention.points();
  }

  /**
   * Computes the output and shows it to the tap on this module.
   *
   * @param tokens {@code [batch, tokens, width]}
   * @param readable as {@link Attention#readable} gives it
   */
  public Tensor apply(Tensor tokens, Tensor readable) {
    return shown(
        attention.read(
            attention.split(query.apply(tokens)),
            attention.split(key.apply(tokens)),
            attention.split(value.apply(tokens)),
            readable));
  }

  /**
   * Says what {@link #apply} computes.
   *
   * @param tokens name of a value {@code [batch, tokens, width]}
   * @param mask name of a value {@code [batch, tokens]}
   */
  public String describe(Graph graph, String tokens, String mask) {
    return graph.within(
        this,
        () ->
            graph.add(
                new Operation.Attention(attention.heads(), 0),
                query.describeEach(graph, tokens),
                key.describeEach(graph, tokens),
                value.describeEach(graph, tokens),
                mask));
  }
}
