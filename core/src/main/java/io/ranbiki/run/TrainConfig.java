package io.ranbiki.run;

import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import io.ranbiki.evaluate.Metric;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a network is trained.
 *
 * @param options epochs, optimiser, schedule, clipping and precision
 * @param batch samples of a step, 1 or more
 * @param threads that one operation may use, 1 or more
 * @param logGradients every how many steps the gradient norm of each term goes into the metrics; 0
 *     for never
 * @param keepsBest whether the network of the epoch is kept that did best on the samples held out,
 *     not that of the last one
 * @param sideBySide how many trainings that do not depend on each other are carried out at the same
 *     time, each with its share of the threads, 1 or more; {@link #AUTO} until the data are known
 * @param patience after how many epochs without a better one a training ends early; 0 for never
 * @param metric by which epochs are judged and models compared; empty for what the task says
 */
public record TrainConfig(
    TrainOptions options,
    int batch,
    int threads,
    int logGradients,
    boolean keepsBest,
    int sideBySide,
    int patience,
    Optional<Metric> metric) {

  /** A run of a large machine can be done again on a small one, but no machine has more. */
  private static final int MOST_THREADS = 512;

  /** As many trainings at the same time as the run has use for. */
  static final int AUTO = 0;

  /** The same with other options and batches. */
  TrainConfig with(TrainOptions other, int otherBatch) {
    return new TrainConfig(
        other, otherBatch, threads, logGradients, keepsBest, sideBySide, patience, metric);
  }

  /** The same with so many trainings at the same time. */
  TrainConfig with(int newSideBySide) {
    return new TrainConfig(
        options, batch, threads, logGradients, keepsBest, newSideBySide, patience, metric);
  }

  /**
   * Reads the keys of {@code train}.
   *
   * @param mayHoldOut whether samples may be held out, by which epochs are judged
   */
  static TrainConfig read(Options options, boolean mayHoldOut) {
    int epochs = options.integer("epochs", 10, "How often every sample is seen", Rule.atLeast(1));
    int batch = options.integer("batch", 32, "Samples of a step", Rule.atLeast(1));
    Optimizer optimizer = Optimizer.read(options);
    Schedule schedule = Schedule.read(options);
    double clipNorm = clipNorm(options).orElse(Double.POSITIVE_INFINITY);
    TrainOptions.Precision precision =
        options.word(
            "precision",
            TrainOptions.Precision.FLOAT32,
            "How convolutions and matrix products compute");
    int processors = Runtime.getRuntime().availableProcessors();
    int threads =
        options
            .optionalInteger(
                "threads",
                "Threads that one operation may use; all processors if left out",
                Rule.between(1, Math.max(MOST_THREADS, processors)))
            .orElseGet(() -> options.settle("threads", processors));
    int logGradients =
        options.integer(
            "log-gradients",
            0,
            "Every how many steps the gradient norm of each term is written down; 0 for never",
            Rule.atLeast(0));
    int accumulate =
        options.integer(
            "accumulate",
            1,
            "How many parts a batch is computed in, one after the other",
            Rule.atLeast(1));
    if (accumulate > batch) {
      options.mistake(
          "accumulate", "must be between 1 and " + batch + ", but is " + accumulate + ".");
    }
    int sideBySide =
        options.value(
            "side-by-side",
            1,
            "How many trainings that do not depend on each other run at the same time; auto for as"
                + " many as are of use",
            node ->
                node.wordOr("auto", AUTO, number -> number.integer(Rule.between(1, MOST_THREADS))));
    boolean best =
        options
            .optionalWord(
                "keep",
                Kept.class,
                "Which epoch's network is kept; the best if samples are held out, else the last")
            .map(Kept.BEST::equals)
            .orElseGet(() -> options.settle("keep", mayHoldOut ? "best" : "last").equals("best"));
    int patience =
        options.integer(
            "patience",
            0,
            "After how many epochs without a better one training ends early; 0 for never",
            Rule.atLeast(0));
    Optional<Metric> metric =
        options.value(
            "metric",
            "auto",
            "By which epochs are judged and models compared; auto for what the task says",
            node ->
                node.wordOr(
                    "auto",
                    Optional.empty(),
                    single -> Optional.of(single.choice(Provider.all(Metric.class)))));
    if (!mayHoldOut && (best || patience > 0)) {
      options.mistake(
          "asks for "
              + (best ? "'keep: best'" : "'patience'")
              + ", but no samples are held out to judge an epoch by; say 'validation: 0.1' in"
              + " 'data'.");
    } else if (!best && patience > 0) {
      options.mistake(
          "asks for 'patience', which ends a training after its best epoch, and for 'keep: last';"
              + " leave one of them out.");
    }
    return new TrainConfig(
        new TrainOptions(epochs, optimizer, schedule, clipNorm, precision, accumulate),
        batch,
        threads,
        logGradients,
        best,
        sideBySide,
        patience,
        metric);
  }

  /**
   * A run's with what the {@code train} of a recipe says, where less can be said.
   *
   * @param run null after a mistake
   */
  static TrainConfig changed(@Nullable TrainConfig run, Options options) {
    Optional<Integer> epochs =
        options.optionalInteger(
            "epochs", "How often every sample is seen; as in the run if left out", Rule.atLeast(1));
    Optional<Integer> batch =
        options.optionalInteger(
            "batch", "Samples of a step; as in the run if left out", Rule.atLeast(1));
    Optional<Optimizer> optimizer = Optimizer.readOptional(options);
    Optional<Schedule> schedule = Schedule.readOptional(options);
    Optional<Double> clipNorm = clipNorm(options);
    if (run == null) {
      return options.stop();
    }
    TrainOptions now = run.options();
    int samples = batch.orElseGet(() -> options.settle("batch", run.batch()));
    return run.with(
        new TrainOptions(
            epochs.orElseGet(() -> options.settle("epochs", now.epochs())),
            optimizer.orElse(now.optimizer()),
            schedule.orElse(now.schedule()),
            clipNorm.orElse(now.clipNorm()),
            now.precision(),
            Math.min(now.accumulate(), samples)),
        samples);
  }

  private static Optional<Double> clipNorm(Options options) {
    return options.optionalNumber(
        "clip-norm", "Largest norm of all gradients together", Rule.above(0));
  }

  /** Which epoch's network is kept. */
  private enum Kept {
    BEST,
    LAST
  }
}
