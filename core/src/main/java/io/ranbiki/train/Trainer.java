package io.ranbiki.train;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.Weights;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Taps;
import io.ranbiki.objective.Lesson;
import io.ranbiki.objective.LossBreakdown;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Progress;
import io.ranbiki.teacher.AskedBatches;
import io.ranbiki.teacher.Signal;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Autocast;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Fits one student. Borrows the student, the teacher and the loader; owns the optimiser's state and
 * what the objective's terms train themselves.
 *
 * <p>A step asks the teacher, asks the student, computes the objective, and changes the weights; it
 * stops before the change if a loss or gradient is not finite.
 */
public final class Trainer implements AutoCloseable {

  private final Model student;
  private final @Nullable Teacher teacher;
  private final Loader loader;
  private final TrainOptions options;
  private final TrainingListener listener;
  private final Taps taps;
  private final Objective.Bound objective;
  private final FlatParameters parameters;
  private final OptimizerState optimizer;
  private EpochMeans means = new EpochMeans();
  private long step;

  /**
   * Prepares a training: asks teacher and student once, so that terms can be built and mistakes
   * show before any work is done.
   *
   * @param student trained in place
   * @param teacher null if the objective needs none
   * @param seed source of initial values for what terms train themselves
   */
  public Trainer(
      Model student,
      @Nullable Teacher teacher,
      Objective objective,
      Loader loader,
      TrainOptions options,
      long seed,
      TrainingListener listener) {
    if (teacher == null && objective.needsTeacher()) {
      throw RanbikiException.configuration(
          "the objective compares with a teacher, but none was given; give a teacher, or use hard-labels alone");
    }
    if (teacher != null && teacher.classes() != student.spec().classes()) {
      throw RanbikiException.configuration(
          "teacher %s answers %d classes and student %s answers %d; they must be trained on the same classes",
          teacher.title(), teacher.classes(), student.spec().title(), student.spec().classes());
    }
    this.student = student;
    this.teacher = teacher;
    this.loader = loader;
    this.options = options;
    this.listener = listener;
    taps =
        Taps.open("student " + student.spec().title(), student.module(), objective.studentLayers());
    try {
      this.objective = bind(objective, seed);
    } catch (RuntimeException e) {
      taps.close();
      throw e;
    }
    List<Tensor> trained = new ArrayList<>(student.module().parameters().values());
    this.objective.modules().values().forEach(m -> trained.addAll(m.parameters().values()));
    parameters = new FlatParameters(trained);
    optimizer = new OptimizerState(options.optimizer(), parameters);
    this.objective.notes().forEach(listener::note);
  }

  private Objective.Bound bind(Objective terms, long seed) {
    try (TensorScope scope = TensorScope.open("first lesson");
        NoGrad noGrad = new NoGrad();
        Generator generator = new Generator(seed);
        Epoch epoch = loader.epoch(0)) {
      Batch batch = Batch.of(epoch.next());
      student.module().eval(); // nothing of the student may move before training
      Signal taught = teacher == null ? null : teacher.signal(batch);
      return terms.bind(new Lesson(batch, answer(batch), taught, Progress.START), generator);
    }
  }

  private Signal answer(Batch batch) {
    if (options.precision() == TrainOptions.Precision.FLOAT32) {
      return new Signal(student.apply(batch.inputs()), taps.take());
    }
    try (Autocast autocast = new Autocast()) {
      Tensor logits = student.apply(batch.inputs()).to(DType.FLOAT32);
      Map<String, Tensor> features = new LinkedHashMap<>(taps.take());
      features.replaceAll((path, feature) -> feature.to(DType.FLOAT32));
      return new Signal(logits, features);
    }
  }

  /**
   * Trains from where it stands to the end, without checkpoints.
   *
   * @param validation accuracy of a model on held-out samples; returns NaN if there are none
   * @return what each epoch did
   */
  public List<EpochStats> run(ToDoubleFunction<Model> validation) {
    return run(validation, null, () -> false);
  }

  /**
   * Trains from the newest checkpoint, or from the beginning, to the end. A run that was stopped
   * and goes on ends with the same bits as one that was not.
   *
   * @param validation accuracy of a model on held-out samples; returns NaN if there are none
   * @param checkpoints where a state is saved after every epoch; null for none
   * @param stop asked after every step: whether to save and stop
   * @return what each epoch did, from the checkpoint on
   * @throws Interrupted if it was asked to stop
   */
  public List<EpochStats> run(
      ToDoubleFunction<Model> validation, @Nullable Checkpoints checkpoints, BooleanSupplier stop) {
    if (checkpoints != null) {
      restore(checkpoints);
    }
    List<EpochStats> history = new ArrayList<>();
    long stepsPerEpoch = loader.batches();
    listener.started(step, stepsPerEpoch * options.epochs());
    for (int epoch = (int) (step / stepsPerEpoch); epoch < options.epochs(); epoch++) {
      EpochStats stats = epoch(epoch, validation, checkpoints, stop);
      listener.epochDone(stats);
      history.add(stats);
      if (checkpoints != null) {
        save(checkpoints);
      }
      if (stop.getAsBoolean()) {
        throw new Interrupted(step);
      }
    }
    student.module().eval();
    return history;
  }

