package io.ranbiki.model;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Dropout;
import io.ranbiki.nn.Embedding;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Operation;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The smallest network for texts: a vector for each token, whatever stands around it, their mean,
 * and a linear layer that classifies it. Paths: {@code word_embeddings}, {@code classifier}.
 *
 * <p>Source: Joulin et al. 2016, "Bag of tricks for efficient text classification",
 * arXiv:1607.01759, section 2, with pieces of words in place of words and their pairs.
 *
 * @param width of the vector of a token
 * @param vocabulary number of ids
 * @param dropout probability that a number of the mean is left out, 0 or more, below 1
 */
record StaticEmbedding(int width, int vocabulary, double dropout) implements Architecture {

  private static final double DEVIATION = 0.02;

  static StaticEmbedding read(Options options) {
    return new StaticEmbedding(
        options.integer("width", 128, "Numbers of a token", Rule.atLeast(1)),
        options.integer("vocabulary", 30_522, "Number of ids", Rule.atLeast(1)),
        options.number("dropout", 0.1, "Probability of dropout", Rule.atLeast(0), Rule.below(1)));
  }

  @Override
  public List<Field> inputs(List<Field> offered) {
    return Tokens.inputs("static-embedding", offered);
  }

  @Override
  public Network build(List<Field> inputs, int classes, Generator generator) {
    return new Mean(this, inputs, classes, generator);
  }

  @Override
  public NetworkSize size(List<Field> inputs, int classes) {
    return NetworkSize.NONE.table(vocabulary, width).linear(width, classes);
  }

  private static final class Mean extends Network {

    private final List<Field> inputs;
    private final Embedding words;
    private final Layer dropout;
    private final Linear classifier;

    Mean(StaticEmbedding options, List<Field> inputs, int classes, Generator generator) {
      this.inputs = inputs;
      words =
          child(
              "word_embeddings",
              new Embedding(options.vocabulary, options.width, DEVIATION, generator));
      dropout = child("dropout", new Dropout(options.dropout, generator));
      classifier = child("classifier", Linear.normal(options.width, classes, DEVIATION, generator));
    }

    @Override
    public List<Field> inputs() {
      return inputs;
    }

    @Override
    public Signal answer(Map<String, Tensor> given) {
      Tensor tokens = words.apply(Objects.requireNonNull(given.get(Tokens.IDS)));
      Tensor mean = Tokens.mean(tokens, Objects.requireNonNull(given.get(Tokens.MASK)));
      return Signal.of(classifier.apply(dropout.apply(mean)));
    }

    @Override
    protected String describe(Graph graph, Map<String, String> given) {
      String tokens = graph.apply(words, Objects.requireNonNull(given.get(Tokens.IDS)));
      String mask = Objects.requireNonNull(given.get(Tokens.MASK));
      String mean = graph.add(new Operation.MeanOfTokens(), tokens, mask);
      return graph.apply(classifier, mean);
    }
  }
}
