package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Task;
import io.ranbiki.evaluate.Agreement;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Metric;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.TaskMetrics;
import io.ranbiki.model.Model;
import io.ranbiki.result.HeldOut;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges a network after every epoch by the samples that were held out of a seed's training: by the
 * metric that decides, or, where they have no label, by its agreement with the teacher.
 */
final class Judge {

  private final Loader heldOut;
  private final Metric metric;
  private final @Nullable Predictions teacher;

  private Judge(Loader heldOut, Metric metric, @Nullable Predictions teacher) {
    this.heldOut = heldOut;
    this.metric = metric;
    this.teacher = teacher;
  }

  /**
   * The judge of a seed; empty if nothing is held out.
   *
   * @param metric the one that decides where samples have labels
   * @param teacher who is asked about samples without label; not used where there are none
   */
  static Optional<Judge> of(
      SeedSplit split, RunData data, Metric metric, @Nullable AskedTeacher teacher) {
    if (split.agreement().isPresent() && teacher != null) {
      Loader heldOut = data.evaluationLoader(split.agreement().get());
      Metric like = data.task() instanceof Task.Embedding ? metric : new Agreement();
      return Optional.of(new Judge(heldOut, like, teacher.heldOut(heldOut)));
    }
    return split
        .validation()
        .map(samples -> new Judge(data.evaluationLoader(samples), metric, null));
  }

  /** What a judge of a run will hold out, with any of its seeds; empty if nothing. */
  static Optional<HeldOut> describe(RunConfig config, RunData data) {
    SeedSplit split = data.split(config.seeds().get(0));
    if (split.agreement().isPresent()) {
      Dataset held = split.agreement().get();
      if (data.task() instanceof Task.Embedding) {
        return Optional.of(
            new HeldOut(
                held.size(), held.size() + split.train().size(), metric(config, data).name()));
      }
      int without = split.train().size() - ClassCounts.of(split.train()).total();
      return Optional.of(new HeldOut(held.size(), held.size() + without, HeldOut.AGREEMENT));
    }
    return split
        .validation()
        .map(held -> new HeldOut(held.size(), data.labelledSamples(), metric(config, data).name()));
  }

  /**
   * Refuses what needs a judge where there is none.
   *
   * @throws RanbikiException of kind configuration
   */
  static void require(RunConfig config, RunData data) {
    if (!config.data().mayHoldOut() || describe(config, data).isPresent()) {
      return;
    }
    if (config.train().patience() > 0) {
      throw without("'train.patience' ends a training after its best epoch", data);
    }
    if (config.compare().own().isPresent()) {
      throw without("'compare.scratch' gives labels alone a recipe of their own", data);
    }
  }

  private static RanbikiException without(String asked, RunData data) {
    return RanbikiException.configuration(
        "%s, but %s. Say data.validation=0.1, or leave it out.", asked, nothing(data));
  }

  /**
   * What a user should know about how epochs are judged; empty where the configuration says that
   * they are not.
   */
  static Optional<String> note(RunConfig config, RunData data) {
    if (!config.data().mayHoldOut()) {
      return Optional.empty();
    }
    Optional<HeldOut> heldOut = describe(config, data);
    if (heldOut.isPresent()) {
      return Optional.of(
          heldOut.get().sentence()
              + (config.train().keepsBest()
                  ? "; the best one is kept."
                  : "; the last one is kept."));
    }
    return Optional.of("The last epoch is kept: " + nothing(data) + ".");
  }

  private static String nothing(RunData data) {
    return "no samples are held out to judge epochs by, since " + data.fewLabels().orElse("");
  }

  /** The metric that decides in a run. */
  static Metric metric(RunConfig config, RunData data) {
    return TaskMetrics.deciding(data.task(), config.train().metric());
  }

  /** By which metric. */
  Metric metric() {
    return metric;
  }

  /** What the teacher answers to the samples held out, where students are to agree with it. */
  Optional<Predictions> teacher() {
    return Optional.ofNullable(teacher);
  }

  /** What a network answers to the samples held out. */
  Predictions answers(Model model) {
    return Evaluation.of(model, heldOut);
  }

  /** The score of a network, more being better; NaN if the samples do not tell. */
  double judge(Model model) {
    return metric.score(answers(model), teacher);
  }
}
