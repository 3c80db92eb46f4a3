package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a term does not accept, and the words in which it says so. */
class TermOptionsTest {

  private static final Ramp ONE = Ramp.constant(1);
  private static final double[] NOT_FINITE = {Double.NaN, Double.POSITIVE_INFINITY};

  private static Ramp of(double value) {
    return Ramp.constant(value);
  }

  private static final Map<String, DoubleFunction<Object>> NON_NEGATIVE = new LinkedHashMap<>();
  private static final Map<String, DoubleFunction<Object>> POSITIVE = new LinkedHashMap<>();
  private static final Map<String, DoubleFunction<Object>> SHARES = new LinkedHashMap<>();

  static {
    NON_NEGATIVE.put("'weight' of hard-labels", HardLabels::new);
    NON_NEGATIVE.put("'weight' of soft-targets", v -> new SoftTargets(v, 4));
    POSITIVE.put("'temperature' of soft-targets", v -> new SoftTargets(1, v));
    NON_NEGATIVE.put("'weight' of standardized-targets", v -> new StandardizedTargets(v, 2));
    POSITIVE.put("'temperature' of standardized-targets", v -> new StandardizedTargets(1, v));
    NON_NEGATIVE.put("'weight' of dkd", Dkd::new);
    POSITIVE.put("'temperature' of dkd", v -> new Dkd(ONE, of(v), 1, 8, false));
    NON_NEGATIVE.put("'target-weight' of dkd", v -> new Dkd(ONE, ONE, v, 8, false));
    NON_NEGATIVE.put("'non-target-weight' of dkd", v -> new Dkd(ONE, ONE, 1, v, false));
    NON_NEGATIVE.put("'weight' of dist", Dist::new);
    POSITIVE.put("'temperature' of dist", v -> new Dist(ONE, of(v), 1, 1));
    NON_NEGATIVE.put("'inter-weight' of dist", v -> new Dist(ONE, ONE, v, 1));
    NON_NEGATIVE.put("'intra-weight' of dist", v -> new Dist(ONE, ONE, 1, v));
    NON_NEGATIVE.put("'weight' of divergence", v -> new DivergenceTargets(v, 0));
    POSITIVE.put(
        "'temperature' of divergence", v -> new DivergenceTargets(ONE, of(v), 0, Reduction.MEAN));
    NON_NEGATIVE.put("'weight' of top-k", v -> new TopKTargets(v, 3));
    POSITIVE.put(
        "'temperature' of top-k", v -> new TopKTargets(ONE, of(v), 3, TopKTargets.Missing.BUCKET));
    NON_NEGATIVE.put("'weight' of binary-targets", v -> new BinaryTargets(v, 1));
    POSITIVE.put("'temperature' of binary-targets", v -> new BinaryTargets(1, v));
    NON_NEGATIVE.put("'weight' of binary-labels", BinaryLabels::new);
    NON_NEGATIVE.put("'weight' of embedding", EmbeddingTargets::new);
    NON_NEGATIVE.put(
        "'weight' of output-regression", v -> new OutputRegression(v, Distance.SQUARED));
    POSITIVE.put(
        "'temperature' of output-regression",
        v -> new OutputRegression(ONE, of(v), Distance.SQUARED));
    NON_NEGATIVE.put("'weight' of label-regression", v -> new LabelRegression(v, Distance.SQUARED));
    NON_NEGATIVE.put("'weight' of bounded-regression", v -> new BoundedRegression(v, 0));
    NON_NEGATIVE.put("'margin' of bounded-regression", v -> new BoundedRegression(1, v));
    POSITIVE.put("'threshold'", v -> new Distance(Distance.Kind.HUBER, v));
    SHARES.put("'label-smoothing' of hard-labels", v -> new HardLabels(ONE, v));
    SHARES.put("'interpolation' of divergence", v -> new DivergenceTargets(1, v));
  }

