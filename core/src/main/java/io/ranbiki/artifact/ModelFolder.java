package io.ranbiki.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Reasons;
import io.ranbiki.file.Sha256;
import io.ranbiki.model.Architectures;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model as a folder: {@code config.json} says which network it is and what its inputs went
 * through, {@code model.safetensors} holds the weights, {@code tokenizer.json} how texts become
 * ids, {@code README.md} tells a reader about it, {@code labels-seen.safetensors} by which samples'
 * labels it was trained. Weights may also come in several files, listed by {@code
 * model.safetensors.index.json}. A folder of transformers with an encoder of texts is read, too.
 */
public final class ModelFolder {

  /** The name of the configuration file. */
  public static final String CONFIG = "config.json";

  /** The name of the weights file. */
  public static final String WEIGHTS = "model.safetensors";

  /** The name of the file that says how texts become ids; only a network of texts has one. */
  public static final String TOKENIZER = "tokenizer.json";

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
  private static final String POOLING = "pooling";
  private static final String AT_MOST = "at-most";
  private static final String PREFIX = "prefix";
  private static final String PAIRS = "pairs";
  private static final int FEWEST_BYTES_OF_NUMBER = 2;

  /** Bytes from which on a network is not built on trial, to tell which tensors do not fit. */
  private static final long LARGE = 1 << 26;

  private static final String CARD = "README.md";
  private static final long LARGEST_CONFIG = 1 << 26; // the names of a million classes
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ModelFolder() {}

  /**
   * A model that was read, with what must be known beside its weights.
   *
   * @param model owned by the caller
   * @param config beside the weights
   */
  public record Loaded(Model model, ModelConfig config) implements AutoCloseable {
    @Override
    public void close() {
      model.close();
    }
  }

  /**
   * Writes a model into a folder, which is made if it is not there; each file is written whole.
   *
   * @param card text of the model card, in Markdown
   */
  public static void write(Path folder, Model model, ModelConfig config, String card) {
    write(folder, model, config, LabelsSeen.UNKNOWN, card);
  }

