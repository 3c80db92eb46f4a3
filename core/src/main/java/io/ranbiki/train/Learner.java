package io.ranbiki.train;

import io.ranbiki.model.Model;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Taps;
import io.ranbiki.objective.Objective;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One student in training, with all that its training changes. Borrows the student; owns its taps,
 * the optimiser's state and what the objective's terms train themselves.
 */
final class Learner implements AutoCloseable {

  private final String who;
  private final Model student;
  private final Taps taps;
  private final Objective.Bound objective;
  private final TrainOptions options;
  private final FlatParameters parameters;
  private final Replica replica;
  private final OptimizerState optimizer;
  private EpochMeans means = new EpochMeans();

  /**
   * Takes over the taps and the objective.
   *
   * @param who for messages, such as {@code " of peer 2"}; empty if there is one student
   */
  Learner(String who, Model student, Taps taps, Objective.Bound objective, TrainOptions options) {
    this.who = who;
    this.student = student;
    this.taps = taps;
    this.objective = objective;
    this.options = options;
    List<Tensor> trained = new ArrayList<>(student.module().parameters().values());
    objective.modules().values().forEach(m -> trained.addAll(m.parameters().values()));
    parameters = new FlatParameters(trained);
    replica = new Replica(student, taps::take, parameters, options.precision());
    optimizer = new OptimizerState(options.optimizer(), parameters);
  }

  /** The student with its gradients. */
  Replica replica() {
    return replica;
  }

  String who() {
    return who;
  }

  Model student() {
    return student;
  }

  Objective.Bound objective() {
    return objective;
  }

  void train() {
    student.module().train();
    objective.modules().values().forEach(Module::train);
  }

  /** Whether its batches may be computed in parts that know nothing of each other. */
  boolean seesSamplesAlone() {
    return student.module().treatsSamplesAlone()
        && objective.modules().values().stream().allMatch(Module::treatsSamplesAlone);
  }

  /**
   * Clips the gradient that is in place.
   *
   * @throws Diverged.Gradient if it is not finite
   */
  void clip() {
    double norm = parameters.gradients().norm().item();
    if (!Double.isFinite(norm)) {
      throw new Diverged.Gradient(this, norm);
    }
    if (norm > options.clipNorm()) {
      parameters.gradients().mulInPlace(options.clipNorm() / (norm + 1e-6));
    }
  }

  /** Changes the weights by the gradient that is in place. */
  void update(double learningRate) {
    optimizer.step(learningRate);
  }

  void count(int samples, double total, Map<String, Double> values) {
    means.add(samples, total, values);
  }

  /** Samples of this epoch so far. */
  long samples() {
    return means.samples();
  }

  /** What this epoch did; the next one begins. */
  EpochStats finishEpoch(
      int epoch, double learningRate, double validation, double seconds, long samplesBefore) {
    EpochStats stats = means.stats(epoch, learningRate, validation, seconds, samplesBefore);
    means = new EpochMeans();
    return stats;
  }

  /** Everything that training changes, but for random states and counters. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("parameters", parameters.values());
    optimizer.buffers().forEach((name, buffer) -> tensors.put("optimizer." + name, buffer));
    buffers("student", student.module(), tensors);
    objective.modules().forEach((name, module) -> buffers(name, module, tensors));
    return tensors;
  }

  private static void buffers(String prefix, Module module, Map<String, Tensor> tensors) {
    Map<String, Tensor> trained = module.parameters();
    module
        .state()
        .forEach(
            (name, tensor) -> {
              if (!trained.containsKey(name)) {
                tensors.put(prefix + "." + name, tensor);
              }
            });
  }

  /** Random states and counters. */
  Map<String, String> counters() {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("optimizer-steps", Long.toString(optimizer.steps()));
    text.put("means", means.save());
    text.put("random", HexFormat.of().formatHex(student.generator().state()));
    return text;
  }

  void restoreCounters(Map<String, String> text) {
    optimizer.restoreSteps(Long.parseLong(text.get("optimizer-steps")));
    means = EpochMeans.restore(Objects.requireNonNull(text.get("means")));
    student.generator().restore(HexFormat.of().parseHex(text.get("random")));
  }

  @Override
  public void close() {
    optimizer.close();
    parameters.close();
    objective.close();
    taps.close();
  }
}
