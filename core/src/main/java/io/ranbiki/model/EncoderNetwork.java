package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Masking;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Attention;
import io.ranbiki.nn.Dropout;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.LayerNorm;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.TapPoint;
import io.ranbiki.nn.UnitLength;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The network of an {@link Encoder}. */
final class EncoderNetwork extends Network {

  private final EncoderOptions options;
  private final List<Field> inputs;
  private final EncoderEmbeddings embeddings;
  private final List<EncoderBlock> blocks = new ArrayList<>();
  private final Optional<LayerNorm> last;
  private final List<Layer> head = new ArrayList<>();
  private final Optional<PieceHead> guess;
  private final List<TapPoint> hidden = new ArrayList<>();
  private final TapPoint pooled;

  EncoderNetwork(EncoderOptions options, List<Field> inputs, int classes, Generator generator) {
    this.options = options;
    this.inputs = inputs;
    embeddings = child("embeddings", new EncoderEmbeddings(options, generator));
    for (int i = 0; i < options.layers(); i++) {
      blocks.add(child(options.family().layers + i, block(options, i, generator)));
    }
    last =
        options.rotary() == null
            ? Optional.empty()
            : Optional.of(
                child("final_norm", LayerNorm.withoutBias(options.width(), options.epsilon())));
    if (options.head() == EncoderOptions.Head.LINEAR) {
      addHead(classes, generator);
    } else if (options.isDense()) {
      addDense(classes, generator);
    }
    if (options.unitLength()) {
      head.add(child("unit_length", new UnitLength()));
    }
    guess =
        options.head() == EncoderOptions.Head.MASKED_LANGUAGE
            ? Optional.of(child("", new PieceHead(options, embeddings.words(), generator)))
            : Optional.empty();
    for (int i = 0; i <= options.layers(); i++) {
      hidden.add(child("hidden." + i, new TapPoint()));
    }
    for (int i = 0; i < options.layers(); i++) {
      Attention.Points points = blocks.get(i).points();
      child("query." + i, points.query);
      child("key." + i, points.key);
      child("value." + i, points.value);
      child("scores." + i, points.scores);
      child("attention." + i, points.attention);
    }
    pooled = child("pooled", new TapPoint());
  }

  private static EncoderBlock block(EncoderOptions options, int index, Generator generator) {
    EncoderOptions.Rotary rotary = options.rotary();
    return rotary == null
        ? new PostNormBlock(options, Objects.requireNonNull(options.family().block), generator)
        : new PreNormBlock(options, rotary, index, generator);
  }

  private void addHead(int classes, Generator generator) {
    int width = options.width();
    double deviation = EncoderOptions.DEVIATION;
    EncoderFamily.Head family = options.family().head;
    String classifier = "classifier";
    if (family == null) {
      head.add(child("head.dense", Linear.normalWithoutBias(width, width, deviation, generator)));
      head.add(child("head.act", new Activation(Activation.Kind.GELU)));
      head.add(child("head.norm", LayerNorm.withoutBias(width, options.epsilon())));
    } else if (options.pooling() == Pooling.CLS) {
      head.add(child(family.dense(), Linear.normal(width, width, deviation, generator)));
      head.add(child(family.activation(), new Activation(family.kind())));
      classifier = family.classifier();
    }
    head.add(child("dropout", new Dropout(options.dropout(), generator)));
    head.add(child(classifier, Linear.normal(width, classes, deviation, generator)));
  }

  private void addDense(int numbers, Generator generator) {
    double deviation = EncoderOptions.DEVIATION;
    Linear linear = Linear.normal(options.width(), numbers, deviation, generator);
    head.add(child("dense.linear", linear));
    if (options.head() == EncoderOptions.Head.DENSE_TANH) {
      head.add(child("dense.activation_function", new Activation(Activation.Kind.TANH)));
    }
  }

  @Override
  public List<Field> inputs() {
    return inputs;
  }

  @Override
  public Signal answer(Map<String, Tensor> given) {
    Tensor mask = Objects.requireNonNull(given.get(Tokens.MASK));
    Tensor readable = Attention.readable(mask);
    Tensor tokens =
        embeddings.apply(Objects.requireNonNull(given.get(Tokens.IDS)), given.get(Tokens.TYPES));
    for (int i = 0; i < blocks.size(); i++) {
      hidden.get(i).show(tokens);
      tokens = blocks.get(i).apply(tokens, readable);
    }
    tokens = last.isPresent() ? last.get().apply(tokens) : tokens;
    hidden.get(blocks.size()).show(tokens);
    if (guess.isPresent()) {
      Tensor places = Objects.requireNonNull(given.get(Masking.PLACES));
      return Signal.of(guess.get().apply(tokens, places));
    }
    Tensor vector = options.pooling().apply(tokens, mask);
    pooled.show(vector);
    for (Layer layer : head) {
      vector = layer.apply(vector);
    }
    return Signal.of(vector);
  }

  @Override
  protected String describe(Graph graph, Map<String, String> given) {
    if (guess.isPresent()) {
      throw RanbikiException.model(
          "A network that guesses hidden pieces has no ONNX file: what is of use elsewhere is its"
              + " encoder. Write its folder instead: ranbiki export RUN --to folder"
              + " --output FOLDER.");
    }
    String mask = Objects.requireNonNull(given.get(Tokens.MASK));
    String tokens =
        embeddings.describe(
            graph, Objects.requireNonNull(given.get(Tokens.IDS)), given.get(Tokens.TYPES));
    for (EncoderBlock block : blocks) {
      tokens = block.describe(graph, tokens, mask);
    }
    tokens = last.isPresent() ? graph.apply(last.get(), tokens) : tokens;
    String vector = options.pooling().describe(graph, tokens, mask);
    for (Layer layer : head) {
      vector = graph.apply(layer, vector);
    }
    return vector;
  }
}
