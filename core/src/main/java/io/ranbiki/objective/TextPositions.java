package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which positions of a batch's texts are tokens. What stands where a text was padded is left out
 * before anything is computed, so that it changes no bit.
 */
final class TextPositions {

  private final long texts;
  private final long tokens;
  private final @Nullable Tensor mask;

  private TextPositions(long texts, long tokens, @Nullable Tensor mask) {
    this.texts = texts;
    this.tokens = tokens;
    this.mask = mask;
  }

  /**
   * The positions of texts that are padded to a length.
   *
   * @param layer that gives an output for each position, for messages
   * @throws RanbikiException if the texts of the batch are padded to another length
   */
  static TextPositions of(Batch batch, String layer, long tokens) {
    List<Tensor> masks = masks(batch);
    if (masks.isEmpty()) {
      return new TextPositions(batch.size(), tokens, null);
    }
    long[] wanted = {batch.size(), tokens};
    Tensor fits =
        masks.stream().filter(mask -> Arrays.equals(mask.shape(), wanted)).findFirst().orElse(null);
    if (fits == null) {
      throw RanbikiException.configuration(
          "The layer '%s' gives %d positions for texts of %d tokens. Name a layer that gives one"
              + " output for each token.",
          layer, tokens, masks.get(0).size(1));
    }
    Tensor known = fits.ne(0);
    boolean all = known.sum().item() == known.count();
    return new TextPositions(batch.size(), tokens, all ? null : known);
  }

  private static List<Tensor> masks(Batch batch) {
    return batch.masks().values().stream().filter(mask -> mask.dim() == 2).toList();
  }

  /** How many tokens a batch has; of texts that all are equally long, how many texts. */
  static double count(Batch batch) {
    List<Tensor> masks = masks(batch);
    return masks.isEmpty() ? batch.size() : masks.get(0).ne(0).sum().item();
  }

  /** The tokens of {@code [texts, tokens, width]}: {@code [all, width]}. */
  Tensor ofTokens(Tensor values) {
    Tensor rows = values.reshape(-1, values.size(2));
    return mask == null ? rows : rows.indexSelect(0, chosen(mask));
  }

  /** The pairs of tokens of {@code [texts, heads, tokens, tokens]}: {@code [all, heads]}. */
  Tensor ofPairs(Tensor values) {
    Tensor rows = values.permute(0, 2, 3, 1).reshape(-1, values.size(1));
    return mask == null ? rows : rows.indexSelect(0, chosen(pairs(mask)));
  }

  /**
   * The mean over the tokens of each text, and over texts.
   *
   * @param values one for each of {@link #ofTokens}
   */
  Tensor meanOverTokens(Tensor values) {
    return mask == null ? values.mean() : weighted(values, mask);
  }

  /**
   * The mean over the pairs of tokens of each text, and over texts.
   *
   * @param values one for each of {@link #ofPairs}
   */
  Tensor meanOverPairs(Tensor values) {
    return mask == null ? values.mean() : weighted(values, pairs(mask));
  }

  private Tensor weighted(Tensor values, Tensor counting) {
    return values.mul(shares(counting).flatten(0).indexSelect(0, chosen(counting))).sum();
  }

  /**
   * {@code [texts, tokens]}: what a token weighs in a mean over the tokens of each text and over
   * texts; 0 where a text was padded.
   */
  Tensor shares() {
    return mask == null
        ? Tensors.full(1.0 / ((double) texts * tokens), DType.FLOAT32, texts, tokens)
        : shares(mask);
  }

  private Tensor shares(Tensor counting) {
    Tensor ones = counting.to(DType.FLOAT32);
    Tensor each = ones.dim() == 2 ? ones.sumKeep(1) : ones.sumKeep(1, 2);
    return ones.div(each.clampMin(1)).div((double) texts);
  }

  /** Scores {@code [texts, heads, tokens, tokens]} that no softmax sees where keys were padded. */
  Tensor withoutPaddedKeys(Tensor scores) {
    return mask == null
        ? scores
        : scores.maskedFill(mask.not().unsqueeze(1).unsqueeze(1), Logits.EXCLUDED);
  }

  private static Tensor pairs(Tensor mask) {
    return mask.unsqueeze(2).mul(mask.unsqueeze(1));
  }

  private static Tensor chosen(Tensor counting) {
    return counting.flatten(0).nonzero().squeeze(1);
  }
}
