package io.ranbiki.run;

import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.MapNode;
import io.ranbiki.config.Rule;
import io.ranbiki.objective.Objective;
import io.ranbiki.teacher.AnswerKind;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.Encoding;
import io.ranbiki.teacher.Layout;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.Precision;
import io.ranbiki.teacher.TopK;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Binds the keys of {@code teacher}; what a teacher of the run's own leaves out is as in the run.
 */
final class TeacherReader {

  private static final int DEFAULT_TOP_K = 8;

  private final @Nullable Objective objective;
  private final @Nullable DataConfig data;
  private final @Nullable TrainConfig train;

  /** Of a run of which each part is null if it could not be read. */
  TeacherReader(
      @Nullable Objective objective, @Nullable DataConfig data, @Nullable TrainConfig train) {
    this.objective = objective;
    this.data = data;
    this.train = train;
  }

  TeacherConfig read(MapNode node) {
    return node.has("cross-fit") ? crossFitted(node) : given(node);
  }

  private static TeacherConfig given(MapNode node) {
    String answers = node.oneOf("answers", "auto", List.of("auto", "stored", "live"));
    Precision precision = precision(node);
    List<Path> models = node.oneOrMore("model", ConfigNode::filePath);
    if (models.isEmpty() && node.node("model").isList()) {
      node.mistake("needs at least one model");
    }
    List<Double> weights = node.optionalList("weights", weight -> weight.number());
    Combine combine =
        node.oneOf("combine", "logits", List.of("logits", "probabilities")).equals("logits")
            ? new Combine.Logits()
            : new Combine.Probabilities(node.number("combine-temperature", 1));
    return new TeacherConfig(
        models,
        kinds(node),
        node.bool("trusted", false),
        onnx(node),
        weights,
        combine,
        switch (answers) {
          case "stored" -> TeacherConfig.Answers.STORED;
          case "live" -> TeacherConfig.Answers.LIVE;
          default -> TeacherConfig.Answers.AUTO;
        },
        precision,
        encoding(node),
        PrepareReader.read(node),
        Optional.empty());
  }

  private TeacherConfig crossFitted(MapNode node) {
    int folds = node.integer("cross-fit", Rule.atLeast(2));
    Precision precision = precision(node);
    ModelChoice model = node.map("model", RunConfigReader::choice);
    Encoding encoding = encoding(node);
    if (objective == null || data == null || train == null) {
      List.of("train", "augment", "objective").forEach(node::optional); // no second mistake
      return TeacherConfig.PLAIN;
    }
    if (!objective.teacherLayers().isEmpty()) {
      node.mistake(
          "cross-fits its teachers, but the objective reads outputs of their layers ("
              + String.join(", ", objective.teacherLayers())
              + "), which mean something else in each; leave the terms that read layers out");
    }
    CompareConfig.OwnRecipe recipe = RunConfigReader.own(node, objective, data, train);
    return TeacherConfig.PLAIN.crossFitted(
        precision, encoding, new CrossFitConfig(folds, model, recipe));
  }

  private static Precision precision(MapNode node) {
    return node.oneOf("precision", "float32", List.of("float32", "bfloat16")).equals("bfloat16")
        ? Precision.BFLOAT16
        : Precision.FLOAT32;
  }

  private static List<AnswerKind> kinds(MapNode node) {
    List<AnswerKind> kinds = List.of(AnswerKind.values());
    List<String> words = kinds.stream().map(AnswerKind::toString).toList();
    return node.oneOrMore("kind", List.of(words.get(0)), kind -> kind.oneOf(words)).stream()
        .map(word -> kinds.get(Math.max(0, words.indexOf(word))))
        .toList();
  }

  private static OnnxOptions onnx(MapNode node) {
    Layout layout =
        node.optional("layout")
            .map(word -> word.oneOf(List.of("nchw", "nhwc")))
            .map(word -> word.equals("nhwc") ? Layout.NHWC : Layout.NCHW)
            .orElse(Layout.FROM_SHAPE);
    return new OnnxOptions(node.optionalString("output").orElse(null), layout, 0)
        .withPorts(node.optionalMap("ports", TeacherReader::ports).orElse(Map.of()));
  }

  private static Map<String, String> ports(MapNode node) {
    Map<String, String> ports = new LinkedHashMap<>();
    node.anything().forEach((input, field) -> ports.put(input, String.valueOf(field)));
    return ports;
  }

  private static Encoding encoding(MapNode node) {
    String word = node.oneOf("encoding", "float32", List.of("float32", "float16", "top-k"));
    if (word.equals("top-k")) {
      return new TopK(node.integer("top-k", DEFAULT_TOP_K, Rule.atLeast(1)));
    }
    if (node.optionalInteger("top-k").isPresent()) {
      node.mistake(
          String.format(
              Locale.ROOT,
              "gives 'top-k', which encoding '%s' does not use; take encoding top-k",
              word));
    }
    return word.equals("float16") ? Encoding.FLOAT16 : Encoding.FLOAT32;
  }
}
