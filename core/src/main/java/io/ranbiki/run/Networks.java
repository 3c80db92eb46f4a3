package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.teacher.TeacherSource;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What the network that a configuration names is for the samples of a run. */
public final class Networks {

  /** The option that a tokenizer knows better than anybody. */
  private static final String VOCABULARY = "vocabulary";

  private static final String POSITIONS = "positions";

  private Networks() {}

  /** A network for the samples and classes of a run. */
  static ModelSpec spec(ModelChoice choice, RunData data) {
    choice.vectors().ifPresent(TeacherVectors::source);
    ModelSpec spec = spec(choice, data.prepare(), data.fields(), data.classes()).with(data.unit());
    if (data.task() instanceof Task.MaskedLanguage && choice.taken().isEmpty()) {
      return guessing(spec);
    }
    return choice.taken().isEmpty()
        ? spec
        : choice.taken().get().spec(spec, data.task(), data.prepare());
  }

  /** The same encoder with what guesses hidden pieces. */
  private static ModelSpec guessing(ModelSpec spec) {
    if (!spec.options().containsKey("heads")) {
      throw RanbikiException.configuration(
          "The architecture '%s' cannot guess hidden pieces of texts. Take bert, distilbert,"
              + " roberta or modernbert.",
          spec.architecture());
    }
    Map<String, Object> options = new LinkedHashMap<>(spec.options());
    options.put("head", "masked-language");
    options.put(VOCABULARY, spec.classes());
    return new ModelSpec(spec.architecture(), spec.inputs(), spec.classes(), options, spec.unit());
  }

  /**
   * The same.
   *
   * @param fields what the network is given
   */
  static ModelSpec spec(ModelChoice choice, Prepare prepare, List<Field> fields, int classes) {
    Map<String, Object> options = new LinkedHashMap<>(choice.options());
    prepare
        .tokenize()
        .filter(step -> options.containsKey(VOCABULARY))
        .ifPresent(step -> options.put(VOCABULARY, step.tokenizer().size()));
    prepare.tokenize().ifPresent(step -> requirePositions(options, step.atMost()));
    return new ModelSpec(choice.architecture(), fields, classes, options);
  }

  private static void requirePositions(Map<String, Object> options, int atMost) {
    if (options.get(POSITIONS) instanceof Integer positions && positions < atMost) {
      throw RanbikiException.configuration(
          "The tokenizer makes up to %d ids of a text, but the network has positions for %d. Say"
              + " prepare.at-most: %d, or choose more positions.",
          atMost, positions, positions);
    }
  }

  /** A network before training; the caller closes it. */
  public static Model initial(ModelChoice choice, RunData data, long seed) {
    ModelSpec spec = spec(choice, data);
    if (choice.taken().isPresent()) {
      TakenLayers layers = choice.taken().get();
      Optional<Tokenizer> tokenizer = data.prepare().tokenize().map(Step.Tokenize::tokenizer);
      return filled(Model.create(spec, seed), model -> layers.fill(model, tokenizer));
    }
    if (choice.vectors().isPresent()) {
      TeacherVectors vectors = choice.vectors().get();
      Prepare theirs = theirs(vectors, data);
      return filled(
          Model.create(spec, seed),
          model -> vectors.fill(model, data.prepare(), theirs, data.task()));
    }
    if (choice.weights().isEmpty()) {
      return Model.create(spec, seed);
    }
    Model model = ModelFolder.read(choice.weights().get(), spec);
    try {
      requireFinite(choice.weights().get(), model);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** What the inputs of a teacher go through whose vectors a network begins with. */
  private static Prepare theirs(TeacherVectors vectors, RunData data) {
    TeacherSource source = vectors.source();
    return ModelInputs.prepare(
        "The teacher " + source.title(),
        source,
        vectors.prepare().or(data::said),
        data.whole(),
        silent -> {});
  }

  private static Model filled(Model model, Consumer<Model> fill) {
    try {
      fill.accept(model);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static void requireFinite(Path weights, Model model) {
    model
        .module()
        .parameters()
        .forEach(
            (name, parameter) -> {
              if (!parameter.isAllFinite()) {
                throw RanbikiException.model(
                    "%s holds numbers in %s that are not finite, and from those nothing learns."
                        + " Take the weights of a training that went well.",
                    weights, name);
              }
            });
  }
}
