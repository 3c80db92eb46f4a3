package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.OnnxInfo;
import io.ranbiki.file.Identity;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a teacher comes from; {@link Teachers#open} makes one of it. */
public sealed interface TeacherSource {

  /**
   * SHA-256, in hexadecimal digits, of the files and of every option that changes the answers:
   * equal hashes mean equal answers.
   *
   * @throws RanbikiException if a file is missing or cannot be read
   */
  String hash();

  /** Number of classes that the source says; 0 if only an answer can tell. */
  int classes();

  /** Shape of one sample that the source says; empty if it does not. */
  List<Integer> input();

  /**
   * Samples that it computes together, however few it is asked about.
   *
   * @return 1, or the batch that an ONNX file fixes
   */
  default int smallestBatch() {
    return 1;
  }

  /** What it is, in a few words. */
  String title();

  /**
   * A folder that {@code train} or {@code distill} wrote, or of the same layout: {@code
   * config.json} and {@code model.safetensors}.
   *
   * @param guesses whether it is to guess hidden pieces: a folder of transformers can do that or
   *     make vectors
   */
  record Folder(Path folder, boolean guesses) implements TeacherSource {

    /** One that does what it was made for. */
    public Folder(Path folder) {
      this(folder, false);
    }

    @Override
    public String hash() {
      return Identity.of(guesses ? "masked-language" : "folder", ModelFolder.files(folder));
    }

    /** What the folder says. */
    public ModelConfig config() {
      return guesses
          ? ModelFolder.readMaskedLanguageConfig(folder)
          : ModelFolder.readConfig(folder);
    }

    /** The network; the caller closes it. */
    public ModelFolder.Loaded read() {
      return guesses ? ModelFolder.readMaskedLanguage(folder) : ModelFolder.read(folder);
    }

    @Override
    public int classes() {
      return config().spec().classes();
    }

    @Override
    public List<Integer> input() {
      return config().spec().input();
    }

    @Override
    public String title() {
      return folder.toString();
    }
  }

  /**
   * Weights of a network that can be built here.
   *
   * @param file in the safetensors format
   * @param spec which network
   */
  record Safetensors(Path file, ModelSpec spec) implements TeacherSource {
    @Override
    public String hash() {
      return Identity.of("safetensors " + spec, io.ranbiki.artifact.Safetensors.files(file));
    }

    @Override
    public int classes() {
      return spec.classes();
    }

    @Override
    public List<Integer> input() {
      return spec.input();
    }

    @Override
    public String title() {
      return file.toString();
    }
  }

  /** A network in an ONNX file. */
  record Onnx(Path file, OnnxOptions options) implements TeacherSource {
    private static final String LENGTH = "[1-9]\\d{0,8}";

    @Override
    public String hash() {
      String how = "onnx output=" + options.output() + " layout=" + options.layout();
      return Identity.of(how, OnnxFile.read(file).files());
    }

    @Override
    public int classes() {
      List<OnnxInfo.Port> outputs = OnnxFile.read(file).info().outputs();
      List<Integer> lengths =
          outputs.stream()
              .filter(output -> options.output() == null || output.name().equals(options.output()))
              .map(output -> known(output.shape()).stream().filter(n -> n != 1).toList())
              .filter(shape -> shape.size() == 1)
              .map(shape -> shape.get(0))
              .toList();
      return lengths.size() == 1 ? lengths.get(0) : 0;
    }

    @Override
    public List<Integer> input() {
      List<OnnxInfo.Port> inputs = OnnxFile.read(file).info().inputs();
      return inputs.size() == 1 ? known(inputs.get(0).shape()) : List.of();
    }

    @Override
    public int smallestBatch() {
      List<OnnxInfo.Port> inputs = OnnxFile.read(file).info().inputs();
      List<String> shape = inputs.size() == 1 ? inputs.get(0).shape() : List.of();
      return !shape.isEmpty() && shape.get(0).matches(LENGTH) ? Integer.parseInt(shape.get(0)) : 1;
    }

    /** The lengths after the batch; empty unless all of them are numbers. */
    private static List<Integer> known(List<String> shape) {
      List<String> lengths = shape.isEmpty() ? shape : shape.subList(1, shape.size());
      boolean numbers = lengths.stream().allMatch(length -> length.matches(LENGTH));
      return numbers ? lengths.stream().map(Integer::valueOf).toList() : List.of();
    }

    @Override
    public String title() {
      return file.toString();
    }
  }

  /**
   * An encoder of texts, whose answers are vectors.
   *
   * @param model an ONNX file that makes a vector of each piece of a text, or of the text, or a
   *     model folder that answers with vectors
   * @param pool how one vector is made of those of the pieces; empty for the way of the model
   */
  record Encoder(TeacherSource model, Optional<Pool> pool) implements TeacherSource {

    /** Checks what the model is. */
    public Encoder {
      if (!(model instanceof Onnx) && !(model instanceof Folder)) {
        throw RanbikiException.configuration(
            "%s is no encoder of texts: an ONNX file, or the folder of a network that answers with"
                + " vectors. Name one of these.",
            model.title());
      }
    }

    /** The folder that it is; empty for an ONNX file. */
    public Optional<Path> folder() {
      return model instanceof Folder folder ? Optional.of(folder.folder()) : Optional.empty();
    }

    /**
     * Reads the network of a folder; the caller closes it.
     *
     * @return empty for an ONNX file
     * @throws RanbikiException if it does not answer with vectors, or pools in its own way alone
     */
    public Optional<ModelFolder.Loaded> read() {
      return folder().map(path -> ModelFolder.readEncoder(path, pool.map(Pool::pooling)));
    }

    /** SHA-256 of its files alone, by which a head knows it again. */
    public String files() {
      return model instanceof Onnx onnx
          ? Identity.of("onnx", OnnxFile.read(onnx.file()).files())
          : model.hash();
    }

    @Override
    public String hash() {
      String how = pool.map(Pool::toString).orElse("own");
      return Identity.of("encoder pool=" + how + " " + model.hash(), List.of());
    }

    @Override
    public int classes() {
      if (!(model instanceof Onnx file)) {
        return model.classes();
      }
      try (Teacher opened = OnnxTeacher.encoder(file.file(), pool, List.of(), file.options())) {
        return opened.classes();
      }
    }

    @Override
    public List<Integer> input() {
      return List.of(Field.ANY);
    }

    @Override
    public String title() {
      return model.title();
    }
  }

  /**
   * An encoder that teaches its vectors, each of length 1.
   *
   * @param components to how many numbers they are narrowed; 0 for all that they have
   */
  record Embedding(Encoder encoder, int components) implements TeacherSource {

    /** To what vectors are narrowed depends on the data, too: who narrows them says it. */
    @Override
    public String hash() {
      return encoder.hash();
    }

    @Override
    public int classes() {
      return components > 0 ? components : encoder.classes();
    }

    @Override
    public List<Integer> input() {
      return encoder.input();
    }

    @Override
    public String title() {
      return encoder.title();
    }
  }

  /**
   * An encoder of texts with a network on its vectors.
   *
   * @param encoder makes the vectors, pooled as those that the head was trained on
   * @param head folder of the network, which {@code train} wrote
   */
  record Headed(TeacherSource encoder, Path head) implements TeacherSource {

    /**
     * The encoder with the pooling that the head was trained with.
     *
     * @throws RanbikiException if the head was trained on no encoder, or on another one
     */
    public Encoder trained() {
      ModelConfig.Encoder known = ModelFolder.readConfig(head).encoder();
      if (known == null) {
        throw RanbikiException.configuration(
            "The head %s was not trained on the vectors of an encoder. Train one: model: {encoder:"
                + " %s, ...}.",
            head, encoder.title());
      }
      Encoder own = new Encoder(encoder, Optional.ofNullable(known.pool()).map(Pool::of));
      if (!known.hash().equals(own.files())) {
        throw RanbikiException.configuration(
            "The head %s was trained on the vectors of another encoder than %s. Give that one, or"
                + " train the head again.",
            head, encoder.title());
      }
      return own;
    }

    @Override
    public String hash() {
      return Identity.of("headed " + encoder.hash(), ModelFolder.files(head));
    }

    @Override
    public int classes() {
      return ModelFolder.readConfig(head).spec().classes();
    }

    @Override
    public List<Integer> input() {
      return List.of(Field.ANY);
    }

    @Override
    public String title() {
      return encoder.title() + " with the head " + head;
    }
  }

  /**
   * A network in a TorchScript file.
   *
   * @param trusted whether the user says that the file may run as a program
   */
  record TorchScript(Path file, boolean trusted) implements TeacherSource {
    @Override
    public String hash() {
      return Identity.of("torchscript", List.of(file));
    }

    @Override
    public int classes() {
      return 0;
    }

    @Override
    public List<Integer> input() {
      return List.of();
    }

    @Override
    public String title() {
      return file.toString();
    }
  }

  /**
   * Answers that lie in a file already, for the samples of one data set; {@link GivenAnswers} reads
   * them.
   *
   * @param file CSV or JSONL
   * @param test another file with the answers to the test samples, if there is one
   * @param key the column by which a row finds its sample
   * @param kind what the answers are
   */
  record Given(Path file, Optional<Path> test, String key, GivenKind kind)
      implements TeacherSource {
    @Override
    public String hash() {
      return Identity.of(
          "given key=" + key + " kind=" + kind,
          Stream.concat(Stream.of(file), test.stream()).toList());
    }

    @Override
    public int classes() {
      return 0;
    }

    @Override
    public List<Integer> input() {
      return List.of();
    }

    @Override
    public String title() {
      return file.toString();
    }
  }

  /**
   * A teacher whose answers are probabilities; their logarithms are taken for logits.
   *
   * @param of the teacher as it is; not an ensemble, whose members may differ in this
   */
  record Probabilities(TeacherSource of) implements TeacherSource {
    @Override
    public String hash() {
      return Identity.of("probabilities " + of.hash(), List.of());
    }

    @Override
    public int classes() {
      return of.classes();
    }

    @Override
    public List<Integer> input() {
      return of.input();
    }

    @Override
    public int smallestBatch() {
      return of.smallestBatch();
    }

    @Override
    public String title() {
      return of.title();
    }
  }

  /**
   * Several that answer as one.
   *
   * @param members one or more
   * @param weights one a member, finite, 0 or more, with a positive sum; empty for equal ones
   * @param combine how one answer is made of theirs
   */
  record Ensemble(List<TeacherSource> members, List<Double> weights, Combine combine)
      implements TeacherSource {

    /** Copies the lists and checks the weights. */
    public Ensemble {
      members = List.copyOf(members);
      weights = List.copyOf(weights);
      normalized(members, weights);
    }

    /** The weights, divided by their sum. */
    double[] normalizedWeights() {
      return normalized(members, weights);
    }

    private static double[] normalized(List<TeacherSource> members, List<Double> weights) {
      double[] given =
          weights.isEmpty()
              ? members.stream().mapToDouble(member -> 1).toArray()
              : weights.stream().mapToDouble(Double::doubleValue).toArray();
      return EnsembleTeacher.normalize(members.size(), given);
    }

    @Override
    public String hash() {
      String hashes = members.stream().map(TeacherSource::hash).collect(Collectors.joining(" "));
      List<Double> shares = new ArrayList<>();
      for (double weight : normalizedWeights()) {
        shares.add(weight);
      }
      return Identity.of("ensemble " + combine + " " + shares + " " + hashes, List.of());
    }

    @Override
    public int classes() {
      return members.stream().mapToInt(TeacherSource::classes).max().orElse(0);
    }

    @Override
    public List<Integer> input() {
      return members.stream()
          .map(TeacherSource::input)
          .filter(shape -> !shape.isEmpty())
          .findFirst()
          .orElse(List.of());
    }

    @Override
    public String title() {
      return members.stream()
          .map(TeacherSource::title)
          .collect(Collectors.joining(", ", "ensemble of ", ""));
    }
  }

  /**
   * An encoder of texts, in an ONNX file or a folder, with the head that was trained on its
   * vectors.
   *
   * @throws RanbikiException if nothing is there, or nothing that can be a teacher
   */
  static TeacherSource headed(Path encoder, Path head) {
    return new Headed(of(encoder, false, null), head);
  }

  /**
   * Recognises what lies at a path: a model folder, a run folder with one in {@code model/}, or a
   * file by its ending: {@code .safetensors} (or the index of several, {@code
   * .safetensors.index.json}), {@code .onnx}, {@code .pt}, {@code .pth}, {@code .ts} or {@code
   * .torchscript}.
   *
   * @param trusted whether a TorchScript file may run as a program
   * @param spec which network a safetensors file belongs to; null to look for a {@code config.json}
   *     beside it
   * @throws RanbikiException if nothing is there, or nothing that can be a teacher
   */
  static TeacherSource of(Path path, boolean trusted, @Nullable ModelSpec spec) {
    if (Files.isDirectory(path)) {
      return new Folder(ModelFolder.at(path).orElse(path));
    }
    boolean sharded = Files.exists(Path.of(path + ".index.json"));
    if (!Files.exists(path) && !sharded) {
      throw RanbikiException.model(
          "There is no file or folder %s; give the path of a model.", path);
    }
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".safetensors") || name.endsWith(".safetensors.index.json")) {
      return safetensors(path, spec);
    }
    if (name.endsWith(".onnx")) {
      return new Onnx(path, OnnxOptions.STANDARD);
    }
    if (name.matches(".*\\.(pt|pth|ts|torchscript)")) {
      return new TorchScript(path, trusted);
    }
    throw RanbikiException.model(
        "%s is no model that is known by its ending; use a model folder, .safetensors, .onnx, or"
            + " TorchScript as .pt.",
        path);
  }

  private static TeacherSource safetensors(Path path, @Nullable ModelSpec spec) {
    if (spec != null) {
      return new Safetensors(path, spec);
    }
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
    boolean named = path.getFileName().toString().startsWith(ModelFolder.WEIGHTS);
    if (named && Files.exists(folder.resolve(ModelFolder.CONFIG))) {
      return new Folder(folder);
    }
    throw RanbikiException.model(
        "%s holds weights alone; say which 'architecture' they belong to, or put a %s beside it and"
            + " name the folder.",
        path, ModelFolder.CONFIG);
  }
}
