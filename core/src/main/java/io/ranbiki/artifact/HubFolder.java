package io.ranbiki.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;
import io.ranbiki.file.Quoted;
import io.ranbiki.model.Architectures;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Folders in which transformers and sentence-transformers keep encoders of texts: {@code
 * config.json} with a {@code model_type}, weights as in a {@link ModelFolder}, {@code
 * tokenizer.json}, and perhaps a pooling in {@code 1_Pooling}. A network {@code
 * ...ForSequenceClassification} classifies; of any other the encoder alone is taken, which answers
 * with a vector of a text, unless it is asked to guess hidden pieces, as {@code ...ForMaskedLM}
 * does.
 */
final class HubFolder {

  private static final String TYPE = "model_type";

  private static final String TOKENIZER = "tokenizer.json";
  private static final String SENTENCES = "sentence_bert_config.json";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";

  /** Says what sentence-transformers puts before texts. */
  private static final String PROMPTS = "config_sentence_transformers.json";

  /** The kinds of networks, by the architecture that builds them. */
  private static final Map<String, String> FAMILIES =
      new TreeMap<>(
          Map.of(
              "bert", "bert",
              "distilbert", "distilbert",
              "roberta", "roberta",
              "xlm-roberta", "roberta",
              "camembert", "roberta",
              "modernbert", "modernbert"));

  /** What stands before the names of an encoder within a larger network. */
  private static final Pattern WITHIN = Pattern.compile("(bert|distilbert|roberta|model)\\.");

  /** Layers behind an encoder, for other tasks than this one, and numbers that are counted here. */
  private static final Pattern BESIDE =
      Pattern.compile(
          "(pooler|cls|lm_head|classifier|pre_classifier|qa_outputs|vocab_transform"
              + "|vocab_layer_norm|vocab_projector|head|decoder)\\..*|.*\\.position_ids");

  private HubFolder() {}

  /** Whether a configuration is one of these. */
  static boolean is(JsonNode root) {
    return !root.has("architecture") && FAMILIES.containsKey(root.path(TYPE).asText());
  }

  /** What a network is called that guesses hidden pieces; the second one does more, too. */
  private static final Pattern GUESSES = Pattern.compile(".*ForMaskedLM|BertForPreTraining");

  /** The last layer of such a network, whose weights are the vectors of its words. */
  private static final Pattern DECODER =
      Pattern.compile(
          "(cls\\.predictions\\.|lm_head\\.)?decoder\\.weight|vocab_projector\\.weight");

  private static final Pattern WORDS =
      Pattern.compile("embeddings\\.(word|tok)_embeddings\\.weight");

  /** Whether a network guesses hidden pieces, too. */
  static boolean guesses(JsonNode root) {
    return GUESSES.matcher(root.path("architectures").path(0).asText("")).matches();
  }

  /** The kinds of networks that can be read. */
  static Set<String> families() {
    return FAMILIES.keySet();
  }

  /** The files beside the configuration and the weights that the answers depend on. */
  static Stream<Path> files(Path folder) {
    return Stream.concat(
        Stream.of(SENTENCES, PROMPTS, TOKENIZER_CONFIG)
            .map(folder::resolve)
            .filter(Files::isRegularFile),
        SentenceModules.files(folder));
  }

  /**
   * What a folder says of its network.
   *
   * @param file that holds {@code root}
   * @param parse reads a file of JSON
   * @param guesses whether it is to guess hidden pieces
   */
  static ModelConfig config(
      Path file, JsonNode root, Function<Path, JsonNode> parse, boolean guesses) {
    Path folder = Objects.requireNonNull(file.getParent());
    String architecture = Objects.requireNonNull(FAMILIES.get(root.path(TYPE).asText()));
    Numbers numbers = new Numbers(file, root);
    Map<String, Object> options = numbers.options(architecture);
    int width = numbers.width();
    String network = root.path("architectures").path(0).asText("");
    boolean classifies = network.endsWith("ForSequenceClassification");
    int positions = numbers.positions(architecture);
    List<Integer> any = List.of(Field.ANY);
    List<Field> inputs =
        List.of(
            new Field(Preparation.IDS, Field.Kind.INT64, any),
            new Field(Preparation.TYPES, Field.Kind.INT64, any));
    if (guesses) {
      if (!guesses(root)) {
        throw withoutGuess(file, network.isEmpty() ? "a network without a name" : network);
      }
      numbers.require("true", "decoder_bias");
      options.put("head", "masked-language");
      int pieces = numbers.vocabulary();
      return new ModelConfig(
          spec(file, architecture, inputs, pieces, options),
          prepare(folder, pieces, positions, parse),
          new Task.MaskedLanguage(pieces));
    }
    Task task;
    if (classifies) {
      options.put("head", "linear");
      options.put("pooling", root.path("classifier_pooling").asText("cls"));
      task = task(file, root);
    } else {
      SentenceModules modules = SentenceModules.of(folder);
      options.put("pooling", pooling(modules.poolingConfig(), parse));
      task = new Task.Embedding(modules.addTo(options, width, parse));
    }
    int answers = task instanceof Task.Embedding vectors ? vectors.width() : task.names().size();
    ModelSpec spec = spec(file, architecture, inputs, answers, options);
    return new ModelConfig(spec, prepare(folder, numbers.vocabulary(), positions, parse), task);
  }