  private static Stream<Arguments> named(Map<String, DoubleFunction<Object>> makers) {
    return makers.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  static Stream<Arguments> nonNegative() {
    return named(NON_NEGATIVE);
  }

  static Stream<Arguments> positive() {
    return named(POSITIVE);
  }

  static Stream<Arguments> shares() {
    return named(SHARES);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void nonNegative(String option, DoubleFunction<Object> maker) {
    assertThat(maker.apply(0)).isNotNull();
    for (double value : new double[] {-0.5, NOT_FINITE[0], NOT_FINITE[1]}) {
      refuses(
          () -> maker.apply(value),
          "%s is %s, but must be finite and 0 or more.".formatted(option, value));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void positive(String option, DoubleFunction<Object> maker) {
    assertThat(maker.apply(0.1)).isNotNull();
    for (double value : new double[] {-0.5, 0, NOT_FINITE[0], NOT_FINITE[1]}) {
      refuses(
          () -> maker.apply(value),
          "%s is %s, but must be finite and above 0.".formatted(option, value));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void shares(String option, DoubleFunction<Object> maker) {
    assertThat(maker.apply(0)).isNotNull();
    assertThat(maker.apply(1)).isNotNull();
    for (double value : new double[] {-0.1, 1.1, NOT_FINITE[0], NOT_FINITE[1]}) {
      refuses(
          () -> maker.apply(value), "%s is %s, but must be from 0 to 1.".formatted(option, value));
    }
  }

  @Test
  void aTemperatureThatStartsAtZero_isRefused() {
    refuses(
        () -> new SoftTargets(ONE, Ramp.linear(0, 4, 10)),
        "'temperature' of soft-targets is 0.0, but must be finite and above 0.");
  }

  @Test
  void aWeightThatEndsBelowZero_isRefused() {
    refuses(
        () -> new SoftTargets(Ramp.cosine(1, -1, 10), ONE),
        "'weight' of soft-targets is -1.0, but must be finite and 0 or more.");
  }

  @Test
  void aRampOverNoEpochs_isRefused() {
    refuses(
        () -> Ramp.linear(0, 1, 0),
        "A change over 0.0 epochs must take a finite number of them, above 0.");
    refuses(
        () -> Ramp.linear(0, 1, Double.NaN),
        "A change over NaN epochs must take a finite number of them, above 0.");
  }

  @Test
  void aWeightOfATermOfOnesOwn_isCheckedByTheObjective() {
    Term own = new Damped(Ramp.constant(Double.NaN));
    refuses(
        () -> Objective.of(own), "'weight' of damped is NaN, but must be finite and 0 or more.");
  }

  private record Damped(Ramp weight) implements Term {
    @Override
    public String name() {
      return "damped";
    }

    @Override
    public TermLoss bind(LossInputs example, Generator generator) {
      return inputs -> inputs.studentLogits().pow(2).mean();
    }
  }

  // ---- shapes, before training

  static Stream<Arguments> shapes() {
    String same =
        "%s: student logits %s and teacher logits %s must have the same shape; give a teacher with"
            + " the classes of the data, or use a term on features.";
    return Stream.of(
        Arguments.of(
            new SoftTargets(1, 4), 10, 100, same.formatted("soft-targets", "[4, 10]", "[4, 100]")),
        Arguments.of(new Dist(1), 10, 9, same.formatted("dist", "[4, 10]", "[4, 9]")),
        Arguments.of(
            new DivergenceTargets(1, 0.5), 3, 2, same.formatted("divergence", "[4, 3]", "[4, 2]")),
        Arguments.of(
            new Dkd(1),
            1,
            1,
            "dkd: logits [4, 1] must have 2 classes or more; use binary-targets for a single one."),
        Arguments.of(
            new StandardizedTargets(9, 2),
            1,
            1,
            "standardized-targets: logits [4, 1] must have 2 classes or more; use binary-targets"
                + " for a single one."),
        Arguments.of(
            new TopKTargets(1, 32),
            10,
            10,
            "'k' of top-k is 32, but logits [4, 10] have 10 classes; use a smaller k, or"
                + " soft-targets."),
        Arguments.of(
            new BinaryLabels(1),
            10,
            10,
            "binary-labels: labels [4] must have the shape of the student's outputs, [4, 10]; use"
                + " hard-labels for one class per sample."));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void shapes(Term term, long studentClasses, long teacherClasses, String message) {
    try (TensorScope scope = TensorScope.open("shapes");
        Generator generator = new Generator(1)) {
      LossInputs inputs =
          LossExamples.of(
              Tensors.zeros(4, studentClasses),
              Tensors.zeros(4, teacherClasses),
              Tensors.of(new long[4], 4));
      refuses(() -> term.bind(inputs, generator), message);
    }
  }

  @Test
  void labelsOfTokens_mustBeOneAToken() {
    try (TensorScope scope = TensorScope.open("shapes")) {
      LossInputs inputs =
          LossExamples.of(
              Tensors.zeros(2, 3, 5), Tensors.zeros(2, 3, 5), Tensors.of(new long[2], 2));
      refuses(
          () -> LossExamples.loss(new HardLabels(1), inputs),
          "Labels [2] do not fit answers [2, 3, 5]. Give one label for each position.");
    }
  }

  @Test
  void topK_needsAClass() {
    refuses(() -> new TopKTargets(1, 0), "'k' of top-k is 0, but must be 1 or more.");
  }

  private static void refuses(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessage(message);
  }

  @ParameterizedTest
  @MethodSource({"nonNegative", "positive"})
  void numbersThatOverflow_areRefused(String name, DoubleFunction<Object> maker) {
    maker.apply(1e9);
    assertThatThrownBy(() -> maker.apply(1e300))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(name + " is 1.0E300, but must be at most 1.0E9: gradients overflow beyond it.");
  }

  @Test
  void anObjectiveOfWeightZero_isRefused() {
    assertThatThrownBy(() -> Objective.of(new HardLabels(0), new SoftTargets(0, 4)))
        .hasMessage(
            "The weight of every term is 0, so that nothing would be learnt; give a term a weight"
                + " above 0.");
    assertThatThrownBy(() -> Objective.of(new HardLabels(0)))
        .hasMessageStartingWith("The weight of hard-labels is 0, so that nothing would be learnt");
    assertThat(Objective.of(new HardLabels(0), new SoftTargets(Ramp.warmUp(1, 2), ONE)).terms())
        .hasSize(2);
  }

  @Test
  void partsThatAreAllOff_areRefused() {
    assertThatThrownBy(() -> new Dist(ONE, ONE, 0, 0))
        .hasMessage(
            "'inter-weight' and 'intra-weight' of dist are both 0, but one must be above 0.");
    assertThatThrownBy(() -> new Dkd(ONE, ONE, 0, 0, false))
        .hasMessage(
            "'target-weight' and 'non-target-weight' of dkd are both 0, but one must be above 0.");
  }
}