  private EpochStats epoch(
      int epoch,
      ToDoubleFunction<Model> validation,
      @Nullable Checkpoints checkpoints,
      BooleanSupplier stop) {
    student.module().train();
    objective.modules().values().forEach(Module::train);
    long start = System.nanoTime();
    long samplesBefore = means.samples();
    Epoch rest = loader.epoch(epoch, (int) (step % loader.batches()));
    try (AskedBatches batches = new AskedBatches(rest, teacher)) {
      while (batches.hasNext()) {
        step(batches, epoch);
        // After its last step an epoch is reported before training stops.
        if (batches.hasNext() && stop.getAsBoolean()) {
          if (checkpoints != null) {
            save(checkpoints);
          }
          throw new Interrupted(step);
        }
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    student.module().eval();
    EpochStats stats =
        means.stats(
            epoch + 1,
            learningRate(step - 1),
            validation.applyAsDouble(student),
            seconds,
            samplesBefore);
    means = new EpochMeans();
    return stats;
  }

  private void save(Checkpoints checkpoints) {
    try (TensorScope scope = TensorScope.open("checkpoint")) {
      Map<String, String> text = new LinkedHashMap<>();
      text.put("step", Long.toString(step));
      text.put("optimizer-steps", Long.toString(optimizer.steps()));
      text.put("means", means.save());
      text.put("random", HexFormat.of().formatHex(student.generator().state()));
      checkpoints.save(step, tensors(), text);
    }
  }

  private void restore(Checkpoints checkpoints) {
    Path file = checkpoints.newest();
    if (file == null) {
      return;
    }
    try (TensorScope scope = TensorScope.open("checkpoint")) {
      Map<String, String> text = Safetensors.read(file).metadata();
      Map<String, Tensor> saved = Weights.readTensors(file);
      tensors()
          .forEach(
              (name, tensor) -> {
                Tensor value = saved.get(name);
                if (value == null || value.count() != tensor.count()) {
                  throw RanbikiException.configuration(
                      "checkpoint %s does not belong to this configuration: '%s' is missing or has another size. Resume with the configuration of the run folder.",
                      file, name);
                }
                tensor.copyFrom(value);
              });
      step = Long.parseLong(text.get("step"));
      optimizer.restoreSteps(Long.parseLong(text.get("optimizer-steps")));
      means = EpochMeans.restore(text.get("means"));
      student.generator().restore(HexFormat.of().parseHex(text.get("random")));
    }
  }

  /** Everything that training changes, but for random states and counters. */
  private Map<String, Tensor> tensors() {
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

  private void step(AskedBatches batches, int epoch) {
    try (TensorScope scope = TensorScope.open("step")) {
      AskedBatches.Answered taught = batches.next();
      Batch batch = taught.batch();
      Progress progress = new Progress(epoch, options.epochs(), step, loader.batches());
      Lesson lesson = new Lesson(batch, answer(batch), taught.signal(), progress);
      LossBreakdown loss = objective.loss(lesson);
      double total = loss.total().item();
      Map<String, Double> values = loss.values();
      requireFinite(total, values);
      measureGradients(epoch, loss);
      parameters.gradients().fill(0);
      loss.total().backward();
      clip();
      optimizer.step(learningRate(step));
      step++;
      means.add(batch.size(), total, values);
      listener.stepDone(step, batch.size(), loss);
    }
  }

  private void measureGradients(int epoch, LossBreakdown loss) {
    int every = listener.gradientsEvery();
    if (every == 0 || (step + 1) % every != 0) {
      return;
    }
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
              norms.put(name, loss.weights().get(name) * gradients.norm().item());
            });
    listener.gradientsMeasured(epoch + 1, step + 1, loss, learningRate(step), norms);
  }

  private void requireFinite(double total, Map<String, Double> values) {
    if (!Double.isFinite(total)) {
      throw new RanbikiException(
          RanbikiException.Kind.DIVERGED,
          "the loss is %s at step %d (%s); the weights of the step before are kept. Try a smaller learning rate, clip-norm, or a warm-up."
              .formatted(total, step + 1, values));
    }
  }

  private void clip() {
    double norm = parameters.gradients().norm().item();
    if (!Double.isFinite(norm)) {
      throw new RanbikiException(
          RanbikiException.Kind.DIVERGED,
          "the gradient is %s at step %d; the weights of the step before are kept. Try a smaller learning rate, clip-norm, or a warm-up."
              .formatted(norm, step + 1));
    }
    if (norm > options.clipNorm()) {
      parameters.gradients().mulInPlace(options.clipNorm() / (norm + 1e-6));
    }
  }

  private double learningRate(long atStep) {
    double epochs = (double) atStep / loader.batches();
    return options.optimizer().learningRate() * options.schedule().factor(epochs, options.epochs());
  }

  @Override
  public void close() {
    optimizer.close();
    parameters.close();
    objective.close();
    taps.close();
  }
}
