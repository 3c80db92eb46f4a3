package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a term on features does not accept, and the words in which it says so. */
class FeatureOptionsTest {

  private static final Ramp ONE = Ramp.constant(1);
  private static final List<LayerPair> PAIR = List.of(new LayerPair("t", "s"));

  private static final Map<String, BiFunction<Double, List<LayerPair>, FeatureTerm>> TERMS =
      Map.ofEntries(
          Map.entry("hint", Hint::new),
          Map.entry("attention-transfer", AttentionTransfer::new),
          Map.entry("similarity-preserving", SimilarityPreserving::new),
          Map.entry("correlation-congruence", CorrelationCongruence::new),
          Map.entry("variational-information", VariationalInformation::new),
          Map.entry("relational-distillation", RelationalDistillation::new),
          Map.entry("probabilistic-transfer", ProbabilisticTransfer::new),
          Map.entry("neuron-selectivity", NeuronSelectivity::new),
          Map.entry("activation-boundary", ActivationBoundary::new),
          Map.entry("factor-transfer", FactorTransfer::new),
          Map.entry(
              "contrastive-representation",
              (w, pairs) -> new ContrastiveRepresentation(w, pairs, 9)),
          Map.entry("review-kd", ReviewKd::new),
          Map.entry("sim-kd", SimKd::new),
          Map.entry("overhaul", Overhaul::new));

