package io.ranbiki.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Description;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.config.Words;
import io.ranbiki.evaluate.Limit;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.TaskFit;
import io.ranbiki.objective.Term;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Binds the keys of a configuration file to records; the file format is described in the docs. */
public final class RunConfigReader {

  private static final String OBJECTIVE = "What the network learns from: a weighted sum of terms";

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
    return document.bind(root -> any(root, document::resolved));
  }

  /** What may be written in a configuration, as a JSON Schema (draft 2020-12). */
  public static String jsonSchema() {
    try {
      return Json.MAPPER
          .writerWithDefaultPrettyPrinter()
          .writeValueAsString(describe().jsonSchema());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps and texts are JSON", e);
    }
  }

  /** Tables of all keys, in Markdown. */
  public static String tables() {
    return describe().markdown();
  }

  private static Description describe() {
    return Description.of(root -> any(root, Map::of));
  }

  private static RunConfig any(Options root, Supplier<Map<String, Object>> resolved) {
    return root.either(
        "model",
        training -> read(training, false, resolved),
        taught -> read(taught, true, resolved));
  }

  private static RunConfig read(ConfigDocument document, boolean distillation) {
    return document.bind(root -> read(root, distillation, document::resolved));
  }

  private static RunConfig read(
      Options root, boolean distillation, Supplier<Map<String, Object>> resolved) {
    String name = root.string("name", "Name of the run and its folder");
    List<Long> seeds =
        root.oneOrMore(
            "seed",
            List.of(1L),
            "The run is made once with each; the first one's model is kept",
            node -> node.longInteger(Rule.atLeast(0)));
    if (new HashSet<>(seeds).size() < seeds.size()) {
      root.mistake("names a seed twice in " + seeds + "; every seed must be another.");
    }
    boolean taught = distillation && root.has("teacher");
    DataConfig data =
        root.map(
            "data",
            "Where samples come from and what happens to them",
            node -> DataConfig.read(node, taught));
    ModelChoice student =
        root.map(distillation ? "student" : "model", "The network to train", ModelChoice::student);
    Optional<StrategyConfig> strategy =
        distillation
            ? root.optionalChoice(
                "strategy",
                "Who teaches whom, in what order; offline if left out",
                Strategies.providers(student))
            : Optional.empty();
    boolean readable = strategy.isPresent() || !root.has("strategy");
    StrategyConfig order = strategy.orElseGet(OfflineStrategy::new);
    Objective objective = objective(root, distillation, data);
    requireUseOfUnlabelled(root, data, objective);
    TrainConfig train =
        root.mapOrDefaults(
            "train",
            "How the network is trained",
            node -> TrainConfig.read(node, data != null && data.mayHoldOut()));
    Optional<TeacherConfig> teacher =
        distillation
            ? teacher(
                root, order, readable, node -> TeacherConfig.read(node, objective, data, train))
            : Optional.empty();
    CompareConfig compare =
        distillation
            ? root.mapOrDefaults(
                "compare",
                "What is trained beside the student, to compare with",
                node ->
                    CompareConfig.read(
                        node,
                        teacher.isPresent(),
                        teacher.filter(TeacherConfig::teachesVectors).isPresent(),
                        objective,
                        data,
                        train))
            : CompareConfig.NONE;
    boolean doctor =
        distillation
            && root.bool("doctor", true, "Whether a distillation is examined before it begins");
    Optional<String> license =
        root.optionalValue(
            "license", "Licence of the models that come out", RunConfigReader::license);
    boolean latency =
        root.bool("latency", true, "Whether the run ends by measuring how long models take");
    Map<Limit, Double> accept =
        root.optionalMap(
                "accept",
                "What the student must keep to be good enough",
                node -> Limit.read(node, teacher.isPresent(), latency))
            .orElse(Map.of());
    List<Map<String, Integer>> curve =
        distillation
            ? root.optionalValue(
                    "curve", "Sizes of the student that are tried", node -> curve(node, student))
                .orElse(List.of())
            : List.of();
    return new RunConfig(
        name,
        seeds,
        teacher.flatMap(TeacherConfig::crossFit).isPresent()
            ? data.withSplitSeed(seeds.get(0))
            : data,
        teacher,
        order,
        begun(student, teacher),
        objective,
        train,
        compare,
        doctor,
        license,
        latency,
        accept,
        curve,
        resolved.get());
  }

  /** After a mistake there may be no student, and what else is wrong is still to be told. */
  private static ModelChoice begun(ModelChoice student, Optional<TeacherConfig> teacher) {
    List<Path> models = teacher.map(TeacherConfig::models).orElse(List.of());
    Optional<TeacherVectors> vectors =
        teacher
            .filter(config -> config.crossFit().isEmpty())
            .map(config -> TeacherVectors.of(config::source, config.prepare()));
    return Optional.ofNullable(student).map(choice -> choice.of(models, vectors)).orElse(student);
  }

  private static List<Map<String, Integer>> curve(ConfigNode node, @Nullable ModelChoice student) {
    List<Map<String, Integer>> sizes =
        node.list(size -> size.integers(student == null ? null : student.options().keySet()));
    if (node.isEmptyList()) {
      node.mistake("needs at least one size of the student, such as {hidden: 64}.");
    }
    if (new HashSet<>(sizes).size() < sizes.size()) {
      node.mistake("names a size twice; every size must be another.");
    }
    return sizes;
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

  private static void requireUseOfUnlabelled(
      Options root, @Nullable DataConfig data, @Nullable Objective objective) {
    if (data != null
        && objective != null
        && !data.hidesPieces()
        && objective.needsLabels()
        && (data.format().unlabelled().isPresent() || data.labelledShare().isPresent())) {
      root.mistake(
          "has samples without labels in 'data', but no term of its objective learns from these: "
              + objective.terms().stream().map(Term::name).collect(Collectors.joining(", "))
              + "; add one that compares with a teacher, such as soft-targets, or leave"
              + " 'unlabelled' and 'labelled-share' out.");
    }
  }

  /**
   * Reads the teacher.
   *
   * @param readable whether the strategy could be read; if not, it may be one with a teacher or
   *     without
   */
  private static Optional<TeacherConfig> teacher(
      Options root,
      StrategyConfig strategy,
      boolean readable,
      Function<Options, TeacherConfig> reader) {
    Optional<TeacherConfig> teacher =
        root.optionalMap("teacher", "Who teaches; nobody where students teach themselves", reader);
    if (readable && strategy.needsTeacher()) {
      if (!root.has("teacher")) {
        root.need("teacher");
      }
      return teacher;
    }
    if (readable && teacher.isPresent()) {
      root.mistake(
          "has a 'teacher', but with its 'strategy' the students teach themselves; leave one of"
              + " them out.");
    }
    return Optional.empty();
  }

  private static Objective objective(
      Options root, boolean distillation, @Nullable DataConfig data) {
    Function<ConfigNode, Objective> reader = node -> new Objective(Term.read(node));
    return distillation
        ? root.value("objective", OBJECTIVE, reader)
        : root.optionalValue("objective", OBJECTIVE + "; the labels if left out", reader)
            .orElseGet(
                () ->
                    Objective.of(
                        data == null
                            ? new HardLabels(1)
                            : TaskFit.labels(data.format().likelyTask())));
  }
}
