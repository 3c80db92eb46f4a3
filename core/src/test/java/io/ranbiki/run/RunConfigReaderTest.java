package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.data.DigitsFormat;
import io.ranbiki.objective.Term;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunConfigReaderTest {

  private static final String BASIC =
      """
      name: basic
      seed: 5
      data:
        format: idx
        folder: ${DATA}/fashion
        normalize: {mean: [0.2860], std: [0.3530]}
        validation: 0.1
        limit: 60000
        augment: [{crop: {padding: 4}}, {flip: horizontal}]
      teacher: {model: runs/teacher/model}
      student: {architecture: student-cnn}
      objective:
        - hard-labels: {weight: 0.3}
        - soft-targets: {weight: 0.7, temperature: 4}
      train:
        epochs: 10
        batch: 32
        optimizer: {adam: {learning-rate: 0.001}}
        schedule: {step: {every: 5, factor: 0.1}}
        threads: 2
      """;

  private static ConfigDocument document(String text, String... overrides) {
    return ConfigDocument.parse("a.yaml", text, List.of(overrides), Map.of("DATA", "/data"));
  }

  @Test
  void exampleOfTheDesign_bindsEveryValue() {
    RunConfig config = RunConfigReader.distillation(document(BASIC));
    assertThat(config.name()).isEqualTo("basic");
    assertThat(config.seeds()).containsExactly(5L);
    assertThat(config.isDistillation()).isTrue();
    assertThat(config.compare()).isEqualTo(new CompareConfig(true, Optional.empty(), true));
    assertThat(config.data().format().name()).isEqualTo("idx");
    assertThat(config.data().format().files()).containsEntry("folder", Path.of("/data/fashion"));
    assertThat(config.data().normalization().mean()).containsExactly(0.2860f);
    assertThat(config.data().augmentations().list()).hasSize(2);
    assertThat(config.data().limit()).contains(60_000);
    assertThat(config.data().validation()).isEqualTo(new DataConfig.Share(0.1));
    assertThat(config.teacher().orElseThrow().models())
        .containsExactly(Path.of("runs/teacher/model"));
    assertThat(config.student().architecture()).isEqualTo("student-cnn");
    assertThat(config.objective().terms())
        .extracting(Term::name)
        .containsExactly("hard-labels", "soft-targets");
    assertThat(config.train().batch()).isEqualTo(32);
    assertThat(config.train().threads()).isEqualTo(2);
    TrainOptions options = config.train().options();
    assertThat(options.epochs()).isEqualTo(10);
    assertThat(options.optimizer()).isEqualTo(new Optimizer.Adam(0.001));
    assertThat(options.schedule().decay()).isEqualTo(new Schedule.Step(5, 0.1));
    assertThat(options.clipNorm()).isInfinite();
  }

  @Test
  void resolvedConfiguration_readsBackAsTheSameRun() {
    RunConfig config = RunConfigReader.distillation(document(BASIC, "train.clip-norm=2"));
    String written = YamlWriter.write(config.resolved());
    RunConfig again = RunConfigReader.any(document(written));
    assertThat(again)
        .usingRecursiveComparison()
        .ignoringFields("resolved", "teacher.value.who.paths")
        .isEqualTo(config);
    assertThat(YamlWriter.write(again.resolved())).isEqualTo(written);
    assertThat(written).contains("folder: /data/fashion", "clip-norm: 2");
  }

  @Test
  void relativePaths_areAbsoluteInTheResolvedConfiguration() {
    RunConfig config =
        RunConfigReader.distillation(
            document(
                BASIC,
                "data.folder=fashion",
                "data.unlabelled={folder: more}",
                "teacher.model=[a.onnx, /b.onnx]",
                "student.weights=../w.safetensors"));
    String here = Path.of("").toAbsolutePath().toString();
    assertThat(YamlWriter.write(config.resolved()))
        .contains(
            "folder: " + here + "/fashion\n",
            "folder: " + here + "/more\n",
            "- " + here + "/a.onnx\n",
            "- /b.onnx\n",
            "weights: " + here + "/../w.safetensors\n");
    assertThat(config.data().format().files()).containsEntry("folder", Path.of("fashion"));
  }

  @Test
  void sevenMistakes_areReportedAtOnceWithLineAndColumn() {
    String text =
        """
        name: basic
        data: {format: idxx, folder: x, validation: 1.5}
        teacher: {model: t, answers: sometimes}
        student: {architecture: resnt, depth: 8}
        objective: [{soft-target: {temperature: 4}}]
        train: {epochs: 0, optimiser: {adam: {}}}
        """;
    assertThatThrownBy(() -> RunConfigReader.distillation(document(text)))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .satisfies(
            e ->
                assertThat(e.getMessage().lines())
                    .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("a.yaml has 7 mistakes:"),
                        line ->
                            assertThat(line)
                                .startsWith("a.yaml:2:16: 'data.format' must be one of")
                                .endsWith("but is 'idxx'; did you mean 'idx'?"),
                        line ->
                            assertThat(line)
                                .startsWith("a.yaml:2:45: 'data.validation' must be below 1"),
                        line ->
                            assertThat(line)
                                .startsWith("a.yaml:3:30: 'teacher.answers' must be one of"),
                        line ->
                            assertThat(line)
                                .startsWith("a.yaml:4:25: 'student.architecture' must be one of")
                                .endsWith("did you mean 'resnet'?"),
                        line ->
                            assertThat(line)
                                .startsWith("a.yaml:5:14: Unknown name 'soft-target'")
                                .endsWith("did you mean 'soft-targets'?"),
                        line ->
                            assertThat(line)
                                .isEqualTo(
                                    "a.yaml:6:17: 'train.epochs' must be at least 1, but is 0."),
                        line ->
                            assertThat(line)
                                .isEqualTo(
                                    "a.yaml:6:20: Unknown key 'optimiser' in 'train'; did you mean"
                                        + " 'optimizer'?")));
  }

  private static void refused(String override, String message) {
    assertThatThrownBy(() -> RunConfigReader.distillation(document(BASIC, override)))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining(message);
  }

  @Test
  void valuesOutsideTheirRange_areRefused() {
    refused("seed=-1", "'seed' must be at least 0, but is -1");
    refused("seeds=[1, 2]", "Unknown key 'seeds'; did you mean 'seed'?");
    refused("seed=[1, 1]", "names a seed twice in [1, 1]; every seed must be another.");
    refused("train.batch=0", "'train.batch' must be at least 1, but is 0");
    refused("train.clip-norm=0", "'train.clip-norm' must be above 0, but is 0");
    refused(
        "train.optimizer.adam.learning-rate=-1",
        "'train.optimizer.adam.learning-rate' must be above 0, but is -1.");
    refused("objective.soft-targets.temperature=0", "temperature");
    refused("objective.soft-targets.weight=-1", "weight");
    refused("objective=[]", "objective");
    refused("data.labelled=0", "'data.labelled' must be at least 1, but is 0");
    refused("data.normalize.std=[0]", "standard deviation of channel 0 is 0.0");
  }

  @Test
  void training_takesAModelAndLearnsFromLabelsByDefault() {
    RunConfig config =
        RunConfigReader.training(
            document("name: t\ndata: {format: digits}\nmodel: {architecture: resnet, depth: 8}\n"));
    assertThat(config.isDistillation()).isFalse();
    assertThat(config.compare().scratch()).isFalse();
    assertThat(config.seeds()).containsExactly(1L);
    assertThat(config.student().options()).containsEntry("depth", 8).containsEntry("width", 16);
    assertThat(config.objective().terms()).extracting(Term::name).containsExactly("hard-labels");
    assertThat(config.data().format()).isEqualTo(new DigitsFormat(10_000, Optional.empty()));
  }

  @Test
  void decisions_needATermThatIsSoft() {
    refused(
        "objective=[{hard-labels: {}}, {hint: {pairs: {teacher: a, student: b}}}]",
        "compare.decisions=true",
        "'compare' asks for the arm 'decisions', but no term of the objective is soft: hard-labels,"
            + " hint; leave it out, or add soft-targets.");
  }

  private static void refused(String override, String other, String message) {
    assertThatThrownBy(() -> RunConfigReader.distillation(document(BASIC, override, other)))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining(message);
  }

  @Test
  void warmUpAsLongAsTheTraining_isTheOnlyMistake() {
    assertThatThrownBy(
            () ->
                RunConfigReader.distillation(document(BASIC, "train.epochs=1", "train.warm-up=1")))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "a.yaml:16:3: 'train': 'warm-up' is 1.0, but must be shorter than the 1 epochs.");
  }
}
