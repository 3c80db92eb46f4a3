package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import java.util.Locale;

/**
 * What kinds of attention have in common: each token of a text reads from all tokens of it, with
 * several heads (Vaswani et al. 2017, arXiv:1706.03762, section 3.2).
 */
public final class Attention {

  /** A score that leaves nothing of a token, also beside others of any size. */
  private static final double NEVER = -1e30;

  private final int heads;
  private final Points points = new Points();

  /**
   * Makes what a module of attention has.
   *
   * @param width of a token, a multiple of {@code heads}
   */
  Attention(int width, int heads) {
    if (heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%d heads do not divide a width of %d", heads, width));
    }
    this.heads = heads;
  }

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
     * where the token that would be read is padding or too far away.
     */
    public final TapPoint scores = new TapPoint();

    /** Softmax of the scores over the tokens that are read; 0 for the others. */
    public final TapPoint attention = new TapPoint();

    private Points() {}
  }

  /**
   * Whether a position may be read, as modules of attention take it.
   *
   * @param mask {@code [batch, tokens]}, 0 where a text was padded
   */
  public static Tensor readable(Tensor mask) {
    return mask.ne(0).unsqueeze(1).unsqueeze(1);
  }

  /** What can be tapped. */
  Points points() {
    return points;
  }

  /** How many heads there are. */
  int heads() {
    return heads;
  }

  /** {@code [batch, tokens, width]} to {@code [batch, heads, tokens, width / heads]}. */
  Tensor split(Tensor all) {
    long width = all.size(2);
    return all.reshape(all.size(0), all.size(1), heads, width / heads).transpose(1, 2);
  }

  /** What {@link #split} splits. */
  Tensor joined(Tensor split) {
    return split.transpose(1, 2).reshape(split.size(0), split.size(2), heads * split.size(3));
  }

  /**
   * What each token reads, {@code [batch, tokens, width]}; shows what it is made of.
   *
   * @param query {@code [batch, heads, tokens, width / heads]}, as keys and values
   * @param readable {@code [batch, 1, 1, tokens]} or {@code [batch, 1, tokens, tokens]}
   */
  Tensor read(Tensor query, Tensor key, Tensor value, Tensor readable) {
    points.query.show(() -> joined(query));
    points.key.show(() -> joined(key));
    points.value.show(() -> joined(value));
    points.scores.show(() -> Functional.attentionScores(query, key).maskedFill(readable.not(), 0));
    points.attention.show(
        () -> Functional.attentionScores(query, key).maskedFill(readable.not(), NEVER).softmax(-1));
    return joined(Functional.attention(query, key, value, readable));
  }
}
