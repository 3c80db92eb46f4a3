package io.ranbiki.run;

import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.objective.LossBreakdown;
import io.ranbiki.objective.Objective;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.Checkpoints;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.TrainingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One training of a run, such as the student of seed 1: goes on from its newest checkpoint, and
 * keeps its epochs in the run's metrics.
 */
final class Stage implements TrainingListener {

  private final String name;
  private final long seed;
  private final TrainConfig train;
  private final RunFolder folder;
  private final RunListener listener;
  private final BooleanSupplier stop;
  private final List<EpochRecord> history = new ArrayList<>();
  private @Nullable MetricsLog metrics;

  Stage(
      String name,
      long seed,
      TrainConfig train,
      RunFolder folder,
      RunListener listener,
      BooleanSupplier stop) {
    this.name = name;
    this.seed = seed;
    this.train = train;
    this.folder = folder;
    this.listener = listener;
    this.stop = stop;
  }

  /** Fits a model in place; returns what every epoch did, those before a resume too. */
  List<EpochRecord> fit(
      Model model,
      @Nullable AskedTeacher teacher,
      Objective objective,
      Dataset samples,
      Optional<Dataset> validation,
      RunData data) {
    Loader loader = data.trainLoader(samples, train.batch(), seed);
    Optional<Loader> heldOut = validation.map(data::evaluationLoader);
    ToDoubleFunction<Model> accuracy =
        fitted -> heldOut.map(held -> Experiment.accuracy(fitted, held)).orElse(Double.NaN);
    Checkpoints checkpoints = new Checkpoints(folder.checkpoints().resolve(name + "-" + seed));
    OfflineDistillation distillation = new OfflineDistillation(objective, train.options(), seed);
    try {
      if (teacher == null) {
        distillation.fit(model, null, loader, accuracy, checkpoints, stop, this);
      } else {
        int views = data.viewCount(train.options().epochs());
        try (Teacher asked = teacher.ask(objective, samples, data, views)) {
          distillation.fit(model, asked, loader, accuracy, checkpoints, stop, this);
        }
      }
    } finally {
      if (metrics != null) {
        metrics.close();
      }
    }
    return history;
  }

  @Override
  public void started(long fromStep, long steps) {
    long epochsDone = fromStep / (steps / train.options().epochs());
    metrics = MetricsLog.reopen(folder.metrics(), name, seed, epochsDone, fromStep);
    history.addAll(MetricsLog.history(folder.metrics(), name, seed, epochsDone));
    listener.stageStarted(name, seed, fromStep, steps, train.batch());
  }

  @Override
  public void note(String note) {
    listener.note(note);
  }

  @Override
  public int gradientsEvery() {
    return train.logGradients();
  }

  @Override
  public void gradientsMeasured(
      int epoch, long step, LossBreakdown loss, double learningRate, Map<String, Double> norms) {
    if (metrics != null) {
      metrics.gradients(
          name, seed, epoch, step, loss.values(), loss.total().item(), learningRate, norms);
    }
  }

  @Override
  public void stepDone(long step, int samples, LossBreakdown loss) {
    listener.stepDone(step, samples);
  }

  @Override
  public void epochDone(EpochStats stats) {
    EpochRecord record =
        new EpochRecord(
            stats.epoch(),
            stats.terms(),
            stats.total(),
            Double.isNaN(stats.validationAccuracy()) ? null : stats.validationAccuracy(),
            stats.seconds(),
            stats.samplesPerSecond(),
            stats.learningRate());
    history.add(record);
    if (metrics != null) {
      metrics.epoch(name, seed, record);
    }
    listener.epochDone(name, seed, record);
  }
}
