package io.ranbiki.model;

import io.ranbiki.nn.Activation;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The families of encoders of texts, by what they differ in: names, as transformers gives them, and
 * a few numbers. {@link Encoder} says what they have in common.
 */
enum EncoderFamily {
  /** Devlin et al. 2019, arXiv:1810.04805. MiniLM, E5, BGE and most sentence encoders, too. */
  BERT(
      2,
      0,
      1e-12,
      "encoder.layer.",
      new EncoderPaths(
          "attention.self",
          List.of("query", "key", "value"),
          "attention.output.dense",
          "attention.output.dropout",
          "attention.output.LayerNorm",
          "intermediate.dense",
          "intermediate.intermediate_act_fn",
          "output.dense",
          "output.dropout",
          "output.LayerNorm"),
      new Head("pooler.dense", "pooler.activation", Activation.Kind.TANH, "classifier"),
      new Guess(
          "cls.predictions.transform.dense",
          "cls.predictions.transform.LayerNorm",
          "cls.predictions.bias")),

  /** Sanh et al. 2019, arXiv:1910.01108: BERT without types of tokens. */
  DISTILBERT(
      0,
      0,
      1e-12,
      "transformer.layer.",
      new EncoderPaths(
          "attention",
          List.of("q_lin", "k_lin", "v_lin"),
          "attention.out_lin",
          "attention.dropout",
          "sa_layer_norm",
          "ffn.lin1",
          "ffn.activation",
          "ffn.lin2",
          "ffn.dropout",
          "output_layer_norm"),
      new Head("pre_classifier", "pre_classifier.activation", Activation.Kind.RELU, "classifier"),
      new Guess("vocab_transform", "vocab_layer_norm", "vocab_projector.bias")),

  /**
   * Liu et al. 2019, arXiv:1907.11692, and XLM-R (arXiv:1911.02116): the first two positions belong
   * to the padding.
   */
  ROBERTA(
      1,
      2,
      1e-5,
      BERT.layers,
      BERT.block,
      new Head(
          "classifier.dense", "classifier.activation", Activation.Kind.TANH, "classifier.out_proj"),
      new Guess("lm_head.dense", "lm_head.layer_norm", "lm_head.bias")),

  /**
   * Warner et al. 2024, arXiv:2412.13663: rotary positions (arXiv:2104.09864), normalisation before
   * each part, gated units (arXiv:2002.05202), no biases.
   */
  MODERNBERT(
      0, 0, 1e-5, "layers.", null, null, new Guess("head.dense", "head.norm", "decoder.bias"));

  /**
   * What stands before the last layer where the first token is classified.
   *
   * @param dense path of a linear layer
   * @param activation path of what follows it
   * @param kind of what follows it
   * @param classifier path of the last layer
   */
  record Head(String dense, String activation, Activation.Kind kind, String classifier) {}

  /**
   * What guesses a hidden piece.
   *
   * @param dense path of a linear layer, which a GELU follows
   * @param norm path of the normalisation behind that
   * @param bias path of what is added for each piece; the vectors of the words are the rest
   */
  record Guess(String dense, String norm, String bias) {}

  /** Kinds of tokens; 0 if there are none. */
  final int types;

  /** Rows of the table of positions before that of the first token. */
  final int positionOffset;

  final double epsilon;

  /** What stands before the number of a block. */
  final String layers;

  /** Names inside a block; null for MODERNBERT, which has another. */
  final @Nullable EncoderPaths block;

  /** Null for MODERNBERT, which has another. */
  final @Nullable Head head;

  final Guess guess;

  EncoderFamily(
      int types,
      int positionOffset,
      double epsilon,
      String layers,
      @Nullable EncoderPaths block,
      @Nullable Head head,
      Guess guess) {
    this.types = types;
    this.positionOffset = positionOffset;
    this.epsilon = epsilon;
    this.layers = layers;
    this.block = block;
    this.head = head;
    this.guess = guess;
  }

  /** The name of the architecture. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
