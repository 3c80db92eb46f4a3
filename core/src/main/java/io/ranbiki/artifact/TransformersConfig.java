package io.ranbiki.artifact;

import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Tokenizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What transformers calls the sizes of an encoder of texts in its {@code config.json}: the other
 * direction of {@link HubFolder}.
 */
final class TransformersConfig {

  private static final String EPSILON = "epsilon";

  /** What texts are padded with in the tokenizers of BERT and RoBERTa. */
  private static final List<String> PADDING = List.of("[PAD]", "<pad>");

  /** Where RoBERTa's positions begin depends on the id of padding. */
  private static final int PADDING_OF_ROBERTA = 1;

  private TransformersConfig() {}

  /** Whether the library computes what a network does, and pads what its tokenizer makes. */
  static boolean has(ModelSpec spec, Tokenizer tokenizer) {
    return lacks(spec, tokenizer).isEmpty();
  }

  /** What the library does otherwise than a network or its tokenizer, in a clause. */
  static Optional<String> lacks(ModelSpec spec, Tokenizer tokenizer) {
    Optional<Integer> padding = padding(tokenizer).map(piece -> tokenizer.pieces().get(piece));
    if (padding.isEmpty()) {
      return Optional.of("the tokenizer has none of the pieces " + String.join(", ", PADDING));
    }
    return switch (spec.architecture()) {
      case "bert" -> Optional.empty();
      // What normalisation adds is fixed there; of modernbert, behind the encoder.
      case "distilbert" -> epsilon(spec, 1e-12);
      case "modernbert" -> epsilon(spec, 1e-5);
      case "roberta" ->
          padding.get() == PADDING_OF_ROBERTA
              ? Optional.empty()
              : Optional.of(
                  "positions begin there behind the id of padding, as if that were "
                      + PADDING_OF_ROBERTA
                      + ", but the tokenizer has "
                      + padding.get());
      default -> Optional.of("it has no network like " + spec.architecture());
    };
  }

  private static Optional<String> epsilon(ModelSpec spec, double there) {
    Object own = spec.options().getOrDefault(EPSILON, there);
    return own.equals(there)
        ? Optional.empty()
        : Optional.of("normalisation adds " + there + " there, but " + own + " in this network");
  }

  /** The piece with which texts are padded. */
  static Optional<String> padding(Tokenizer tokenizer) {
    return PADDING.stream().filter(tokenizer.pieces()::containsKey).findFirst();
  }

  /** The keys of a network that {@link #has} says yes to. */
  static Map<String, Object> keys(ModelSpec spec, Tokenizer tokenizer) {
    Map<String, Object> options = spec.options();
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("model_type", spec.architecture());
    keys.put("vocab_size", options.get("vocabulary"));
    keys.put("pad_token_id", tokenizer.pieces().get(padding(tokenizer).orElseThrow()));
    switch (spec.architecture()) {
      case "distilbert" -> distilbert(options, keys);
      case "modernbert" -> modernbert(options, keys);
      default -> bert(options, keys, spec.architecture().equals("roberta"));
    }
    return keys;
  }

  private static void bert(Map<String, Object> options, Map<String, Object> keys, boolean roberta) {
    int positions = (Integer) Objects.requireNonNull(options.get("positions"));
    keys.put("architectures", List.of(roberta ? "RobertaModel" : "BertModel"));
    sizes(options, keys);
    keys.put("max_position_embeddings", roberta ? positions + PADDING_OF_ROBERTA + 1 : positions);
    keys.put("type_vocab_size", roberta ? 1 : 2);
    keys.put("hidden_act", "gelu");
    keys.put("hidden_dropout_prob", options.get("dropout"));
    keys.put("attention_probs_dropout_prob", 0.0);
    keys.put("layer_norm_eps", options.getOrDefault(EPSILON, roberta ? 1e-5 : 1e-12));
  }

  private static void sizes(Map<String, Object> options, Map<String, Object> keys) {
    keys.put("hidden_size", options.get("width"));
    keys.put("num_hidden_layers", options.get("layers"));
    keys.put("num_attention_heads", options.get("heads"));
    keys.put("intermediate_size", options.get("feed-forward"));
  }

  private static void distilbert(Map<String, Object> options, Map<String, Object> keys) {
    keys.put("architectures", List.of("DistilBertModel"));
    keys.put("dim", options.get("width"));
    keys.put("n_layers", options.get("layers"));
    keys.put("n_heads", options.get("heads"));
    keys.put("hidden_dim", options.get("feed-forward"));
    keys.put("max_position_embeddings", options.get("positions"));
    keys.put("activation", "gelu");
    keys.put("dropout", options.get("dropout"));
    keys.put("attention_dropout", 0.0);
    keys.put("sinusoidal_pos_embds", false);
  }

  /** Without a window all layers are like those that read all tokens. */
  private static void modernbert(Map<String, Object> options, Map<String, Object> keys) {
    boolean windows = options.get("window") instanceof Integer;
    keys.put("architectures", List.of("ModernBertModel"));
    sizes(options, keys);
    keys.put("max_position_embeddings", options.get("positions"));
    keys.put("hidden_activation", "gelu");
    keys.put("norm_eps", options.getOrDefault(EPSILON, 1e-5));
    for (String bias : List.of("norm_bias", "attention_bias", "mlp_bias")) {
      keys.put(bias, false);
    }
    for (String part : List.of("embedding_dropout", "mlp_dropout", "attention_dropout")) {
      keys.put(part, 0.0);
    }
    keys.put("global_rope_theta", options.get("rotary-base"));
    keys.put("local_rope_theta", options.get("local-rotary-base"));
    keys.put("global_attn_every_n_layers", windows ? options.get("global-every") : 1);
    keys.put(
        "local_attention",
        windows ? 2 * (Integer) Objects.requireNonNull(options.get("window")) : 128);
    for (String token : List.of("bos", "eos", "cls", "sep")) {
      keys.put(token + "_token_id", null); // the library's own would be ids of another vocabulary
    }
  }
}
