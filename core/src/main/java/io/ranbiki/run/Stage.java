package io.ranbiki.run;

import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.objective.LossValues;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.HeldOut;
import io.ranbiki.train.Checkpoints;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.TrainingListener;
import io.ranbiki.train.Watch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One training of a run, such as the student of seed 1: goes on from its newest checkpoint, and
 * keeps its epochs in the run's metrics.
 */
final class Stage implements TrainingListener {

  /** The training of the student, and of its peers. */
  static final String STUDENT = "student";

  /** What the name of a peer begins with; its number follows, from 2. */
  static final String PEER = "peer-";

  private final String name;
  private final long seed;
  private final TrainConfig train;
  private final RunFolder folder;
  private final RunListener listener;
  private final BooleanSupplier stop;
  private final List<EpochRecord> history = new ArrayList<>();
  private final Optional<Judge> judge;
  private final @Nullable BestEpoch best;
  private final Model model;
  private @Nullable MetricsLog metrics;
  private @Nullable EventFiles events;
  private long step;

  /**
   * Prepares a training.
   *
   * @param model the network whose epochs count, which is trained in place
   * @param judge of its epochs; empty if nothing is held out
   */
  Stage(
      String name,
      Model model,
      long seed,
      TrainConfig train,
      Optional<Judge> judge,
      RunFolder folder,
      RunListener listener,
      BooleanSupplier stop) {
    this.name = name;
    this.seed = seed;
    this.train = train;
    this.judge = judge;
    this.folder = folder;
    this.listener = listener;
    this.stop = stop;
    this.model = model;
    best =
        train.keepsBest() && judge.isPresent()
            ? new BestEpoch(checkpoints(folder, name, seed))
            : null;
  }

  /** Where the states of a training are. */
  static Path checkpoints(RunFolder folder, String name, long seed) {
    return folder.checkpoints().resolve(name + "-" + seed);
  }

  /** A training that goes on from its newest checkpoint. */
  @FunctionalInterface
  interface Training {
    void fit(Loader loader, Watch watch);
  }

  /** Carries out a training; returns what every epoch did, those before a resume too. */
  List<EpochRecord> run(Training training, Loader loader) {
    ToDoubleFunction<Model> validation =
        fitted -> judge.map(each -> each.judge(fitted)).orElse(Double.NaN);
    Checkpoints checkpoints = new Checkpoints(checkpoints(folder, name, seed));
    try {
      training.fit(loader, new Watch(validation, checkpoints, stop, this::isEnough, this));
    } finally {
      if (metrics != null) {
        metrics.close();
      }
      if (events != null) {
        events.close();
      }
    }
    return history;
  }

  private boolean isEnough(int epochsDone) {
    BestEpoch reached = best;
    if (reached != null
        && train.patience() > 0
        && epochsDone - reached.epoch() >= train.patience()) {
      listener.note(
          String.format(
              Locale.ROOT,
              "The training of '%s' with seed %d ends after epoch %d: none of the last %d was better than epoch %d.",
              name,
              seed,
              epochsDone,
              epochsDone - reached.epoch(),
              reached.epoch()));
      return true;
    }
    return false;
  }

  @Override
  public void started(long fromStep, long steps) {
    long epochsDone = fromStep / (steps / train.options().epochs());
    metrics = MetricsLog.reopen(folder.metrics(), this::isOurs, seed, epochsDone, fromStep);
    history.addAll(MetricsLog.history(folder.metrics(), name, seed, epochsDone));
    step = fromStep;
    events =
        listener.clock().map(clock -> new EventFiles(folder, seed, fromStep, clock)).orElse(null);
    listener.stageStarted(name, seed, fromStep, steps, train.batch());
  }

  /** Peers train in the student's stage. */
  private boolean isOurs(String stage) {
    return stage.equals(name) || name.equals(STUDENT) && stage.startsWith(PEER);
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
      int epoch, long step, LossValues loss, double learningRate, Map<String, Double> norms) {
    if (metrics != null) {
      metrics.gradients(name, seed, epoch, step, loss.terms(), loss.total(), learningRate, norms);
    }
    if (events != null) {
      events.gradients(name, step, norms);
    }
  }

  @Override
  public void stepDone(long step, int samples, LossValues loss) {
    this.step = step;
    listener.stepDone(step, samples);
  }

  private EpochRecord record(EpochStats stats) {
    return new EpochRecord(
        stats.epoch(),
        stats.terms(),
        stats.total(),
        reached(HeldOut.ACCURACY::equals, stats),
        reached(HeldOut.AGREEMENT::equals, stats),
        reached(name -> !List.of(HeldOut.ACCURACY, HeldOut.AGREEMENT).contains(name), stats),
        stats.seconds(),
        stats.samplesPerSecond(),
        stats.learningRate());
  }

  private @Nullable Double reached(Predicate<String> wanted, EpochStats stats) {
    double score = stats.validation();
    if (judge.isEmpty() || Double.isNaN(score) || !wanted.test(judge.get().metric().name())) {
      return null;
    }
    return judge.get().metric().isLargerBetter() ? score : -score;
  }

  @Override
  public void epochDone(EpochStats stats) {
    EpochRecord record = record(stats);
    history.add(record);
    if (best != null) {
      best.offer(stats.epoch(), stats.validation(), model);
    }
    if (metrics != null) {
      metrics.epoch(name, seed, record);
    }
    if (events != null) {
      events.epoch(name, step, record);
    }
    listener.epochDone(name, seed, record);
  }

  @Override
  public void peerEpochDone(int peer, EpochStats stats) {
    String peerName = PEER + (peer + 1);
    if (metrics != null) {
      metrics.epoch(peerName, seed, record(stats));
    }
    if (events != null) {
      events.epoch(peerName, step, record(stats));
    }
  }
}
