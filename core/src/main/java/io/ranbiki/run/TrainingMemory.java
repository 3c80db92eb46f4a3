package io.ranbiki.run;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.train.TrainOptions;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the steps of a run need in memory at least, checked before anything is built: weights,
 * gradients and moments of the networks that train together, and what each sample leaves behind in
 * the layers until its gradients are known.
 */
final class TrainingMemory {

  private TrainingMemory() {}

  /**
   * Checks every training of a run.
   *
   * @throws io.ranbiki.RanbikiException that says which number to make smaller
   */
  static void require(RunConfig config, RunData data) {
    config
        .teacher()
        .flatMap(TeacherConfig::crossFit)
        .ifPresent(teachers -> require(List.of(teachers.model()), config, data));
    for (List<ModelChoice> together : config.strategy().together(config.student())) {
      require(together, config, data);
    }
  }

  private static void require(Collection<ModelChoice> together, RunConfig config, RunData data) {
    List<ModelSpec> specs = together.stream().map(choice -> Networks.spec(choice, data)).toList();
    TrainOptions options = config.train().options();
    int samples = data.split(config.seeds().get(0)).train().size();
    int batch =
        (Math.min(config.train().batch(), samples) + options.accumulate() - 1)
            / options.accumulate();
    double parameters = specs.stream().mapToDouble(ModelSpec::parameters).sum();
    double activations = specs.stream().mapToDouble(ModelSpec::activations).sum();
    int copies = 2 + options.optimizer().memories().size(); // weights and gradients, too
    int activationBytes = options.precision() == TrainOptions.Precision.BFLOAT16 ? 2 : 4;
    Memory.requireMachine(
        Kind.CONFIGURATION,
        Float.BYTES * parameters * copies + activationBytes * activations * batch,
        "Training "
            + specs.stream().distinct().map(ModelSpec::title).collect(Collectors.joining(", "))
            + " on batches of "
            + batch,
        specs.size() > 1
            ? "Use fewer or smaller networks, or a smaller train.batch"
            : "Make " + specs.get(0).largest(batch) + " smaller");
  }
}
