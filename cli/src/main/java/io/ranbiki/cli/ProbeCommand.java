package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Task;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.Similarity;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.run.ModelFit;
import io.ranbiki.run.ModelInputs;
import io.ranbiki.run.Networks;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunData;
import io.ranbiki.run.SeedSplit;
import io.ranbiki.run.TeacherConfig;
import io.ranbiki.teacher.FiniteAnswers;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            + " and shows how soft the teacher's answers are at temperatures 1 to 20. Of encoders of"
            + " texts it proposes the layer map of tinybert.",
    footer = {
      "",
      "Examples:",
      "  ranbiki probe examples/fashion-mnist/features.yaml",
      "  ranbiki probe examples/fashion-mnist/features.yaml --student runs/basic",
      "  ranbiki probe examples/text/embedding-layers.yaml --json"
    })
final class ProbeCommand implements Callable<Integer> {

  private static final int FEWEST_SAMPLES = 4;

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

  @Mixin private JsonOption json = new JsonOption();

  @Override
  public Integer call() {
    requireAtLeast("--batches", batches, 1);
    requireAtLeast("--batch", batch, FEWEST_SAMPLES);
    requireAtLeast("--top", top, 1);
    RunConfig run = RunConfigReader.any(ConfigDocument.read(config, overrides, System.getenv()));
    Engine.setThreads(run.train().threads());
    try (RunData data = RunData.open(run);
        Probed taught = student(run, data);
        Probed teaching = teacher(run, data)) {
      SeedSplit split = data.split(run.seeds().get(0));
      Dataset training = first(split.train(), (long) batches * batch);
      Predictions softened = answers("teacher", teaching, training);
      answers("student", taught, training); // layers that are not finite are alike nothing
      ProbedLayers layers =
          new ProbedLayers(
              Similarity.of(
                  taught.model,
                  taught.loader(training, batch),
                  teaching.model,
                  teaching.loader(training, batch),
                  batches),
              top,
              heads(taught) == heads(teaching),
              !atInitialWeights(run));
      Optional<ProbedTemperatures> temperatures =
          data.task() instanceof Task.Classes
              ? Optional.of(temperatures(softened, teaching, split, data))
              : Optional.empty();
      if (json.json()) {
        printJson(teaching, taught, training.size(), layers, temperatures);
      } else {
        print(run, teaching, taught, training.size(), layers, temperatures);
      }
      data.readingNotes().forEach(this::note);
      if (!json.json()) {
        Next.sayOther(spec.commandLine(), "doctor");
      }
      return 0;
    }
  }

  private void print(
      RunConfig run,
      Probed teaching,
      Probed taught,
      int samples,
      ProbedLayers layers,
      Optional<ProbedTemperatures> temperatures) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "teacher %s, student %s%s, on %,d training samples%n",
        teaching.model.spec().title(),
        taught.model.spec().title(),
        atInitialWeights(run) ? " at its initial weights" : "",
        samples);
    layers.print(out);
    temperatures.ifPresent(any -> any.print(out));
  }

  private void printJson(
      Probed teaching,
      Probed taught,
      int samples,
      ProbedLayers layers,
      Optional<ProbedTemperatures> temperatures) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("teacher", teaching.model.spec().title());
    all.put("student", taught.model.spec().title());
    all.put("samples", samples);
    all.putAll(layers.json());
    temperatures.ifPresent(any -> all.put("temperatures", any.rows()));
    spec.commandLine().getOut().print(ResultJson.text(all));
    spec.commandLine().getOut().flush();
  }

  /** Heads of the attention of an encoder; 0 of all others. */
  private static int heads(Probed probed) {
    return probed.model.spec().options().get("heads") instanceof Integer heads ? heads : 0;
  }

  private ProbedTemperatures temperatures(
      Predictions training, Probed teacher, SeedSplit split, RunData data) {
    Dataset held = split.validation().orElse(data.test());
    return ProbedTemperatures.of(
        training,
        answers("teacher", teacher, held),
        split.validation().isPresent() ? "validation" : "test");
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
    return new Probed(Networks.initial(run.student(), data, run.seeds().get(0)), data.prepare());
  }

  private Probed open(String role, Path path, RunData data) {
    if (!(TeacherSource.of(path, false, null) instanceof TeacherSource.Folder folder)) {
      throw RanbikiException.model(
          "The %s %s is a file of other software, and probe reads the layers of networks that are built"
              + " here; give a model folder, which 'ranbiki import' makes of an encoder of texts."
              + " 'ranbiki evaluate' and 'ranbiki inspect' take such files.",
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

  /** What a network answers; NaN and the like are refused. */
  private Predictions answers(String role, Probed probed, Dataset samples) {
    Model model = probed.model;
    if (samples.task() instanceof Task.MaskedLanguage) {
      return Evaluation.of(model, probed.loader(samples, batch));
    }
    int classes = model.spec().classes();
    float[] logits = new float[samples.size() * classes];
    long[] labels = new long[samples.size()];
    int done = 0;
    model.module().eval();
    try (NoGrad noGrad = new NoGrad();
        Epoch epoch = probed.loader(samples, batch).epoch(0)) {
      while (epoch.hasNext()) {
        try (TensorScope scope = TensorScope.open("probe")) {
          Batch asked = Batch.of(epoch.next());
          Tensor answered = model.answer(asked).logits();
          FiniteAnswers.require(
              "The " + role + " " + model.spec().title(), answered, asked, samples);
          float[] answer = answered.toFloats();
          System.arraycopy(answer, 0, logits, done * classes, answer.length);
          if (asked.labels().dtype() == DType.INT64) {
            System.arraycopy(asked.labels().toLongs(), 0, labels, done, asked.size());
          }
          done += asked.size();
        }
      }
    }
    return Predictions.ofLogits(new long[labels.length], labels, classes, logits);
  }
}
