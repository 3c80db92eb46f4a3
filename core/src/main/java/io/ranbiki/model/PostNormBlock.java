package io.ranbiki.model;

import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Attention;
import io.ranbiki.nn.Dropout;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.LayerNorm;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Operation;
import io.ranbiki.nn.SelfAttention;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/** Attention and two linear layers, each added to what went in and normalised: as in BERT. */
final class PostNormBlock extends EncoderBlock {

  private final SelfAttention attention;
  private final Linear attended;
  private final Layer attendedDropout;
  private final Layer attendedNorm;
  private final Linear inner;
  private final Layer activation;
  private final Linear outer;
  private final Layer outerDropout;
  private final Layer outerNorm;

  PostNormBlock(EncoderOptions options, EncoderPaths paths, Generator generator) {
    int width = options.width();
    double deviation = EncoderOptions.DEVIATION;
    attention =
        child(
            paths.attention(),
            new SelfAttention(width, options.heads(), deviation, paths.projections(), generator));
    attended = child(paths.attended(), Linear.normal(width, width, deviation, generator));
    attendedDropout = child(paths.attendedDropout(), new Dropout(options.dropout(), generator));
    attendedNorm = child(paths.attendedNorm(), new LayerNorm(width, options.epsilon()));
    inner = child(paths.inner(), Linear.normal(width, options.feedForward(), deviation, generator));
    activation = child(paths.activation(), new Activation(Activation.Kind.GELU));
    outer = child(paths.outer(), Linear.normal(options.feedForward(), width, deviation, generator));
    outerDropout = child(paths.outerDropout(), new Dropout(options.dropout(), generator));
    outerNorm = child(paths.outerNorm(), new LayerNorm(width, options.epsilon()));
  }

  @Override
  Tensor apply(Tensor tokens, Tensor readable) {
    Tensor read = attendedDropout.apply(attended.apply(attention.apply(tokens, readable)));
    Tensor between = attendedNorm.apply(read.add(tokens));
    Tensor changed = outerDropout.apply(outer.apply(activation.apply(inner.apply(between))));
    return shown(outerNorm.apply(changed.add(between)));
  }

  @Override
  String describe(Graph graph, String tokens, String mask) {
    return graph.within(
        this,
        () -> {
          String read = attended.describeEach(graph, attention.describe(graph, tokens, mask));
          String between = graph.apply(attendedNorm, graph.add(new Operation.Sum(), read, tokens));
          String inside = graph.apply(activation, inner.describeEach(graph, between));
          String changed = outer.describeEach(graph, inside);
          return graph.apply(outerNorm, graph.add(new Operation.Sum(), changed, between));
        });
  }

  @Override
  Attention.Points points() {
    return attention.points();
  }
}
