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

  /** A score that leaves nothing of a token, also beside others of any size. */
  private static final double NEVER = -1e30;

  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final int heads;
  private final Points points = new Points();

  /** What of an attention can be tapped beside its output; an encoder names them. */
  public static final class Points {
    /**
     * Queries, {@code [batch, tokens, width]}: one head behind the other, as the keys and values.
     */
    public final TapPoint query = new TapPoint();

    /** Keys. */
    public final TapPoint key = new TapPoint();

    /** Values. */
    public final TapPoint value = new TapPoint();

    /**
     * {@code query * key^T / sqrt(width of a head)}, {@code [batch, heads, tokens, tokens]}; 0
     * where the token that is read is padding.
     */
    public final TapPoint scores = new TapPoint();

    /** Softmax of the scores over the tokens that are read; 0 for padding. */
    public final TapPoint attention = new TapPoint();

    private Points() {}

    void show(Tensor q, Tensor k, Tensor v, int heads, Tensor readable) {
      query.show(q);
      key.show(k);
      value.show(v);
      scores.show(
          () ->
              Functional.attentionScores(split(q, heads), split(k, heads))
                  .maskedFill(readable.not(), 0));
      attention.show(
          () ->
              Functional.attentionScores(split(q, heads), split(k, heads))
                  .maskedFill(readable.not(), NEVER)
                  .softmax(-1));
    }
  }

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

  /** What of it can be tapped beside its output. */
  public Points points() {
    return points;
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
    Tensor q = query.apply(tokens);
    Tensor k = key.apply(tokens);
    Tensor v = value.apply(tokens);
    points.show(q, k, v, heads, readable);
    Tensor read = Functional.attention(split(q, heads), split(k, heads), split(v, heads), readable);
    return shown(read.transpose(1, 2).reshape(tokens.shape()));
  }

  /** {@code [batch, tokens, width]} to {@code [batch, heads, tokens, width / heads]}. */
  private static Tensor split(Tensor all, int heads) {
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
