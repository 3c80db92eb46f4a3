package io.ranbiki.model;

import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Operation;
import io.ranbiki.tensor.Tensor;

/** How the vectors of a text's tokens become one. */
enum Pooling {
  /** Their mean. */
  MEAN {
    @Override
    Tensor apply(Tensor tokens, Tensor mask) {
      return Tokens.mean(tokens, mask);
    }

    @Override
    String describe(Graph graph, String tokens, String mask) {
      return graph.add(new Operation.MeanOfTokens(), tokens, mask);
    }
  },

  /** The first one's, which stands before the text. */
  CLS {
    @Override
    Tensor apply(Tensor tokens, Tensor mask) {
      return tokens.select(1, 0);
    }

    @Override
    String describe(Graph graph, String tokens, String mask) {
      return graph.add(new Operation.FirstToken(), tokens);
    }
  },

  /** The largest number at each place. */
  MAX {
    @Override
    Tensor apply(Tensor tokens, Tensor mask) {
      return tokens.maskedFill(mask.eq(0).unsqueeze(2), Operation.MaxOfTokens.NEVER).amax(1, false);
    }

    @Override
    String describe(Graph graph, String tokens, String mask) {
      return graph.add(new Operation.MaxOfTokens(), tokens, mask);
    }
  };

  /**
   * Makes one vector of each text.
   *
   * @param tokens {@code [batch, tokens, width]}
   * @param mask {@code [batch, tokens]}, 0 for padding
   * @return {@code [batch, width]}
   */
  abstract Tensor apply(Tensor tokens, Tensor mask);

  abstract String describe(Graph graph, String tokens, String mask);
}
