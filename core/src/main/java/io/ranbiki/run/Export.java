package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.OnnxExport.WeightType;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.Range;
import io.ranbiki.data.Concat;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Task;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.ActivationRanges;
import io.ranbiki.evaluate.Agreement;
import io.ranbiki.evaluate.Costs;
import io.ranbiki.evaluate.Deployed;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Latency;
import io.ranbiki.evaluate.Metric;
import io.ranbiki.evaluate.Parity;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.TaskMetrics;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.result.Cost;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Writes a student as an ONNX file, which gets its name only after it answered as it should. */
public final class Export {

  /** Samples that the file is asked about in batches of every size. */
  private static final int IN_ALL_BATCHES = 256;

  private static final int BATCH = 64;
  private static final int[] OTHER_BATCHES = {1, 7};

  /** From training, for the ranges of values; 1,024 gave the same accuracy. */
  private static final int FOR_RANGES = 512;

  /** Share of the largest logit: float32 with sums in another order. */
  private static final double CLOSE = 1e-5;

  /** Of every so many samples, one may get another class by weights of float16. */
  private static final int ONE_OF = 1000;

  private static final double MOST_LOST = 0.005;

  /** Least mean cosine of the vectors of an INT8 file to the model's. */
  private static final double ALIKE = 0.99;

  /** The same with weights of float16. */
  private static final double HALF_ALIKE = 0.9999;

  /** Share by which an error of numbers may grow: about what 0.5 points are to 90 % of accuracy. */
  private static final double MOST_GROWN = 0.05;

  /** Share of the largest number, where weights of float16 are rounded to 1 in 2,048. */
  private static final double HALF_CLOSE = 5e-3;

  private static final String STUDENT = "student";

  /**
   * What is asked for.
   *
   * @param weights what they are kept as
   * @param raw whether inputs must be normalised before they go in
   * @param probabilities whether there is a second output
   * @param anyLoss whether an INT8 file is written however much accuracy it loses
   */
  public record Request(WeightType weights, boolean raw, boolean probabilities, boolean anyLoss) {}

  /**
   * What a form of the model is worth.
   *
   * @param name what it is
   * @param bytes size of its file
   * @param score on the test samples by the metric of {@link Checked}, of vectors against the
   *     model's; NaN if none has a label
   * @param same share of the test samples that get the class that the model names, or of all their
   *     labels that the model says as well; NaN for numbers and vectors
   * @param cost of it alone: libtorch for the student, ONNX Runtime for a file
   */
  public record Form(String name, long bytes, double score, double same, Cost cost) {}

  /**
   * What was found before the file got its name.
   *
   * @param forms the model as it was, the file with weights as they are, and the file itself where
   *     it has others
   * @param parity of the file and the model
   * @param metric of the task, such as accuracy
   */
  public record Checked(List<Form> forms, Parity parity, Metric metric) {
    /** Copies the list. */
    public Checked {
      forms = List.copyOf(forms);
    }
  }

  private final StudentFolder student;
  private final Request request;
  private final Path file;

  /**
   * Prepares.
   *
   * @param file to write or replace
   */
  public Export(StudentFolder student, Request request, Path file) {
    this.student = student;
    this.request = request;
    this.file = file;
  }

  /**
   * Writes the file without asking it anything, and marks it so.
   *
   * @throws RanbikiException if INT8 is asked for, which needs samples
   */
  public void unchecked() {
    if (request.weights() == WeightType.INT8) {
      throw RanbikiException.configuration(
          "Weights of int8 need samples, which show between which numbers the values lie. Name a"
              + " configuration with --data, or choose float16.");
    }
    try (ModelFolder.Loaded loaded = ModelFolder.read(student.folder())) {
      Map<String, String> facts = new HashMap<>(facts());
      facts.put(OnnxExport.UNCHECKED, "true");
      AtomicFile.write(
          file,
          OnnxExport.bytes(
              loaded.model().module(),
              loaded.config(),
              new OnnxExport.Options(
                  request.weights(), request.raw(), request.probabilities(), facts, Map.of())));
    }
  }

  /**
   * Writes the file after it answered samples as the model does.
   *
   * @param note hears what a user should know
   * @throws RanbikiException if the samples are not the model's, or the file does not answer as it
   *     must; nothing is written then
   */
  public Checked checked(RunData data, Consumer<String> note) {
    try (ModelFolder.Loaded loaded = ModelFolder.read(student.folder())) {
      String title = student.folder().toString();
      ModelFit.require("model", title, loaded.config(), data);
      Prepare prepare =
          ModelInputs.prepare(
              "The model " + title, loaded.config().prepare(), data.said(), data.prepare(), note);
      Task task = loaded.config().names().isEmpty() ? data.task() : loaded.config().task();
      loaded.model().notes().forEach(note);
      return checked(loaded.model(), new ModelConfig(loaded.config().spec(), prepare, task), data);
    }
  }

