package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Conv1d;
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
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Convolutions of windows of several widths over the vectors of a text's tokens, ReLU, the largest
 * value of each channel over the whole text, and a linear layer. Padding is 0 to every window, as
 * is what lies beyond the ends of a text, so that an answer does not depend on the texts beside it.
 * Paths: {@code word_embeddings}, {@code convs.0}, ..., {@code classifier}.
 *
 * <p>Source: Kim 2014, "Convolutional neural networks for sentence classification",
 * arXiv:1408.5882. Deviations: windows reach beyond the ends, vectors are dropped out, too, and no
 * norm is kept small.
 *
 * @param width of the vector of a token
 * @param channels of each window
 * @param window tokens that the widest convolution sees at once, an odd number; there is one for
 *     every odd number up to it
 * @param vocabulary number of ids
 * @param dropout probability that a number of the vectors, or of what is classified, is left out, 0
 *     or more, below 1
 */
record TextCnn(int width, int channels, int window, int vocabulary, double dropout)
    implements Architecture {

  private static final double DEVIATION = 0.1;

  static TextCnn read(Options options) {
    return new TextCnn(
        options.integer("width", 64, "Numbers of a token", Rule.atLeast(1)),
        options.integer("channels", 128, "Channels of each window", Rule.atLeast(1)),
        options.integer(
            "window",
            5,
            "Tokens that the widest convolution sees at once; there is one for every odd number up"
                + " to it",
            Rule.between(1, 99)),
        options.integer("vocabulary", 30_522, "Number of ids", Rule.atLeast(1)),
        options.number("dropout", 0.1, "Probability of dropout", Rule.atLeast(0), Rule.below(1)));
  }

  /** Checks the window. */
  TextCnn {
    if (window % 2 == 0) {
      throw RanbikiException.configuration(
          "'window' is %d, but must be odd; a token stands in its middle.", window);
    }
  }

  @Override
  public List<Field> inputs(List<Field> offered) {
    return Tokens.inputs("text-cnn", offered);
  }

  @Override
  public Network build(List<Field> inputs, int classes, Generator generator) {
    return new Windows(this, inputs, classes, generator);
  }

  @Override
  public NetworkSize size(List<Field> inputs, int classes) {
    NetworkSize size = NetworkSize.NONE.table(vocabulary, width);
    for (int seen = 1; seen <= window; seen += 2) {
      size = size.convolution(width, channels, seen, true, 1);
    }
    return size.linear(channels * (window + 1.0) / 2, classes);
  }

  private static final class Windows extends Network {

    private final List<Field> inputs;
    private final Embedding words;
    private final List<Layer> convolutions = new ArrayList<>();
    private final Layer relu;
    private final Layer dropout;
    private final Linear classifier;

    Windows(TextCnn options, List<Field> inputs, int classes, Generator generator) {
      this.inputs = inputs;
      words =
          child(
              "word_embeddings",
              new Embedding(options.vocabulary, options.width, DEVIATION, generator));
      for (int seen = 1; seen <= options.window; seen += 2) {
        convolutions.add(
            child(
                "convs." + convolutions.size(),
                new Conv1d(options.width, options.channels, seen, generator)));
      }
      relu = child("relu", new Activation(Activation.Kind.RELU));
      dropout = child("dropout", new Dropout(options.dropout, generator));
      long joined = (long) options.channels * convolutions.size();
      classifier = child("classifier", new Linear(joined, classes, generator));
    }

    @Override
    public List<Field> inputs() {
      return inputs;
    }

    @Override
    public Signal answer(Map<String, Tensor> given) {
      Tensor mask = Objects.requireNonNull(given.get(Tokens.MASK));
      Tensor tokens = dropout.apply(words.apply(Objects.requireNonNull(given.get(Tokens.IDS))));
      Tensor read = mask.ne(0).to(tokens.dtype()).unsqueeze(1);
      Tensor maps = tokens.transpose(1, 2).mul(read);
      List<Tensor> largest = new ArrayList<>();
      for (Layer convolution : convolutions) {
        largest.add(relu.apply(convolution.apply(maps)).mul(read).amax(2, false));
      }
      return Signal.of(classifier.apply(dropout.apply(Tensors.cat(largest, 1))));
    }

    @Override
    protected String describe(Graph graph, Map<String, String> given) {
      String mask = Objects.requireNonNull(given.get(Tokens.MASK));
      String tokens = graph.apply(words, Objects.requireNonNull(given.get(Tokens.IDS)));
      String maps = graph.add(new Operation.MapsOfTokens(), tokens, mask);
      String[] largest = new String[convolutions.size()];
      for (int i = 0; i < largest.length; i++) {
        String seen = graph.apply(relu, graph.apply(convolutions.get(i), maps));
        largest[i] = graph.add(new Operation.LargestOfTokens(), seen, mask);
      }
      return graph.apply(classifier, graph.add(new Operation.Join(), largest));
    }
  }
}
