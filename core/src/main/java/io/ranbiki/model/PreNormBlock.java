package io.ranbiki.model;

import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Attention;
import io.ranbiki.nn.Dropout;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.LayerNorm;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Operation;
import io.ranbiki.nn.RotaryAttention;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.Optional;

/**
 * Attention with rotary positions and a gated unit, each of a normalised input and added to what
 * went in, without biases: as in ModernBERT.
 */
final class PreNormBlock extends EncoderBlock {

  private final int feedForward;
  private final Optional<LayerNorm> attentionNorm;
  private final RotaryAttention attention;
  private final Linear attended;
  private final Layer attendedDropout;
  private final LayerNorm unitNorm;
  private final Linear inner;
  private final Layer activation;
  private final Layer innerDropout;
  private final Linear outer;

  /**
   * Makes a block.
   *
   * @param index of the block: what goes into the first one is normalised already
   */
  PreNormBlock(
      EncoderOptions options, EncoderOptions.Rotary rotary, int index, Generator generator) {
    int width = options.width();
    double deviation = EncoderOptions.DEVIATION;
    feedForward = options.feedForward();
    attentionNorm =
        index == 0
            ? Optional.empty()
            : Optional.of(child("attn_norm", LayerNorm.withoutBias(width, options.epsilon())));
    attention =
        child(
            "attn",
            new RotaryAttention(
                width,
                options.heads(),
                rotary.base(index),
                rotary.window(index),
                deviation,
                generator));
    attended = child("attn.Wo", Linear.normalWithoutBias(width, width, deviation, generator));
    attendedDropout = child("attn.out_drop", new Dropout(options.dropout(), generator));
    unitNorm = child("mlp_norm", LayerNorm.withoutBias(width, options.epsilon()));
    inner =
        child("mlp.Wi", Linear.normalWithoutBias(width, 2L * feedForward, deviation, generator));
    activation = child("mlp.act", new Activation(Activation.Kind.GELU));
    innerDropout = child("mlp.drop", new Dropout(options.dropout(), generator));
    outer = child("mlp.Wo", Linear.normalWithoutBias(feedForward, width, deviation, generator));
  }

  @Override
  Tensor apply(Tensor tokens, Tensor readable) {
    Tensor normal = attentionNorm.isPresent() ? attentionNorm.get().apply(tokens) : tokens;
    Tensor read = attendedDropout.apply(attended.apply(attention.apply(normal, readable)));
    Tensor between = tokens.add(read);
    Tensor both = inner.apply(unitNorm.apply(between));
    Tensor changed = activation.apply(both.narrow(2, 0, feedForward));
    Tensor gated = changed.mul(both.narrow(2, feedForward, feedForward));
    return shown(between.add(outer.apply(innerDropout.apply(gated))));
  }

  @Override
  String describe(Graph graph, String tokens, String mask) {
    return graph.within(
        this,
        () -> {
          String normal =
              attentionNorm.isPresent() ? graph.apply(attentionNorm.get(), tokens) : tokens;
          String read = attended.describeEach(graph, attention.describe(graph, normal, mask));
          String between = graph.add(new Operation.Sum(), tokens, read);
          String both = inner.describeEach(graph, graph.apply(unitNorm, between));
          String changed =
              graph.apply(activation, graph.add(new Operation.Part(0, feedForward), both));
          String gate = graph.add(new Operation.Part(feedForward, feedForward), both);
          String gated = graph.add(new Operation.Product(), changed, gate);
          return graph.add(new Operation.Sum(), between, outer.describeEach(graph, gated));
        });
  }

  @Override
  Attention.Points points() {
    return attention.points();
  }
}
