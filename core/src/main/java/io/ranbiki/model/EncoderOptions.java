package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Encoder} is made by.
 *
 * @param family what it is called and which of today's parts it has
 * @param layers how many blocks
 * @param width of the vector of a token, a multiple of {@code heads}
 * @param heads of each attention
 * @param feedForward width inside a block
 * @param vocabulary number of ids
 * @param positions tokens of the longest text
 * @param pooling how the vectors of a text's tokens become one
 * @param head what makes the answer of that one
 * @param unitLength whether the answer is brought to length 1
 * @param dropout probability, 0 or more, below 1
 * @param epsilon of every normalisation
 * @param rotary of MODERNBERT alone
 */
record EncoderOptions(
    EncoderFamily family,
    int layers,
    int width,
    int heads,
    int feedForward,
    int vocabulary,
    int positions,
    Pooling pooling,
    Head head,
    boolean unitLength,
    double dropout,
    double epsilon,
    @Nullable Rotary rotary) {

  /** Of the initial weights: BERT's. */
  static final double DEVIATION = 0.02;

  /** What makes the answer of a text's vector. */
  enum Head {
    /** A linear layer, and before it what the family has there. */
    LINEAR,
    /** The vector is the answer. */
    NONE,
    /** No vector of a text: each hidden piece is guessed of the vector at its place. */
    MASKED_LANGUAGE,
    /** A linear layer on the vector, as sentence-transformers has it. */
    DENSE,
    /** The same, and the hyperbolic tangent of its numbers. */
    DENSE_TANH
  }

  /**
   * How MODERNBERT knows positions.
   *
   * @param globalBase of the angles in blocks where all tokens are read
   * @param window how far away a token may be that is read in the other blocks; empty if there are
   *     none
   * @param localBase of the angles in these
   * @param globalEvery one of so many blocks reads all tokens, the first among them
   * @param global the blocks that do so, where they come at other distances
   */
  record Rotary(
      double globalBase,
      Optional<Integer> window,
      double localBase,
      int globalEvery,
      Optional<List<Integer>> global) {

    private boolean isGlobal(int block) {
      return window.isEmpty()
          || global.map(blocks -> blocks.contains(block)).orElse(block % globalEvery == 0);
    }

    double base(int block) {
      return isGlobal(block) ? globalBase : localBase;
    }

    int window(int block) {
      return isGlobal(block) ? 0 : window.orElseThrow();
    }
  }

  static EncoderOptions read(EncoderFamily family, Options options) {
    boolean modern = family == EncoderFamily.MODERNBERT;
    int layers = options.integer("layers", 2, "Blocks", Rule.between(1, 100));
    int width =
        options.integer("width", 128, "Numbers of a token, a multiple of heads", Rule.atLeast(1));
    return new EncoderOptions(
        family,
        layers,
        width,
        options.integer("heads", 2, "Heads of each attention", Rule.atLeast(1)),
        options
            .optionalInteger(
                "feed-forward",
                modern
                    ? "Width inside a block; two times the width if left out, since it is made"
                        + " twice"
                    : "Width inside a block; four times the width if left out",
                Rule.atLeast(1))
            .orElseGet(() -> options.settle("feed-forward", (modern ? 2 : 4) * width)),
        options.integer("vocabulary", 30_522, "Number of ids", Rule.atLeast(1)),
        options.integer("positions", 512, "Tokens of the longest text", Rule.atLeast(1)),
        options.word("pooling", Pooling.MEAN, "What of a text is classified"),
        options.word("head", Head.LINEAR, "What makes the answer of it"),
        options
            .optionalBool("unit-length", "Whether the answer, a vector, is brought to length 1")
            .orElse(false),
        options.number("dropout", 0.1, "Probability of dropout", Rule.atLeast(0), Rule.below(1)),
        options.number(
            "epsilon", family.epsilon, "What normalisation adds to the variance", Rule.above(0)),
        modern ? rotary(options) : null);
  }

  private static Rotary rotary(Options options) {
    double base =
        options.number(
            "rotary-base", 10_000, "How slowly the angles of positions grow", Rule.above(1));
    Optional<Integer> window =
        options.optionalInteger(
            "window",
            "How far away a token may be that is read; any distance if left out",
            Rule.atLeast(1));
    return new Rotary(
        base,
        window,
        options.number(
            "local-rotary-base", 10_000, "The same in blocks with a window", Rule.above(1)),
        options.integer(
            "global-every",
            3,
            "One of so many blocks has no window, the first among them",
            Rule.atLeast(1)),
        options.optionalValue(
            "global-layers",
            "The blocks that have no window, counted from 0, in place of 'global-every'",
            node -> node.list(block -> block.integer(Rule.atLeast(0)))));
  }

  /** Whether a linear layer on the vector of a text makes the answer. */
  boolean isDense() {
    return head == Head.DENSE || head == Head.DENSE_TANH;
  }

  /** Checks the heads. */
  EncoderOptions {
    if (width % heads != 0) {
      throw RanbikiException.configuration(
          "'heads' is %d, but must divide the width, %d.", heads, width);
    }
    if (rotary != null && width / heads % 2 != 0) {
      throw RanbikiException.configuration(
          "'heads' is %d, but must divide half of the width, %d, since positions turn pairs of"
              + " numbers.",
          heads, width);
    }
  }
}
