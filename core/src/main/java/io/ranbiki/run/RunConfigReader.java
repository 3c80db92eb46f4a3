package io.ranbiki.run;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.MapNode;
import io.ranbiki.config.Rule;
import io.ranbiki.config.Words;
import io.ranbiki.data.Augmentations;
import io.ranbiki.evaluate.Limit;
import io.ranbiki.model.Architectures;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Term;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Binds the keys of a configuration file to records; the file format is described in the docs. */
public final class RunConfigReader {

  /** A run of a large machine can be done again on a small one, but no machine has more. */
  private static final int MOST_THREADS = 512;

  private RunConfigReader() {}

  /**
   * Reads the description of a distillation.
   *
   * @throws io.ranbiki.RanbikiException with every mistake of the file, by line and column
   */
  public static RunConfig distillation(ConfigDocument document) {
    return read(document, true);
  }

  /**
   * Reads the description of a training from labels: {@code model} in place of {@code teacher} and
   * {@code student}.
   *
   * @throws io.ranbiki.RanbikiException with every mistake of the file, by line and column
   */
  public static RunConfig training(ConfigDocument document) {
    return read(document, false);
  }

  /** Reads a description of either kind: it is a distillation if somebody teaches. */
  public static RunConfig any(ConfigDocument document) {
    return read(document, !document.root().has("model"));
  }

  private static RunConfig read(ConfigDocument document, boolean distillation) {
    return document.bind(
        root -> {
          String name = root.string("name");
          List<Long> seeds = seeds(root);
          boolean taught = distillation && root.has("teacher");
          DataConfig data = root.map("data", node -> DataConfigReader.read(node, taught));
          ModelChoice student =
              root.map(distillation ? "student" : "model", RunConfigReader::student);
          Optional<StrategyConfig> strategy =
              distillation && root.has("strategy")
                  ? StrategyReader.read(root, student)
                  : Optional.of(new StrategyConfig.Offline());
          Objective objective = objective(root, distillation);
          requireUseOfUnlabelled(root, data, objective);
          TrainConfig train =
              root.mapOrDefaults("train", node -> train(node, data != null && data.mayHoldOut()));
          TeacherReader reader = new TeacherReader(objective, data, train);
          Optional<TeacherConfig> teacher =
              distillation ? teacher(root, strategy, reader) : Optional.empty();
          CompareConfig compare =
              distillation
                  ? root.mapOrDefaults(
                      "compare", node -> compare(node, teacher.isPresent(), objective, data, train))
                  : CompareConfig.NONE;
          boolean doctor = distillation && root.bool("doctor", true);
          Optional<String> license = root.optionalValue("license", RunConfigReader::license);
          boolean latency = root.bool("latency", true);
          Map<Limit, Double> accept =
              root.optionalMap(
                      "accept", node -> AcceptReader.read(node, teacher.isPresent(), latency))
                  .orElse(Map.of());
          List<Map<String, Integer>> curve =
              distillation && root.has("curve") ? curve(root, student) : List.of();
          return new RunConfig(
              name,
              seeds,
              teacher.flatMap(TeacherConfig::crossFit).isPresent()
                  ? data.withSplitSeed(seeds.get(0))
                  : data,
              teacher,
              strategy.orElseGet(StrategyConfig.Offline::new),
              student,
              objective,
              train,
              compare,
              doctor,
              license,
              latency,
              accept,
              curve,
              document.resolved());
        });
  }

  private static List<Map<String, Integer>> curve(MapNode root, @Nullable ModelChoice student) {
    ConfigNode node = root.node("curve");
    List<Map<String, Integer>> sizes = node.list(size -> size(size.asMap(), student));
    if (node.isList() && sizes.isEmpty()) {
      node.mistake("needs at least one size of the student, such as {hidden: 64}.");
    }
    if (new HashSet<>(sizes).size() < sizes.size()) {
      node.mistake("names a size twice; every size must be another.");
    }
    return sizes;
  }

  private static Map<String, Integer> size(MapNode node, @Nullable ModelChoice student) {
    Map<String, Integer> size = new LinkedHashMap<>();
    if (student == null) {
      node.anything(); // its keys are no second mistake
      return size;
    }
    for (String option : student.options().keySet()) {
      node.optionalInteger(option).ifPresent(value -> size.put(option, value));
    }
    return size;
  }

