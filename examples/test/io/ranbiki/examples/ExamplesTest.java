package io.ranbiki.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.example.terms.LogitAngle;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.Term;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Result;
import io.ranbiki.run.Experiment;
import io.ranbiki.run.Export;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunData;
import io.ranbiki.run.RunFolder;
import io.ranbiki.run.RunListener;
import io.ranbiki.run.StudentFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say. */
class ExamplesTest {

  @Test
  void featureDistillation_givesAStudentFarBetterThanChance() {
    // 38 steps only, for time; by chance it would be 0.1, with a standard deviation of 0.01.
    assertThat(FeatureDistillation.student(600, 2)).isGreaterThan(0.2);
  }

  @Test
  void basicDistillation_givesStudentsFarBetterThanChance() {
    assertThat(BasicDistillation.accuracies(600, 2))
        .containsOnlyKeys("teacher", "labels alone", "distilled")
        .allSatisfy((who, accuracy) -> assertThat(accuracy).isGreaterThan(0.2));
  }

  @Test
  void advancedDistillation_givesStudentsFarBetterThanChance() {
    assertThat(AdvancedDistillation.accuracies(600, 3))
        .containsOnlyKeys("self", "ensemble", "progressive", "mutual")
        .allSatisfy((how, accuracy) -> assertThat(accuracy).isGreaterThan(0.2));
  }

  @Test
  void aNetworkOfOnesOwn_fromJava_isFarBetterThanChance() {
    assertThat(OwnNetwork.student(600, 2)).isGreaterThan(0.2);
  }

  private static RunConfig distillation(Path file, Path folder) {
    ModelSpec spec = ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 16));
    List<String> classes = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    try (Model teacher = Model.create(spec, 1)) {
      ModelFolder.write(
          folder.resolve("teacher"),
          teacher,
          new ModelConfig(spec, Normalization.none(), classes),
          "a teacher for tests");
    }
    return RunConfigReader.distillation(
        ConfigDocument.read(
            file,
            List.of(
                "teacher.model=" + folder.resolve("teacher"),
                "data.size=128",
                "data.labelled=64",
                "train.epochs=2",
                "latency=false",
                "doctor=false"), // the teacher knows nothing
            Map.of()));
  }

  private static Result run(RunConfig config, Path folder) {
    return new Experiment(
            config, RunFolder.create(folder), List.of("distill"), RunListener.NONE, () -> false)
        .run();
  }

  @Test
  void aNetworkOfOnesOwn_isNamedInYaml_distilled_openedAgainAndExported(@TempDir Path folder) {
    RunConfig config = distillation(Path.of("own-network", "own-network.yaml"), folder);
    Path run = folder.resolve("run");
    Result result = run(config, run);

    assertThat(result.history()).hasSize(2);
    Path file = folder.resolve("student.onnx");
    try (ModelFolder.Loaded loaded = ModelFolder.read(run.resolve("model"));
        RunData data = RunData.open(config)) {
      assertThat(loaded.model().spec().options()).containsEntry("width", 24);
      assertThat(loaded.model().module().modules()).containsKey("features.2.each");
      Export.Request plain = new Export.Request(OnnxExport.WeightType.FLOAT32, false, false, false);
      Export.Checked checked =
          new Export(StudentFolder.find(run, Optional.empty()), plain, file)
              .checked(data, note -> {});
      assertThat(checked.forms().get(1).same()).isEqualTo(1);
    }
    assertThat(file).exists();
  }

  @Test
  void aMisspeltOptionOfANetworkOfOnesOwn_getsItsPlace() {
    assertThatThrownBy(
            () ->
                RunConfigReader.training(
                    ConfigDocument.parse(
                        "a.yaml",
                        "name: t\ndata: {format: digits}\nmodel: {architecture: separable-cnn, widht: 8}\n",
                        List.of(),
                        Map.of())))
        .hasMessageContaining("a.yaml:3:38")
        .hasMessageContaining("did you mean 'width'?");
  }

  @Test
  void aTermOfOnesOwn_isNamedInYamlAndTeachesAStudent(@TempDir Path folder) throws IOException {
    RunConfig config = distillation(Path.of("own-term", "own-term.yaml"), folder);
    assertThat(config.objective().terms().get(1)).isInstanceOf(LogitAngle.class);
    Result result = run(config, folder.resolve("run"));
    // Its model card prints the Java of the README, which GuidesTest runs.
    String card = Files.readString(folder.resolve("run/model/README.md"));
    String sample = card.substring(card.indexOf("```java"), card.indexOf("\n```\n"));
    assertThat(Files.readString(Path.of("../README.md"))).contains(sample);
    double first = result.history().get(0).terms().get("logit-angle");
    double last = result.history().get(1).terms().get("logit-angle");
    assertThat(first).isBetween(0.0, 2.0);
    assertThat(last).isLessThan(first);
  }

  @Test
  void itsOptions_areReadLikeThoseOfOurTerms() {
    assertThat(terms("logit-angle: {weight: 3}").get(0).weight().end()).isCloseTo(3, within(0.0));
    assertThatThrownBy(() -> terms("logit-angle: {wait: 3}"))
        .hasMessage(
            "a.yaml:1:28: Unknown key 'wait' in 'objective.0.logit-angle'; choose one of weight.");
  }

  private static List<Term> terms(String term) {
    return ConfigDocument.parse("a.yaml", "objective: [{" + term + "}]", List.of(), Map.of())
        .bind(root -> root.value("objective", "Terms", Term::read));
  }
}