  private static ModelSpec spec(
      Path file,
      String architecture,
      List<Field> inputs,
      int answers,
      Map<String, Object> options) {
    try {
      return new ModelSpec(architecture, inputs, answers, options);
    } catch (RanbikiException e) {
      throw new RanbikiException(
          RanbikiException.Kind.MODEL, file + " describes no network. " + e.getMessage(), e);
    }
  }

  /** Reads weights, of one file or an index of several, into their network. */
  static Model model(Path weights, ModelSpec spec) {
    spec.requireRoom(RanbikiException.Kind.MODEL);
    Model model = Model.create(spec, 0);
    try (TensorScope scope = TensorScope.open("read weights")) {
      Map<String, Tensor> named = new LinkedHashMap<>();
      Set<String> known = model.module().state().keySet();
      Map<String, Tensor> all = Weights.readTensors(weights);
      all.forEach(
          (name, tensor) -> {
            String own = own(name, known);
            if (known.contains(own) || !BESIDE.matcher(own).matches()) {
              named.put(own, tensor);
            }
          });
      String head = String.valueOf(spec.options().get("head"));
      if (head.equals("masked-language")) {
        requireTied(weights, all, named);
      } else if (head.startsWith("dense")) {
        Path folder = Objects.requireNonNull(weights.getParent());
        named.putAll(SentenceModules.of(folder).weights());
      }
      model.load(named, weights.toString());
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** Of a last layer with weights of its own, nothing would say that they are not used. */
  private static void requireTied(
      Path weights, Map<String, Tensor> all, Map<String, Tensor> named) {
    Optional<Tensor> words =
        named.entrySet().stream()
            .filter(entry -> WORDS.matcher(entry.getKey()).matches())
            .map(Map.Entry::getValue)
            .findFirst();
    all.forEach(
        (name, tensor) -> {
          if (DECODER.matcher(name).matches()
              && words.isPresent()
              && !Arrays.equals(tensor.toFloats(), words.get().toFloats())) {
            throw RanbikiException.model(
                "%s has other numbers in %s than in the vectors of the words, but the networks that"
                    + " can be built here have one table for both. Tie them in the program that"
                    + " wrote it.",
                weights, name);
          }
        });
  }

  /** What is told of a network that is to guess hidden pieces, and cannot. */
  static RanbikiException withoutGuess(Path file, String network) {
    return RanbikiException.model(
        "%s describes %s, which does not guess hidden pieces. Name the folder of a network that"
            + " does: BertForMaskedLM, DistilBertForMaskedLM, RobertaForMaskedLM,"
            + " ModernBertForMaskedLM, or a run with task: masked-language.",
        file, network);
  }

  /** The name that the network gives a tensor, if it has it. */
  private static String own(String name, Set<String> known) {
    return known.contains(name) ? name : alone(name);
  }

  /** The name of a tensor of an encoder that stands by itself. */
  static String alone(String name) {
    String now =
        name.replaceAll("LayerNorm\\.gamma$", "LayerNorm.weight")
            .replaceAll("LayerNorm\\.beta$", "LayerNorm.bias");
    return WITHIN.matcher(now).lookingAt() ? now.substring(now.indexOf('.') + 1) : now;
  }

  /** What is told of a network in numbers, under one of several names. */
  private record Numbers(Path file, JsonNode root) {

    Map<String, Object> options(String architecture) {
      boolean modern = architecture.equals("modernbert");
      boolean roberta = architecture.equals("roberta");
      Map<String, Object> options = new TreeMap<>();
      options.put("layers", integer("num_hidden_layers", "n_layers"));
      options.put("width", width());
      options.put("heads", integer("num_attention_heads", "n_heads"));
      options.put("feed-forward", integer("intermediate_size", "hidden_dim"));
      options.put("vocabulary", vocabulary());
      options.put("positions", positions(architecture));
      first("layer_norm_eps", "norm_eps")
          .ifPresent(epsilon -> options.put("epsilon", epsilon.asDouble()));
      first("hidden_dropout_prob", "dropout", "embedding_dropout")
          .ifPresent(dropout -> options.put("dropout", dropout.asDouble()));
      require("gelu", "hidden_act", "activation", "hidden_activation");
      require("absolute", "position_embedding_type");
      require(roberta ? "1" : "2", "type_vocab_size");
      require("false", "is_decoder");
      if (roberta) {
        require("1", "pad_token_id");
      }
      if (modern) {
        for (String bias : List.of("attention_bias", "mlp_bias", "norm_bias", "classifier_bias")) {
          require("false", bias);
        }
        rotary(options);
      }
      return options;
    }

    int width() {
      return integer("hidden_size", "dim");
    }

    int vocabulary() {
      return integer("vocab_size");
    }

    /** Of RoBERTa's, the first two belong to the padding. */
    int positions(String architecture) {
      return integer("max_position_embeddings") - (architecture.equals("roberta") ? 2 : 0);
    }

    private void rotary(Map<String, Object> options) {
      JsonNode rope = root.path("rope_parameters");
      JsonNode all = rope.path("full_attention").path("rope_theta");
      JsonNode near = rope.path("sliding_attention").path("rope_theta");
      options.put("rotary-base", all.asDouble(root.path("global_rope_theta").asDouble(160_000)));
      options.put(
          "local-rotary-base", near.asDouble(root.path("local_rope_theta").asDouble(10_000)));
      options.put("window", root.path("local_attention").asInt(128) / 2);
      for (JsonNode type : rope) {
        if (!type.path("rope_type").asText("default").equals("default")) {
          throw unknown("rope_type", type.path("rope_type").asText(), "default");
        }
      }
      global(options);
    }

    /** Blocks that read all tokens come at equal distances from the first one on, or are listed. */
    private void global(Map<String, Object> options) {
      List<String> types = new ArrayList<>();
      root.path("layer_types").forEach(type -> types.add(type.asText()));
      List<Integer> global =
          IntStream.range(0, types.size())
              .filter(i -> types.get(i).equals("full_attention"))
              .boxed()
              .toList();
      int every =
          types.isEmpty()
              ? root.path("global_attn_every_n_layers").asInt(3)
              : global.size() > 1 ? global.get(1) : types.size();
      boolean even =
          IntStream.range(0, types.size()).allMatch(i -> global.contains(i) == (i % every == 0));
      options.put("global-every", even ? every : 3);
      if (!even) {
        options.put("global-layers", global);
      }
    }

    private Optional<JsonNode> first(String... names) {
      return Stream.of(names).map(root::path).filter(node -> !node.isMissingNode()).findFirst();
    }

    private int integer(String... names) {
      JsonNode node =
          first(names)
              .orElseThrow(
                  () ->
                      RanbikiException.model(
                          "%s has no '%s'.", file, String.join("' or '", names)));
      if (!node.isInt()) {
        throw RanbikiException.model(
            "%s gives %s for '%s', which must be a whole number.", file, node, names[0]);
      }
      return node.asInt();
    }

    private void require(String value, String... names) {
      for (String name : names) {
        JsonNode node = root.path(name);
        if (node.isValueNode() && !node.isNull() && !node.asText().equals(value)) {
          throw unknown(name, node.asText(), value);
        }
      }
    }

    private RanbikiException unknown(String name, String value, String known) {
      return RanbikiException.model(
          "%s says %s: %s, but the networks that can be built here have %s. Export it to ONNX and"
              + " use that file.",
          file, name, Quoted.of(value), known);
    }
  }

  private static Task task(Path file, JsonNode root) {
    JsonNode names = root.path("id2label");
    int count = names.isEmpty() ? root.path("num_labels").asInt(2) : names.size();
    List<String> all =
        IntStream.range(0, count)
            .mapToObj(i -> names.isEmpty() ? "LABEL_" + i : names.path("" + i).asText())
            .toList();
    if (all.isEmpty() || all.contains("") || Set.copyOf(all).size() < count) {
      throw RanbikiException.model(
          "%s must give each class a name of its own in 'id2label', numbered from 0 on, but has"
              + " %s. Number them as the outputs of the network are.",
          file, names.isEmpty() ? "num_labels: " + count : Quoted.of(names.toString()));
    }
    return switch (root.path("problem_type").asText()) {
      case "multi_label_classification" -> new Task.Labels(all);
      case "regression" -> new Task.Numbers(all);
      default -> count == 1 ? new Task.Numbers(all) : new Task.Classes(all);
    };
  }

  private static String pooling(Path file, Function<Path, JsonNode> parse) {
    if (!Files.isRegularFile(file)) {
      return "mean";
    }
    JsonNode root = parse.apply(file);
    List<String> modes = new ArrayList<>();
    root.properties()
        .forEach(
            entry -> {
              if (entry.getKey().startsWith("pooling_mode_") && entry.getValue().asBoolean()) {
                modes.add(entry.getKey().replaceAll("pooling_mode_(.*?)(_tokens?)?$", "$1"));
              }
            });
    if (root.path("pooling_mode").isTextual()) {
      modes.add(root.path("pooling_mode").asText());
    }
    if (modes.size() != 1 || !List.of("mean", "cls", "max").contains(modes.get(0))) {
      throw RanbikiException.model(
          "%s pools by %s, but here texts are pooled by one of mean, cls, max. Export the network"
              + " to ONNX and use that file.",
          file, modes.isEmpty() ? "nothing" : String.join(" and ", modes));
    }
    return modes.get(0);
  }

  private static Prepare prepare(
      Path folder, int vocabulary, int positions, Function<Path, JsonNode> parse) {
    Path file = folder.resolve(TOKENIZER);
    if (!Files.isRegularFile(file)) {
      throw RanbikiException.model(
          "%s holds an encoder of texts, but no %s, and without it nobody knows which ids a text"
              + " has. Save the fast tokenizer of the model into it.",
          folder, TOKENIZER);
    }
    Tokenizer tokenizer = Tokenizer.read(file);
    if (tokenizer.size() > vocabulary) {
      throw RanbikiException.model(
          "%s has %d pieces, but the network in %s has vectors for %d. Take the tokenizer that"
              + " belongs to it.",
          file, tokenizer.size(), folder, vocabulary);
    }
    int most = positions;
    for (Map.Entry<String, String> said :
        Map.of(SENTENCES, "max_seq_length", TOKENIZER_CONFIG, "model_max_length").entrySet()) {
      Path config = folder.resolve(said.getKey());
      if (Files.isRegularFile(config)) {
        most = (int) Math.min(most, parse.apply(config).path(said.getValue()).asDouble(most));
      }
    }
    if (most < tokenizer.fewest()) {
      throw RanbikiException.model(
          "%s says that a text has at most %d ids, but its tokenizer takes a limit of %d or more."
              + " Correct max_seq_length, model_max_length or max_position_embeddings.",
          folder, most, tokenizer.fewest());
    }
    int limit = Math.min(most, tokenizer.limit().orElse(most));
    return Prepare.of(
        new Step.Tokenize(tokenizer, limit, prompt(folder, parse)).with(Step.Tokenize.Texts.ANY));
  }

  /** What sentence-transformers puts before every text that comes without a prompt of its own. */
  private static String prompt(Path folder, Function<Path, JsonNode> parse) {
    Path file = folder.resolve(PROMPTS);
    if (!Files.isRegularFile(file)) {
      return "";
    }
    JsonNode root = parse.apply(file);
    String name = root.path("default_prompt_name").asText("");
    return root.path("default_prompt_name").isTextual()
        ? root.path("prompts").path(name).asText("")
        : "";
  }

  /** What is told of a folder that holds another kind of network. */
  static RanbikiException unknown(Path file, String type) {
    return RanbikiException.model(
        "%s describes %s. Of networks of other libraries, those of type %s can be read; the"
            + " architectures that can be built here are %s. Export any other network to ONNX and"
            + " use that file.",
        file,
        type.isEmpty() ? "no architecture" : "a network of type " + Quoted.of(type),
        String.join(", ", families()),
        String.join(", ", Architectures.names()));
  }
}