  /** What the hub takes for a licence; that it is one of its own list is not checked. */
  private static String license(ConfigNode node) {
    String license = node.string();
    if (!license.matches("[A-Za-z0-9][A-Za-z0-9.+-]{0,99}")) {
      node.mistake(
          "must be the identifier of a licence, such as apache-2.0, or 'other', but is '"
              + Words.shorten(license)
              + "'.");
    }
    return license;
  }

  private static CompareConfig compare(
      MapNode node,
      boolean taught,
      @Nullable Objective objective,
      @Nullable DataConfig data,
      @Nullable TrainConfig train) {
    Optional<CompareConfig.OwnRecipe> own = Optional.empty();
    boolean scratch = true;
    if (node.has("scratch") && node.node("scratch").isMap()) {
      own =
          data == null || train == null || objective == null
              ? Optional.empty()
              : Optional.ofNullable(
                  node.map("scratch", recipe -> own(recipe, objective, data, train)));
      if (train != null && !train.keepsBest()) {
        node.mistake(
            "gives labels alone a recipe of their own in 'scratch', but no epochs are judged, so"
                + " that nothing tells which recipe is better; say 'validation: 0.1' in 'data',"
                + " without 'keep: last' in 'train'");
      }
    } else {
      scratch = node.bool("scratch", true);
    }
    boolean soft = objective != null && objective.decisionsAlone().isPresent();
    boolean decisions = node.bool("decisions", taught && soft);
    if (decisions && !taught) {
      node.mistake(
          "asks for the arm 'decisions', but with this 'strategy' no frozen teacher decides; leave"
              + " it out");
    } else if (decisions && objective != null && !soft) {
      node.mistake(
          "asks for the arm 'decisions', but no term of the objective is soft: "
              + objective.terms().stream().map(Term::name).collect(Collectors.joining(", "))
              + "; leave it out, or add soft-targets");
    }
    return new CompareConfig(scratch, own, decisions);
  }

  /** What a recipe of its own leaves out is as in the run. */
  static CompareConfig.OwnRecipe own(
      MapNode node, Objective objective, DataConfig data, TrainConfig run) {
    Objective own =
        node.has("objective")
            ? node.value("objective", terms -> new Objective(terms.list(TermReaders::read)))
            : objective.labelsAlone();
    if (own != null && own.needsTeacher()) {
      node.mistake(
          "has a term that compares with a teacher, but it is the recipe of labels alone; leave it"
              + " out");
    }
    Augmentations augmentations =
        node.has("augment")
            ? new Augmentations(node.optionalList("augment", DataConfigReader::augmentation))
            : data.augmentations();
    TrainOptions options = run.options();
    int[] batch = {run.batch()};
    TrainOptions changed =
        node.has("train")
            ? node.map(
                "train",
                train -> {
                  batch[0] = train.integer("batch", run.batch(), Rule.atLeast(1));
                  return new TrainOptions(
                      train.integer("epochs", options.epochs(), Rule.atLeast(1)),
                      train.has("optimizer") ? OptionReaders.optimizer(train) : options.optimizer(),
                      train.has("schedule") || train.has("warm-up")
                          ? OptionReaders.schedule(train)
                          : options.schedule(),
                      train.optionalNumber("clip-norm", Rule.above(0)).orElse(options.clipNorm()),
                      options.precision(),
                      Math.min(options.accumulate(), batch[0]));
                })
            : options;
    return new CompareConfig.OwnRecipe(
        changed == null ? options : changed,
        batch[0],
        augmentations,
        own == null ? objective.labelsAlone() : own);
  }

  private static void requireUseOfUnlabelled(
      MapNode root, @Nullable DataConfig data, @Nullable Objective objective) {
    if (data != null
        && objective != null
        && objective.needsLabels()
        && (data.unlabelled().isPresent() || data.labelledShare().isPresent())) {
      root.mistake(
          "has samples without labels in 'data', but no term of its objective learns from these: "
              + objective.terms().stream().map(Term::name).collect(Collectors.joining(", "))
              + "; add one that compares with a teacher, such as soft-targets, or leave"
              + " 'unlabelled' and 'labelled-share' out");
    }
  }