  /**
   * Writes a model as {@link #write(Path, Model, ModelConfig, String)}.
   *
   * @param seen the samples whose labels it was trained on; left out if nothing is known
   */
  public static void write(
      Path folder, Model model, ModelConfig config, LabelsSeen seen, String card) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw RanbikiException.io(
          "Cannot make the folder %s: %s. Choose a folder that can be written.",
          folder, Reasons.of(e));
    }
    Weights.write(folder.resolve(WEIGHTS), model.module());
    LabelsSeenFiles.writeContents(folder, seen);
    Optional.ofNullable(config.prepare())
        .flatMap(Prepare::tokenize)
        .ifPresent(step -> writeText(folder.resolve(TOKENIZER), step.tokenizer().json()));
    writeText(folder.resolve(CONFIG), configText(config, seen));
    writeText(folder.resolve(CARD), card);
  }

  private static void writeText(Path file, String text) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(
        file,
        channel -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  private static String configText(ModelConfig config, LabelsSeen seen) {
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
              .put("tokenizer", TOKENIZER)
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
    Tokenizer tokenizer = Tokenizer.read(file.resolveSibling(TOKENIZER));
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
          file.resolveSibling(TOKENIZER), file.getParent());
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
   * Copies a model with its card into another folder, which is made if it is not there.
   *
   * @throws RanbikiException if the model cannot be read, or the folder not be written
   */
  public static void copy(Path from, Path to) {
    try (Loaded loaded = read(from)) {
      Path card = from.resolve(CARD);
      String text = Files.isRegularFile(card) ? Files.readString(card) : "";
      write(to, loaded.model(), loaded.config(), readLabelsSeen(from), text);
      if (SentenceFolder.has(loaded.config())) {
        SentenceFolder.complete(to, loaded.model(), loaded.config());
      }
    } catch (IOException e) {
      throw RanbikiException.io("Cannot read %s: %s.", from.resolve(CARD), Reasons.of(e));
    }
  }

  /** The model folder at a path: itself, or {@code model/} in the folder of a run; or none. */
  public static Optional<Path> at(Path path) {
    return Stream.of(path, path.resolve("model"))
        .filter(folder -> Files.isRegularFile(folder.resolve(CONFIG)))
        .findFirst();
  }

  /**
   * Reads a model from a folder.
   *
   * @throws RanbikiException if a file is missing or damaged, the architecture is not known, or the
   *     weights do not fit it
   */
  public static Loaded read(Path folder) {
    return read(folder, readConfig(folder));
  }

  /**
   * Reads a network of texts that answers with vectors.
   *
   * @param pooling how the vectors of a text's tokens become one, instead of the way of the folder:
   *     {@code mean}, {@code cls} or {@code max}
   * @throws RanbikiException as {@link #read(Path)}, and of kind configuration if the answers are
   *     no vectors of texts, or are made in one way alone
   */
  public static Loaded readEncoder(Path folder, Optional<String> pooling) {
    ModelConfig config = readConfig(folder);
    ModelSpec spec = config.spec();
    if (!(config.task() instanceof Task.Embedding)) {
      throw RanbikiException.configuration(
          "%s answers with %s and not with the vectors of texts, so it is no encoder. Name the"
              + " folder of one, or leave the head out and take it as the teacher.",
          folder, config.task().word());
    }
    Object own = spec.options().get(POOLING);
    if (pooling.isEmpty() || pooling.get().equals(own)) {
      return read(folder, config);
    }
    if (own == null || !"none".equals(spec.options().get("head"))) {
      throw RanbikiException.configuration(
          "'pool' is %s, but %s makes its vectors %s, as it was trained to. Leave 'pool' out.",
          pooling.get(), folder, own == null ? "in a way of its own" : "by " + own);
    }
    Map<String, Object> options = new TreeMap<>(spec.options());
    options.put(POOLING, pooling.get());
    ModelSpec other = new ModelSpec(spec.architecture(), spec.inputs(), spec.classes(), options);
    return read(folder, new ModelConfig(other, config.prepare(), config.task()));
  }

  /**
   * Reads a network that guesses hidden pieces. Of a folder of transformers {@link #read} takes the
   * encoder alone, of use for more.
   *
   * @throws RanbikiException as {@link #read}, and if it does not guess
   */
  public static Loaded readMaskedLanguage(Path folder) {
    return read(folder, readMaskedLanguageConfig(folder));
  }

  private static Loaded read(Path folder, ModelConfig config) {
    requireBuildable(folder, config.spec());
    Model model =
        HubFolder.is(parse(folder.resolve(CONFIG)))
            ? HubFolder.model(weights(folder), config.spec())
            : read(weights(folder), config.spec());
    return new Loaded(model, config);
  }

  private static void requireBuildable(Path folder, ModelSpec spec) {
    if (!spec.isBuildable()) {
      throw RanbikiException.model(
          "%s holds a network of the architecture '%s', which is missing here; there are %s. Name"
              + " the jar that holds it in RANBIKI_CLASSPATH.",
          folder, spec.architecture(), String.join(", ", Architectures.names()));
    }
  }

  /**
   * The weights of a model folder: {@link #WEIGHTS}, or the index of weights in several files.
   *
   * @throws RanbikiException if both are there, or none of them
   */
  public static Path weights(Path folder) {
    Path whole = folder.resolve(WEIGHTS);
    Path index = folder.resolve(WEIGHTS + SafetensorsIndex.ENDING);
    if (Files.exists(whole) && Files.exists(index)) {
      throw RanbikiException.model(
          "%s holds weights twice, in %s and in the files of %s. Move away what is not meant.",
          folder, WEIGHTS, index.getFileName());
    }
    if (!Files.exists(whole) && !Files.exists(index)) {
      throw RanbikiException.model(
          "%s holds no weights: neither %s nor %s is there. Copy them into it, converted to"
              + " safetensors if they have another form.",
          folder, WEIGHTS, index.getFileName());
    }
    return Files.exists(index) ? index : whole;
  }

  /** Every file that the answers of a model folder depend on. */
  public static List<Path> files(Path folder) {
    requireConfig(folder.resolve(CONFIG));
    List<Path> files = new ArrayList<>(List.of(folder.resolve(CONFIG)));
    if (Files.exists(folder.resolve(TOKENIZER))) {
      files.add(folder.resolve(TOKENIZER));
    }
    HubFolder.files(folder).forEach(files::add);
    files.addAll(Safetensors.files(weights(folder)));
    return files;
  }

  /**
   * Builds a network and fills it from a weights file.
   *
   * @throws RanbikiException if the file is missing or damaged, or does not fit the network
   */
  public static Model read(Path weights, ModelSpec spec) {
    spec.requireRoom(RanbikiException.Kind.MODEL);
    requireWeightsOf(weights, spec);
    Model model = Model.create(spec, 0);
    try {
      Weights.read(weights, model);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** A large network is not built for weights that cannot be its own. */
  private static void requireWeightsOf(Path weights, ModelSpec spec) {
    double least = FEWEST_BYTES_OF_NUMBER * spec.parameters();
    try {
      if (least > LARGE && Files.isRegularFile(weights) && Files.size(weights) < least) {
        throw RanbikiException.model(
            "%s has %d bytes, but the %,.0f parameters of %s take %,.0f or more. Check %s: the"
                + " largest of its numbers is %s.",
            weights,
            Files.size(weights),
            spec.parameters(),
            spec.title(),
            least,
            CONFIG,
            spec.largest(1));
      }
    } catch (IOException e) {
      throw RanbikiException.io("Cannot read %s: %s.", weights, Reasons.of(e));
    }
  }

  /**
   * The samples whose labels the model of a folder was trained on.
   *
   * @return {@link LabelsSeen#UNKNOWN} if the folder does not say it
   * @throws RanbikiException if what the folder says is damaged
   */
  public static LabelsSeen readLabelsSeen(Path folder) {
    Path file = folder.resolve(CONFIG);
    return LabelsSeenFiles.read(file, parse(file));
  }

  /** Reads the configuration of a model folder. */
  public static ModelConfig readConfig(Path folder) {
    return readConfig(folder, false);
  }

  /** Reads the configuration of a network that guesses hidden pieces. */
  public static ModelConfig readMaskedLanguageConfig(Path folder) {
    ModelConfig config = readConfig(folder, true);
    if (!(config.task() instanceof Task.MaskedLanguage)) {
      throw HubFolder.withoutGuess(
          folder.resolve(CONFIG), "a network of the task " + config.task().word());
    }
    return config;
  }

  /** Whether a folder holds a network that can guess hidden pieces. */
  public static boolean isMaskedLanguage(Path folder) {
    JsonNode root = parse(folder.resolve(CONFIG));
    return HubFolder.is(root)
        ? HubFolder.guesses(root)
        : root.path(TASK).asText().equals(new Task.MaskedLanguage(1).word());
  }

  private static ModelConfig readConfig(Path folder, boolean guesses) {
    Path file = folder.resolve(CONFIG);
    JsonNode root = parse(file);
    if (HubFolder.is(root)) {
      return HubFolder.config(file, root, ModelFolder::parse, guesses);
    }
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
      Task task = Task.of(root.path(TASK).asText("classes"), names, spec.classes());
      return new ModelConfig(spec, prepare(file, root), task, encoder(file, root));
    } catch (IllegalArgumentException | RanbikiException e) {
      throw new RanbikiException(
          RanbikiException.Kind.MODEL, file + " does not describe a model: " + e.getMessage(), e);
    }
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

  private static void requireConfig(Path file) {
    if (!Files.isRegularFile(file)) {
      throw RanbikiException.model(
          "There is no model in %s: %s is missing. Give a folder that train or distill wrote.",
          Objects.requireNonNull(file.getParent()), CONFIG);
    }
  }

  private static JsonNode parse(Path file) {
    requireConfig(file);
    try {
      if (Files.size(file) > LARGEST_CONFIG) {
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
