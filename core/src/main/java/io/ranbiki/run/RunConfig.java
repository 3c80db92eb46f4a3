package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.evaluate.Limit;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.Objective;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.teacher.TeacherSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run, described by a file.
 *
 * @param name of the run and its folder
 * @param seeds the run is made once with each; the first one's model is kept
 * @param data where samples come from
 * @param teacher who teaches; empty for a model that learns from labels
 * @param strategy who teaches whom, in what order
 * @param student the network to train
 * @param objective what it is taught by
 * @param train how
 * @param compare which arms are trained beside the student
 * @param doctor whether a distillation is looked at before it begins, and refused if that finds a
 *     fault
 * @param license of the models that come out, for their cards; empty if nobody gave one
 * @param latency whether the run ends by measuring how long teacher and student take
 * @param accept what the first seed's student must keep to be good enough, by what is limited;
 *     mostly nothing
 * @param curve sizes of the student that are to be tried: for each, the options that differ; mostly
 *     empty
 * @param resolved the file with every default written out
 */
public record RunConfig(
    String name,
    List<Long> seeds,
    DataConfig data,
    Optional<TeacherConfig> teacher,
    StrategyConfig strategy,
    ModelChoice student,
    Objective objective,
    TrainConfig train,
    CompareConfig compare,
    boolean doctor,
    Optional<String> license,
    boolean latency,
    Map<Limit, Double> accept,
    List<Map<String, Integer>> curve,
    Map<String, Object> resolved) {

  /** Copies the seeds, and checks that the strategy can follow the objective. */
  public RunConfig {
    seeds = List.copyOf(seeds);
    accept = Map.copyOf(accept);
    curve = List.copyOf(curve);
    strategy.requireFits(objective, train.options());
  }

  /**
   * What the student's inputs go through.
   *
   * @throws RanbikiException if its tokenizer cannot be used
   */
  public Prepare prepare() {
    return student
        .prepare()
        .map(PrepareConfig::open)
        .or(() -> student.taken().flatMap(TakenLayers::prepare))
        .orElseGet(() -> Prepare.of(data.normalization()));
  }

  /** Pieces that are kept of the student's tokenizer; empty for all. */
  Optional<Integer> vocabulary() {
    return student.prepare().flatMap(PrepareConfig::vocabulary);
  }

  /**
   * How many pieces there are to guess from: as many as the network has vectors of that the student
   * is begun with, or else the teacher's, since tokenizers may have fewer; or as the student's
   * tokenizer has.
   *
   * @throws RanbikiException if the student has no tokenizer, or is of no use for the task
   */
  int pieces() {
    Tokenizer tokenizer =
        prepare()
            .tokenize()
            .map(Step.Tokenize::tokenizer)
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "The task is to guess hidden pieces of texts, but the student has no"
                            + " tokenizer that makes them. Say prepare: {tokenizer:"
                            + " tokenizer.json}, or take layers of the teacher: from: {}."));
    Optional<ModelConfig> like =
        student
            .taken()
            .map(TakenLayers::config)
            .or(
                () ->
                    teacher
                        .map(TeacherConfig::source)
                        .filter(TeacherSource.Folder.class::isInstance)
                        .map(source -> ((TeacherSource.Folder) source).config()));
    return like.filter(
            model ->
                model.prepare() != null
                    && model
                        .prepare()
                        .tokenize()
                        .map(Step.Tokenize::tokenizer)
                        .filter(tokenizer::equals)
                        .isPresent())
        .map(model -> model.spec().options().get("vocabulary"))
        .filter(Integer.class::isInstance)
        .map(Integer.class::cast)
        .orElse(tokenizer.size());
  }

  /** What must be known of a network that this run trained. */
  ModelConfig described(ModelSpec spec, RunData data) {
    return new ModelConfig(
        spec,
        data.own(),
        data.task(),
        student.encoder().map(EncoderConfig::reference).orElse(null));
  }

  /** The same with so many trainings at the same time, written out. */
  RunConfig withSideBySide(int number) {
    Map<String, Object> file = new LinkedHashMap<>(resolved);
    Map<String, Object> training = new LinkedHashMap<>();
    if (file.get("train") instanceof Map<?, ?> keys) {
      keys.forEach((key, value) -> training.put((String) key, value));
    }
    training.put("side-by-side", number);
    file.put("train", training);
    return new RunConfig(
        name,
        seeds,
        data,
        teacher,
        strategy,
        student,
        objective,
        train.with(number),
        compare,
        doctor,
        license,
        latency,
        accept,
        curve,
        file);
  }

  /** Whether somebody teaches: the command {@code distill}; otherwise {@code train}. */
  public boolean isDistillation() {
    return teacher.isPresent() || !strategy.needsTeacher();
  }
}