  private Checked checked(Model model, ModelConfig config, RunData data) {
    Prepare inner = Objects.requireNonNull(config.prepare());
    Prepare outer =
        request.raw() || !OnnxExport.normalizes(model.module())
            ? inner
            : inner.with(Normalization.none());
    Predictions expected = Evaluation.of(model, loader(data.test(), BATCH, inner));
    Map<WeightType, OnnxFile> files = new EnumMap<>(WeightType.class);
    OnnxFile plain = made(model, config, WeightType.FLOAT32, Map.of());
    files.put(WeightType.FLOAT32, plain);
    if (request.weights() != WeightType.FLOAT32) {
      Map<String, Range> ranges =
          request.weights() == WeightType.INT8
              ? ActivationRanges.of(
                  plain,
                  config.spec().input(),
                  loader(Splits.spread(data.source(), FOR_RANGES), BATCH, outer))
              : Map.of();
      files.put(request.weights(), made(model, config, request.weights(), ranges));
    }
    Map<WeightType, Predictions> answers = new EnumMap<>(WeightType.class);
    files.forEach(
        (weights, file) -> {
          try (OnnxTeacher session = open(file, config.spec().input(), data)) {
            answers.put(weights, Evaluation.of(session, loader(data.test(), BATCH, outer)));
          }
        });
    OnnxFile wanted = Objects.requireNonNull(files.get(request.weights()));
    Predictions actual = Objects.requireNonNull(answers.get(request.weights()));
    Parity parity = Parity.of(expected, actual);
    try (OnnxTeacher session = open(wanted, config.spec().input(), data)) {
      Dataset few = few(data);
      Predictions together = Evaluation.of(session, loader(few, BATCH, outer));
      for (int batch : OTHER_BATCHES) {
        requireSame(batch, Parity.of(together, Evaluation.of(session, loader(few, batch, outer))));
      }
      if (few.size() > data.test().size()) {
        parity = Parity.of(Evaluation.of(model, loader(few, BATCH, inner)), together);
      }
    }
    Metric metric = TaskMetrics.deciding(data.task(), Optional.empty());
    requireGood(data.task(), parity, expected, actual, metric);
    Checked checked =
        new Checked(forms(model, inner, expected, files, answers, metric), parity, metric);
    AtomicFile.write(file, wanted.bytes());
    return checked;
  }

  private List<Form> forms(
      Model model,
      Prepare prepare,
      Predictions expected,
      Map<WeightType, OnnxFile> files,
      Map<WeightType, Predictions> answers,
      Metric metric) {
    Map<String, Deployed> deployed = new LinkedHashMap<>();
    deployed.put(STUDENT, Deployed.inTorch(model, prepare));
    files.forEach(
        (weights, made) ->
            deployed.put(
                weights.word(),
                Deployed.of(made, OnnxOptions.STANDARD, model.spec().input(), prepare)));
    Map<String, Cost> costs =
        Costs.of(
            deployed, List.of(Costs.Setting.SERVICE), Latency.Protocol.GLANCE, System::nanoTime);
    List<Form> forms = new ArrayList<>();
    forms.add(
        new Form(
            STUDENT,
            model.byteCount(),
            score(metric, expected, expected),
            1,
            Objects.requireNonNull(costs.get(STUDENT))));
    files.forEach(
        (weights, made) ->
            forms.add(
                new Form(
                    weights.word(),
                    made.info().bytes(),
                    score(metric, Objects.requireNonNull(answers.get(weights)), expected),
                    metric.isShare()
                        ? same(Objects.requireNonNull(answers.get(weights)), expected)
                        : Double.NaN,
                    Objects.requireNonNull(costs.get(weights.word())))));
    return forms;
  }

  /** Of vectors, which nobody else judges here, how like the model's they are. */
  private static double score(Metric metric, Predictions answers, Predictions model) {
    return metric.of(answers, model).orElse(Double.NaN);
  }

  /** Also of samples without label. */
  private static double same(Predictions file, Predictions model) {
    return new Agreement().of(file, model).orElse(Double.NaN);
  }

  private OnnxFile made(
      Model model, ModelConfig config, WeightType weights, Map<String, Range> ranges) {
    return OnnxFile.of(
        file,
        OnnxExport.bytes(
            model.module(),
            config,
            new OnnxExport.Options(
                weights, request.raw(), request.probabilities(), facts(), ranges)));
  }

  private static OnnxTeacher open(OnnxFile made, List<Integer> shape, RunData data) {
    return OnnxTeacher.open(made, shape, data.classes(), List.of(), OnnxOptions.STANDARD);
  }

