package io.ranbiki.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.example.terms.LogitAngle;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.Term;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Result;
import io.ranbiki.run.Experiment;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunFolder;
import io.ranbiki.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

  @Test
  void aTermOfOnesOwn_isNamedInYamlAndTeachesAStudent(@TempDir Path folder) throws IOException {
    ModelSpec spec = ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 16));
    List<String> classes = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    try (Model teacher = Model.create(spec, 1)) {
      ModelFolder.write(
          folder.resolve("teacher"),
          teacher,
          new ModelConfig(spec, Normalization.none(), classes),
          "a teacher for tests");
    }
    RunConfig config =
        RunConfigReader.distillation(
            ConfigDocument.read(
                Path.of("own-term", "own-term.yaml"),
                List.of(
                    "teacher.model=" + folder.resolve("teacher"),
                    "data.size=128",
                    "data.labelled=64",
                    "train.epochs=2",
                    "latency=false",
                    "doctor=false"), // the teacher knows nothing
                Map.of()));
    assertThat(config.objective().terms().get(1)).isInstanceOf(LogitAngle.class);
    Result result =
        new Experiment(
                config,
                RunFolder.create(folder.resolve("run")),
                List.of("distill"),
                RunListener.NONE,
                () -> false)
            .run();
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
            "a.yaml:1:29: unknown key 'wait' in 'objective.0.logit-angle'; choose one of weight.");
  }

  private static List<Term> terms(String term) {
    return ConfigDocument.parse("a.yaml", "objective: [{" + term + "}]", List.of(), Map.of())
        .bind(root -> root.value("objective", "Terms", Term::read));
  }
}
