package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Dropout;
import io.ranbiki.nn.Embedding;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.LayerNorm;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Operation;
import io.ranbiki.nn.SelfAttention;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.TapPoint;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An encoder of texts that classifies them (Devlin et al. 2019, arXiv:1810.04805), as small as its
 * options say. Paths and layouts are those of {@code BertModel} in transformers: {@code
 * embeddings.word_embeddings}, {@code encoder.layer.0.attention.self.query}, ..., and {@code
 * classifier} behind it. Texts are of one kind: the token types are all 0. Deviation: attention
 * weights are not dropped.
 *
 * @param layers how many blocks
 * @param width of the vector of a token, a multiple of {@code heads}
 * @param heads of each attention
 * @param feedForward width inside a block
 * @param vocabulary number of ids
 * @param positions tokens of the longest text
 * @param pooling what is classified
 * @param dropout probability, 0 or more, below 1
 */
record Bert(
    int layers,
    int width,
    int heads,
    int feedForward,
    int vocabulary,
    int positions,
    Pooling pooling,
    double dropout)
    implements Architecture {

  private static final double DEVIATION = 0.02;
  private static final double EPSILON = 1e-12;
  private static final int TOKEN_TYPES = 2;

  /** What of a text is classified. */
  enum Pooling {
    /** The mean of its tokens. */
    MEAN,
    /** Its first token, through a linear layer and tanh: {@code pooler} in transformers. */
    CLS
  }

  static Bert read(Options options) {
    int layers = options.integer("layers", 2, "Blocks", Rule.between(1, 100));
    int width =
        options.integer("width", 128, "Numbers of a token, a multiple of heads", Rule.atLeast(1));
    return new Bert(
        layers,
        width,
        options.integer("heads", 2, "Heads of each attention", Rule.atLeast(1)),
        options
            .optionalInteger(
                "feed-forward",
                "Width inside a block; four times the width if left out",
                Rule.atLeast(1))
            .orElseGet(() -> options.settle("feed-forward", 4 * width)),
        options.integer("vocabulary", 30_522, "Number of ids", Rule.atLeast(1)),
        options.integer("positions", 512, "Tokens of the longest text", Rule.atLeast(1)),
        options.word("pooling", Pooling.MEAN, "What of a text is classified"),
        options.number("dropout", 0.1, "Probability of dropout", Rule.atLeast(0), Rule.below(1)));
  }

  /** Checks the heads. */
  Bert {
    if (width % heads != 0) {
      throw RanbikiException.configuration(
          "'heads' is %d, but must divide the width, %d.", heads, width);
    }
  }

  @Override
  public List<Field> inputs(List<Field> offered) {
    return Tokens.inputs("bert", offered);
  }

  @Override
  public Network build(List<Field> inputs, int classes, Generator generator) {
    return new Encoder(this, inputs, classes, generator);
  }

  @Override
  public NetworkSize size(List<Field> inputs, int classes) {
    NetworkSize block =
        NetworkSize.NONE
            .plus(NetworkSize.NONE.linear(width, width), 4)
            .linear(width, feedForward)
            .linear(feedForward, width)
            .batchNorm(width)
            .batchNorm(width);
    NetworkSize all =
        NetworkSize.NONE
            .table((double) vocabulary + positions + TOKEN_TYPES, width)
            .batchNorm(width)
            .plus(block, layers)
            .linear(width, classes);
    return pooling == Pooling.CLS ? all.linear(width, width) : all;
  }

  private static final class Encoder extends Network {

    private final Bert options;
    private final List<Field> inputs;
    private final Embeddings embeddings;
    private final List<Block> blocks = new ArrayList<>();
    private final List<TapPoint> hidden = new ArrayList<>();
    private final TapPoint pooledPoint;
    private final List<Layer> pooler;
    private final Layer dropout;
    private final Linear classifier;

    Encoder(Bert options, List<Field> inputs, int classes, Generator generator) {
      this.options = options;
      this.inputs = inputs;
      embeddings = child("embeddings", new Embeddings(options, generator));
      for (int i = 0; i < options.layers; i++) {
        blocks.add(child("encoder.layer." + i, new Block(options, generator)));
      }
      int width = options.width;
      pooler =
          options.pooling == Pooling.MEAN
              ? List.of()
              : List.of(
                  child("pooler.dense", Linear.normal(width, width, DEVIATION, generator)),
                  child("pooler.activation", new Activation(Activation.Kind.TANH)));
      dropout = child("dropout", new Dropout(options.dropout, generator));
      classifier = child("classifier", Linear.normal(width, classes, DEVIATION, generator));
      for (int i = 0; i <= options.layers; i++) {
        hidden.add(child("hidden." + i, new TapPoint()));
      }
      for (int i = 0; i < options.layers; i++) {
        SelfAttention.Points points = blocks.get(i).attention.points();
        child("query." + i, points.query);
        child("key." + i, points.key);
        child("value." + i, points.value);
        child("scores." + i, points.scores);
        child("attention." + i, points.attention);
      }
      pooledPoint = child("pooled", new TapPoint());
    }

    @Override
    public List<Field> inputs() {
      return inputs;
    }

    @Override
    public Signal answer(Map<String, Tensor> given) {
      Tensor mask = Objects.requireNonNull(given.get(Tokens.MASK));
      Tensor readable = SelfAttention.readable(mask);
      Tensor tokens = embeddings.apply(Objects.requireNonNull(given.get(Tokens.IDS)));
      hidden.get(0).show(tokens);
      for (int i = 0; i < blocks.size(); i++) {
        tokens = blocks.get(i).apply(tokens, readable);
        hidden.get(i + 1).show(tokens);
      }
      Tensor pooled =
          options.pooling == Pooling.MEAN ? Tokens.mean(tokens, mask) : tokens.select(1, 0);
      for (Layer layer : pooler) {
        pooled = layer.apply(pooled);
      }
      pooledPoint.show(pooled);
      return Signal.of(classifier.apply(dropout.apply(pooled)));
    }

    @Override
    protected String describe(Graph graph, Map<String, String> given) {
      String mask = Objects.requireNonNull(given.get(Tokens.MASK));
      String tokens = embeddings.describe(graph, Objects.requireNonNull(given.get(Tokens.IDS)));
      for (Block block : blocks) {
        tokens = block.describe(graph, tokens, mask);
      }
      String pooled =
          options.pooling == Pooling.MEAN
              ? graph.add(new Operation.MeanOfTokens(), tokens, mask)
              : graph.add(new Operation.FirstToken(), tokens);
      for (Layer layer : pooler) {
        pooled = graph.apply(layer, pooled);
      }
      return graph.apply(classifier, pooled);
    }
  }

  /** Sums the vectors of a token's id, of its position and of its type. */
  private static final class Embeddings extends Module {

    private final Embedding words;
    private final Embedding positions;
    private final Embedding types;
    private final Layer norm;
    private final Layer dropout;

    Embeddings(Bert options, Generator generator) {
      words = child("word_embeddings", table(options.vocabulary, options, generator));
      positions = child("position_embeddings", table(options.positions, options, generator));
      types = child("token_type_embeddings", table(TOKEN_TYPES, options, generator));
      norm = child("LayerNorm", new LayerNorm(options.width, EPSILON));
      dropout = child("dropout", new Dropout(options.dropout, generator));
    }

    private static Embedding table(int rows, Bert options, Generator generator) {
      return new Embedding(rows, options.width, DEVIATION, generator);
    }

    Tensor apply(Tensor ids) {
      long length = ids.size(1);
      long most = positions.table().size(0);
      if (length > most) {
        throw RanbikiException.configuration(
            "A text has %d tokens, but the network has positions for %d. Cut texts to that length,"
                + " or choose more positions.",
            length, most);
      }
      Tensor places = positions.table().narrow(0, 0, length);
      Tensor tokens = words.apply(ids).add(types.table().select(0, 0)).add(places);
      return shown(dropout.apply(norm.apply(tokens)));
    }

    String describe(Graph graph, String ids) {
      try (NoGrad noGrad = new NoGrad()) {
        Tensor table = positions.table().detach().add(types.table().detach().select(0, 0));
        return graph.within(
            this,
            () -> {
              String placed = graph.add(new Operation.AddPositions(table), graph.apply(words, ids));
              return graph.apply(norm, placed);
            });
      }
    }
  }

  /** Attention and two linear layers, each added to what went in and normalised. */
  private static final class Block extends Module {

    private final SelfAttention attention;
    private final Linear attended;
    private final Layer attendedDropout;
    private final Layer attendedNorm;
    private final Linear inner;
    private final Layer gelu;
    private final Linear outer;
    private final Layer outerDropout;
    private final Layer outerNorm;

    Block(Bert options, Generator generator) {
      int width = options.width;
      attention =
          child("attention.self", new SelfAttention(width, options.heads, DEVIATION, generator));
      attended = child("attention.output.dense", Linear.normal(width, width, DEVIATION, generator));
      attendedDropout = child("attention.output.dropout", new Dropout(options.dropout, generator));
      attendedNorm = child("attention.output.LayerNorm", new LayerNorm(width, EPSILON));
      inner =
          child(
              "intermediate.dense",
              Linear.normal(width, options.feedForward, DEVIATION, generator));
      gelu = child("intermediate.intermediate_act_fn", new Activation(Activation.Kind.GELU));
      outer =
          child("output.dense", Linear.normal(options.feedForward, width, DEVIATION, generator));
      outerDropout = child("output.dropout", new Dropout(options.dropout, generator));
      outerNorm = child("output.LayerNorm", new LayerNorm(width, EPSILON));
    }

    Tensor apply(Tensor tokens, Tensor readable) {
      Tensor read = attendedDropout.apply(attended.apply(attention.apply(tokens, readable)));
      Tensor between = attendedNorm.apply(read.add(tokens));
      Tensor changed = outerDropout.apply(outer.apply(gelu.apply(inner.apply(between))));
      return shown(outerNorm.apply(changed.add(between)));
    }

    String describe(Graph graph, String tokens, String mask) {
      return graph.within(
          this,
          () -> {
            String read = attended.describeEach(graph, attention.describe(graph, tokens, mask));
            String between =
                graph.apply(attendedNorm, graph.add(new Operation.Sum(), read, tokens));
            String inside = graph.apply(gelu, inner.describeEach(graph, between));
            String changed = outer.describeEach(graph, inside);
            return graph.apply(outerNorm, graph.add(new Operation.Sum(), changed, between));
          });
    }
  }
}
