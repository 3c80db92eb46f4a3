package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.Calibration;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.Similarity;
import io.ranbiki.evaluate.Similarity.Layer;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.run.ModelFit;
import io.ranbiki.run.ModelInputs;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunData;
import io.ranbiki.run.SeedSplit;
import io.ranbiki.run.TeacherConfig;
import io.ranbiki.teacher.FiniteAnswers;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Helps to choose which layers to pair and which temperature to take, before a distillation. */
@Command(
    name = "probe",
    mixinStandardHelpOptions = true,
    description =
        "Shows which teacher layers each student layer is similar to, proposes pairs of layers,"
            + " and shows how soft the teacher's answers are at temperatures 1 to 20.",
    footer = {
      "",
      "Examples:",
      "  ranbiki probe examples/fashion-mnist/features.yaml",
      "  ranbiki probe examples/fashion-mnist/features.yaml --student runs/basic"
    })
final class ProbeCommand implements Callable<Integer> {

  private static final int[] TEMPERATURES = {1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20};
  private static final int FEWEST_SAMPLES = 4;

  /**
   * Below this share of the largest entropy, answers say little more than labels: a rule of thumb.
   */
  private static final double HARD = 0.1;

  /** Above this share, classes can hardly be told apart: a rule of thumb. */
  private static final double FLAT = 0.7;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "CONFIG",
      description =
          "A configuration: its data, and its teacher and student unless others are named.")
  private Path config = Path.of("");

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the file: student.hidden=32.")
  private List<String> overrides = List.of();

  @Option(
      names = "--teacher",
      paramLabel = "MODEL",
      description = "A model folder or run folder; default: the teacher of CONFIG.")
  private Optional<Path> teacher = Optional.empty();

  @Option(
      names = "--student",
      paramLabel = "MODEL",
      description =
          "A model folder or run folder; default: the architecture of CONFIG at its initial"
              + " weights.")
  private Optional<Path> student = Optional.empty();

  @Option(
      names = "--batches",
      defaultValue = "4",
      description = "Batches to compare layers on; default: ${DEFAULT-VALUE}.")
  private int batches;

  @Option(
      names = "--batch",
      defaultValue = "128",
      description = "Samples of a batch, 4 or more; default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--top",
      defaultValue = "3",
      description = "Teacher layers to show for a student layer; default: ${DEFAULT-VALUE}.")
  private int top;

  @Override
  public Integer call() {
    requireAtLeast("--batches", batches, 1);
    requireAtLeast("--batch", batch, FEWEST_SAMPLES);
    requireAtLeast("--top", top, 1);
    RunConfig run = RunConfigReader.any(ConfigDocument.read(config, overrides, System.getenv()));
    Engine.setThreads(run.train().threads());
    PrintWriter out = spec.commandLine().getOut();
    try (RunData data = RunData.open(run);
        Probed taught = student(run, data);
        Probed teaching = teacher(run, data)) {
      SeedSplit split = data.split(run.seeds().get(0));
      Dataset training = first(split.train(), (long) batches * batch);
      out.printf(
          Locale.ROOT,
          "teacher %s, student %s%s, on %,d training samples%n",
          teaching.model.spec().title(),
          taught.model.spec().title(),
          atInitialWeights(run) ? " at its initial weights" : "",
          training.size());
      Answers softened = Answers.of("teacher", teaching, training, batch);
      Answers.of(
          "student", taught, training, batch); // layers that are not finite are alike nothing
      layers(
          Similarity.of(
              taught.model,
              taught.loader(training, batch),
              teaching.model,
              teaching.loader(training, batch),
              batches),
          out);
      Dataset held = split.validation().orElse(data.test());
      temperatures(
          softened,
          Answers.of("teacher", teaching, held, batch),
          split.validation().isPresent() ? "validation" : "test",
          data.classes(),
          out);
      data.readingNotes().forEach(this::note);
      Next.sayOther(spec.commandLine(), "doctor");
      return 0;
    }
  }

  /** A network with what its inputs go through. */
  private record Probed(Model model, Prepare prepare) implements AutoCloseable {

    Loader loader(Dataset samples, int batch) {
      return new Loader(samples, Loader.Options.inOrder(batch), prepare, Views.none());
    }

    @Override
    public void close() {
      model.close();
    }
  }

  private static void requireAtLeast(String option, int value, int least) {
    if (value < least) {
      throw new RanbikiException(
          RanbikiException.Kind.USAGE,
          String.format(Locale.ROOT, "%s is %d, but must be %d or more.", option, value, least));
    }
  }

  private boolean atInitialWeights(RunConfig run) {
    return student.isEmpty() && run.student().weights().isEmpty();
  }

  private Probed teacher(RunConfig run, RunData data) {
    if (teacher.isPresent()) {
      return open("teacher", teacher.get(), data);
    }
    List<Path> paths =
        run.teacher()
            .map(TeacherConfig::models)
            .filter(models -> !models.isEmpty())
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "%s names no teacher; give one with --teacher MODEL, or take the"
                            + " configuration of a distillation.",
                        config));
    if (paths.size() > 1) {
      note(
          String.format(
              Locale.ROOT,
              "Of %d teachers the first is probed; --teacher MODEL takes another.",
              paths.size()));
    }
    return open("teacher", paths.get(0), data);
  }

  private Probed student(RunConfig run, RunData data) {
    if (student.isPresent()) {
      return open("student", student.get(), data);
    }
    ModelSpec model =
        new ModelSpec(
            run.student().architecture(),
            data.fields(),
            data.classes(),
            run.student().options(),
            data.unit());
    return new Probed(
        run.student().weights().isPresent()
            ? ModelFolder.read(run.student().weights().get(), model)
            : Model.create(model, run.seeds().get(0)),
        data.prepare());
  }

  private Probed open(String role, Path path, RunData data) {
    if (!(TeacherSource.of(path, false, null) instanceof TeacherSource.Folder folder)) {
      throw RanbikiException.model(
          "The %s %s is a file of other software, and probe reads the layers of networks that are built"
              + " here; give a model folder. 'ranbiki evaluate' and 'ranbiki inspect' take such"
              + " files.",
          role, path);
    }
    ModelFolder.Loaded loaded = ModelFolder.read(folder.folder());
    try {
      loaded.model().notes().forEach(this::note);
      ModelFit.require(role, path.toString(), loaded.config(), data);
      return new Probed(
          loaded.model(),
          ModelInputs.prepare(
              "The model " + path,
              loaded.config().prepare(),
              data.said(),
              data.prepare(),
              this::note));
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  private void note(String sentence) {
    spec.commandLine().getErr().println("note: " + sentence);
  }

  private static Dataset first(Dataset samples, long count) {
    return count >= samples.size() ? samples : Splits.first(samples, (int) count);
  }

  // ---- layers

  private void layers(Similarity similarity, PrintWriter out) {
    out.printf(Locale.ROOT, "%nlinear CKA, 1 for layers that see the samples alike:%n");
    for (Layer layer : similarity.student()) {
      StringBuilder line = new StringBuilder();
      for (Layer near : similarity.nearest(layer.path(), top)) {
        line.append(
            String.format(
                Locale.ROOT,
                "  %s %.2f",
                near.path(),
                similarity.value(layer.path(), near.path())));
      }
      out.printf(Locale.ROOT, "  %-24s %-14s%s%n", layer.path(), shape(layer), line);
    }
    List<LayerPair> pairs = similarity.proposal();
    if (pairs.isEmpty()) {
      out.printf(
          Locale.ROOT,
          "%nno layer of the student is similar to one of the teacher; match logits%n");
      return;
    }
    out.printf(Locale.ROOT, "%nproposed pairs, to paste under objective:%n");
    out.printf(Locale.ROOT, "  - hint:%n      weight: 50%n      pairs:%n");
    for (LayerPair pair : pairs) {
      out.printf(
          Locale.ROOT,
          "        - {teacher: %s, student: %s}   # CKA %.2f, %s and %s%n",
          pair.teacher(),
          pair.student(),
          similarity.value(pair.student(), pair.teacher()),
          shapeOf(pair.teacher(), similarity.teacher()),
          shapeOf(pair.student(), similarity.student()));
    }
  }

  private static String shapeOf(String path, List<Layer> layers) {
    return layers.stream()
        .filter(layer -> layer.path().equals(path))
        .map(ProbeCommand::shape)
        .findFirst()
        .orElse("");
  }

  private static String shape(Layer layer) {
    return String.join(" x ", layer.shape().stream().map(Object::toString).toList());
  }

  // ---- temperatures

  /** Logits and labels of samples. */
  private record Answers(float[] logits, long[] labels) {

    static Answers of(String role, Probed probed, Dataset dataset, int batch) {
      Model model = probed.model;
      Loader loader = probed.loader(dataset, batch);
      int samples = dataset.size();
      float[] logits = new float[samples * model.spec().classes()];
      long[] labels = new long[samples];
      int done = 0;
      model.module().eval();
      try (NoGrad noGrad = new NoGrad();
          Epoch epoch = loader.epoch(0)) {
        while (epoch.hasNext()) {
          try (TensorScope scope = TensorScope.open("probe")) {
            Batch asked = Batch.of(epoch.next());
            Tensor answered = model.apply(asked.inputs());
            FiniteAnswers.require(
                "The " + role + " " + model.spec().title(), answered, asked, dataset);
            float[] answer = answered.toFloats();
            System.arraycopy(answer, 0, logits, done * model.spec().classes(), answer.length);
            System.arraycopy(asked.labels().toLongs(), 0, labels, done, asked.size());
            done += asked.size();
          }
        }
      }
      return new Answers(logits, labels);
    }

    Calibration at(double temperature) {
      int classes = logits.length / labels.length;
      return Calibration.of(
          Predictions.ofLogits(new long[labels.length], labels, classes, logits), temperature);
    }
  }

  private static void temperatures(
      Answers training, Answers held, String name, int classes, PrintWriter out) {
    double largest = Math.log(classes);
    out.printf(
        Locale.ROOT,
        "%nthe teacher's answers by temperature: entropy on the training samples, errors on %,d %s"
            + " samples%n",
        held.labels().length,
        name);
    out.printf(
        Locale.ROOT,
        "  %11s %14s %18s %18s %10s%n",
        "temperature",
        "entropy (nats)",
        "of the largest",
        "calibration error",
        "NLL");
    List<Integer> useful = new ArrayList<>();
    for (int temperature : TEMPERATURES) {
      double entropy = training.at(temperature).entropy();
      Calibration errors = held.at(temperature);
      if (entropy >= HARD * largest && entropy <= FLAT * largest) {
        useful.add(temperature);
      }
      out.printf(
          Locale.ROOT,
          "  %11d %14.3f %16.1f %% %18.4f %10.4f%n",
          temperature,
          entropy,
          100 * entropy / largest,
          errors.expectedError(),
          errors.negativeLogLikelihood());
    }
    out.printf(Locale.ROOT, "%n%s%n", hint(training.at(1).entropy() / largest, useful));
  }

  /** What the entropies mean for the choice, in plain words. */
  private static String hint(double shareAtOne, List<Integer> useful) {
    if (!useful.isEmpty()) {
      int from = useful.get(0);
      int to = useful.get(useful.size() - 1);
      return String.format(
          Locale.ROOT,
          "temperatures %s soften usefully: below, the answers say little more than the labels;"
              + " above, they hardly tell classes apart",
          from == to ? "around " + from : from + " to " + to);
    }
    return shareAtOne > FLAT
        ? "the teacher hardly tells the classes apart even at temperature 1; is it trained, and is"
            + " this its data?"
        : "no temperature up to 20 softens usefully: the teacher is extremely confident; match"
            + " layers, or standardized-targets, which do not depend on the size of the logits";
  }
}
