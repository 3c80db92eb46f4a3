package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Dropout;
import io.ranbiki.nn.Embedding;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.LayerNorm;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Operation;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sums the vectors of a token's id and, as the family has them, of its position and of its type,
 * and normalises the sum. The types are all 0 unless they are given.
 */
final class EncoderEmbeddings extends Module {

  private final int most;
  private final int offset;
  private final Embedding words;
  private final Optional<Embedding> positions;
  private final Optional<Embedding> types;
  private final Layer norm;
  private final Layer dropout;

  EncoderEmbeddings(EncoderOptions options, Generator generator) {
    EncoderFamily family = options.family();
    boolean rotary = options.rotary() != null;
    most = options.positions();
    offset = family.positionOffset;
    words =
        child(
            rotary ? "tok_embeddings" : "word_embeddings",
            table(options.vocabulary(), options, generator));
    positions =
        rotary
            ? Optional.empty()
            : Optional.of(child("position_embeddings", table(most + offset, options, generator)));
    types =
        family.types == 0
            ? Optional.empty()
            : Optional.of(child("token_type_embeddings", table(family.types, options, generator)));
    norm =
        rotary
            ? child("norm", LayerNorm.withoutBias(options.width(), options.epsilon()))
            : child("LayerNorm", new LayerNorm(options.width(), options.epsilon()));
    dropout = child(rotary ? "drop" : "dropout", new Dropout(options.dropout(), generator));
  }

  private static Embedding table(int rows, EncoderOptions options, Generator generator) {
    return new Embedding(rows, options.width(), EncoderOptions.DEVIATION, generator);
  }

  /**
   * {@code [batch, tokens]} to {@code [batch, tokens, width]}.
   *
   * @param kinds of the tokens, {@code [batch, tokens]}; null if all are of the first
   */
  Tensor apply(Tensor ids, @Nullable Tensor kinds) {
    long length = ids.size(1);
    if (length > most) {
      throw RanbikiException.configuration(
          "A text has %d tokens, but the network has positions for %d. Cut texts to that length,"
              + " or choose more positions.",
          length, most);
    }
    Tensor tokens = words.apply(ids);
    if (types.isPresent()) {
      Tensor each = kinds == null ? types.get().table().select(0, 0) : types.get().apply(kinds);
      tokens = tokens.add(each);
    }
    if (positions.isPresent()) {
      tokens = tokens.add(positions.get().table().narrow(0, offset, length));
    }
    return shown(dropout.apply(norm.apply(tokens)));
  }

  /** The vector of every piece, {@code [vocabulary, width]}. */
  Tensor words() {
    return words.table();
  }

  String describe(Graph graph, String ids, @Nullable String kinds) {
    return graph.within(
        this,
        () -> {
          String tokens = graph.apply(words, ids);
          if (kinds != null && types.isPresent()) {
            tokens = graph.add(new Operation.Sum(), tokens, graph.apply(types.get(), kinds));
          }
          if (positions.isPresent()) {
            Tensor places = added(positions.get(), kinds == null);
            tokens = graph.add(new Operation.AddPositions(places), tokens);
          }
          return graph.apply(norm, tokens);
        });
  }

  /**
   * What is added at each position.
   *
   * @param first whether all tokens have the first type, so that it is added as well
   */
  private Tensor added(Embedding table, boolean first) {
    try (NoGrad noGrad = new NoGrad()) {
      Tensor places = table.table().detach().narrow(0, offset, most);
      return first && types.isPresent()
          ? places.add(types.get().table().detach().select(0, 0))
          : places;
    }
  }
}
