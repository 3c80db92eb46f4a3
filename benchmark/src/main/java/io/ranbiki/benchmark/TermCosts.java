package io.ranbiki.benchmark;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.ActivationBoundary;
import io.ranbiki.objective.AttentionTransfer;
import io.ranbiki.objective.BinaryTargets;
import io.ranbiki.objective.ContrastiveRepresentation;
import io.ranbiki.objective.CorrelationCongruence;
import io.ranbiki.objective.Dist;
import io.ranbiki.objective.Distance;
import io.ranbiki.objective.DivergenceTargets;
import io.ranbiki.objective.Dkd;
import io.ranbiki.objective.FactorTransfer;
import io.ranbiki.objective.FlowOfSolution;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Hint;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.objective.LossValues;
import io.ranbiki.objective.NeuronSelectivity;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.OutputRegression;
import io.ranbiki.objective.Overhaul;
import io.ranbiki.objective.ProbabilisticTransfer;
import io.ranbiki.objective.Ramp;
import io.ranbiki.objective.RelationalDistillation;
import io.ranbiki.objective.ReviewKd;
import io.ranbiki.objective.SimKd;
import io.ranbiki.objective.SimilarityPreserving;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.objective.StandardizedTargets;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.TopKTargets;
import io.ranbiki.objective.VariationalInformation;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.teacher.Labeller;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.StoredTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import io.ranbiki.train.Trainer;
import io.ranbiki.train.TrainingListener;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What each term adds to a step of training: milliseconds of a whole step with labels and that
 * term, beside one with labels and soft targets. The teacher's answers are constants in memory, so
 * that the teacher costs nothing, but in one row, where they are read from a store; all objectives
 * are measured in turn, several rounds, and medians are printed.
 */
@Command(
    name = "term-costs",
    mixinStandardHelpOptions = true,
    description = "Measures milliseconds a step of each term, relative to soft targets.")
final class TermCosts implements Callable<Integer> {

  private static final List<Integer> IMAGE = List.of(1, 28, 28);
  private static final int CLASSES = 10;
  private static final String LABELS = "hard-labels alone";
  private static final String REFERENCE = "soft-targets";
  private static final String READ = "soft-targets-read";

  @Option(names = "--steps", defaultValue = "40", description = "Counted steps of a round.")
  private int steps;

  @Option(names = "--rounds", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(names = "--batch", defaultValue = "32", description = "Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(names = "--threads", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
  private int threads;

  private Path folder = Path.of("");

  @Option(
      names = "--terms",
      split = ",",
      description = "Terms to measure beside labels and soft-targets. Default: all.")
  private List<String> terms = List.of();

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new TermCosts()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    Engine.setThreads(threads);
    folder = Files.createTempDirectory("answers");
    try {
      measure();
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      }
    }
    return 0;
  }

  private void measure() {
    measure(
        "student-cnn taught by teacher-cnn",
        ModelSpec.of("student-cnn", IMAGE, CLASSES),
        ModelSpec.of("teacher-cnn", IMAGE, CLASSES),
        onAnswers());
    Map<String, Objective> both = onAnswers();
    both.keySet().retainAll(List.of(LABELS, REFERENCE));
    both.putAll(onLayers());
    measure("resnet8 taught by resnet20", resnet(8), resnet(20), both);
  }

  private static ModelSpec resnet(int depth) {
    return ModelSpec.of("resnet", IMAGE, CLASSES, Map.of("depth", depth));
  }

  // ---- what is measured

