package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.OnnxExport.Range;
import io.ranbiki.artifact.OnnxExport.WeightType;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.data.Concat;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.ActivationRanges;
import io.ranbiki.evaluate.Costs;
import io.ranbiki.evaluate.Deployed;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Latency;
import io.ranbiki.evaluate.Parity;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.result.Cost;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;

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
   * @param accuracy share of the test samples that are right; NaN if none has a label
   * @param sameClass share of the test samples that get the class that the model names
   * @param cost of it alone: libtorch for the student, ONNX Runtime for a file
   */
  public record Form(String name, long bytes, double accuracy, double sameClass, Cost cost) {}

  /**
   * What was found before the file got its name.
   *
   * @param forms the model as it was, the file with weights as they are, and the file itself where
   *     it has others
   * @param parity of the file and the model
   */
  public record Checked(List<Form> forms, Parity parity) {
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
      write(
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
          ModelFit.prepare(
              "The model " + title, loaded.config().prepare(), data.said(), data.prepare(), note);
      List<String> names =
          loaded.config().classNames().isEmpty() ? data.classNames() : loaded.config().classNames();
      loaded.model().notes().forEach(note);
      return checked(loaded.model(), new ModelConfig(loaded.config().spec(), prepare, names), data);
    }
  }

  private Checked checked(Model model, ModelConfig config, RunData data) {
    Prepare inner = Objects.requireNonNull(config.prepare());
    Prepare outer = request.raw() ? inner : inner.with(Normalization.none());
    Predictions expected = Evaluation.of(model, loader(data.test(), BATCH, inner));
    Map<WeightType, OnnxFile> files = new EnumMap<>(WeightType.class);
    OnnxFile plain = made(model, config, WeightType.FLOAT32, Map.of());
    files.put(WeightType.FLOAT32, plain);
    if (request.weights() != WeightType.FLOAT32) {
      Map<String, Range> ranges =
          request.weights() == WeightType.INT8
              ? ActivationRanges.of(plain, loader(spread(data.source()), BATCH, outer))
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
    requireGood(parity, expected, actual);
    Checked checked = new Checked(forms(model, expected, files, answers), parity);
    write(wanted.bytes());
    return checked;
  }

  private List<Form> forms(
      Model model,
      Predictions expected,
      Map<WeightType, OnnxFile> files,
      Map<WeightType, Predictions> answers) {
    Map<String, Deployed> deployed = new LinkedHashMap<>();
    deployed.put(STUDENT, Deployed.inTorch(model));
    files.forEach(
        (weights, made) ->
            deployed.put(
                weights.word(), Deployed.of(made, OnnxOptions.STANDARD, model.spec().input())));
    Map<String, Cost> costs =
        Costs.of(
            deployed, List.of(Costs.Setting.SERVICE), Latency.Protocol.GLANCE, System::nanoTime);
    List<Form> forms = new ArrayList<>();
    forms.add(
        new Form(
            STUDENT,
            model.byteCount(),
            expected.accuracy(),
            1,
            Objects.requireNonNull(costs.get(STUDENT))));
    files.forEach(
        (weights, made) ->
            forms.add(
                new Form(
                    weights.word(),
                    made.info().bytes(),
                    Objects.requireNonNull(answers.get(weights)).accuracy(),
                    answers.get(weights).agreement(expected),
                    Objects.requireNonNull(costs.get(weights.word())))));
    return forms;
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
    return Subset.of(all, IntStream.range(0, Math.min(all.size(), IN_ALL_BATCHES)).toArray());
  }

  private static Dataset spread(Dataset training) {
    int count = Math.min(training.size(), FOR_RANGES);
    return Subset.of(
        training,
        IntStream.range(0, count).map(i -> (int) ((long) i * training.size() / count)).toArray());
  }

  private void requireSame(int batch, Parity parity) {
    if (!parity.isWithin(CLOSE)) {
      throw RanbikiException.model(
          "%s would answer the same samples differently in batches of %d than of %d, by up to %.2g;"
              + " nothing was written. Report this with the model's %s.",
          file, batch, BATCH, parity.largestDifference(), ModelFolder.CONFIG);
    }
  }

  private void requireGood(Parity parity, Predictions expected, Predictions actual) {
    switch (request.weights()) {
      case FLOAT32 -> requireClose(file, parity);
      case FLOAT16 -> {
        if (parity.others() > Math.max(1, parity.samples() / ONE_OF)) {
          throw RanbikiException.model(
              "With weights of float16, %,d of %,d samples get another class than by the model;"
                  + " nothing was written. Export it with float32.",
              parity.others(), parity.samples());
        }
      }
      case INT8 -> {
        double lost =
            expected.isAnyLabelled()
                ? expected.accuracy() - actual.accuracy()
                : 1 - actual.agreement(expected);
        if (lost > MOST_LOST && !request.anyLoss()) {
          throw RanbikiException.model(
              "With weights of int8 the model loses %.2f points of %s, more than %.1f; nothing was"
                  + " written. Choose float16, or write it all the same with --force.",
              100 * lost,
              expected.isAnyLabelled() ? "accuracy" : "agreement with itself",
              100 * MOST_LOST);
        }
      }
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

  private void write(byte[] bytes) {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    AtomicFile.write(
        file,
        channel -> {
          while (left.hasRemaining()) {
            channel.write(left);
          }
        });
  }
}
