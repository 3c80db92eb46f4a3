package io.ranbiki.model;

import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.LayerNorm;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.stream.LongStream;

/**
 * Guesses the pieces that were hidden: of the vectors at their places alone, since an answer is as
 * long as the vocabulary. Its last layer has the vectors of the words as its weights, as BERT has.
 */
final class PieceHead extends Module {

  private final Layer dense;
  private final Layer activation;
  private final Layer norm;
  private final Tensor words;
  private final Tensor bias;

  /**
   * Makes a head.
   *
   * @param words {@code [pieces, width]}, which the embeddings own
   */
  PieceHead(EncoderOptions options, Tensor words, Generator generator) {
    EncoderFamily.Guess family = options.family().guess;
    int width = options.width();
    boolean plain = options.rotary() == null;
    dense =
        child(
            family.dense(),
            plain
                ? Linear.normal(width, width, EncoderOptions.DEVIATION, generator)
                : Linear.normalWithoutBias(width, width, EncoderOptions.DEVIATION, generator));
    activation = child(family.dense() + "_act", new Activation(Activation.Kind.GELU));
    norm =
        child(
            family.norm(),
            plain
                ? new LayerNorm(width, options.epsilon())
                : LayerNorm.withoutBias(width, options.epsilon()));
    this.words = words;
    bias = parameter(family.bias(), Tensors.zeros(words.size(0)));
  }

  /**
   * The logits of all pieces for each place.
   *
   * @param tokens {@code [batch, tokens, width]}
   * @param places {@code [batch, places]} INT64
   * @return {@code [batch, places, pieces]}
   */
  Tensor apply(Tensor tokens, Tensor places) {
    long batch = tokens.size(0);
    long[] begin = LongStream.range(0, batch).map(text -> text * tokens.size(1)).toArray();
    Tensor first = Tensors.of(begin, batch, 1).to(places.device());
    Tensor chosen = tokens.reshape(-1, tokens.size(2)).indexSelect(0, places.add(first).flatten(0));
    Tensor guess = norm.apply(activation.apply(dense.apply(chosen)));
    return Functional.linear(guess, words, bias).reshape(batch, places.size(1), words.size(0));
  }
}
