package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The sizes and initial weights of an encoder of texts that takes over layers of another: its
 * embeddings and these layers are copied, the rest is left. What classifies is new unless it fits
 * (Sanh et al. 2019, arXiv:1910.01108, section 3, take every second layer).
 *
 * <p>The folder is looked into when it is needed, not when the configuration is read.
 */
final class TakenLayers {

  private static final Pattern LAYER = Pattern.compile("(.*?layers?\\.)(\\d+)(\\..*)");
  private static final Pattern WORDS =
      Pattern.compile("embeddings\\.(word|tok)_embeddings\\.weight");

  private static final String WINDOW = "window";
  private static final String GLOBAL = "global-layers";
  private static final String UNIT_LENGTH = "unit-length";

  private final Optional<Path> teacher;
  private final List<Integer> layers;
  private @Nullable ModelConfig config;

  private TakenLayers(Optional<Path> teacher, List<Integer> layers) {
    this.teacher = teacher;
    this.layers = List.copyOf(layers);
  }

  /** Reads the key {@code from} of a student. */
  static TakenLayers read(Options options) {
    Optional<Path> teacher =
        options.optionalPath(
            "teacher",
            "Folder of the network that layers are taken of; the run's own teacher if left out");
    List<Integer> layers =
        options.optionalList(
            "layers",
            "Which of its layers are taken, counted from 0; all if left out",
            node -> node.integer(Rule.atLeast(0)));
    for (int i = 1; i < layers.size(); i++) {
      if (layers.get(i) <= layers.get(i - 1)) {
        options.mistake("layers", "must be increasing numbers of layers, but is " + layers + ".");
        break;
      }
    }
    return new TakenLayers(teacher, layers);
  }

  /** The same of a run's teacher, if that is one model and no other is named. */
  TakenLayers of(List<Path> models) {
    return teacher.isPresent() || models.size() != 1
        ? this
        : new TakenLayers(Optional.of(models.get(0)), layers);
  }

  private Path folder() {
    Path path =
        teacher.orElseThrow(
            () ->
                RanbikiException.configuration(
                    "'student.from' takes layers of the run's teacher, but that is not one model."
                        + " Name a model folder: from: {teacher: FOLDER}."));
    if (Files.isRegularFile(path)) {
      throw RanbikiException.configuration(
          "'student.from' takes layers of a model folder, but %s is a file. Make a folder of an"
              + " ONNX file by: ranbiki import FILE --to FOLDER",
          path);
    }
    return ModelFolder.at(path).orElse(path);
  }

  /** What the folder says of its network. */
  ModelConfig config() {
    if (config == null) {
      config = ModelFolder.readConfig(folder());
      requireLayers(config.spec());
    }
    return config;
  }

  private void requireLayers(ModelSpec spec) {
    if (!(spec.options().get("layers") instanceof Integer count)
        || !spec.options().containsKey("heads")) {
      throw RanbikiException.configuration(
          "'student.from' takes layers of an encoder of texts, but %s holds the network '%s'. Name"
              + " the folder of one such as bert.",
          folder(), spec.architecture());
    }
    for (int layer : layers) {
      if (layer >= count) {
        throw RanbikiException.configuration(
            "'student.from' takes layer %d of %s, which has the layers 0 to %d.",
            layer, folder(), count - 1);
      }
    }
    if (spec.architecture().equals("modernbert") && !layers.isEmpty() && layers.get(0) != 0) {
      throw RanbikiException.configuration(
          "'student.from' takes the layers %s of %s, but the first layer of a modernbert is like no"
              + " other, since its input is normalised already. Take layer 0, too.",
          layers, folder());
    }
  }

  /** The architecture of the student: that of the folder. */
  String architecture() {
    return config().spec().architecture();
  }

  /**
   * The options of the student, as of a student of classes; nothing is known of them before a run's
   * teacher is.
   */
  Map<String, Object> options() {
    if (teacher.isEmpty()) {
      return Map.of();
    }
    Map<String, Object> options = new LinkedHashMap<>(config().spec().options());
    if (!layers.isEmpty()) {
      options.put("layers", layers.size());
      if (options.containsKey(WINDOW)) {
        options.put(GLOBAL, global(options));
      }
    }
    options.put("head", "linear");
    options.remove(UNIT_LENGTH);
    return options;
  }

  /** Which blocks of the student read all tokens: those that come from layers that do. */
  private List<Integer> global(Map<String, Object> options) {
    int every = options.get("global-every") instanceof Integer number ? number : 1;
    Object listed = options.get(GLOBAL);
    return IntStream.range(0, layers.size())
        .filter(
            i ->
                listed instanceof List<?> global
                    ? global.contains(layers.get(i))
                    : layers.get(i) % every == 0)
        .boxed()
        .toList();
  }

