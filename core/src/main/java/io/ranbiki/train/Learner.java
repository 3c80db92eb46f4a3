package io.ranbiki.train;

import io.ranbiki.data.Batch;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.Taps;
import io.ranbiki.objective.LossBreakdown;
import io.ranbiki.objective.Objective;
import io.ranbiki.tensor.Autocast;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

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
    optimizer = new OptimizerState(options.optimizer(), parameters);
  }

  /** What a student answers, with the outputs of its tapped layers. */
  static Signal answer(
      Model student,
      Supplier<Map<String, Tensor>> tapped,
      Batch batch,
      TrainOptions.Precision precision) {
    if (precision == TrainOptions.Precision.FLOAT32) {
      return student.answer(batch).with(tapped.get());
    }
    try (Autocast autocast = new Autocast()) {
      return student.answer(batch).with(tapped.get()).map(tensor -> tensor.to(DType.FLOAT32));
    }
  }

  Signal answer(Batch batch) {
    return answer(student, taps::take, batch, options.precision());
  }

  /** Computes gradients in halves, with so many threads; the caller closes it before this. */
  Halves halves(int threads) {
    return new Halves(student, parameters, objective, options.precision(), threads);
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

  /** Leaves the gradient of a finite loss in place. */
  void backward(LossBreakdown loss) {
    parameters.gradients().fill(0);
    loss.backward();
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

  /** Euclidean norm of the gradient of each weighted term for the student's parameters, by name. */
  Map<String, Double> gradientNorms(LossBreakdown loss) {
    // The student's parameters stand first in the vector; what terms train themselves comes after.
    Tensor gradients = parameters.gradients().narrow(0, 0, student.module().parameterCount());
    Map<String, Double> norms = new LinkedHashMap<>();
    loss.terms()
        .forEach(
            (name, value) -> {
              parameters.gradients().fill(0);
              if (value.requiresGrad()) {
                value.backwardKeepingGraph();
              }
              norms.put(
                  name, Objects.requireNonNull(loss.weights().get(name)) * gradients.norm().item());
            });
    return norms;
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
