package io.ranbiki.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A network that guesses hidden pieces as transformers keeps it, to be opened there by {@code
 * AutoModelForMaskedLM}, and here as any such folder: the other direction of {@link HubFolder}.
 */
final class MaskedLanguageFolder {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * What a family is called there.
   *
   * @param network of the family that guesses
   * @param encoder what stands there before the names of the encoder's tensors
   */
  private record Named(String network, String encoder) {}

  private static final Map<String, Named> FAMILIES =
      Map.of(
          "bert", new Named("BertForMaskedLM", "bert."),
          "distilbert", new Named("DistilBertForMaskedLM", "distilbert."),
          "roberta", new Named("RobertaForMaskedLM", "roberta."),
          "modernbert", new Named("ModernBertForMaskedLM", "model."));

  private static final Pattern ENCODER =
      Pattern.compile("(embeddings|encoder|transformer|layers|final_norm)\\..*");

  /** What signs are for, by their names. */
  private static final Map<String, String> SIGNS =
      Map.of(
          "[PAD]", "pad_token",
          "<pad>", "pad_token",
          "[UNK]", "unk_token",
          "<unk>", "unk_token",
          "[MASK]", "mask_token",
          "<mask>", "mask_token",
          "[CLS]", "cls_token",
          "[SEP]", "sep_token");

  private MaskedLanguageFolder() {}

  /** Whether transformers has such a network. */
  static boolean has(ModelConfig config) {
    return config.task() instanceof Task.MaskedLanguage
        && TransformersConfig.has(config.spec(), tokenize(config).tokenizer());
  }

  /** Why transformers has no such network, in a sentence; empty where it has, or nobody asks. */
  static Optional<String> lacks(ModelConfig config) {
    return config.task() instanceof Task.MaskedLanguage
        ? TransformersConfig.lacks(config.spec(), tokenize(config).tokenizer())
            .map(
                reason ->
                    "The folder has the form of Ranbiki, which transformers does not open: "
                        + reason
                        + ".")
        : Optional.empty();
  }

  private static Step.Tokenize tokenize(ModelConfig config) {
    return Optional.ofNullable(config.prepare()).flatMap(Prepare::tokenize).orElseThrow();
  }

  /**
   * Its files by their names, but for the weights and the tokenizer.
   *
   * @param config one that {@link #has} says yes to
   */
  static Map<String, String> texts(ModelConfig config) {
    Step.Tokenize tokenize = tokenize(config);
    Map<String, Object> keys = TransformersConfig.keys(config.spec(), tokenize.tokenizer());
    keys.put("architectures", List.of(named(config.spec().architecture()).network()));
    keys.put("tie_word_embeddings", true);
    if (config.spec().architecture().equals("modernbert")) {
      keys.put("decoder_bias", true);
      keys.put("classifier_activation", "gelu");
    }
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("tokenizer_class", "PreTrainedTokenizerFast");
    tokenizer.put("model_max_length", tokenize.atMost());
    tokenize
        .tokenizer()
        .signs()
        .forEach(
            (name, id) -> {
              if (SIGNS.containsKey(name)) {
                tokenizer.put(SIGNS.get(name), name);
              }
            });
    return Map.of(
        ModelFolder.CONFIG,
        text(keys),
        ModelFolder.TOKENIZER,
        tokenize.tokenizer().json(),
        "tokenizer_config.json",
        text(tokenizer));
  }

  private static String text(Map<String, Object> keys) {
    try {
      return JSON.writeValueAsString(keys) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts and numbers are JSON", e);
    }
  }

  /** Writes the weights under transformers' names. */
  static void writeWeights(Path file, Model model) {
    String encoder = named(model.spec().architecture()).encoder();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    model
        .module()
        .state()
        .forEach(
            (name, tensor) ->
                tensors.put(ENCODER.matcher(name).matches() ? encoder + name : name, tensor));
    Weights.writeTensors(file, tensors, Map.of("format", "pt"));
  }

  private static Named named(String architecture) {
    return Objects.requireNonNull(FAMILIES.get(architecture));
  }
}
