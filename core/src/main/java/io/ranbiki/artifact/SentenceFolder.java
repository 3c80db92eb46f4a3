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
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What sentence-transformers needs beside the files of a model folder to open a student of vectors:
 * a list of modules, which are the encoder, its pooling, the layers behind it, and the way to
 * length 1. The encoder's weights have transformers' names already, and {@code config.json} gets
 * its keys; of a static student the first module is a table of vectors, which are averaged.
 */
final class SentenceFolder {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** The path by which all versions of the library find its modules. */
  private static final String MODULES = "sentence_transformers.models.";

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String STATIC = "static-embedding";
  private static final String NORM = "head.norm.weight";
  private static final String PROMPT = "text";
  private static final String TANH = "torch.nn.modules.activation.Tanh";
  private static final String IDENTITY = "torch.nn.modules.linear.Identity";

  /** Layers that may stand behind the pooling, in their order, and what follows each. */
  private static final List<Dense> DENSE =
      List.of(
          new Dense("pooler.dense", TANH),
          new Dense("pre_classifier", "torch.nn.modules.activation.ReLU"),
          new Dense("classifier.dense", TANH),
          new Dense("head.dense", "torch.nn.modules.activation.GELU"),
          new Dense("classifier.out_proj", IDENTITY),
          new Dense("classifier", IDENTITY));

  private record Dense(String path, String activation) {}

  private final Path folder;
  private final Model model;
  private final ArrayNode modules = JSON.createArrayNode();

  private SentenceFolder(Path folder, Model model) {
    this.folder = folder;
    this.model = model;
  }

  /** Whether the library has such a network, which makes the same ids of texts, too. */
  static boolean has(ModelConfig config) {
    Optional<Step.Tokenize> tokenize = tokenize(config);
    if (!(config.task() instanceof Task.Embedding)
        || tokenize.isEmpty()
        || tokenize.get().texts() == Step.Tokenize.Texts.PAIR) {
      return false;
    }
    Tokenizer tokenizer = tokenize.get().tokenizer();
    // Its table of vectors reads a text without what its tokenizer puts around it.
    return config.spec().architecture().equals(STATIC)
        ? tokenizer.fewest() == 1
            && !json(tokenizer).at("/model/type").asText().startsWith("Hashed")
        : TransformersConfig.has(config.spec(), tokenizer);
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
    if (model.spec().architecture().equals(STATIC)) {
      table(tokenize);
    } else {
      encoder(tokenize);
    }
    DENSE.forEach(this::dense);
    boolean bent = "dense-tanh".equals(model.spec().options().get("head"));
    dense(new Dense("dense.linear", bent ? TANH : IDENTITY));
    module(modules.size() + "_Normalize", "Normalize");
    save("modules.json", modules);
    if (!tokenize.prefix().isEmpty()) {
      object("config_sentence_transformers.json")
          .put("prompts", Map.of(PROMPT, tokenize.prefix()))
          .put("default_prompt_name", PROMPT)
          .save();
    }
  }

  private void encoder(Step.Tokenize tokenize) {
    Map<String, Object> options = model.spec().options();
    String pooling = Objects.requireNonNull(options.get("pooling")).toString();
    addKeys(TransformersConfig.keys(model.spec(), tokenize.tokenizer()));
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
  }

  /** The vectors of pieces, with a tokenizer that cuts where the student does. */
  private void table(Step.Tokenize tokenize) {
    String at = module("0_StaticEmbedding", "StaticEmbedding");
    ObjectNode json = (ObjectNode) json(tokenize.tokenizer());
    json.putObject("truncation")
        .put("direction", "Right")
        .put("max_length", tokenize.atMost())
        .put("strategy", "LongestFirst")
        .put("stride", 0);
    json.putNull("padding");
    save(at + "/tokenizer.json", json);
    Tensor words = Objects.requireNonNull(model.module().state().get("word_embeddings.weight"));
    Safetensors.write(
        folder.resolve(at).resolve(WEIGHTS), List.of(entry("embedding.weight", words)), Map.of());
  }

  private void addKeys(Map<String, Object> keys) {
    Path file = folder.resolve(CONFIG);
    try {
      Config config = new Config(CONFIG, (ObjectNode) JSON.readTree(Files.readString(file)));
      keys.forEach(config::put);
      config.save();
    } catch (IOException e) {
      throw RanbikiException.io("Cannot read %s: %s.", file, Reasons.of(e));
    }
  }

  private void tokenizer(Step.Tokenize tokenize) {
    object("tokenizer_config.json")
        .put("tokenizer_class", "PreTrainedTokenizerFast")
        .put("model_max_length", tokenize.atMost())
        .put("pad_token", TransformersConfig.padding(tokenize.tokenizer()).orElseThrow())
        .save();
  }

  private static JsonNode json(Tokenizer tokenizer) {
    try {
      return JSON.readTree(tokenizer.json());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // it was read before
    }
  }

  /** A linear layer, if the network has it, and what normalizes behind it. */
  private void dense(Dense layer) {
    Tensor weight = model.module().state().get(layer.path() + ".weight");
    if (weight == null) {
      return;
    }
    Tensor bias = model.module().state().get(layer.path() + ".bias");
    String at = module(modules.size() + "_Dense", "Dense");
    object(at + "/config.json")
        .put("in_features", weight.size(1))
        .put("out_features", weight.size(0))
        .put("bias", bias != null)
        .put("activation_function", layer.activation())
        .save();
    List<Entry> entries = new ArrayList<>(List.of(entry("linear.weight", weight)));
    if (bias != null) {
      entries.add(entry("linear.bias", bias));
    }
    Safetensors.write(folder.resolve(at).resolve(WEIGHTS), entries, Map.of());
    Tensor norm = model.module().state().get(NORM);
    if (norm != null && layer.path().equals("head.dense")) {
      norm(norm);
    }
  }

  /** A normalisation without bias, which the library knows with one. */
  private void norm(Tensor weight) {
    String at = module(modules.size() + "_LayerNorm", "LayerNorm");
    object(at + "/config.json").put("dimension", weight.size(0)).save();
    float[] zeros = new float[Math.toIntExact(weight.size(0))];
    Safetensors.write(
        folder.resolve(at).resolve(WEIGHTS),
        List.of(entry("norm.weight", weight), Entry.of("norm.bias", zeros, weight.size(0))),
        Map.of());
  }

  private static Entry entry(String name, Tensor values) {
    return Entry.of(name, values.toFloats(), values.shape());
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
      AtomicFile.write(file, JSON.writeValueAsString(content) + "\n");
    } catch (IOException e) {
      throw RanbikiException.io(
          "Cannot write %s: %s. Choose a folder that can be written.", file, Reasons.of(e));
    }
  }
}