  private static Map<String, Objective> onAnswers() {
    Map<String, Objective> objectives = new LinkedHashMap<>();
    objectives.put(LABELS, Objective.of(new HardLabels(1)));
    for (Term term :
        List.of(
            new SoftTargets(0.7, 4),
            new StandardizedTargets(9, 2),
            new Dkd(Ramp.constant(1), Ramp.constant(4), 1, 8, false),
            new Dist(1),
            new DivergenceTargets(1, 0.5),
            new TopKTargets(1, 5),
            new BinaryTargets(1, 2),
            new OutputRegression(1, Distance.SQUARED))) {
      objectives.put(term.name(), Objective.of(new HardLabels(0.3), term));
    }
    objectives.put(READ, Objective.of(new HardLabels(0.3), new SoftTargets(0.7, 4)));
    return objectives;
  }

  private Map<String, Objective> onLayers() {
    Ramp one = Ramp.constant(1);
    LayerPair second = new LayerPair("layer2", "layer2");
    LayerPair third = new LayerPair("layer3", "layer3");
    List<LayerPair> maps = List.of(second, third);
    List<LayerPair> last = List.of(new LayerPair("avgpool", "avgpool"));
    List<LayerPair> beforeRelu =
        List.of(
            new LayerPair("layer2.2.bn2", "layer2.0.bn2"),
            new LayerPair("layer3.2.bn2", "layer3.0.bn2"));
    Map<String, Objective> objectives = new LinkedHashMap<>();
    for (Term term :
        List.of(
            new Hint(one, maps, Hint.Projection.ALWAYS),
            new AttentionTransfer(one, maps, 2, AttentionTransfer.Form.SQUARED),
            new SimilarityPreserving(one, List.of(third)),
            new CorrelationCongruence(one, last, CorrelationCongruence.Form.NEIGHBOURS),
            new VariationalInformation(one, maps),
            new RelationalDistillation(one, last, 25, 50),
            new ProbabilisticTransfer(one, last),
            new NeuronSelectivity(one, List.of(third)),
            new FlowOfSolution(one, maps, FlowOfSolution.Form.MEAN),
            new ActivationBoundary(one, beforeRelu, 1, true),
            new FactorTransfer(one, List.of(third), FactorTransfer.Form.PAPER, 1, 0.5),
            new ContrastiveRepresentation(one, last, samples(), 16384, 128, 0.07, 0.5),
            new ReviewKd(one, maps, 64),
            new SimKd(one, List.of(third), 2),
            new Overhaul(Ramp.constant(0.001), beforeRelu, List.of()))) {
      objectives.put(term.name(), Objective.of(new HardLabels(0.3), term));
    }
    return objectives;
  }

  // ---- measuring

  private int samples() {
    return batch * (steps + warmUp());
  }

  private int warmUp() {
    return Math.max(5, steps / 4);
  }

  private void measure(
      String title, ModelSpec student, ModelSpec teacher, Map<String, Objective> objectives) {
    if (!terms.isEmpty()) {
      objectives
          .keySet()
          .removeIf(name -> !List.of(LABELS, REFERENCE).contains(name) && !terms.contains(name));
    }
    Dataset data = Digits.dataset(samples(), 1);
    round(
        REFERENCE,
        student,
        teacher,
        Objects.requireNonNull(objectives.get(REFERENCE)),
        data); // not counted: the compiler warms up
    Map<String, Sample> milliseconds = new LinkedHashMap<>();
    objectives.keySet().forEach(name -> milliseconds.put(name, new Sample()));
    for (int round = 0; round < rounds; round++) {
      objectives.forEach(
          (name, objective) ->
              Objects.requireNonNull(milliseconds.get(name))
                  .add(round(name, student, teacher, objective, data)));
    }
    System.out.printf(
        Locale.ROOT,
        "%s, batch %d, %d threads, labels and one term, median of %d rounds of %d steps%n",
        title,
        batch,
        threads,
        rounds,
        steps);
    System.out.printf(
        Locale.ROOT,
        "%-28s %10s %10s %10s %10s %10s%n",
        "term",
        "ms a step",
        "least",
        "most",
        "to labels",
        "to soft");
    milliseconds.forEach(
        (name, times) ->
            System.out.printf(
                Locale.ROOT,
                "%-28s %10.3f %10.3f %10.3f %9.3fx %9.2fx%n",
                name,
                times.median(),
                times.min(),
                times.max(),
                ratio(times, Objects.requireNonNull(milliseconds.get(LABELS))),
                ratio(times, Objects.requireNonNull(milliseconds.get(REFERENCE)))));
    System.out.println();
  }

