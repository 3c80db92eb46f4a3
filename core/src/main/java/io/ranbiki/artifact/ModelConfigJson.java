package io.ranbiki.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;
import io.ranbiki.file.Reasons;
import io.ranbiki.file.Sha256;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The form that a {@link ModelConfig} has in the {@code config.json} of a model folder. */
final class ModelConfigJson {

  /** The first version said neither its number nor the task, which was always one of classes. */
  private static final int SCHEMA = 2;

  private static final String SCHEMA_KEY = "schema";
  private static final String TASK = "task";
  private static final String UNIT = "unit";
  private static final String PREPARE = "prepare";
  private static final String STEPS = "steps";
  private static final String RESIZE = "resize";
  private static final String CROP = "crop";
  private static final String ENCODER = "encoder";
  private static final String HASH = "sha256";
  private static final String POOL = "pool";
  private static final String AT_MOST = "at-most";
  private static final String PREFIX = "prefix";
  private static final String PAIRS = "pairs";
  private static final long LARGEST = 1 << 26; // the names of a million classes
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ModelConfigJson() {}

  /** What is to be written. */
  static String text(ModelConfig config, LabelsSeen seen) {
    ObjectNode root = JSON.createObjectNode();
    root.put(SCHEMA_KEY, SCHEMA);
    root.put("architecture", config.spec().architecture());
    putInputs(root, config.spec().inputs());
    root.put(TASK, config.task().word());
    root.put("classes", config.spec().classes());
    ObjectNode options = root.putObject("options");
    config.spec().options().forEach((name, value) -> options.set(name, JSON.valueToTree(value)));
    Prepare prepare = config.prepare();
    if (prepare != null) {
      put(root, prepare);
    }
    ModelConfig.Encoder encoder = config.encoder();
    if (encoder != null) {
      ObjectNode known = root.putObject(ENCODER).put(HASH, encoder.hash());
      if (encoder.pool() != null) {
        known.put(POOL, encoder.pool());
      }
    }
    if (!config.spec().unit().equals(Normalization.none())) {
      put(root.putObject(UNIT), config.spec().unit());
    }
    ArrayNode names = root.putArray("class-names");
    config.names().forEach(names::add);
    if (!seen.equals(LabelsSeen.UNKNOWN)) {
      LabelsSeenFiles.put(root, seen);
    }
    try {
      return JSON.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A tokenizer lies beside the configuration, in the file that other libraries know. */
  private static void put(ObjectNode root, Prepare prepare) {
    if (prepare.tokenize().isPresent()) {
      Step.Tokenize tokenize = prepare.tokenize().get();
      ObjectNode ofTexts =
          root.putObject(PREPARE)
              .put("tokenizer", ModelFolder.TOKENIZER)
              .put(HASH, new Sha256().add(tokenize.tokenizer().json()).hex())
              .put(AT_MOST, tokenize.atMost());
      if (!tokenize.prefix().isEmpty()) {
        ofTexts.put(PREFIX, tokenize.prefix());
      }
      if (tokenize.texts() == Step.Tokenize.Texts.PAIR) {
        ofTexts.put(PAIRS, true);
      }
      return;
    }
    prepare
        .resize()
        .ifPresent(
            resize -> root.putObject(PREPARE).put(RESIZE, resize.side()).put(CROP, resize.crop()));
    if (prepare.logMel().isPresent() || prepare.columns().isPresent()) {
      root.set(PREPARE, tree(prepare.on(List.of())));
      return;
    }
    put(root.putObject("normalize"), prepare.normalization());
  }

  private static void put(ObjectNode object, Normalization numbers) {
    putAll(object.putArray("mean"), numbers.mean());
    putAll(object.putArray("std"), numbers.std());
  }

  /** As an exported file has it, too. */
  private static JsonNode tree(Preparation preparation) {
    try {
      return JSON.readTree(preparation.json());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ModelConfig.@Nullable Encoder encoder(Path file, JsonNode root) {
    if (!root.has(ENCODER)) {
      return null;
    }
    JsonNode encoder = root.path(ENCODER);
    return new ModelConfig.Encoder(
        required(file, encoder, HASH).asText(), encoder.path(POOL).textValue());
  }

  private static @Nullable Prepare prepare(Path file, JsonNode root) {
    if (!root.has(PREPARE)) {
      return root.has("normalize") ? Prepare.of(normalization(root.path("normalize"))) : null;
    }
    if (root.path(PREPARE).has(RESIZE)) {
      int side = root.path(PREPARE).path(RESIZE).asInt();
      int crop = required(file, root.path(PREPARE), CROP).asInt();
      return new Prepare(
          List.of(new Step.Resize(side, crop)), normalization(root.path("normalize")));
    }
    if (root.path(PREPARE).has(STEPS)) {
      String json = root.path(PREPARE).toString();
      return Prepare.of(Preparation.parse(json, "The preparation in " + file));
    }
    Tokenizer tokenizer = Tokenizer.read(file.resolveSibling(ModelFolder.TOKENIZER));
    requireOfModel(file, root.path(PREPARE).path(HASH), tokenizer);
    JsonNode atMost = required(file, root.path(PREPARE), AT_MOST);
    String prefix = root.path(PREPARE).path(PREFIX).asText("");
    Step.Tokenize.Texts texts =
        root.path(PREPARE).path(PAIRS).asBoolean()
            ? Step.Tokenize.Texts.PAIR
            : Step.Tokenize.Texts.ONE;
    return Prepare.of(new Step.Tokenize(tokenizer, atMost.asInt(), prefix, texts));
  }

  /**
   * Another tokenizer gives other ids, and nothing else would say so; early folders have no hash.
   */
  private static void requireOfModel(Path file, JsonNode hash, Tokenizer tokenizer) {
    if (hash.isTextual() && !hash.asText().equals(new Sha256().add(tokenizer.json()).hex())) {
      throw RanbikiException.model(
          "%s is not the tokenizer that the model in %s was trained with. Copy the whole folder"
              + " again.",
          file.resolveSibling(ModelFolder.TOKENIZER), file.getParent());
    }
  }

  /** The shape alone for images and rows of numbers; other fields with their names and kinds. */
  private static void putInputs(ObjectNode root, List<Field> fields) {
    Field first = fields.get(0);
    if (fields.size() == 1 && !first.varies() && first.equals(ModelSpec.field(first.shape()))) {
      ArrayNode input = root.putArray("input");
      first.shape().forEach(input::add);
      return;
    }
    ArrayNode inputs = root.putArray("inputs");
    for (Field field : fields) {
      ObjectNode one = inputs.addObject();
      one.put("name", field.name());
      one.put("kind", field.kind().name().toLowerCase(Locale.ROOT));
      ArrayNode shape = one.putArray("shape");
      field.shape().forEach(shape::add);
    }
  }

  private static List<Field> inputs(JsonNode root) {
    if (!root.has("inputs")) {
      return List.of(ModelSpec.field(shape(root.path("input"))));
    }
    List<Field> fields = new ArrayList<>();
    for (JsonNode one : root.path("inputs")) {
      String kind = one.path("kind").asText().toUpperCase(Locale.ROOT);
      fields.add(
          new Field(one.path("name").asText(), Field.Kind.valueOf(kind), shape(one.path("shape"))));
    }
    return fields;
  }

  private static List<Integer> shape(JsonNode array) {
    List<Integer> shape = new ArrayList<>();
    array.forEach(length -> shape.add(length.asInt()));
    return shape;
  }

  private static void putAll(ArrayNode array, float[] values) {
    for (float value : values) {
      array.add(value);
    }
  }

  /**
   * Reads what a folder of ours says.
   *
   * @param root of the file
   * @throws RanbikiException if it describes no model that this version knows
   */
  static ModelConfig read(Path file, JsonNode root) {
    requireOurs(file, root);
    requireKnown(file, root);
    Map<String, Object> options = new TreeMap<>();
    root.path("options").properties().forEach(o -> options.put(o.getKey(), option(o.getValue())));
    List<String> names = new ArrayList<>();
    root.path("class-names").forEach(name -> names.add(name.asText()));
    try {
      ModelSpec spec =
          new ModelSpec(
              required(file, root, "architecture").asText(),
              inputs(root),
              required(file, root, "classes").asInt(),
              options,
              root.has(UNIT) ? normalization(root.path(UNIT)) : Normalization.none());
      Task task = Task.of(task(root), names, spec.classes());
      return new ModelConfig(spec, prepare(file, root), task, encoder(file, root));
    } catch (IllegalArgumentException | RanbikiException e) {
      throw new RanbikiException(
          RanbikiException.Kind.MODEL, file + " does not describe a model: " + e.getMessage(), e);
    }
  }

  /** The word of the task; early folders do not say it, since there were classes alone. */
  static String task(JsonNode root) {
    return root.path(TASK).asText("classes");
  }

  private static Object option(JsonNode value) {
    if (value.isTextual()) {
      return value.asText();
    }
    if (value.isBoolean()) {
      return value.asBoolean();
    }
    if (value.isArray()) {
      List<Object> numbers = new ArrayList<>();
      value.forEach(number -> numbers.add(option(number)));
      return numbers;
    }
    return value.isFloatingPointNumber() ? (Object) value.asDouble() : (Object) value.asInt();
  }

  private static void requireKnown(Path file, JsonNode root) {
    int schema = root.path(SCHEMA_KEY).asInt(1);
    if (schema < 1 || schema > SCHEMA) {
      throw RanbikiException.model(
          "%s has the schema %s, but this version of Ranbiki reads 1 to %d. Use a newer version.",
          file, root.path(SCHEMA_KEY), SCHEMA);
    }
  }

  /** Folders of the same layout hold networks of other libraries, too. */
  private static void requireOurs(Path file, JsonNode root) {
    if (!root.has("architecture")) {
      throw HubFolder.unknown(
          file, root.path("model_type").asText(root.path("architectures").path(0).asText("")));
    }
  }

  /** Refuses a folder without the file. */
  static void requireThere(Path file) {
    if (!Files.isRegularFile(file)) {
      throw RanbikiException.model(
          "There is no model in %s: %s is missing. Give a folder that train or distill wrote.",
          Objects.requireNonNull(file.getParent()), ModelFolder.CONFIG);
    }
  }

  /** The object that a file holds. */
  static JsonNode root(Path file) {
    requireThere(file);
    try {
      if (Files.size(file) > LARGEST) {
        throw RanbikiException.model(
            "%s has %d bytes, too many for a model's configuration.", file, Files.size(file));
      }
      JsonNode root = JSON.readTree(Files.readString(file));
      if (!root.isObject()) {
        throw RanbikiException.model("%s must hold a JSON object.", file);
      }
      return root;
    } catch (JsonProcessingException e) {
      throw RanbikiException.model("%s is not JSON: %s.", file, Reasons.of(e));
    } catch (IOException e) {
      throw RanbikiException.io("Cannot read %s: %s.", file, Reasons.of(e));
    }
  }

  private static JsonNode required(Path file, JsonNode root, String key) {
    JsonNode value = root.path(key);
    if (value.isMissingNode()) {
      throw RanbikiException.model("%s has no '%s'.", file, key);
    }
    return value;
  }

  private static Normalization normalization(JsonNode normalize) {
    return new Normalization(floats(normalize.path("mean")), floats(normalize.path("std")));
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }
}
