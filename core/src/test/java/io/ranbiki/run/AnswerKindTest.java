package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Batch;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.nn.Signal;
import io.ranbiki.store.Key;
import io.ranbiki.store.Store;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import io.ranbiki.teacher.Recognition;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One linear teacher with several endings. The files were written with {@code onnx} and {@code
 * torch.jit.trace}: logits {@code [n, 5] = x W^T} of rows of 6 numbers, as they are or through
 * Softmax, LogSoftmax, Sigmoid, Relu, or Softmax rounded to 16 bits.
 */
class AnswerKindTest {

  private static final String YAML =
      """
      name: kinds
      latency: false
      doctor: false
      data: {format: csv, folder: "${DATA}"}
      teacher: ${TEACHER}
      student: {architecture: mlp, hidden: 8, layers: 1}
      objective: [{hard-labels: {weight: 0.3}}, {soft-targets: {weight: 0.7, temperature: 4}}]
      train: {epochs: 1, batch: 32, threads: 1}
      compare: {scratch: false}
      """;

  /** Starts no process; what one finds is tested apart. */
  private static final Diagnosis.Trial WITHOUT_TRIAL = (step, stop) -> Optional.empty();

  @TempDir static Path data;
  @TempDir Path folder;
  private final List<String> notes = new ArrayList<>();

