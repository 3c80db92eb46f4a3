package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.Locale;

/**
 * Each token of a text reads from all tokens of it, with several heads (Vaswani et al. 2017,
 * arXiv:1706.03762, section 3.2): {@code [batch, tokens, width]} to the same. Children {@code
 * query}, {@code key} and {@code value}, as transformers names them; the linear layer behind it is
 * not part of it. Attention weights are not dropped.
 */
public final class SelfAttention extends Module {

  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final int heads;

  /**
   * Makes a module with normal weights and biases of 0.
   *
   * @param width of a token, a multiple of {@code heads}
   * @param deviation of the weights at first
   */
  public SelfAttention(int width, int heads, double deviation, Generator generator) {
    if (heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%d heads do not divide a width of %d", heads, width));
    }
    this.heads = heads;
    query = child("query", Linear.normal(width, width, deviation, generator));
    key = child("key", Linear.normal(width, width, deviation, generator));
    value = child("value", Linear.normal(width, width, deviation, generator));
  }

  /**
   * Whether a position may be read, as {@link #apply} takes it.
   *
   * @param mask {@code [batch, tokens]}, 0 where a text was padded
   */
  public static Tensor readable(Tensor mask) {
    return mask.ne(0).unsqueeze(1).unsqueeze(1);
  }

  /**
   * Computes the output and shows it to the tap on this module.
   *
   * @param tokens {@code [batch, tokens, width]}
   * @param readable as {@link #readable} gives it
   */
  public Tensor apply(Tensor tokens, Tensor readable) {
    Tensor read =
        Functional.attention(
            split(query.apply(tokens)),
            split(key.apply(tokens)),
            split(value.apply(tokens)),
            readable);
    return shown(read.transpose(1, 2).reshape(tokens.shape()));
  }

  /** {@code [batch, tokens, width]} to {@code [batch, heads, tokens, width / heads]}. */
  private Tensor split(Tensor all) {
    long width = all.size(2);
    return all.reshape(all.size(0), all.size(1), heads, width / heads).transpose(1, 2);
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
                new Operation.Attention(heads),
                query.describeEach(graph, tokens),
                key.describeEach(graph, tokens),
                value.describeEach(graph, tokens),
                mask));
  }
}
