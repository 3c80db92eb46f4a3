package io.ranbiki.benchmark;

import io.ranbiki.data.Dataset;
import io.ranbiki.data.Idx;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Part;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.ConfidenceInterval;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Gains;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Objective;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Gain;
import io.ranbiki.result.Verdict;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.tensor.Engine;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.StandardDeviation;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How often verdicts are wrong, and how often they find a gain. Many students are trained from the
 * same labels, each with a seed of its own, and {@link Gains} judges some against others.
 *
 * <p>No two comparisons of labels alone with labels alone share a training. Tables and gains need
 * more trainings than there are, so each is drawn from all of them anew. A gain is made: of every
 * student's wrong answers, as many are put right as make up the gain, so that the spread over seeds
 * stays what it was.
 */
@Command(
    name = "verdicts",
    mixinStandardHelpOptions = true,
    description = "Measures how often verdicts on a gain are wrong.")
final class Verdicts implements Callable<Integer> {

  private static final ModelSpec STUDENT =
      ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 32));

  /** The share of true gains that a verdict should find. */
  private static final double ENOUGH = 0.8;

  @Option(names = "--data", required = true, description = "The folder of Fashion-MNIST.")
  private Path data = Path.of("");

  @Option(names = "--trainings", defaultValue = "2000", description = "Default: ${DEFAULT-VALUE}.")
  private int trainings;

  @Option(
      names = "--images",
      defaultValue = "1000",
      description = "Training images. Default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(
      names = "--test-images",
      defaultValue = "2000",
      description = "Default: ${DEFAULT-VALUE}.")
  private int testImages;

  @Option(names = "--epochs", defaultValue = "4", description = "Default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(
      names = "--seeds",
      defaultValue = "5",
      description = "Seeds of a comparison without a gain. Default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(
      names = "--methods",
      defaultValue = "27",
      description = "Comparisons in a table. Default: ${DEFAULT-VALUE}.")
  private int methods;

  @Option(
      names = "--gain",
      defaultValue = "0.5",
      description = "The gain to find, in points. Default: ${DEFAULT-VALUE}.")
  private double gain;

  @Option(
      names = "--draws",
      defaultValue = "200",
      description = "Tables and comparisons that are drawn. Default: ${DEFAULT-VALUE}.")
  private int draws;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Explains every figure. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--threads", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private int threads;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Verdicts()).execute(arguments));
  }

  @Override
  public Integer call() {
    if (seeds < Verdict.FEWEST_SEEDS || trainings < 2 * seeds) {
      System.err.printf(
          Locale.ROOT,
          "%d seeds and %d trainings give no verdict. Take %d seeds or more, and trainings for two"
              + " arms of them.%n",
          seeds,
          trainings,
          Verdict.FEWEST_SEEDS);
      return 2;
    }
    Engine.setThreads(threads);
    List<Predictions> labelsAlone = train();
    List<Predictions> better = labelsAlone.stream().map(this::better).toList();
    describe(labelsAlone);
    System.out.println("| compared | seeds | comparisons | says | share | 95 % interval |");
    System.out.println("|---|---|---|---|---|---|");
    withItself(labelsAlone);
    if (labelsAlone.size() >= seeds * (methods + 1)) {
      tables(labelsAlone);
    }
    for (int count : new int[] {5, 10, 20}) {
      if (2 * count <= labelsAlone.size()) {
        String title = String.format(Locale.ROOT, "a true gain of %.2f points", gain);
        row(title, count, "drawn", "gained", found(count, labelsAlone, better), draws);
      }
    }
    System.out.println();
    System.out.println(
        "Drawn: from the same trainings again and again, so that the interval leaves out what other"
            + " trainings would change.");
    System.out.println(fewestSeeds(labelsAlone, better));
    return 0;
  }

  // ---- the trainings

  /** What each student answers to the test images: its likeliest class is all that counts here. */
  private List<Predictions> train() {
    Dataset train = Splits.first(Idx.folder(data, Part.TRAIN), images);
    Loader test =
        new Loader(
            Splits.first(Idx.folder(data, Part.TEST), testImages),
            Loader.Options.inOrder(500),
            normalization(),
            Views.none());
    Random random = new Random(seed);
    List<Predictions> answers = new ArrayList<>();
    while (answers.size() < trainings) {
      answers.add(student(random.nextLong(), train, test).top(1));
      if (answers.size() % Math.max(1, trainings / 20) == 0) {
        System.err.printf(Locale.ROOT, "%,d of %,d trainings%n", answers.size(), trainings);
      }
    }
    return answers;
  }

  private Predictions student(long seed, Dataset train, Loader test) {
    Loader loader =
        new Loader(train, Loader.Options.shuffled(64, seed), normalization(), Views.none());
    TrainOptions options =
        new TrainOptions(epochs, new Optimizer.Adam(0.003), Schedule.of(new Schedule.Cosine(0)));
    try (Model model = Model.create(STUDENT, seed)) {
      new OfflineDistillation(Objective.of(new HardLabels(1)), options, seed)
          .fit(model, null, loader);
      return Evaluation.of(model, test);
    }
  }

  private static Normalization normalization() {
    return new Normalization(new float[] {0.2860f}, new float[] {0.3530f});
  }

  /** The same answers with so many wrong ones put right that the accuracy rises by the gain. */
  private Predictions better(Predictions answers) {
    Predictions.Top kept = (Predictions.Top) answers.answers();
    int[] top = kept.top().clone();
    List<Integer> wrong =
        new ArrayList<>(
            IntStream.range(0, answers.size()).filter(i -> !answers.isRight(i)).boxed().toList());
    Collections.shuffle(wrong, new Random(seed));
    wrong.stream()
        .limit(Math.round(answers.size() * gain / 100))
        .forEach(sample -> top[sample] = answers.label(sample));
    return new Predictions(
        answers.ids(),
        answers.labels(),
        answers.classes(),
        new Predictions.Top(1, top, kept.logProbabilities(), kept.rest()));
  }

  // ---- the comparisons

  /** Labels alone with labels alone, in trainings that no other comparison sees. */
  private void withItself(List<Predictions> pool) {
    List<Gain> gains = new ArrayList<>();
    for (int at = 0; at + 2 * seeds <= pool.size(); at += 2 * seeds) {
      gains.add(gain(pool.subList(at, at + seeds), pool.subList(at + seeds, at + 2 * seeds)));
    }
    String title = "labels alone with labels alone";
    String independent = "no training shared";
    int count = gains.size();
    row(title, seeds, independent, "gained", saying(Verdict.GAINED, gains), count);
    row(title, seeds, independent, "lost", saying(Verdict.LOST, gains), count);
  }

  /** Tables of methods that all change nothing, against one row of labels alone. */
  private void tables(List<Predictions> pool) {
    Random random = new Random(seed);
    int corrected = 0;
    int either = 0;
    int alone = 0;
    for (int table = 0; table < draws; table++) {
      List<Predictions> drawn = draw(seeds * (methods + 1), pool, random);
      List<Gain> gains =
          IntStream.rangeClosed(1, methods)
              .mapToObj(
                  i -> gain(drawn.subList(0, seeds), drawn.subList(i * seeds, (i + 1) * seeds)))
              .toList();
      List<Gain> judged = Gains.together(gains);
      corrected += saying(Verdict.GAINED, judged) > 0 ? 1 : 0;
      either += saying(Verdict.GAINED, judged) + saying(Verdict.LOST, judged) > 0 ? 1 : 0;
      alone += saying(Verdict.GAINED, gains) > 0 ? 1 : 0;
    }
    String title = "a table of " + methods + " times labels alone";
    row(title, seeds, "drawn", "any gained", corrected, draws);
    row(title, seeds, "drawn", "any gained or lost", either, draws);
    row(title + ", not corrected", seeds, "drawn", "any gained", alone, draws);
  }

  /** In how many of the draws a gain that is there is found. */
  private int found(int count, List<Predictions> pool, List<Predictions> better) {
    Random random = new Random(seed);
    List<Integer> all = IntStream.range(0, pool.size()).boxed().toList();
    List<Gain> gains = new ArrayList<>();
    for (int i = 0; i < draws; i++) {
      List<Integer> drawn = draw(2 * count, all, random);
      gains.add(
          gain(
              drawn.subList(0, count).stream().map(pool::get).toList(),
              drawn.subList(count, 2 * count).stream().map(better::get).toList()));
    }
    return saying(Verdict.GAINED, gains);
  }

  /** More seeds find more, so that halving finds the fewest that find enough. */
  private String fewestSeeds(List<Predictions> pool, List<Predictions> better) {
    int few = Verdict.FEWEST_SEEDS - 1;
    int enough = pool.size() / 2;
    if (enough <= few || found(enough, pool, better) < ENOUGH * draws) {
      return String.format(
          Locale.ROOT,
          "%,d seeds, all that these trainings have, find the gain in fewer than %.0f %%.",
          enough,
          100 * ENOUGH);
    }
    while (enough - few > 1) {
      int middle = (few + enough) / 2;
      if (found(middle, pool, better) < ENOUGH * draws) {
        few = middle;
      } else {
        enough = middle;
      }
    }
    return String.format(Locale.ROOT, "%,d seeds find it in %.0f %%.", enough, 100 * ENOUGH);
  }

  private static <T> List<T> draw(int count, List<T> pool, Random random) {
    List<T> shuffled = new ArrayList<>(pool);
    Collections.shuffle(shuffled, random);
    return shuffled.subList(0, count);
  }

  private static Gain gain(List<Predictions> first, List<Predictions> second) {
    return Gains.of("first", first, "second", second);
  }

  private static int saying(Verdict verdict, List<Gain> gains) {
    return (int) gains.stream().filter(gain -> gain.verdict() == verdict).count();
  }

  // ---- what is printed

  private void describe(List<Predictions> pool) {
    double[] points = pool.stream().mapToDouble(answers -> 100 * answers.accuracy()).toArray();
    double spread = StandardDeviation.of(points).getAsDouble();
    System.out.printf(
        Locale.ROOT,
        "%,d trainings of %s, %,.0f parameters, on %,d images for %d epochs, seed %d: %.2f %% of %,d test images;"
            + " standard deviation over seeds %.2f points, of a difference %.2f.%n%n",
        points.length,
        STUDENT.title(),
        STUDENT.parameters(),
        images,
        epochs,
        seed,
        Mean.of(points).getAsDouble(),
        testImages,
        spread,
        Math.sqrt(2) * spread);
  }

  private static void row(String title, int seeds, String how, String says, int hits, int of) {
    ConfidenceInterval share = ConfidenceInterval.ofShare(hits, of);
    System.out.printf(
        Locale.ROOT,
        "| %s | %d | %,d, %s | %s | %.1f %% | %.1f to %.1f |%n",
        title,
        seeds,
        of,
        how,
        says,
        100 * share.mean(),
        100 * share.low(),
        100 * share.high());
  }
}