  static Stream<Arguments> terms() {
    return TERMS.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  private static void refuses(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessage(message);
  }

  // ---- options

  @ParameterizedTest(name = "{0}")
  @MethodSource("terms")
  void everyTerm_saysItsNameAndLayers(
      String name, BiFunction<Double, List<LayerPair>, FeatureTerm> maker) {
    FeatureTerm term = maker.apply(2.0, PAIR);
    assertThat(term.name()).isEqualTo(name);
    assertThat(term.teacherLayers()).containsExactly("t");
    assertThat(term.studentLayers()).containsExactly("s");
    assertThat(term.weight()).isEqualTo(Ramp.constant(2));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("terms")
  void everyWeight_mustBeFiniteAndNotNegative(
      String name, BiFunction<Double, List<LayerPair>, FeatureTerm> maker) {
    for (double weight : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      refuses(
          () -> maker.apply(weight, PAIR),
          "'weight' of %s is %s, but must be finite and 0 or more.".formatted(name, weight));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("terms")
  void everyTerm_needsAPair(String name, BiFunction<Double, List<LayerPair>, FeatureTerm> maker) {
    refuses(
        () -> maker.apply(1.0, List.of()),
        "%s needs 1 or more pairs of layers and has 0; a pair is {teacher: features.2, student: features.1}."
            .formatted(name));
  }

  @Test
  void flowOfSolution_needsTwoPairs() {
    refuses(
        () -> new FlowOfSolution(50, PAIR),
        "flow-of-solution needs 2 or more pairs of layers and has 1; a pair is {teacher: features.2, student: features.1}.");
  }

  @Test
  void aStudentLayer_cannotStandTwice() {
    refuses(
        () -> new Hint(50, List.of(new LayerPair("a", "s"), new LayerPair("b", "s"))),
        "hint names student layer 's' twice; a layer can follow one teacher layer only.");
    assertThat(new Hint(50, List.of(new LayerPair("a", "s"), new LayerPair("a", "r"))).pairs())
        .hasSize(2);
  }

  @Test
  void listsOfUnequalLength_areNotPaired() {
    refuses(
        () -> LayerPair.zip(List.of("features.2", "features.6"), List.of("features.1")),
        "2 teacher layers [features.2, features.6] cannot be paired with 1 student layers [features.1]; name as many of both.");
    assertThat(LayerPair.zip(List.of("a", "b"), List.of("c", "d")))
        .containsExactly(new LayerPair("a", "c"), new LayerPair("b", "d"));
  }

  @Test
  void aPair_needsAPathOnBothSides() {
    refuses(
        () -> new LayerPair("features.2", " "),
        "A pair of layers needs a path on both sides, but has teacher 'features.2' and student ' '.");
  }

  static Stream<Arguments> options() {
    return Stream.of(
        option(
            () -> new AttentionTransfer(ONE, PAIR, 0, AttentionTransfer.Form.PAPER),
            "'exponent' of attention-transfer is 0.0, but must be finite and above 0."),
        option(
            () -> new RelationalDistillation(ONE, PAIR, -1, 1),
            "'distance-weight' of relational-distillation is -1.0, but must be finite and 0 or more."),
        option(
            () -> new RelationalDistillation(ONE, PAIR, 0, 0),
            "'distance-weight' and 'angle-weight' of relational-distillation are both 0, but one must be above 0."),
        option(
            () -> new ReviewKd(ONE, PAIR, 0),
            "'channels' of review-kd is 0, but must be 1 or more."),
        option(() -> new SimKd(ONE, PAIR, 0), "'factor' of sim-kd is 0, but must be 1 or more."),
        option(
            () -> new SimKd(1, LayerPair.zip(List.of("a", "b"), List.of("c", "d"))),
            "sim-kd has 2 pairs of layers and takes one, the last features of both sides."),
        option(
            () -> new FactorTransfer(ONE, PAIR, FactorTransfer.Form.PAPER, 3, 0.5),
            "'power' of factor-transfer is 3, but must be 1 or 2."),
        option(
            () -> new ActivationBoundary(ONE, PAIR, Double.NaN, true),
            "'margin' of activation-boundary is NaN, but must be finite and above 0."),
        option(
            () -> new ContrastiveRepresentation(ONE, PAIR, 9, 0, 8, 0.07, 0.5),
            "'negatives' of contrastive-representation is 0, but must be 1 or more."),
        option(
            () -> new ContrastiveRepresentation(ONE, PAIR, 9, 4, 8, 0, 0.5),
            "'temperature' of contrastive-representation is 0.0, but must be finite and above 0."),
        option(
            () -> new ContrastiveRepresentation(ONE, PAIR, 9, 4, 8, 0.07, 1),
            "'momentum' of contrastive-representation is 1.0, but must be below 1."),
        option(
            () -> new Overhaul(ONE, PAIR, List.of(List.of(-1.0), List.of(-1.0))),
            "'overhaul' has margins for 2 pairs of layers, but 1 pairs; give one list a pair or none."),
        option(
            () -> new Overhaul(ONE, PAIR, List.of(List.of(0.5))),
            "A margin of overhaul is 0.5, but must be finite and 0 or less."));
  }

  private static Arguments option(ThrowingCallable call, String message) {
    return Arguments.of(message, call);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void options(String message, ThrowingCallable call) {
    refuses(call, message);
  }

  // ---- features, before training

  private static void bind(FeatureTerm term, long[] student, long[] teacher) {
    try (TensorScope scope = TensorScope.open("shapes");
        Generator generator = new Generator(1)) {
      term.bind(Features.inputs("s", student, "t", teacher), generator).close();
    }
  }

  @Test
  void sequences_areNeitherMapsNorVectors() {
    refuses(
        () -> bind(new Hint(50, PAIR), new long[] {2, 3, 4}, new long[] {2, 3, 4}),
        "The student layer 's' gives [2, 3, 4], which is neither maps [batch, channels, height, width] nor vectors [batch, features]; name another layer.");
  }

  @Test
  void mapsAndVectors_areNotComparedElementByElement() {
    refuses(
        () -> bind(new Hint(50, PAIR), new long[] {2, 3}, new long[] {2, 3, 4, 4}),
        "hint compares maps with maps and vectors with vectors, but the teacher layer 't' gives [2, 3, 4, 4] and the student layer 's' gives [2, 3].");
  }

  @Test
  void attention_needsMaps() {
    refuses(
        () -> bind(new AttentionTransfer(1, PAIR), new long[] {2, 3}, new long[] {2, 3}),
        "attention-transfer compares maps [batch, channels, height, width], but the teacher layer 't' gives [2, 3] and the student layer 's' gives [2, 3]; name convolutional layers.");
  }

  @Test
  void theRegressor_cannotEnlargeButByTwo() {
    refuses(
        () ->
            bind(
                new Hint(ONE, PAIR, Hint.Projection.REGRESSOR),
                new long[] {2, 3, 4, 4},
                new long[] {2, 5, 7, 7}),
        "The regressor of hint cannot bring [2, 3, 4, 4] of student layer 's' to [2, 5, 7, 7]; take projection where-needed.");
  }

  @Test
  void marginsOfAnotherLayer_areRefused() {
    refuses(
        () ->
            bind(
                new Overhaul(ONE, PAIR, List.of(List.of(-1.0))),
                new long[] {2, 3, 4, 4},
                new long[] {2, 5, 4, 4}),
        "'overhaul' has 1 margins for teacher layer 't', which has 5 channels.");
  }

  @Test
  void aTeacherWithoutFeatures_isAnsweredWithWhatToDoInstead() {
    try (TensorScope scope = TensorScope.open("test");
        Generator generator = new Generator(1)) {
      Tensor logits = Tensors.zeros(2, 3);
      Signal student = new Signal(logits, Map.of("s", Tensors.zeros(2, 4)));
      Tensor labels = Tensors.zeros(DType.INT64, 2);
      Hint hint = new Hint(50, PAIR);
      refuses(
          () -> hint.bind(LossExamples.of(student, Signal.of(logits), labels), generator),
          "The layer 't' is to be matched, but the answer holds logits alone; take a live model as teacher, store that layer with its answers, or match logits with soft-targets instead.");
      Signal other = new Signal(logits, Map.of("u", Tensors.zeros(2, 4)));
      refuses(
          () -> hint.bind(LossExamples.of(student, other, labels), generator),
          "The answer holds no output of layer 't', only of u; ask for that layer when the model is opened or its answers are stored.");
    }
  }

  // ---- a batch of one

  @Test
  void aLastBatchOfOneVector_leavesRunningStatisticsFinite() {
    try (TensorScope scope = TensorScope.open("test");
        Generator generator = new Generator(1)) {
      LossInputs inputs = Features.inputs("s", new long[] {1, 4}, "t", new long[] {1, 5});
      TermLoss loss = new SimKd(1, PAIR).bind(inputs, generator);

      assertThat(loss.value(inputs).item()).isFinite();

      for (Tensor tensor : loss.modules().get("projector.0").state().values()) {
        assertThat(tensor.isAllFinite()).isTrue();
      }
      loss.close();
    }
  }
}
