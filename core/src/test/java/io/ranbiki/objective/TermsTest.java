package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Provider;
import io.ranbiki.config.YamlWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TermsTest {

  private static final String ONE_PAIR = "pairs: [{teacher: f.2, student: f.1}]";
  private static final String TWO_PAIRS =
      "pairs: [{teacher: f.2, student: f.1}, {teacher: f.6, student: f.3}]";
  private static final List<LayerPair> ONE = List.of(new LayerPair("f.2", "f.1"));
  private static final List<LayerPair> TWO =
      List.of(new LayerPair("f.2", "f.1"), new LayerPair("f.6", "f.3"));

  private static final List<String> NAMES =
      new Terms().providers().stream().map(Provider::name).toList();

  private static Ramp is(double value) {
    return Ramp.constant(value);
  }

  private static Objective read(String... entries) {
    StringBuilder text = new StringBuilder("objective:\n");
    for (String entry : entries) {
      text.append("  - ").append(entry).append('\n');
    }
    return ConfigDocument.parse("run.yaml", text.toString(), List.of(), Map.of())
        .bind(root -> root.value("objective", "Terms", node -> new Objective(Term.read(node))));
  }

  private static Term term(String entry) {
    return read(entry).terms().get(0);
  }

  /** The values of the papers and their published code. */
  static Stream<Arguments> defaults() {
    return Stream.of(
        Arguments.of("hard-labels", new HardLabels(is(1), 0)),
        Arguments.of("soft-targets", new SoftTargets(is(1), is(4))),
        Arguments.of("teacher-decisions", new TeacherDecisions(is(1))),
        Arguments.of("standardized-targets", new StandardizedTargets(is(9), is(2))),
        Arguments.of("dkd", new Dkd(Ramp.warmUp(1, 20), is(4), 1, 8, false)),
        Arguments.of("dist", new Dist(is(1), is(1), 1, 1)),
        Arguments.of("divergence", new DivergenceTargets(is(1), is(1), 0.5, Reduction.MEAN)),
        Arguments.of("top-k", new TopKTargets(is(1), is(1), 32, TopKTargets.Missing.BUCKET)),
        Arguments.of("binary-targets", new BinaryTargets(is(1), is(1), Reduction.MEAN)),
        Arguments.of("binary-labels", new BinaryLabels(is(1), Reduction.MEAN)),
        Arguments.of(
            "output-regression",
            new OutputRegression(is(1), is(1), new Distance(Distance.Kind.MSE, 1))),
        Arguments.of("embedding", new EmbeddingTargets(is(1))),
        Arguments.of(
            "label-regression", new LabelRegression(is(1), new Distance(Distance.Kind.MSE, 1))),
        Arguments.of("bounded-regression", new BoundedRegression(is(1), 0)),
        Arguments.of("hint", new Hint(is(50), ONE, Hint.Projection.WHERE_NEEDED)),
        Arguments.of(
            "attention-transfer",
            new AttentionTransfer(is(1000), ONE, 2, AttentionTransfer.Form.SQUARED)),
        Arguments.of("similarity-preserving", new SimilarityPreserving(is(3000), ONE)),
        Arguments.of(
            "correlation-congruence",
            new CorrelationCongruence(is(0.02), ONE, CorrelationCongruence.Form.NEIGHBOURS)),
        Arguments.of("variational-information", new VariationalInformation(is(1), ONE)),
        Arguments.of("relational-distillation", new RelationalDistillation(is(1), ONE, 25, 50)),
        Arguments.of("probabilistic-transfer", new ProbabilisticTransfer(is(30000), ONE)),
        Arguments.of("neuron-selectivity", new NeuronSelectivity(is(50), ONE)),
        Arguments.of("flow-of-solution", new FlowOfSolution(is(50), TWO, FlowOfSolution.Form.MEAN)),
        Arguments.of("activation-boundary", new ActivationBoundary(is(0.1), ONE, 1, true)),
        Arguments.of(
            "factor-transfer", new FactorTransfer(is(200), ONE, FactorTransfer.Form.PAPER, 1, 0.5)),
        Arguments.of(
            "contrastive-representation",
            new ContrastiveRepresentation(is(0.08), ONE, 60000, 16384, 128, 0.07, 0.5)),
        Arguments.of("review-kd", new ReviewKd(is(1), ONE, 64)),
        Arguments.of("sim-kd", new SimKd(is(1), ONE, 2)),
        Arguments.of("overhaul", new Overhaul(is(0.0001), ONE, List.of())),
        Arguments.of("tinybert", new TinyBert(is(1), List.of(), 1, 1)),
        Arguments.of(
            "minilm", new MiniLm(is(1), MiniLm.Form.V2, 0, Optional.empty(), Optional.empty())),
        Arguments.of("hidden-cosine", new HiddenCosine(is(1), List.of())),
        Arguments.of("embedding-relations", new EmbeddingRelations(is(10), List.of())));
  }

  private static String needed(Term term) {
    if (term.teacherLayers().stream().allMatch(layer -> layer.endsWith(".*"))) {
      return "";
    }
    String pairs = term.teacherLayers().size() == 1 ? ONE_PAIR : TWO_PAIRS;
    return term instanceof ContrastiveRepresentation ? pairs + ", samples: 60000" : pairs;
  }

  @ParameterizedTest
  @MethodSource("defaults")
  void aNameWithWhatItNeeds_hasTheDefaults(String name, Term expected) {
    assertThat(term(name + ": {" + needed(expected) + "}")).isEqualTo(expected);
    assertThat(expected.name()).isEqualTo(name);
  }

  @ParameterizedTest
  @MethodSource("defaults")
  void theResolvedConfiguration_writesTheDefaultsOut_andReadsBackAsItself(
      String name, Term expected) {
    ConfigDocument document =
        ConfigDocument.parse(
            "run.yaml",
            "objective: [{" + name + ": {" + needed(expected) + "}}]",
            List.of(),
            Map.of());
    document.bind(root -> root.value("objective", "Terms", Term::read));
    String written = YamlWriter.write(document.resolved());
    List<Term> again =
        ConfigDocument.parse("config.yaml", written, List.of(), Map.of())
            .bind(root -> root.value("objective", "Terms", Term::read));
    assertThat(again).containsExactly(expected);
    assertThat(written).contains("weight: ");
  }

  @Test
  void everyName_hasATestOfItsDefaultsAndOfItsOptions() {
    assertThat(defaults().map(row -> row.get()[0])).hasSameElementsAs(NAMES);
    assertThat(allOptions().map(row -> ((String) row.get()[0]).split(":")[0])).containsAll(NAMES);
  }

  static Stream<Arguments> allOptions() {
    return Stream.of(
        Arguments.of(
            "hard-labels: {weight: 0.3, label-smoothing: 0.1}", new HardLabels(is(0.3), 0.1)),
        Arguments.of("soft-targets: {weight: 0.7, temperature: 8}", new SoftTargets(0.7, 8)),
        Arguments.of(
            "soft-targets: {temperature: 1, teacher-temperature: 0.5}",
            new SoftTargets(is(1), is(1), Optional.of(is(0.5)))),
        Arguments.of("teacher-decisions: {weight: 0.5}", new TeacherDecisions(0.5)),
        Arguments.of(
            "standardized-targets: {weight: 3, temperature: 5}",
            new StandardizedTargets(is(3), is(5))),
        Arguments.of(
            "dkd: {weight: 2, temperature: 3, target-weight: 0.5, non-target-weight: 6,"
                + " standardize: true, warm-up: 5}",
            new Dkd(Ramp.warmUp(2, 5), is(3), 0.5, 6, true)),
        Arguments.of("dkd: {weight: 2, warm-up: 0}", new Dkd(is(2), is(4), 1, 8, false)),
        Arguments.of(
            "dkd: {weight: {cosine: {from: 1, to: 2, epochs: 3}}}",
            new Dkd(Ramp.cosine(1, 2, 3), is(4), 1, 8, false)),
        Arguments.of(
            "dist: {weight: 2, temperature: 4, inter-weight: 0.5, intra-weight: 0}",
            new Dist(is(2), is(4), 0.5, 0)),
        Arguments.of(
            "divergence: {weight: 2, temperature: 4, interpolation: 1}",
            new DivergenceTargets(is(2), is(4), 1, Reduction.MEAN)),
        Arguments.of(
            "top-k: {weight: 2, temperature: 4, k: 5, missing: forgotten}",
            new TopKTargets(is(2), is(4), 5, TopKTargets.Missing.FORGOTTEN)),
        Arguments.of(
            "binary-targets: {weight: 2, temperature: 4, reduction: batch-mean}",
            new BinaryTargets(is(2), is(4), Reduction.BATCH_MEAN)),
        Arguments.of(
            "binary-labels: {weight: 2, reduction: sum}", new BinaryLabels(is(2), Reduction.SUM)),
        Arguments.of(
            "output-regression: {weight: 2, temperature: 4, distance: huber, threshold: 0.5}",
            new OutputRegression(is(2), is(4), new Distance(Distance.Kind.HUBER, 0.5))),
        Arguments.of("embedding: {weight: 2}", new EmbeddingTargets(is(2))),
        Arguments.of(
            "label-regression: {weight: 2, distance: huber, threshold: 3}",
            new LabelRegression(is(2), new Distance(Distance.Kind.HUBER, 3))),
        Arguments.of(
            "bounded-regression: {weight: 2, margin: 0.5}", new BoundedRegression(is(2), 0.5)),
        Arguments.of(
            "hint: {weight: 100, projection: always, " + TWO_PAIRS + "}",
            new Hint(is(100), TWO, Hint.Projection.ALWAYS)),
        Arguments.of(
            "attention-transfer: {weight: 5, exponent: 4, form: paper, " + TWO_PAIRS + "}",
            new AttentionTransfer(is(5), TWO, 4, AttentionTransfer.Form.PAPER)),
        Arguments.of(
            "similarity-preserving: {weight: 5, " + TWO_PAIRS + "}",
            new SimilarityPreserving(is(5), TWO)),
        Arguments.of(
            "correlation-congruence: {weight: 5, form: gaussian, " + ONE_PAIR + "}",
            new CorrelationCongruence(is(5), ONE, CorrelationCongruence.Form.GAUSSIAN)),
        Arguments.of(
            "variational-information: {weight: 5, " + TWO_PAIRS + "}",
            new VariationalInformation(is(5), TWO)),
        Arguments.of(
            "relational-distillation: {weight: 5, distance-weight: 1, angle-weight: 2, "
                + ONE_PAIR
                + "}",
            new RelationalDistillation(is(5), ONE, 1, 2)),
        Arguments.of(
            "probabilistic-transfer: {weight: 5, " + ONE_PAIR + "}",
            new ProbabilisticTransfer(is(5), ONE)),
        Arguments.of(
            "neuron-selectivity: {weight: 5, " + TWO_PAIRS + "}",
            new NeuronSelectivity(is(5), TWO)),
        Arguments.of(
            "flow-of-solution: {weight: 5, form: paper, " + TWO_PAIRS + "}",
            new FlowOfSolution(is(5), TWO, FlowOfSolution.Form.PAPER)),
        Arguments.of(
            "activation-boundary: {weight: 5, margin: 2, connector: false, " + TWO_PAIRS + "}",
            new ActivationBoundary(is(5), TWO, 2, false)),
        Arguments.of(
            "factor-transfer: {weight: 5, form: attention, power: 2, rate: 0.25, " + ONE_PAIR + "}",
            new FactorTransfer(is(5), ONE, FactorTransfer.Form.ATTENTION, 2, 0.25)),
        Arguments.of(
            "contrastive-representation: {weight: 5, samples: 100, negatives: 10, embedding: 8,"
                + " temperature: 0.1, momentum: 0.9, "
                + ONE_PAIR
                + "}",
            new ContrastiveRepresentation(is(5), ONE, 100, 10, 8, 0.1, 0.9)),
        Arguments.of(
            "review-kd: {weight: 5, channels: 16, " + TWO_PAIRS + "}",
            new ReviewKd(is(5), TWO, 16)),
        Arguments.of("sim-kd: {weight: 5, factor: 4, " + ONE_PAIR + "}", new SimKd(is(5), ONE, 4)),
        Arguments.of(
            "overhaul: {weight: 5, " + TWO_PAIRS + "}", new Overhaul(is(5), TWO, List.of())),
        Arguments.of(
            "tinybert: {weight: 2, layers: [2, 5], attention-weight: 0, hidden-weight: 3}",
            new TinyBert(is(2), List.of(2, 5), 0, 3)),
        Arguments.of(
            "minilm: {weight: 2, form: v1, relation-heads: 12, teacher-layer: 5, student-layer: 1}",
            new MiniLm(is(2), MiniLm.Form.V1, 12, Optional.of(5), Optional.of(1))),
        Arguments.of("hidden-cosine: {weight: 2, " + TWO_PAIRS + "}", new HiddenCosine(is(2), TWO)),
        Arguments.of(
            "embedding: {weight: 2, distance: mse, " + ONE_PAIR + "}",
            new EmbeddingTargets(is(2), ONE, EmbeddingTargets.Distance.MSE)),
        Arguments.of(
            "embedding-relations: {weight: 2, " + ONE_PAIR + "}",
            new EmbeddingRelations(is(2), ONE)));
  }

  @ParameterizedTest
  @MethodSource("allOptions")
  void aNameWithAllOptions_hasThem(String entry, Term expected) {
    assertThat(term(entry)).isEqualTo(expected);
  }

  @Test
  void weightsAndTemperatures_mayChangeWhileTraining() {
    assertThat(
            term(
                "soft-targets: {weight: {linear: {from: 0, to: 1, epochs: 5}},"
                    + " temperature: {cosine: {from: 8, to: 2, epochs: 10}}}"))
        .isEqualTo(new SoftTargets(Ramp.linear(0, 1, 5), Ramp.cosine(8, 2, 10)));
    assertThat(term("hint: {weight: {linear: {to: 50, epochs: 0.5}}, " + ONE_PAIR + "}").weight())
        .isEqualTo(Ramp.warmUp(50, 0.5));
    assertThat(term("soft-targets: {weight: {constant: 2}, temperature: 4}"))
        .isEqualTo(term("soft-targets: {weight: 2, temperature: 4}"));
  }

  @Test
  void onePair_needsNoList() {
    assertThat(term("hint: {weight: 50, pairs: {teacher: f.2, student: f.1}}"))
        .isEqualTo(term("hint: {weight: 50, " + ONE_PAIR + "}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "soft-targets: {weight: -1} | run.yaml:2:28: 'objective.0.soft-targets.weight' must be at"
            + " least 0, but is -1.",
        "soft-targets: {temperature: 0} | run.yaml:2:33: 'objective.0.soft-targets.temperature'"
            + " must be above 0, but is 0.",
        "soft-targets: {temperature: -4} | run.yaml:2:33: 'objective.0.soft-targets.temperature'"
            + " must be above 0, but is -4.",
        "soft-targets: {weight: .nan} | run.yaml:2:28: 'objective.0.soft-targets.weight' must be a"
            + " finite number, but is '.nan'.",
        "soft-targets: {temperature: .inf} | run.yaml:2:33: 'objective.0.soft-targets.temperature'"
            + " must be a finite number, but is '.inf'.",
        "soft-targets: {weight: 1e999} | run.yaml:2:28: 'objective.0.soft-targets.weight' must be a"
            + " finite number, but is '1e999'.",
        "soft-targets: {temperature: {linear: {from: 0, to: 4, epochs: 2}}} | run.yaml:2:49:"
            + " 'objective.0.soft-targets.temperature.linear.from' must be above 0, but is 0.",
        "soft-targets: {weight: {linear: {to: 1, epochs: 0}}} | run.yaml:2:53:"
            + " 'objective.0.soft-targets.weight.linear.epochs' must be above 0, but is 0.",
        "soft-targets: {weight: {step: {to: 1}}} | run.yaml:2:29: Unknown name 'step' in"
            + " 'objective.0.soft-targets.weight'; choose one of constant, linear, cosine.",
        "soft-targets: {temprature: 4} | run.yaml:2:20: Unknown key 'temprature' in"
            + " 'objective.0.soft-targets'; did you mean 'temperature'?",
        "soft-target: {} | run.yaml:2:5: Unknown name 'soft-target' in 'objective.0'; did you mean"
            + " 'soft-targets'?",
        "hard-labels: {label-smoothing: 2} | run.yaml:2:36:"
            + " 'objective.0.hard-labels.label-smoothing' must be between 0 and 1, but is 2.",
        "hint: {weight: 50} | run.yaml:2:11: The key 'pairs' is missing in 'objective.0.hint'.",
        "hint: {pairs: []} | run.yaml:2:5: 'objective.0': hint needs 1 or more pairs of layers and"
            + " has 0; a pair is {teacher: features.2, student: features.1}.",
        "hint: {pairs: [{teacher: a}]} | run.yaml:2:20: The key 'student' is missing in"
            + " 'objective.0.hint.pairs.0'.",
        "hint: {pairs: [{teacher: [a, b], student: c}]} | run.yaml:2:30:"
            + " 'objective.0.hint.pairs.0.teacher' must be text, but is a list.",
        "hint: {pairs: [{teacher: a, student: c}, {teacher: b, student: c}]} | run.yaml:2:5:"
            + " 'objective.0': hint names student layer 'c' twice; a layer can follow one teacher"
            + " layer only.",
        "hint: {pairs: [{teacher: a, student: ''}]} | run.yaml:2:20: 'objective.0.hint.pairs.0': A"
            + " pair of layers needs a path on both sides, but has teacher 'a' and student ''.",
        "flow-of-solution: {pairs: [{teacher: a, student: c}]} | run.yaml:2:5: 'objective.0':"
            + " flow-of-solution needs 2 or more pairs of layers and has 1; a pair is {teacher:"
            + " features.2, student: features.1}.",
        "contrastive-representation: {pairs: [{teacher: a, student: c}]} | run.yaml:2:33: The key"
            + " 'samples' is missing in 'objective.0.contrastive-representation'.",
        "top-k: {missing: bukket} | run.yaml:2:22: 'objective.0.top-k.missing' must be one of"
            + " bucket, forgotten, but is 'bukket'; did you mean 'bucket'?",
      })
  void aBadValue_isNamedWithItsPlaceRuleAndWayOut(String entry, String message) {
    assertThatThrownBy(() -> read(entry))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessage(message);
  }

  @Test
  void theSameTermTwice_isRefused() {
    assertThatThrownBy(() -> read("hard-labels", "hard-labels: {weight: 2}"))
        .hasMessageEndingWith(
            "The term 'hard-labels' stands twice in the objective; give one of them, with both"
                + " pairs or the sum of the weights.");
  }

  @Test
  void layerListsOfDifferentLength_areNotPaired() {
    assertThatThrownBy(() -> LayerPair.zip(List.of("features.2", "features.6"), List.of("a")))
        .hasMessage(
            "2 teacher layers [features.2, features.6] cannot be paired with 1 student layers [a];"
                + " name as many of both.");
  }

  @Test
  void aTermOfAUsersOwn_isReadLikeOurs() {
    String text = "objective: [{confidence-penalty: {weight: {linear: {to: 1, epochs: 2}}}}]";
    ConfigDocument document = ConfigDocument.parse("run.yaml", text, List.of(), Map.of());
    List<Term> terms = document.bind(root -> root.value("objective", "Terms", Term::read));

    assertThat(terms.get(0).name()).isEqualTo("confidence-penalty");
    assertThat(terms.get(0).weight()).isEqualTo(Ramp.warmUp(1, 2));
    assertThat(YamlWriter.write(document.resolved()))
        .isEqualTo(
            """
            objective:
            - confidence-penalty:
                weight:
                  linear:
                    from: 0.0
                    to: 1.0
                    epochs: 2.0
                floor: -100.0
            """);
    assertThatThrownBy(() -> read("confidence-penalty: {wieght: 1, floor: 2}"))
        .hasMessage(
            "run.yaml has 2 mistakes:\n"
                + "run.yaml:2:26: Unknown key 'wieght' in 'objective.0.confidence-penalty'; did you"
                + " mean 'weight'?\n"
                + "run.yaml:2:44: 'objective.0.confidence-penalty.floor' must be at most 0, but is"
                + " 2.");
    assertThatThrownBy(() -> read("confidence-penallty"))
        .hasMessage(
            "run.yaml:2:5: Unknown name 'confidence-penallty' in 'objective.0'; did you mean"
                + " 'confidence-penalty'?");
  }
}