  private static Loader loader(Dataset samples, int batch, Prepare prepare) {
    return new Loader(samples, Loader.Options.inOrder(batch), prepare, Views.none());
  }

  /** Of the test, and of training where the test has too few. */
  private static Dataset few(RunData data) {
    Dataset all =
        data.test().size() < IN_ALL_BATCHES ? Concat.of(data.test(), data.source()) : data.test();
    return Splits.first(all, IN_ALL_BATCHES);
  }

  private void requireSame(int batch, Parity parity) {
    if (!parity.isWithin(CLOSE)) {
      throw RanbikiException.model(
          "%s would answer the same samples differently in batches of %d than of %d, by up to %.2g;"
              + " nothing was written. Report this with the model's %s.",
          file, batch, BATCH, parity.largestDifference(), ModelFolder.CONFIG);
    }
  }

  private void requireGood(
      Task task, Parity parity, Predictions expected, Predictions actual, Metric metric) {
    if (task instanceof Task.Embedding && request.weights() != WeightType.FLOAT32) {
      requireAlike(score(metric, actual, expected));
      return;
    }
    switch (request.weights()) {
      case FLOAT32 -> requireClose(file, parity);
      case FLOAT16 -> {
        if (!metric.isShare()) {
          requireClose(parity, HALF_CLOSE);
        } else if (parity.others() > Math.max(1, parity.samples() / ONE_OF)) {
          throw RanbikiException.model(
              "With weights of float16, %,d of %,d samples get another %s than by the model;"
                  + " nothing was written. Export it with float32.",
              parity.others(), parity.samples(), expected.truth() == null ? "class" : "label");
        }
      }
      case INT8 -> {
        if (!metric.isShare()) {
          requireErrorKept(parity, expected, actual, metric);
          return;
        }
        boolean judged = expected.isAnyLabelled();
        double lost =
            judged
                ? metric.score(expected, null) - metric.score(actual, null)
                : 1 - same(actual, expected);
        if (lost > MOST_LOST && !request.anyLoss()) {
          throw RanbikiException.model(
              "With weights of int8 the model loses %.2f points of %s, more than %.1f; nothing was"
                  + " written. Choose float16, or write it all the same with --force.",
              100 * lost, judged ? metric.name() : "agreement with itself", 100 * MOST_LOST);
        }
      }
    }
  }

  private void requireAlike(double cosine) {
    double least = request.weights() == WeightType.INT8 ? ALIKE : HALF_ALIKE;
    if (!(cosine >= least) && !request.anyLoss()) {
      throw RanbikiException.model(
          "With weights of %s the vectors have a mean cosine of %.4f to the model's, less than %s;"
              + " nothing was written. Choose %s, or write it all the same with --force.",
          request.weights().word(),
          cosine,
          least,
          request.weights() == WeightType.INT8 ? "float16" : "float32");
    }
  }

  private void requireErrorKept(
      Parity parity, Predictions expected, Predictions actual, Metric metric) {
    double before = metric.of(expected, null).orElse(0);
    if (request.anyLoss() || before == 0) { // samples without label do not tell
      requireClose(parity, request.anyLoss() ? Double.POSITIVE_INFINITY : MOST_GROWN);
      return;
    }
    double grown = metric.of(actual, null).orElse(Double.NaN) / before - 1;
    if (!(grown <= MOST_GROWN)) {
      throw RanbikiException.model(
          "With weights of int8 the %s of the model grows by %.1f %%, more than %.0f %%; nothing"
              + " was written. Choose float16, or write it all the same with --force.",
          metric.name(), 100 * grown, 100 * MOST_GROWN);
    }
  }

  private void requireClose(Parity parity, double share) {
    if (!parity.isWithin(share)) {
      throw RanbikiException.model(
          "With weights of %s an answer differs by up to %.2g from the model's, which are up to"
              + " %.3g; nothing was written. Export it with float32.",
          request.weights().word(), parity.largestDifference(), parity.largestLogit());
    }
  }

  static void requireClose(Path file, Parity parity) {
    if (!parity.isWithin(CLOSE)) {
      throw RanbikiException.model(
          "%s would answer differently from the model, by up to %.2g at logits up to %.3g; nothing"
              + " was written. Report this with the model's %s.",
          file, parity.largestDifference(), parity.largestLogit(), ModelFolder.CONFIG);
    }
  }

  /** Where the model comes from, without a word of this machine. */
  private Map<String, String> facts() {
    Map<String, String> facts = new HashMap<>();
    student.config().ifPresent(config -> facts.put(OnnxExport.RUN, config.name()));
    student
        .run()
        .flatMap(run -> Environment.read(run.environment()))
        .ifPresent(found -> facts.put(OnnxExport.DATA, found.latest().hashes().get("data")));
    return facts;
  }
}
