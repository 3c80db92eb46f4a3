package io.ranbiki.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import io.ranbiki.data.Task;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Reasons;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What sentence-transformers needs beside the files of a model folder to open a student of vectors:
 * the keys of transformers' BERT in {@code config.json}, and a list of modules, which are the
 * encoder, its pooling, the linear layers behind it, and the way to length 1. Weights of the
 * encoder have transformers' names already.
 */
final class SentenceFolder {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** The path by which all versions of the library find its modules. */
  private static final String MODULES = "sentence_transformers.models.";

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String TANH = "torch.nn.modules.activation.Tanh";
  private static final String IDENTITY = "torch.nn.modules.linear.Identity";

  /** What texts are padded with in the tokenizers of BERT and RoBERTa. */
  private static final List<String> PADDING = List.of("[PAD]", "<pad>");

  private final Path folder;
  private final Model model;
  private final ArrayNode modules = JSON.createArrayNode();

  private SentenceFolder(Path folder, Model model) {
    this.folder = folder;
    this.model = model;
  }

  /** Whether the library has such a network: a BERT that makes vectors of texts. */
  static boolean has(ModelConfig config) {
    return config.task() instanceof Task.Embedding
        && config.spec().architecture().equals("bert")
        && tokenize(config).isPresent();
  }

  private static Optional<Step.Tokenize> tokenize(ModelConfig config) {
    return Optional.ofNullable(config.prepare()).flatMap(Prepare::tokenize);
  }

  /**
   * Adds the files to a model folder.
   *
   * @throws RanbikiException if the disk refuses
   */
  static void complete(Path folder, Model model, ModelConfig config) {
    new SentenceFolder(folder, model).write(tokenize(config).orElseThrow());
  }

  private void write(Step.Tokenize tokenize) {
    Map<String, Object> options = model.spec().options();
    String pooling = Objects.requireNonNull(options.get("pooling")).toString();
    addKeys(options);
    object("sentence_bert_config.json")
        .put("max_seq_length", tokenize.atMost())
        .put("do_lower_case", false)
        .save();
    tokenizer(tokenize);
    module("", "Transformer");
    Config pool = object(module("1_Pooling", "Pooling") + "/config.json");
    pool.put("word_embedding_dimension", options.get("width"));
    for (String mode : List.of("cls_token", "mean_tokens", "max_tokens")) {
      pool.put("pooling_mode_" + mode, mode.startsWith(pooling + "_"));
    }
    pool.put("pooling_mode_mean_sqrt_len_tokens", false);
    pool.save();
    dense("pooler.dense", TANH);
    dense("classifier", IDENTITY);
    module(modules.size() + "_Normalize", "Normalize");
    save("modules.json", modules);
  }

  private void addKeys(Map<String, Object> options) {
    Path file = folder.resolve(CONFIG);
    try {
      ObjectNode root = (ObjectNode) JSON.readTree(Files.readString(file));
      new Config(CONFIG, root)
          .put("model_type", "bert")
          .put("architectures", List.of("BertModel"))
          .put("hidden_size", options.get("width"))
          .put("num_hidden_layers", options.get("layers"))
          .put("num_attention_heads", options.get("heads"))
          .put("intermediate_size", options.get("feed-forward"))
          .put("vocab_size", options.get("vocabulary"))
          .put("max_position_embeddings", options.get("positions"))
          .put("type_vocab_size", 2)
          .put("hidden_act", "gelu")
          .put("hidden_dropout_prob", options.get("dropout"))
          .put("attention_probs_dropout_prob", 0.0)
          .put("layer_norm_eps", options.getOrDefault("epsilon", 1e-12))
          .save();
    } catch (IOException e) {
      throw RanbikiException.io("Cannot read %s: %s.", file, Reasons.of(e));
    }
  }

  private void tokenizer(Step.Tokenize tokenize) {
    Config config =
        object("tokenizer_config.json")
            .put("tokenizer_class", "PreTrainedTokenizerFast")
            .put("model_max_length", tokenize.atMost());
    try {
      for (JsonNode token : JSON.readTree(tokenize.tokenizer().json()).path("added_tokens")) {
        if (PADDING.contains(token.path("content").asText())) {
          config.put("pad_token", token.path("content").asText());
        }
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // it was read before
    }
    config.save();
  }

  /** A linear layer behind the pooling, if the network has it. */
  private void dense(String path, String activation) {
    Tensor weight = model.module().state().get(path + ".weight");
    Tensor bias = model.module().state().get(path + ".bias");
    if (weight == null || bias == null) {
      return;
    }
    String at = module(modules.size() + "_Dense", "Dense");
    object(at + "/config.json")
        .put("in_features", weight.size(1))
        .put("out_features", weight.size(0))
        .put("bias", true)
        .put("activation_function", activation)
        .save();
    Safetensors.write(
        folder.resolve(at).resolve(WEIGHTS),
        List.of(
            Entry.of("linear.weight", weight.toFloats(), weight.size(0), weight.size(1)),
            Entry.of("linear.bias", bias.toFloats(), bias.size(0))),
        Map.of());
  }

  private String module(String path, String type) {
    modules
        .addObject()
        .put("idx", modules.size() - 1)
        .put("name", Integer.toString(modules.size() - 1))
        .put("path", path)
        .put("type", MODULES + type);
    return path;
  }

  private Config object(String file) {
    return new Config(file, JSON.createObjectNode());
  }

  /** A file of keys and values. */
  private final class Config {

    private final String file;
    private final ObjectNode root;

    Config(String file, ObjectNode root) {
      this.file = file;
      this.root = root;
    }

    Config put(String key, @Nullable Object value) {
      root.set(key, JSON.valueToTree(value));
      return this;
    }

    void save() {
      SentenceFolder.this.save(file, root);
    }
  }

  private void save(String name, JsonNode content) {
    Path file = folder.resolve(name);
    try {
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      byte[] text = (JSON.writeValueAsString(content) + "\n").getBytes(StandardCharsets.UTF_8);
      ByteBuffer bytes = ByteBuffer.wrap(text);
      AtomicFile.write(
          file,
          channel -> {
            while (bytes.hasRemaining()) {
              channel.write(bytes);
            }
          });
    } catch (IOException e) {
      throw RanbikiException.io(
          "Cannot write %s: %s. Choose a folder that can be written.", file, Reasons.of(e));
    }
  }
}
