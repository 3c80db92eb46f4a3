package io.ranbiki.objective;

import static io.ranbiki.objective.TermContract.Promise.MEAN_OVER_SAMPLES;
import static io.ranbiki.objective.TermContract.Promise.NON_NEGATIVE;
import static io.ranbiki.objective.TermContract.Promise.PERMUTATION_INVARIANT;
import static io.ranbiki.objective.TermContract.Promise.SHIFT_INVARIANT;
import static io.ranbiki.objective.TermContract.Promise.ZERO_AT_EQUALITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.objective.TermContract.Drawn;
import io.ranbiki.objective.TermContract.Layers;
import io.ranbiki.objective.TermContract.Outputs;
import io.ranbiki.objective.TermContract.Promise;
import io.ranbiki.objective.TermContract.Values;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every term keeps to, on random valid shapes. The seed stands in the name of each test;
 * {@code -Dranbiki.seed=n} runs another one.
 */
class TermContractTest {

  @RegisterExtension
  static final TestWatcher PRINTS_THE_SEED =
      new TestWatcher() {
        @Override
        public void testFailed(ExtensionContext context, Throwable cause) {
          System.err.println(
              context.getRequiredTestMethod().getName() + ": " + context.getDisplayName());
        }
      };

  private static final Ramp ONE = Ramp.constant(1);

  private static final List<LayerPair> LAYER = List.of(new LayerPair("t0", "s0"));
  private static final List<LayerPair> LAYERS =
      List.of(new LayerPair("t0", "s0"), new LayerPair("t1", "s1"));

  /** Maps that become smaller from layer to layer. */
  private static final Layers SHRINKING =
      (pair, random) -> List.of(new long[] {3, 8 >> pair, 8 >> pair}, new long[] {4, 4, 4});