  /** A strategy that could not be read may be one with a teacher or without. */
  private static Optional<TeacherConfig> teacher(
      MapNode root, Optional<StrategyConfig> strategy, TeacherReader reader) {
    if (strategy.isPresent() && strategy.get().needsTeacher()) {
      return Optional.ofNullable(root.map("teacher", reader::read));
    }
    if (root.optionalMap("teacher", reader::read).isPresent() && strategy.isPresent()) {
      root.mistake(
          "has a 'teacher', but with its 'strategy' the students teach themselves; leave one of them out");
    }
    return Optional.empty();
  }

  private static List<Long> seeds(MapNode root) {
    List<Long> seeds =
        root.oneOrMore("seed", List.of(1L), node -> node.longInteger(Rule.atLeast(0)));
    if (new HashSet<>(seeds).size() < seeds.size()) {
      root.mistake("names a seed twice in " + seeds + "; every seed must be another");
    }
    return seeds;
  }

  /** A network that learns from batches as it takes them, and so do all who learn beside it. */
  private static ModelChoice student(MapNode node) {
    ModelChoice choice = choice(node);
    return new ModelChoice(
        choice.architecture(), choice.options(), choice.weights(), PrepareReader.read(node));
  }

  static ModelChoice choice(MapNode node) {
    String architecture = node.oneOf("architecture", Architectures.names());
    Map<String, Object> options = new LinkedHashMap<>();
    if (architecture.isEmpty()) {
      Architectures.names()
          .forEach(any -> Architectures.options(any).keySet().forEach(node::optional));
    } else {
      Architectures.options(architecture)
          .forEach((name, standard) -> options.put(name, option(node, name, standard)));
    }
    return new ModelChoice(
        architecture, options, node.optional("weights").map(ConfigNode::filePath));
  }

  private static Object option(MapNode node, String name, Object standard) {
    if (standard instanceof Integer number) {
      return node.integer(name, number);
    }
    return standard instanceof Double number
        ? (Object) node.number(name, number)
        : node.string(name, (String) standard);
  }

  private static Objective objective(MapNode root, boolean distillation) {
    if (!distillation && !root.has("objective")) {
      return Objective.of(new HardLabels(1));
    }
    return root.required("objective", node -> new Objective(node.list(TermReaders::read)));
  }

  private static TrainConfig train(MapNode node, boolean mayHoldOut) {
    // Every key is read before a record may refuse some of them, so that none of them is unknown.
    int epochs = node.integer("epochs", 10, Rule.atLeast(1));
    int batch = node.integer("batch", 32, Rule.atLeast(1));
    Optimizer optimizer = OptionReaders.optimizer(node);
    Schedule schedule = OptionReaders.schedule(node);
    double clipNorm =
        node.optionalNumber("clip-norm", Rule.above(0)).orElse(Double.POSITIVE_INFINITY);
    TrainOptions.Precision precision =
        node.oneOf("precision", "float32", List.of("float32", "bfloat16")).equals("float32")
            ? TrainOptions.Precision.FLOAT32
            : TrainOptions.Precision.BFLOAT16;
    int processors = Runtime.getRuntime().availableProcessors();
    int threads =
        node.integer("threads", processors, Rule.between(1, Math.max(MOST_THREADS, processors)));
    int logGradients = node.integer("log-gradients", 0, Rule.atLeast(0));
    int accumulate = node.integer("accumulate", 1, Rule.between(1, batch));
    TrainOptions options =
        new TrainOptions(epochs, optimizer, schedule, clipNorm, precision, accumulate);
    boolean best =
        node.oneOf("keep", mayHoldOut ? "best" : "last", List.of("best", "last")).equals("best");
    int patience = node.integer("patience", 0, Rule.atLeast(0));
    if (!mayHoldOut && (best || patience > 0)) {
      node.mistake(
          "asks for "
              + (best ? "'keep: best'" : "'patience'")
              + ", but no samples are held out to judge an epoch by; say 'validation: 0.1' in"
              + " 'data'");
    } else if (!best && patience > 0) {
      node.mistake(
          "asks for 'patience', which ends a training after its best epoch, and for 'keep: last';"
              + " leave one of them out");
    }
    return new TrainConfig(options, batch, threads, logGradients, best, patience);
  }
}