  @BeforeAll
  static void write() throws IOException {
    Random random = new Random(1);
    Path file = Path.of(file("kind-logits.onnx"));
    try (OnnxTeacher teacher =
            OnnxTeacher.open(file, List.of(6), 5, List.of(), OnnxOptions.STANDARD);
        TensorScope scope = TensorScope.open("labels")) {
      for (String part : List.of("train", "test")) {
        float[] rows = new float[6 * 192];
        for (int i = 0; i < rows.length; i++) {
          rows[i] = (float) random.nextGaussian();
        }
        Signal signal =
            teacher.signal(
                new Batch(
                    Tensors.of(rows, 192, 6), Tensors.of(new long[192], 192), new long[192], 0));
        long[] labels = signal.logits().argmax(1).toLongs();
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < 192; row++) {
          for (int i = 0; i < 6; i++) {
            text.append(rows[6 * row + i]).append(',');
          }
          text.append(labels[row]).append('\n');
        }
        Files.writeString(data.resolve(part + ".csv"), text);
      }
    }
  }

  private static String file(String name) {
    return Path.of("src/test/resources/foreign", name).toAbsolutePath().toString();
  }

  private static String model(String name, String... keys) {
    return "{model: %s, trusted: true%s}"
        .formatted(file(name), keys.length == 0 ? "" : ", " + String.join(", ", keys));
  }

  private static RunConfig config(String teacher, String... overrides) {
    return RunConfigReader.distillation(
        ConfigDocument.parse(
            "kinds.yaml",
            YAML.replace("${TEACHER}", teacher),
            List.of(overrides),
            Map.of("DATA", data.toString())));
  }

  private RunListener listener() {
    return new RunListener() {
      @Override
      public void note(String note) {
        notes.add(note);
      }
    };
  }

  /** The mean of the soft targets' loss over the only epoch. */
  private double taught(String name, String teacher, String... overrides) {
    RunFolder run = RunFolder.create(folder.resolve(name));
    return new Experiment(config(teacher, overrides), run, List.of(), listener(), () -> false)
        .run()
        .history()
        .get(0)
        .terms()
        .get("soft-targets");
  }

  private List<String> recognised(String teacher) {
    RunConfig config = config(teacher);
    notes.clear();
    try (RunData opened = RunData.open(config);
        AskedTeacher asked =
            AskedTeacher.open(
                config.teacher().orElseThrow(), opened, folder, listener(), () -> false)) {
      return List.copyOf(notes);
    }
  }

  private static String said(String title) {
    return "The teacher %s answers with probabilities: its rows for 192 samples are 0 or more and sum to 1; their logarithms are taken for logits. If they are logits, say teacher.kind: logits."
        .formatted(title);
  }

  @Test
  void everyEnding_teachesTheSame_storedAndLive() {
    double expected = taught("logits", model("kind-logits.onnx"));
    assertThat(notes).noneMatch(note -> note.contains("probabilities"));
    assertThat(taught("logsoftmax", model("kind-logsoftmax.onnx")))
        .isCloseTo(expected, within(1e-4 * expected));
    assertThat(notes).noneMatch(note -> note.contains("probabilities"));
    assertThat(taught("softmax", model("kind-softmax.onnx")))
        .isCloseTo(expected, within(1e-4 * expected));
    assertThat(notes).containsOnlyOnce(said("kind-softmax.onnx"));
    assertThat(taught("live", model("kind-softmax.onnx", "answers: live")))
        .isCloseTo(expected, within(1e-4 * expected));
    assertThat(taught("script", model("kind-softmax.pt")))
        .isCloseTo(expected, within(1e-4 * expected));
    String both =
        "{model: [%s, %s]}".formatted(file("kind-logits.onnx"), file("kind-softmax.onnx"));
    assertThat(taught("both", both)).isCloseTo(expected, within(1e-4 * expected));
    assertThat(taught("wrong", model("kind-softmax.onnx", "kind: logits")))
        .isNotCloseTo(expected, within(0.2 * expected));
  }

  @Test
  void probabilities_areRecognisedAlsoWhenRoundedTo16Bits() {
    assertThat(recognised(model("kind-softmax.onnx"))).containsExactly(said("kind-softmax.onnx"));
    assertThat(recognised(model("kind-half.onnx"))).containsExactly(said("kind-half.onnx"));
    assertThat(recognised(model("kind-softmax.pt"))).containsExactly(said("kind-softmax.pt"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind-logits.onnx", "kind-logsoftmax.onnx", "kind-relu.onnx"})
  void logits_raiseNothing(String name) {
    assertThat(recognised(model(name))).isEmpty();
  }

  @Test
  void rowsThatDoNotSumToOne_areADoubt_andBothAnswersSettleIt() {
    assertThat(recognised(model("kind-sigmoid.onnx")))
        .singleElement()
        .asString()
        .matches(
            "All answers of the teacher kind-sigmoid\\.onnx to 192 samples lie within 0 and 1, but a"
                + " row sums to [0-9.]+; they are taken for logits\\. Say teacher\\.kind: probabilities if"
                + " they are, or else teacher\\.kind: logits\\.");
    for (String kind : List.of("probabilities", "logits")) {
      notes.clear();
      taught(kind, model("kind-sigmoid.onnx", "kind: " + kind));
      assertThat(notes).noneMatch(note -> note.contains("kind"));
    }
  }

  @Test
  void logitsThatAreSaidToBeProbabilities_areRefusedWithTheSample() {
    String said = model("kind-logits.onnx", "kind: probabilities");
    assertThatThrownBy(() -> recognised(said))
        .isInstanceOf(RanbikiException.class)
        .hasMessageMatching(
            "The answers of the teacher kind-logits\\.onnx are taken for probabilities, but it answers"
                + " sample 0 \\(row 1 of .*train\\.csv\\) with -?[0-9.E-]+ for class \\d\\. Say"
                + " teacher\\.kind: logits, or for several models a list with logits in its place\\.");
    assertThat(recognised(model("kind-logits.onnx", "kind: logits"))).isEmpty();
  }

  @Test
  void membersOfAnEnsemble_haveAKindEach() {
    String both = "{model: [%s, %s], kind: %s}";
    String softmax = file("kind-softmax.onnx");
    String logits = file("kind-logits.onnx");
    assertThat(recognised(both.formatted(softmax, logits, "auto")))
        .containsExactly(said("kind-softmax.onnx"));
    assertThat(recognised(both.formatted(softmax, logits, "[probabilities, logits]"))).isEmpty();
    assertThatThrownBy(() -> recognised(both.formatted(softmax, logits, "[auto, auto, logits]")))
        .hasMessageContaining(
            "'teacher.kind' has 3 entries for 2 models; give one for all, or one a model.");
    assertThatThrownBy(() -> recognised(model("kind-logits.onnx", "kind: probability")))
        .hasMessageContaining(
            "must be one of auto, logits, probabilities, embedding, masked-language, but is");
    assertThatThrownBy(() -> recognised(model("kind-logits.onnx", "kind: masked-language")))
        .hasMessageContaining("but 'data' has no 'task: masked-language'.");
  }

  @Test
  void answersStoredAsLogits_areAskedAgain_andSaid() {
    RunFolder run = new RunFolder(folder.resolve("runs/kinds"));
    Labelling before =
        Labelling.of(
            config(model("kind-softmax.onnx", "kind: logits")), run, listener(), () -> false);
    Labelling now = Labelling.of(config(model("kind-softmax.onnx")), run, listener(), () -> false);
    assertThat(now.asked()).isEqualTo(192);
    assertThat(now.file()).isNotEqualTo(before.file());
    assertThat(notes)
        .contains(
            "The answers in %s are probabilities that were taken for logits, and the teacher is asked again; remove that file unless a run says teacher.kind: logits."
                .formatted(before.file()));
    notes.clear();
    assertThat(
            Labelling.of(
                    config(model("kind-softmax.onnx", "kind: probabilities")),
                    run,
                    listener(),
                    () -> false)
                .asked())
        .isZero();
    assertThat(notes).isEmpty();
  }

  @Test
  void answersInTheFormatOfAnEarlierVersion_areAskedAgain_andSaid() throws IOException {
    RunFolder run = new RunFolder(folder.resolve("runs/kinds"));
    RunConfig config = config(model("kind-softmax.onnx", "kind: probabilities"));
    Path store = Labelling.of(config, run, listener(), () -> false).file();
    Map<String, String> parts = new LinkedHashMap<>(Store.describe(store));
    parts.keySet().removeAll(List.of("format", "columns", "made-with"));
    Path earlier = store.resolveSibling(new Key(parts).earlierName());
    Files.move(store.resolve("part-00000.store"), earlier); // whatever it holds is not read
    notes.clear();
    assertThat(Labelling.of(config, run, listener(), () -> false).asked()).isEqualTo(192);
    assertThat(notes)
        .contains(
            "The answers in %s are in a format of an earlier version, and the teacher is asked again; remove that file."
                .formatted(earlier));
  }

  @Test
  void assistants_answerWithLogits_whateverTheirTeacherDoes() {
    double taught =
        taught(
            "assistants",
            model("kind-softmax.onnx", "kind: probabilities"),
            "strategy.progressive.assistants=[{architecture: mlp, hidden: 16, layers: 1}]");
    assertThat(taught).isFinite();
    assertThat(notes).noneMatch(note -> note.contains("probabilities"));
  }

  @Test
  void theDoctor_saysTheKind() {
    RunFolder run = new RunFolder(folder.resolve("doctor"));
    assertThat(Diagnosis.of(config(model("kind-softmax.onnx")), run, WITHOUT_TRIAL))
        .contains(new Finding("kind of answers", Finding.Level.OK, said("kind-softmax.onnx")));
    assertThat(
            Diagnosis.kind(
                new Recognition(
                    TeacherSource.of(Path.of(file("kind-sigmoid.onnx")), false, null),
                    List.of(),
                    List.of("a doubt"))))
        .containsExactly(new Finding("kind of answers", Finding.Level.WARNING, "a doubt"));
  }

  // ---- answers that are not finite

  /** The same rows, of which one teacher answers the hundredth with NaN, whose label is hidden. */
  private RunConfig withBrokenRow(String... teacherKeys) throws IOException {
    Path spoilt = Files.createDirectories(folder.resolve("spoilt"));
    List<String> rows = new ArrayList<>(Files.readAllLines(data.resolve("train.csv")));
    rows.set(99, rows.get(99).replaceFirst("[^,]*", "0"));
    Files.write(spoilt.resolve("train.csv"), rows);
    Files.copy(
        data.resolve("test.csv"),
        spoilt.resolve("test.csv"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    return config(
        model("nan-at-zero.onnx", teacherKeys),
        "data.folder=" + spoilt,
        "data.labelled=20",
        "train.epochs=2");
  }

  private static String broken(String what) {
    return what
        + " nan-at-zero\\.onnx answers sample 99 \\(row 100 of .*train\\.csv\\) with NaN for class 0\\. Check"
        + " its weights, that sample, and data\\.normalize\\.";
  }

  @ParameterizedTest
  @ValueSource(strings = {"live", "stored"})
  void anAnswerThatIsNotFinite_stopsTheRun_namingTheSampleWithoutLabel(String answers)
      throws IOException {
    RunConfig config = withBrokenRow("kind: logits", "answers: " + answers);
    RunFolder run = RunFolder.create(folder.resolve("broken"));
    assertThatThrownBy(() -> new Experiment(config, run, List.of(), listener(), () -> false).run())
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.MODEL))
        .hasMessageMatching(broken("The teacher"));
  }

  @Test
  void labelling_namesTheSample() throws IOException {
    RunConfig config = withBrokenRow();
    RunFolder run = new RunFolder(folder.resolve("runs/broken"));
    assertThatThrownBy(() -> Labelling.of(config, run, listener(), () -> false))
        .hasMessageMatching(broken("The teacher"));
  }

  @Test
  void theDoctor_blamesTheAnswer_andNotDropout() throws IOException {
    RunConfig config = withBrokenRow();
    Path spoilt = folder.resolve("spoilt/train.csv");
    Files.write(
        spoilt,
        Files.readAllLines(spoilt).stream().map(row -> row.replaceFirst("[^,]*", "0")).toList());
    List<Finding> findings =
        Diagnosis.of(config, new RunFolder(folder.resolve("doctor")), WITHOUT_TRIAL);
    assertThat(findings)
        .filteredOn(finding -> finding.level() == Finding.Level.FAULT)
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.sentence())
                    .matches(
                        "The teacher answers sample \\d+ \\(row \\d+ of .*\\) with NaN for class 0, and 31"
                            + " more of this batch of 32\\. Check its weights, that sample, and"
                            + " data\\.normalize\\."));
    assertThatThrownBy(() -> Diagnosis.requireSound(findings))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.MODEL))
        .hasMessageStartingWith("The teacher answers sample ")
        .hasMessageEndingWith(" Check its weights, that sample, and data.normalize.");
  }

  @Test
  void maskedClasses_teachInEveryEncoding() {
    double expected = taught("masked", model("masked.onnx", "answers: live"));
    assertThat(taught("float32", model("masked.onnx"))).isCloseTo(expected, within(1e-5));
    assertThat(taught("float16", model("masked.onnx", "encoding: float16")))
        .isCloseTo(expected, within(1e-2));
    assertThat(taught("top", model("masked.onnx", "encoding: top-k", "top-k: 4")))
        .isCloseTo(expected, within(1e-4));
    RunConfig config = config(model("masked.onnx"));
    List<Finding> findings =
        Diagnosis.of(config, new RunFolder(folder.resolve("float32")), WITHOUT_TRIAL);
    assertThat(findings).noneMatch(finding -> finding.level() == Finding.Level.FAULT);
    assertThat(findings)
        .contains(new Finding("kind of answers", Finding.Level.OK, "The answers are logits."))
        .anyMatch(finding -> finding.sentence().startsWith("The teacher gives the same"));
  }
}