  /** Every term, in the variants that compute differently. */
  private static final List<TermContract> TERMS =
      List.of(
          TermContract.of(new HardLabels(1), Outputs.CLASSES)
              .promises(NON_NEGATIVE, SHIFT_INVARIANT, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          TermContract.of(new HardLabels(ONE, 0.1), Outputs.CLASSES)
              .promises(NON_NEGATIVE, SHIFT_INVARIANT, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          divergence(new SoftTargets(1, 4), Outputs.CLASSES),
          divergence(new SoftTargets(1, 1), Outputs.CLASSES),
          TermContract.of(
                  new SoftTargets(ONE, ONE, Optional.of(Ramp.constant(0.5))), Outputs.CLASSES)
              .promises(NON_NEGATIVE, SHIFT_INVARIANT, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          TermContract.of(new TeacherDecisions(1), Outputs.CLASSES)
              .promises(NON_NEGATIVE, SHIFT_INVARIANT, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          divergence(new StandardizedTargets(9, 2), Outputs.CLASSES),
          divergence(new Dkd(ONE, Ramp.constant(4), 1, 8, false), Outputs.CLASSES),
          divergence(new Dkd(ONE, ONE, 1, 1, true), Outputs.CLASSES),
          TermContract.of(new Dist(1), Outputs.CLASSES)
              .promises(ZERO_AT_EQUALITY, NON_NEGATIVE, SHIFT_INVARIANT, PERMUTATION_INVARIANT),
          divergence(new DivergenceTargets(1, 0), Outputs.CLASSES),
          divergence(new DivergenceTargets(1, 0.3), Outputs.CLASSES),
          divergence(new DivergenceTargets(1, 1), Outputs.TOKENS),
          divergence(
              new DivergenceTargets(ONE, Ramp.constant(2), 0.5, Reduction.BATCH_MEAN),
              Outputs.TOKENS),
          divergence(new TopKTargets(1, 3), Outputs.CLASSES),
          divergence(new TopKTargets(1, 2), Outputs.TOKENS),
          TermContract.of(
                  new TopKTargets(ONE, Ramp.constant(2), 3, TopKTargets.Missing.FORGOTTEN),
                  Outputs.CLASSES)
              .promises(NON_NEGATIVE, SHIFT_INVARIANT, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          TermContract.of(new BinaryTargets(1, 2), Outputs.YES_OR_NO)
              .promises(ZERO_AT_EQUALITY, NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          TermContract.of(new BinaryLabels(1), Outputs.YES_OR_NO)
              .promises(NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          regression(Distance.Kind.MSE),
          regression(Distance.Kind.L1),
          regression(Distance.Kind.HUBER),
          regression(Distance.Kind.SMOOTH_L1),
          TermContract.of(new EmbeddingTargets(1), Outputs.NUMBERS)
              .promises(ZERO_AT_EQUALITY, NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          TermContract.of(new LabelRegression(1, Distance.SQUARED), Outputs.NUMBERS)
              .promises(NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          TermContract.of(new BoundedRegression(0.5, 0.1), Outputs.NUMBERS)
              .promises(NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          matched(new Hint(50, LAYERS), Layers.EQUAL_MAPS),
          matched(new Hint(50, LAYER), Layers.EQUAL_VECTORS),
          projected(new Hint(50, LAYERS), Layers.LARGER_TEACHER),
          projected(new Hint(50, LAYER), Layers.LARGER_STUDENT),
          projected(new Hint(50, LAYER), Layers.LONGER_TEACHER),
          projected(new Hint(ONE, LAYER, Hint.Projection.ALWAYS), Layers.EQUAL_VECTORS),
          normalised(new Hint(ONE, LAYER, Hint.Projection.REGRESSOR), Layers.EQUAL_MAPS),
          matched(new AttentionTransfer(1000, LAYERS), Layers.EQUAL_MAPS),
          projected(new AttentionTransfer(1000, LAYER), Layers.LARGER_STUDENT),
          matched(
              new AttentionTransfer(ONE, LAYER, 3, AttentionTransfer.Form.PAPER),
              Layers.EQUAL_MAPS),
          related(new SimilarityPreserving(3000, LAYERS), Layers.EQUAL_MAPS),
          related(new SimilarityPreserving(3000, LAYER), Layers.EQUAL_VECTORS),
          related(new RelationalDistillation(1, LAYER), Layers.EQUAL_VECTORS),
          related(new RelationalDistillation(1, LAYER), Layers.EQUAL_MAPS),
          related(new ProbabilisticTransfer(30000, LAYER), Layers.EQUAL_VECTORS),
          feature(new CorrelationCongruence(0.02, LAYER), Layers.LARGER_TEACHER)
              .promises(NON_NEGATIVE),
          related(
              new CorrelationCongruence(ONE, LAYER, CorrelationCongruence.Form.GAUSSIAN),
              Layers.EQUAL_VECTORS),
          related(
              new CorrelationCongruence(ONE, LAYER, CorrelationCongruence.Form.BILINEAR),
              Layers.EQUAL_MAPS),
          feature(new VariationalInformation(1, LAYERS), Layers.LARGER_TEACHER)
              .promises(PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          feature(new VariationalInformation(1, LAYER), Layers.LONGER_TEACHER)
              .promises(PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          matched(new NeuronSelectivity(50, LAYERS), Layers.EQUAL_MAPS),
          projected(new NeuronSelectivity(50, LAYER), Layers.LARGER_STUDENT),
          matched(new FlowOfSolution(50, LAYERS), Layers.EQUAL_MAPS),
          projected(new FlowOfSolution(50, LAYERS), Layers.LARGER_TEACHER),
          matched(new FlowOfSolution(ONE, LAYERS, FlowOfSolution.Form.PAPER), Layers.EQUAL_MAPS),
          matched(
              new FlowOfSolution(ONE, LAYERS, FlowOfSolution.Form.COLUMN_NORMS), Layers.EQUAL_MAPS),
          normalised(new ReviewKd(ONE, LAYERS, 6), SHRINKING),
          normalised(new ReviewKd(ONE, LAYER, 6), Layers.LONGER_TEACHER),
          feature(
                  new ContrastiveRepresentation(ONE, LAYER, 20, 8, 16, 0.07, 0.5),
                  Layers.LARGER_TEACHER)
              .promises(NON_NEGATIVE),
          normalised(new SimKd(1, LAYER), Layers.LARGER_TEACHER),
          normalised(new SimKd(1, LAYER), Layers.LONGER_TEACHER),
          normalised(new Overhaul(0.001, LAYERS), Layers.LARGER_TEACHER),
          normalised(new FactorTransfer(200, LAYER), Layers.LARGER_STUDENT),
          matched(
              new FactorTransfer(ONE, LAYER, FactorTransfer.Form.ATTENTION, 1, 0.5),
              Layers.EQUAL_MAPS),
          normalised(new ActivationBoundary(1, LAYERS), Layers.LARGER_TEACHER),
          projected(new ActivationBoundary(ONE, LAYER, 1, false), Layers.EQUAL_VECTORS),
          encoders(new TinyBert(ONE, List.of(1), 1, 1), 6, 6)
              .promises(ZERO_AT_EQUALITY, NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          encoders(new TinyBert(ONE, List.of(0, 3), 0.5, 2), 4, 6)
              .promises(NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          encoders(miniLm(MiniLm.Form.V1, 2), 4, 4)
              .promises(ZERO_AT_EQUALITY, NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          encoders(miniLm(MiniLm.Form.V2, 0), 4, 6)
              .promises(NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          encoders(new HiddenCosine(ONE, LAYERS), 5, 5)
              .promises(ZERO_AT_EQUALITY, NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          encoders(new HiddenCosine(ONE, LAYER), 5, 3)
              .promises(NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES),
          matched(embedding(LAYERS, EmbeddingTargets.Distance.COSINE), Layers.EQUAL_VECTORS),
          projected(embedding(LAYER, EmbeddingTargets.Distance.COSINE), Layers.LONGER_TEACHER),
          projected(embedding(LAYER, EmbeddingTargets.Distance.MSE), Layers.LONGER_TEACHER),
          matched(embedding(List.of(), EmbeddingTargets.Distance.MSE), Layers.NONE),
          related(new EmbeddingRelations(ONE, LAYER), Layers.EQUAL_VECTORS),
          feature(new EmbeddingRelations(ONE, LAYER), Layers.LONGER_TEACHER)
              .promises(NON_NEGATIVE, PERMUTATION_INVARIANT),
          related(new EmbeddingRelations(ONE, List.of()), Layers.NONE));

  private static EmbeddingTargets embedding(
      List<LayerPair> pairs, EmbeddingTargets.Distance distance) {
    return new EmbeddingTargets(ONE, pairs, distance);
  }

  private static MiniLm miniLm(MiniLm.Form form, int heads) {
    return new MiniLm(ONE, form, heads, Optional.of(0), Optional.of(0));
  }

  /** Layers of encoders, of five tokens: two heads of attention, or states of some width. */
  private static TermContract encoders(Term term, long student, long teacher) {
    Layers layers =
        (pair, random) ->
            term.studentLayers().get(pair).startsWith("scores")
                ? List.of(new long[] {2, 5, 5}, new long[] {2, 5, 5})
                : List.of(new long[] {5, student}, new long[] {5, teacher});
    return TermContract.of(term, Outputs.CLASSES).layers(layers);
  }

  private static TermContract feature(FeatureTerm term, Layers layers) {
    return TermContract.of(term, Outputs.CLASSES).layers(layers);
  }

  /** Features compared as they are, sample by sample. */
  private static TermContract matched(FeatureTerm term, Layers layers) {
    return feature(term, layers)
        .promises(ZERO_AT_EQUALITY, NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES);
  }

  /** Features compared sample by sample, after something learnt or with a margin. */
  private static TermContract projected(FeatureTerm term, Layers layers) {
    return feature(term, layers).promises(NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES);
  }

  /** Features compared after something learnt that looks at the whole batch. */
  private static TermContract normalised(FeatureTerm term, Layers layers) {
    return feature(term, layers).promises(NON_NEGATIVE, PERMUTATION_INVARIANT);
  }

  /** Relations among the samples of a batch. */
  private static TermContract related(FeatureTerm term, Layers layers) {
    return feature(term, layers).promises(ZERO_AT_EQUALITY, NON_NEGATIVE, PERMUTATION_INVARIANT);
  }

  /** A divergence between distributions, averaged over samples. */
  private static TermContract divergence(Term term, Outputs outputs) {
    return TermContract.of(term, outputs)
        .promises(
            ZERO_AT_EQUALITY,
            NON_NEGATIVE,
            SHIFT_INVARIANT,
            PERMUTATION_INVARIANT,
            MEAN_OVER_SAMPLES);
  }

  private static TermContract regression(Distance.Kind kind) {
    return TermContract.of(new OutputRegression(1, new Distance(kind, 0.5)), Outputs.NUMBERS)
        .promises(ZERO_AT_EQUALITY, NON_NEGATIVE, PERMUTATION_INVARIANT, MEAN_OVER_SAMPLES);
  }

  // ---- seeds

  private static Stream<Arguments> with(List<TermContract> contracts) {
    Long chosen = Long.getLong("ranbiki.seed");
    List<Long> seeds = chosen == null ? List.of(1L, 2L, 3L) : List.of(chosen);
    return contracts.stream().flatMap(c -> seeds.stream().map(seed -> Arguments.of(c, seed)));
  }

  private static Stream<Arguments> promising(Promise promise) {
    return with(TERMS.stream().filter(contract -> contract.keeps(promise)).toList());
  }

  static Stream<Arguments> all() {
    return with(TERMS);
  }

  static Stream<Arguments> zeroAtEquality() {
    return promising(ZERO_AT_EQUALITY);
  }

  static Stream<Arguments> nonNegative() {
    return promising(NON_NEGATIVE);
  }

  static Stream<Arguments> shiftInvariant() {
    return promising(SHIFT_INVARIANT);
  }

  static Stream<Arguments> permutationInvariant() {
    return promising(PERMUTATION_INVARIANT);
  }

  static Stream<Arguments> meanOverSamples() {
    return promising(MEAN_OVER_SAMPLES);
  }

  /** A inputs with 3 to 9 samples and 4 to 12 classes, some samples without a label. */
  private static Drawn draw(TermContract contract, long seed) {
    Random sizes = new Random(seed);
    int batch = 3 + sizes.nextInt(7); // of two, all relations are alike
    int classes = 4 + sizes.nextInt(9);
    return contract.draw(seed, batch, classes, Values.NORMAL, false);
  }

  /** What is asked of a term that was bound to a inputs. */
  private interface Question {
    void ask(TermLoss loss);
  }

  private static void bound(TermContract contract, Drawn drawn, Question question) {
    try (Generator generator = new Generator(7);
        TermLoss loss = contract.term().bind(drawn.inputs(), generator)) {
      question.ask(loss);
    }
  }

  // ---- what some methods promise

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource
  void zeroAtEquality(TermContract contract, long seed) {
    try (TensorScope scope = TensorScope.open("contract")) {
      Drawn equal = draw(contract, seed).equal();
      bound(
          contract,
          equal,
          loss -> {
            Tensor value = loss.value(equal.inputs());
            assertThat(value.item()).isCloseTo(0, within(2e-5));
            value.backward();
            for (Tensor leaf : equal.studentLeaves()) {
              Tensor grad = leaf.grad();
              if (grad != null) {
                assertThat(grad.norm().item()).isLessThan(1e-3);
              }
            }
          });
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource
  void nonNegative(TermContract contract, long seed) {
    try (TensorScope scope = TensorScope.open("contract")) {
      Drawn drawn = draw(contract, seed);
      bound(
          contract,
          drawn,
          loss -> assertThat(loss.value(drawn.inputs()).item()).isGreaterThanOrEqualTo(-1e-6));
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource
  void shiftInvariant(TermContract contract, long seed) {
    try (TensorScope scope = TensorScope.open("contract")) {
      Drawn drawn = draw(contract, seed);
      Drawn shifted = drawn.shifted(new Random(seed));
      bound(
          contract,
          drawn,
          loss -> {
            double before = loss.value(drawn.inputs()).item();
            assertThat(loss.value(shifted.inputs()).item())
                .isCloseTo(before, within(1e-4 * Math.max(1, before)));
          });
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource
  void permutationInvariant(TermContract contract, long seed) {
    try (TensorScope scope = TensorScope.open("contract")) {
      Drawn drawn = draw(contract, seed);
      List<Long> order = new ArrayList<>(LongStream.range(0, drawn.size()).boxed().toList());
      Collections.shuffle(order, new Random(seed));
      Drawn permuted = drawn.permuted(order.stream().mapToLong(Long::longValue).toArray());
      bound(
          contract,
          drawn,
          loss -> {
            double before = loss.value(drawn.inputs()).item();
            assertThat(loss.value(permuted.inputs()).item())
                .isCloseTo(before, within(1e-5 * Math.max(1, Math.abs(before))));
          });
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource
  void meanOverSamples(TermContract contract, long seed) {
    try (TensorScope scope = TensorScope.open("contract");
        Generator generator = new Generator(7)) {
      // Some samples have no label, and one of the parts may have none at all.
      Drawn whole = contract.draw(seed, 8, 6, Values.NORMAL, false);
      Drawn parts = contract.draw(seed, 8, 6, Values.NORMAL, false);
      try (Objective.Bound objective =
          Objective.of(contract.term()).bind(whole.inputs(), generator)) {
        LossBreakdown expected = objective.loss(whole.inputs());
        double value = expected.values().total();
        expected.backward();
        Map<String, Double> all = objective.counts(whole.inputs().batch());
        double sum = 0;
        for (Drawn part : List.of(parts.part(0, 3), parts.part(3, 1), parts.part(4, 4))) {
          LossBreakdown loss = objective.loss(part.inputs());
          Map<String, Double> shares = objective.counts(part.inputs().batch());
          shares.replaceAll((name, count) -> count / all.get(name));
          sum += loss.values().times(shares).total();
          loss.backward(shares);
        }
        assertThat(sum).isCloseTo(value, within(1e-5 * Math.max(1, Math.abs(value))));
      }
      for (int i = 0; i < whole.studentLeaves().size(); i++) {
        Tensor expected = whole.studentLeaves().get(i).grad();
        Tensor actual = parts.studentLeaves().get(i).grad();
        assertThat(actual == null).isEqualTo(expected == null);
        if (expected != null && actual != null) {
          double scale = expected.abs().flatten(0).amax(0, false).item();
          double difference = actual.sub(expected).abs().flatten(0).amax(0, false).item();
          assertThat(difference).isLessThanOrEqualTo(1e-5 * scale + 1e-8);
        }
      }
    }
  }

  @Test
  void termsThatSayWhatTheyAreMeansOver_promiseIt_andTheOthersAreRefused() {
    for (TermContract contract : TERMS) {
      Objective objective = Objective.of(contract.term());
      if (contract.term().meanOver() != null) {
        assertThat(contract.keeps(MEAN_OVER_SAMPLES) || normalises(contract))
            .as(contract.toString())
            .isTrue();
        objective.requireParts("'accumulate: 4'");
      } else {
        assertThat(contract.keeps(MEAN_OVER_SAMPLES)).as(contract.toString()).isFalse();
        assertThatThrownBy(() -> objective.requireParts("'accumulate: 4'"))
            .isInstanceOf(RanbikiException.class)
            .hasMessage(
                "'accumulate: 4' computes a batch in parts, but %s is no mean over samples and must"
                    + " see the whole batch. Leave one of them out.",
                contract.term().name());
      }
    }
    assertThat(new BinaryTargets(ONE, ONE, Reduction.SUM).meanOver()).isNull();
    assertThat(new DivergenceTargets(ONE, ONE, 0, Reduction.SUM).meanOver()).isNull();
  }

  /** Whether the term trains a batch normalisation, whose statistics are those of each part. */
  private static boolean normalises(TermContract contract) {
    try (TensorScope scope = TensorScope.open("contract");
        Generator generator = new Generator(7);
        TermLoss loss = contract.term().bind(draw(contract, 1).inputs(), generator)) {
      return loss.modules().values().stream().anyMatch(module -> !module.treatsSamplesAlone());
    }
  }

  // ---- rows

  /** Terms on logits that take one class a row. */
  private static List<TermContract> onRows() {
    return TERMS.stream()
        .filter(contract -> contract.outputs() == Outputs.CLASSES)
        .filter(contract -> contract.term().studentLayers().isEmpty())
        .toList();
  }

  static Stream<Arguments> rows() {
    return with(onRows());
  }

  /**
   * Tokens and pixels give the value and gradient of their rows, to the bit, whatever stands where
   * a sample was padded or has no label.
   */
  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("rows")
  void maskedTokensAndUnlabelledPixels_changeNothing(TermContract contract, long seed) {
    try (TensorScope scope = TensorScope.open("contract")) {
      Drawn rows = contract.draw(seed, 7, 5, Values.NORMAL, true);
      LossBreakdown expected = loss(contract.term(), rows.inputs());
      expected.backward();
      float[] gradient = rows.student().logits().grad().toFloats();
      for (double waste : new double[] {0, -7, 80}) {
        Padded tokens = Padded.tokens(rows, waste);
        check(contract.term(), tokens, expected, gradient);
        Padded pixels = Padded.pixels(rows, waste);
        check(contract.term(), pixels, expected, gradient);
      }
    }
  }

  private static LossBreakdown loss(Term term, LossInputs inputs) {
    return LossExamples.loss(Objective.of(term), inputs);
  }

  private static void check(Term term, Padded padded, LossBreakdown expected, float[] gradient) {
    LossBreakdown actual = loss(term, padded.inputs());
    assertThat(actual.values()).isEqualTo(expected.values());
    actual.backward();
    float[] grads = padded.student().grad().toFloats();
    int classes = (int) padded.student().size(-1);
    int row = 0;
    for (int position = 0; position < padded.counts().length; position++) {
      for (int c = 0; c < classes; c++) {
        assertThat(grads[position * classes + c])
            .isEqualTo(padded.counts()[position] ? gradient[row * classes + c] : 0);
      }
      row += padded.counts()[position] ? 1 : 0;
    }
    assertThat(row).isEqualTo(gradient.length / classes);
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("rows")
  void aBatchInWhichNoPositionCounts_givesZero(TermContract contract, long seed) {
    try (TensorScope scope = TensorScope.open("contract")) {
      Drawn rows = contract.draw(seed, 7, 5, Values.NORMAL, true);
      if (contract.term().meanOver() != null) {
        LossBreakdown loss = loss(contract.term(), Padded.tokens(rows, 3).withoutLabels());
        assertThat(loss.values().total()).isZero();
        loss.backward();
      }
    }
  }

  // ---- what is asked of every term

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("all")
  void theGradient_reachesTheStudentAndNeverTheTeacher(TermContract contract, long seed) {
    try (TensorScope scope = TensorScope.open("contract")) {
      Drawn drawn = draw(contract, seed);
      bound(contract, drawn, loss -> loss.value(drawn.inputs()).backward());

      List<String> layers = contract.term().studentLayers();
      for (String layer : layers) {
        assertThat(norm(drawn.student().feature(layer))).as(layer).isPositive();
      }
      if (layers.isEmpty()) {
        assertThat(norm(drawn.student().logits())).isPositive();
      }
      assertThat(drawn.teacherLeaves()).allMatch(leaf -> leaf.grad() == null);
    }
  }

  private static double norm(Tensor leaf) {
    Tensor grad = leaf.grad();
    return grad == null ? 0 : grad.norm().item();
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("all")
  void theGradient_isTheSumOfTheWeightedTerms(TermContract contract, long seed) {
    try (TensorScope scope = TensorScope.open("contract")) {
      Drawn drawn = draw(contract, seed);
      Term other = new SquaredOutputs(Ramp.constant(0.25));
      LossBreakdown loss = LossExamples.loss(Objective.of(contract.term(), other), drawn.inputs());

      assertThat(loss.terms()).containsOnlyKeys(contract.term().name(), "squared-outputs");
      Tensor sum = null;
      for (String name : loss.terms().keySet()) {
        Tensor term = loss.terms().get(name).mul(loss.weights().get(name));
        sum = sum == null ? term : sum.add(term);
      }
      double total = sum.item();
      assertThat(loss.values().total())
          .isCloseTo(total, within(1e-5 * Math.max(1, Math.abs(total))));

      sum.backwardKeepingGraph();
      List<Tensor> leaves = drawn.studentLeaves();
      List<Tensor> expected = new ArrayList<>();
      for (Tensor leaf : leaves) {
        Tensor grad = leaf.grad();
        expected.add(grad == null ? leaf.mul(0) : grad.copy());
      }
      loss.backward(Map.of(contract.term().name(), -0.5, other.name(), -0.5));
      for (int i = 0; i < leaves.size(); i++) {
        Tensor grad = leaves.get(i).grad();
        double norm = expected.get(i).norm().item();
        double rest = grad == null ? 0 : grad.add(expected.get(i), -0.5).norm().item();
        assertThat(rest).isLessThanOrEqualTo(1e-5 * Math.max(1e-3, norm));
      }
    }
  }

  /** A second term that any inputs will do for. */
  private record SquaredOutputs(Ramp weight) implements Term {
    @Override
    public String name() {
      return "squared-outputs";
    }

    @Override
    public TermLoss bind(LossInputs example, Generator generator) {
      return inputs -> inputs.studentLogits().pow(2).mean();
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("all")
  void nothingIsLeft_whenScopeAndTermAreClosed(TermContract contract, long seed) {
    long before = Tensor.live();
    try (TensorScope scope = TensorScope.open("contract")) {
      Drawn drawn = draw(contract, seed);
      bound(
          contract,
          drawn,
          loss -> {
            long bound = Tensor.live();
            for (int step = 0; step < 2; step++) {
              try (TensorScope stepScope = TensorScope.open("step")) {
                loss.value(drawn.inputs()).backward();
              }
            }
            assertThat(Tensor.live()).as("after two steps").isEqualTo(bound);
          });
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  // ---- extreme inputs

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("all")
  void hugeAnswers_giveFiniteValuesAndGradients(TermContract contract, long seed) {
    finite(contract, seed, 8, 10, Values.EXTREME);
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("all")
  void oneSample_givesFiniteValuesAndGradients(TermContract contract, long seed) {
    finite(contract, seed, 1, 10, Values.NORMAL);
    finite(contract, seed, 1, 10, Values.EXTREME);
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("all")
  void aThousandClasses_giveFiniteValuesAndGradients(TermContract contract, long seed) {
    finite(contract, seed, 4, 1000, Values.NORMAL);
    finite(contract, seed, 4, 1000, Values.EXTREME);
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("all")
  void constantAnswers_giveFiniteValuesAndGradients(TermContract contract, long seed) {
    finite(contract, seed, 4, 10, Values.ZERO);
    finite(contract, seed, 4, 10, Values.CONSTANT);
  }

  private static void finite(
      TermContract contract, long seed, int batch, int classes, Values values) {
    try (TensorScope scope = TensorScope.open("contract")) {
      Drawn drawn = contract.draw(seed, batch, classes, values, false);
      bound(
          contract,
          drawn,
          loss -> {
            Tensor value = loss.value(drawn.inputs());
            assertThat(value.item()).isFinite();
            value.backward();
          });
      for (Tensor leaf : drawn.studentLeaves()) {
        Tensor grad = leaf.grad();
        assertThat(grad == null || grad.isAllFinite()).isTrue();
      }
    }
  }
}
