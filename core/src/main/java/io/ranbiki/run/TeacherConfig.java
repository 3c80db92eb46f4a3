package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.TeacherDecisions;
import io.ranbiki.objective.Term;
import io.ranbiki.store.Encoding;
import io.ranbiki.teacher.AnswerKind;
import io.ranbiki.teacher.AnswersFile;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.GivenKind;
import io.ranbiki.teacher.Layout;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.Pool;
import io.ranbiki.teacher.Precision;
import io.ranbiki.teacher.TeacherSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who teaches, and how it is asked.
 *
 * @param who models that are there, answers of a file, or teachers that the run trains itself
 * @param answers whether the teacher is asked once for every sample and view, or for every batch
 * @param precision how it computes its stored answers
 * @param encoding how the logits of its stored answers are written
 * @param prepare what their inputs go through where their files do not say; empty for what the
 *     student's go through
 */
public record TeacherConfig(
    Who who,
    Answers answers,
    Precision precision,
    Encoding encoding,
    Optional<PrepareConfig> prepare) {

  /** Where the answers come from. */
  public sealed interface Who permits TeacherModels, CrossFitConfig, Given {}

  /** Answers that lie in a file already. */
  public record Given(TeacherSource.Given file) implements Who {}

  /** When the teacher is asked. */
  public enum Answers {
    /** Stored, unless the objective reads outputs of layers, which take much space. */
    AUTO,
    /** Once for every sample and view, layers too; other runs share the answers. */
    STORED,
    /** For every batch. */
    LIVE
  }

  /**
   * Reads the keys of {@code teacher}.
   *
   * @param objective of the run, as data and train; null after a mistake
   */
  static TeacherConfig read(
      Options options,
      @Nullable Objective objective,
      @Nullable DataConfig data,
      @Nullable TrainConfig train) {
    if (data != null && data.hidesPieces() && (options.has("from") || options.has("cross-fit"))) {
      options.mistake(
          "names a file of answers or trains its teachers, but what is hidden of texts (task:"
              + " masked-language) is guessed by one that is asked while the student learns; name"
              + " a 'model'.");
    }
    return options.either(
        "from",
        file -> given(file, objective, data),
        others ->
            others.either(
                "cross-fit",
                folds -> crossFitted(folds, objective, data, train),
                models -> ofModels(models, data)));
  }

  private static TeacherConfig given(
      Options options, @Nullable Objective objective, @Nullable DataConfig data) {
    Path file = options.path("from", "File of answers that were given already: CSV or JSONL");
    Optional<Path> test =
        options.optionalPath(
            "test", "File of the answers to the test samples; the same file if left out");
    String key = options.string("key", "key", "The column of the keys of samples");
    GivenKind kind =
        options.value("kind", "What the answers are", node -> node.word(GivenKind.class));
    Answers answers = answers(options);
    Encoding encoding = Encoding.read(options);
    if (kind == null) {
      return options.stop();
    }
    if (objective != null && !objective.teacherLayers().isEmpty()) {
      options.mistake(
          "takes its answers from a file, but the objective reads outputs of a teacher's layers ("
              + String.join(", ", objective.teacherLayers())
              + "), which a file does not hold; leave the terms that read layers out.");
    }
    boolean ofLabels = kind == GivenKind.LABELS;
    if (ofLabels && objective != null) {
      requireDecisions(options, objective);
    }
    if (!ofLabels && data != null && !data.augmentations().list().isEmpty()) {
      options.mistake(
          "takes its answers from a file, which hold for a sample as it is, but 'data.augment'"
              + " shows the student other views of it; leave 'augment' out, or give labels (kind:"
              + " labels), which hold for every view.");
    }
    return new TeacherConfig(
        new Given(new TeacherSource.Given(file, test, key, kind)),
        answers,
        Precision.FLOAT32,
        encoding,
        Optional.empty());
  }

  private static void requireDecisions(Options options, Objective objective) {
    List<String> soft =
        objective.terms().stream()
            .filter(term -> term.needsTeacher() && !(term instanceof TeacherDecisions))
            .map(Term::name)
            .toList();
    if (!soft.isEmpty()) {
      options.mistake(
          "gives labels, which do not say how sure they are, but "
              + String.join(", ", soft)
              + " compares with soft answers; take teacher-decisions instead, or give"
              + " probabilities.");
    }
  }

  private static Answers answers(Options options) {
    return options.word(
        "answers",
        Answers.AUTO,
        "Whether the teacher is asked once for every sample and view, or for every batch");
  }

  private static TeacherConfig ofModels(Options options, @Nullable DataConfig data) {
    boolean guesses = data != null && data.hidesPieces();
    Answers answers = answers(options);
    if (guesses && answers == Answers.STORED) {
      options.mistake(
          "is to be asked once (answers: stored), but every epoch hides other pieces of a text, and"
              + " an answer to each has as many numbers as there are pieces; leave 'answers' out.");
    }
    Precision precision = precision(options);
    List<Path> models =
        options.value(
            "model",
            "Model folders, ONNX or TorchScript files; several answer as one",
            node -> {
              List<Path> paths = node.oneOrMore(ConfigNode::filePath);
              if (node.isEmptyList()) {
                node.mistake("needs at least one model.");
              }
              return paths;
            });
    List<Double> weights =
        options.optionalList(
            "weights", "One a model; empty for equal ones", weight -> weight.number());
    Combine combine =
        options.variant(
            "combine",
            "logits",
            "How several answer as one",
            List.of(
                Provider.of(
                    Combine.class,
                    "logits",
                    "The mean of their logits.",
                    any -> new Combine.Logits()),
                Provider.of(
                    Combine.class,
                    "probabilities",
                    "The mean of their softened probabilities.",
                    softened ->
                        new Combine.Probabilities(
                            softened.number(
                                "combine-temperature",
                                1,
                                "Softening temperature",
                                Rule.above(0))))));
    List<AnswerKind> said = kinds(options);
    boolean open = guesses && said.equals(List.of(AnswerKind.AUTO));
    List<AnswerKind> kinds = open ? List.of(AnswerKind.MASKED_LANGUAGE) : said;
    boolean trusted =
        options.bool("trusted", false, "Whether a TorchScript file may run as a program");
    OnnxOptions onnx = onnx(options);
    Encoding encoding = Encoding.read(options);
    Optional<PrepareConfig> prepare = PrepareConfig.readWhole(options);
    Optional<Path> head =
        options.optionalPath(
            "head",
            "Model folder of a network that was trained on the vectors of the model, an encoder");
    Optional<Pool> pool = EncoderConfig.pool(options);
    int components =
        options
            .optionalInteger(
                "pca",
                "To how many numbers an encoder's vectors are narrowed, by principal components",
                Rule.atLeast(1))
            .orElse(0);
    if (components > 0 && !kinds.contains(AnswerKind.EMBEDDING)) {
      options.mistake("gives 'pca', which is about vectors, but no 'kind: embedding'.");
    }
    if (kinds.contains(AnswerKind.MASKED_LANGUAGE) && !guesses) {
      options.mistake(
          "guesses what is hidden of texts (kind: masked-language), but 'data' has no 'task:"
              + " masked-language'.");
    }
    if (guesses && (models != null && models.size() > 1 || head.isPresent())) {
      options.mistake(
          "guesses what is hidden of texts (task: masked-language), which one model alone does, with"
              + " what its own folder has for it; name one, and leave 'head' out.");
    }
    if (kinds.contains(AnswerKind.EMBEDDING)
        && (kinds.size() > 1 || models != null && models.size() > 1 || head.isPresent())) {
      options.mistake(
          "teaches vectors (kind: embedding), which one encoder alone gives, without a head; name"
              + " one model, and leave 'head' out.");
    }
    return new TeacherConfig(
        new TeacherModels(models, kinds, trusted, onnx, pool, components, weights, combine, head),
        guesses ? Answers.LIVE : answers,
        precision,
        encoding,
        prepare);
  }

  private static TeacherConfig crossFitted(
      Options options,
      @Nullable Objective objective,
      @Nullable DataConfig data,
      @Nullable TrainConfig train) {
    int folds =
        options.integer(
            "cross-fit",
            "How many teachers the run trains, each on all labelled samples but one part",
            Rule.atLeast(2));
    Precision precision = precision(options);
    ModelChoice model = options.map("model", "The network of every teacher", ModelChoice::read);
    Encoding encoding = Encoding.read(options);
    if (objective != null && !objective.teacherLayers().isEmpty()) {
      options.mistake(
          "cross-fits its teachers, but the objective reads outputs of their layers ("
              + String.join(", ", objective.teacherLayers())
              + "), which mean something else in each; leave the terms that read layers out.");
    }
    CompareConfig.OwnRecipe recipe = CompareConfig.OwnRecipe.read(options, objective, data, train);
    return new TeacherConfig(
        new CrossFitConfig(folds, model, recipe),
        Answers.AUTO,
        precision,
        encoding,
        Optional.empty());
  }

  private static Precision precision(Options options) {
    return options.word(
        "precision", Precision.FLOAT32, "How the teacher computes its stored answers");
  }

  private static List<AnswerKind> kinds(Options options) {
    List<String> auto = List.of(AnswerKind.AUTO.toString());
    return options
        .oneOrMore(
            "kind",
            auto,
            "What the answers are: one for all models, or one a model",
            kind -> kind.word(AnswerKind.class).toString())
        .stream()
        .map(word -> AnswerKind.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_')))
        .toList();
  }

  static OnnxOptions onnx(Options options) {
    Layout layout =
        options
            .optionalValue(
                "layout",
                "How an ONNX file takes images; found from its shapes if left out",
                node -> node.oneOf(List.of("nchw", "nhwc")))
            .map(word -> word.equals("nhwc") ? Layout.NHWC : Layout.NCHW)
            .orElse(Layout.FROM_SHAPE);
    String output =
        options
            .optionalString("output", "Which output of an ONNX file holds the answers")
            .orElse(null);
    Map<String, String> ports =
        options
            .optionalValue(
                "ports",
                "Which field of a sample each input of an ONNX file takes",
                ConfigNode::texts)
            .orElse(Map.of());
    return new OnnxOptions(output, layout, 0).withPorts(ports);
  }

  /** Model folders that a run wrote itself, asked once, in float32, unless layers are read. */
  static TeacherConfig ofFolders(List<Path> folders) {
    return new TeacherConfig(
        TeacherModels.ofFolders(folders),
        Answers.AUTO,
        Precision.FLOAT32,
        Encoding.FLOAT32,
        Optional.empty());
  }

  /** Such folders, asked as this teacher is. */
  TeacherConfig of(List<Path> folders) {
    return new TeacherConfig(
        TeacherModels.ofFolders(folders), answers, precision, encoding, prepare);
  }

  private Optional<TeacherModels> ofModels() {
    return who instanceof TeacherModels models ? Optional.of(models) : Optional.empty();
  }

  /** Model folders, ONNX or TorchScript files; none where answers are given or teachers trained. */
  public List<Path> models() {
    return ofModels().map(TeacherModels::paths).orElse(List.of());
  }

  /** What the answers of the models are: one for all, or one a model. */
  List<AnswerKind> kinds() {
    return ofModels().map(TeacherModels::kinds).orElse(List.of(AnswerKind.AUTO));
  }

  /** Whether its answers are vectors, so that the student is to give such. */
  boolean teachesVectors() {
    return kinds().contains(AnswerKind.EMBEDDING);
  }

  /** The teachers that the run trains itself; empty if it is given some. */
  public Optional<CrossFitConfig> crossFit() {
    return who instanceof CrossFitConfig teachers ? Optional.of(teachers) : Optional.empty();
  }

  /** The file in which the answers lie already; mostly empty. */
  public Optional<TeacherSource.Given> given() {
    return who instanceof Given given ? Optional.of(given.file()) : Optional.empty();
  }

  /**
   * Where the teacher comes from.
   *
   * @throws RanbikiException if the run is to train it, if a path leads to nothing that can be a
   *     teacher, or to one that does not know an option that is given
   */
  public TeacherSource source() {
    if (who instanceof TeacherModels models) {
      return models.source(precision);
    }
    TeacherSource.Given file =
        given()
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "'teacher.cross-fit' names no teacher that is there: a distillation trains"
                            + " them and asks them itself. Begin it with: ranbiki distill"
                            + " CONFIG"));
    AnswersFile.requireFile(file.file());
    file.test().ifPresent(AnswersFile::requireFile);
    return file;
  }
}