  /** The median of the ratios in each round: a disturbance longer than a round falls out. */
  private static double ratio(Sample times, Sample others) {
    Sample ratios = new Sample();
    for (int round = 0; round < times.size(); round++) {
      ratios.add(times.get(round) / others.get(round));
    }
    return ratios.median();
  }

  /** Milliseconds of the median step. */
  private double round(
      String name, ModelSpec student, ModelSpec teacher, Objective objective, Dataset data) {
    Loader loader =
        new Loader(data, Loader.Options.inOrder(batch), Normalization.none(), Views.none());
    StepTimes times = new StepTimes();
    TrainOptions options = new TrainOptions(1, new Optimizer.Adam(0.001), Schedule.constant());
    try (Model taught = Model.create(student, 1);
        Teacher asked =
            name.equals(READ) ? read(teacher, data) : new ConstantTeacher(teacher, objective);
        Trainer trainer = new Trainer(taught, asked, objective, loader, options, 1, times)) {
      trainer.run(model -> Double.NaN);
    }
    return times.median(warmUp());
  }

  /** A teacher whose answers are stored; they are asked for once. */
  private Teacher read(ModelSpec spec, Dataset data) {
    Path store = folder.resolve("answers.store");
    StoreKey key =
        StoreKey.of(
            "benchmark",
            data.fingerprint(),
            Normalization.none(),
            Views.none().augmentations(),
            0,
            CLASSES);
    try (Model model = Model.create(spec, 2);
        ModelTeacher live = new ModelTeacher(model, List.of())) {
      new Labeller(live, Labeller.Options.views(1), Labeller.Listener.NONE).label(store, key, data);
    }
    return StoredTeacher.open(store, key);
  }

  /** The time from the end of a step to the end of the next. */
  private static final class StepTimes implements TrainingListener {

    private final List<Long> ends = new ArrayList<>();

    @Override
    public void stepDone(long step, int samples, LossValues loss) {
      ends.add(System.nanoTime());
    }

    double median(int warmUp) {
      Sample times = new Sample();
      for (int i = warmUp; i < ends.size(); i++) {
        times.add((ends.get(i) - ends.get(i - 1)) / 1e6);
      }
      return times.median();
    }
  }

  /** Gives its first answer to every batch: what a teacher costs that was asked before. */
  private static final class ConstantTeacher implements Teacher {

    private final ModelSpec spec;
    private final Objective objective;
    private @Nullable Signal answer;

    ConstantTeacher(ModelSpec spec, Objective objective) {
      this.spec = spec;
      this.objective = objective;
    }

    @Override
    public Signal signal(Batch batch) {
      if (answer == null) {
        answer = ask(batch);
      }
      return answer;
    }

    @Override
    public boolean isLookedUp() {
      return true;
    }

    private Signal ask(Batch batch) {
      try (Model model = Model.create(spec, 2);
          TensorScope scope = TensorScope.open("constant answer");
          ModelTeacher teacher = new ModelTeacher(model, objective.teacherLayers())) {
        Signal given = teacher.signal(batch);
        Map<String, Tensor> features = new LinkedHashMap<>();
        given.features().forEach((path, feature) -> features.put(path, feature.copy().keep()));
        return new Signal(given.logits().copy().keep(), features);
      }
    }

    @Override
    public int classes() {
      return spec.classes();
    }

    @Override
    public String title() {
      return spec.title();
    }

    @Override
    public void close() {
      if (answer != null) {
        answer.logits().close();
        answer.features().values().forEach(Tensor::close);
      }
    }
  }
}
