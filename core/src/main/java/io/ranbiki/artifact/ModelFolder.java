package io.ranbiki.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Reasons;
import io.ranbiki.model.Architectures;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Prepare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

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

  private static final String POOLING = "pooling";
  private static final int FEWEST_BYTES_OF_NUMBER = 2;

  /** Bytes from which on a network is not built on trial, to tell which tensors do not fit. */
  private static final long LARGE = 1 << 26;

  private static final String CARD = "README.md";

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
        .ifPresent(step -> AtomicFile.write(folder.resolve(TOKENIZER), step.tokenizer().json()));
    AtomicFile.write(folder.resolve(CONFIG), ModelConfigJson.text(config, seen));
    AtomicFile.write(folder.resolve(CARD), card);
  }

  /**
   * Copies a model with its card into another folder, which is made if it is not there. One that
   * other libraries have is written as they do.
   *
   * @return what a user should know of its form, in a sentence
   * @throws RanbikiException if the model cannot be read, or the folder not be written
   */
  public static Optional<String> copy(Path from, Path to) {
    try (Loaded loaded = read(from)) {
      Path card = from.resolve(CARD);
      String text = Files.isRegularFile(card) ? Files.readString(card) : "";
      if (MaskedLanguageFolder.has(loaded.config())) {
        Files.createDirectories(to);
        MaskedLanguageFolder.writeWeights(to.resolve(WEIGHTS), loaded.model());
        MaskedLanguageFolder.texts(loaded.config())
            .forEach((name, content) -> AtomicFile.write(to.resolve(name), content));
        AtomicFile.write(to.resolve(CARD), text);
        return Optional.empty();
      }
      write(to, loaded.model(), loaded.config(), readLabelsSeen(from), text);
      if (SentenceFolder.has(loaded.config())) {
        SentenceFolder.complete(to, loaded.model(), loaded.config());
      }
      return MaskedLanguageFolder.lacks(loaded.config());
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
    if (config.task() instanceof Task.MaskedLanguage) {
      throw RanbikiException.configuration(
          "%s guesses hidden pieces, so it is no encoder as it is. Write its folder for transformers,"
              + " of which the encoder is taken, and name that: ranbiki export %s --to folder"
              + " --output FOLDER.",
          folder, folder);
    }
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
        HubFolder.is(ModelConfigJson.root(folder.resolve(CONFIG)))
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
    ModelConfigJson.requireThere(folder.resolve(CONFIG));
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
    return LabelsSeenFiles.read(file, ModelConfigJson.root(file));
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
    JsonNode root = ModelConfigJson.root(folder.resolve(CONFIG));
    return HubFolder.is(root)
        ? HubFolder.guesses(root)
        : ModelConfigJson.task(root).equals(new Task.MaskedLanguage(1).word());
  }

  private static ModelConfig readConfig(Path folder, boolean guesses) {
    Path file = folder.resolve(CONFIG);
    JsonNode root = ModelConfigJson.root(file);
    if (HubFolder.is(root)) {
      return HubFolder.config(file, root, ModelConfigJson::root, guesses);
    }
    return ModelConfigJson.read(file, root);
  }
}