  /** What texts go through on their way into the folder's network. */
  Optional<Prepare> prepare() {
    return Optional.ofNullable(config().prepare());
  }

  /** Every file that the initial weights depend on. */
  List<Path> files() {
    return ModelFolder.files(folder());
  }

  /**
   * What the student is for a task: one of vectors answers with them as the folder does, if they
   * are as long, and needs nothing behind vectors as long as its own. A vocabulary is as large as
   * the tokenizer says, or as the table that belongs to it.
   */
  ModelSpec spec(ModelSpec spec, Task task, Prepare prepare) {
    Map<String, Object> options = new LinkedHashMap<>(spec.options());
    boolean vectors =
        task instanceof Task.Embedding
            && options.get("width") instanceof Integer width
            && width == spec.classes();
    options.put("head", head(task, vectors));
    if (task instanceof Task.Embedding
        && config().task() instanceof Task.Embedding
        && config().spec().classes() == spec.classes()) {
      Map<String, Object> own = config().spec().options();
      options.put("head", Objects.requireNonNull(own.get("head")));
      Optional.ofNullable(own.get(UNIT_LENGTH))
          .ifPresent(length -> options.put(UNIT_LENGTH, length));
    }
    if (own().equals(prepare.tokenize().map(Step.Tokenize::tokenizer))) {
      options.put(
          "vocabulary", Objects.requireNonNull(config().spec().options().get("vocabulary")));
    }
    return new ModelSpec(spec.architecture(), spec.inputs(), spec.classes(), options, spec.unit());
  }

  private static String head(Task task, boolean vectors) {
    return task instanceof Task.MaskedLanguage ? "masked-language" : vectors ? "none" : "linear";
  }

  private Optional<Tokenizer> own() {
    return prepare().flatMap(Prepare::tokenize).map(Step.Tokenize::tokenizer);
  }

  /**
   * Copies what the folder has for a student.
   *
   * @param tokenizer of the student; rows of the table of vectors follow its pieces
   */
  void fill(Model student, Optional<Tokenizer> tokenizer) {
    try (ModelFolder.Loaded loaded = read(student);
        TensorScope scope = TensorScope.open("take layers");
        NoGrad noGrad = new NoGrad()) {
      Map<String, Tensor> given = loaded.model().module().state();
      student
          .module()
          .state()
          .forEach(
              (name, tensor) -> {
                Tensor values = given.get(source(name));
                if (values != null && WORDS.matcher(name).matches() && !tokenizer.equals(own())) {
                  rows(tensor, values, tokenizer);
                } else if (values != null
                    && java.util.Arrays.equals(values.shape(), tensor.shape())) {
                  tensor.copyFrom(values.detach());
                }
              });
    }
  }

  /** With what guesses hidden pieces, where both student and folder do. */
  private ModelFolder.Loaded read(Model student) {
    return "masked-language".equals(student.spec().options().get("head"))
            && ModelFolder.isMaskedLanguage(folder())
        ? ModelFolder.readMaskedLanguage(folder())
        : ModelFolder.read(folder());
  }

  /** The name in the folder of what the student calls so. */
  private String source(String name) {
    Matcher matcher = LAYER.matcher(name);
    return layers.isEmpty() || !matcher.matches()
        ? name
        : matcher.group(1) + layers.get(Integer.parseInt(matcher.group(2))) + matcher.group(3);
  }

  /** Vectors of the pieces that both tokenizers have; those of the others stay random. */
  private void rows(Tensor table, Tensor given, Optional<Tokenizer> tokenizer) {
    Map<String, Integer> theirs = own().map(Tokenizer::pieces).orElse(Map.of());
    Map<String, Integer> ours = tokenizer.map(Tokenizer::pieces).orElse(Map.of());
    if (new HashSet<>(ours.keySet()).stream().noneMatch(theirs::containsKey)) {
      throw RanbikiException.configuration(
          "'student.from' takes the vectors of pieces over from %s, but the student's tokenizer has"
              + " no piece of that one. Leave prepare.tokenizer out, and the student has the same.",
          folder());
    }
    long width = given.size(1);
    float[] all = given.detach().toFloats();
    float[] rows = table.detach().toFloats();
    ours.forEach(
        (piece, id) -> {
          Integer other = theirs.get(piece);
          if (other != null) {
            System.arraycopy(all, (int) (other * width), rows, (int) (id * width), (int) width);
          }
        });
    table.copyFrom(Tensors.of(rows, table.shape()));
  }
}
