package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A teacher that gives a class the logit -infinity says that its probability is 0. Expected values
 * and gradients are those of PyTorch 2 in float64, the formulas written with probabilities and
 * {@code xlogy}.
 */
class MaskedClassesTest {

  private static final float MASKED = Float.NEGATIVE_INFINITY;
  private static final float[] TEACHER = {2, 1, MASKED, 0, 0, 1, MASKED, -2};
  private static final Ramp ONE = Ramp.constant(1);
  private static final Ramp FOUR = Ramp.constant(4);

  private TensorScope scope;
  private Tensor student;

  @BeforeEach
  void open() {
    scope = TensorScope.open("masked");
    student = Tensors.of(new float[] {1, 2, 3, 0.5f, 0, 0, 1, -1}, 2, 4).setRequiresGrad(true);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static LossInputs inputs(Tensor student, float[] teacher, long... labels) {
    long classes = teacher.length / labels.length;
    return LossExamples.of(
        student, Tensors.of(teacher, labels.length, classes), Tensors.of(labels, labels.length));
  }

  @Test
  void softTargets_giveTheValueOfPyTorch() {
    Tensor three = Tensors.of(new float[] {1, 2, 3, 0, 0, 1}, 2, 3).setRequiresGrad(true);
    float[] teacher = {2, 1, MASKED, 0, 1, MASKED};

    Tensor loss = LossExamples.loss(new SoftTargets(1, 4), inputs(three, teacher, 0, 1));
    loss.backward();

    assertThat(loss.item()).isCloseTo(8.625293, within(2e-6));
    for (float slope : three.grad().toFloats()) {
      assertThat(slope).isFinite();
    }
  }

  static List<Arguments> references() {
    return List.of(
        Arguments.of(
            new SoftTargets(1, 4),
            6.7429833,
            new double[] {
              -.4231103, -.1196748, .6847925, -.1420074, -.1996402, -.3961598, .6320848, -.0362848
            }),
        Arguments.of(
            new Dkd(ONE, FOUR, 1, 8, false),
            73.2503818,
            new double[] {
              -.4231103,
              -3.4676039,
              7.0970911,
              -3.2063769,
              -4.6060714,
              -.3961598,
              6.8737449,
              -1.8715137
            }),
        Arguments.of(
            new Dist(1),
            3.1798815,
            new double[] {
              -.0568452, .0081247, .0175004, .0312201, .0084371, -.2183421, .1534402, .0564648
            }),
        Arguments.of(
            new DivergenceTargets(1, 0),
            1.1882207,
            new double[] {
              -.289936, -.0063359, .3153978, -.0191259, -.0314423, -.2543863, .2672233, .0186052
            }),
        Arguments.of(
            new DivergenceTargets(1, 0.3),
            0.2445378,
            new double[] {
              -.0366652, -.0107411, .0531363, -.00573, -.011244, -.0444754, .0532927, .0024268
            }),
        Arguments.of(
            new TopKTargets(1, 2),
            1.0347834,
            new double[] {
              -.289936, -.0063359, .2737973, .0224746, -.0314423, -.2543863, .251757, .0340716
            }),
        Arguments.of(
            new TopKTargets(1, 3),
            1.1882207,
            new double[] {
              -.289936, -.0063359, .3153978, -.0191259, -.0314423, -.2543863, .2672233, .0186052
            }),
        Arguments.of(
            new TopKTargets(1, 4),
            1.1882207,
            new double[] {
              -.289936, -.0063359, .3153978, -.0191259, -.0314423, -.2543863, .2672233, .0186052
            }),
        Arguments.of(
            new BinaryTargets(1, 2),
            1.3971133,
            new double[] {
              -.0271498, .0271498, .2043936, .0155441, 0, -.0306148, .1556148, .0271498
            }));
  }

  @ParameterizedTest
  @MethodSource("references")
  void everyTermOnProbabilities_takesItForZero(Term term, double value, double[] gradient) {
    Tensor loss = LossExamples.loss(term, inputs(student, TEACHER, 0, 1));
    loss.backward();

    assertThat(loss.item()).isCloseTo(value, within(1e-5 * value));
    assertThat(student.grad().toDoubles()).containsExactly(gradient, within(5e-6));
  }

  @Test
  void dkd_whereTheTrueClassIsMasked_isFinite() {
    Tensor loss =
        LossExamples.loss(new Dkd(ONE, FOUR, 1, 8, false), inputs(student, TEACHER, 2, 2));
    loss.backward();

    assertThat(loss.item()).isCloseTo(9.1991892, within(1e-4));
    assertThat(student.grad().toDoubles())
        .containsExactly(
            new double[] {
              -1.8710614, .9863863, .6847925, .1998827, -.0048544, -1.577011, .6320848, .9497805
            },
            within(5e-6));
  }

  @Test
  void dkd_whereTheTrueClassAloneIsLeft_comparesNoOthers() {
    float[] only = {MASKED, 1, MASKED, MASKED, 0, 1, MASKED, -2};

    Tensor loss = LossExamples.loss(new Dkd(ONE, FOUR, 1, 8, false), inputs(student, only, 1, 1));
    loss.backward();

    assertThat(loss.item()).isCloseTo(46.5732035, within(5e-4));
    assertThat(student.grad().toDoubles())
        .containsExactly(
            new double[] {
              .4153476, -1.4666831, .6847925, .366543, -4.6060714, -.3961598, 6.8737449, -1.8715137
            },
            within(5e-6));
  }

  @Test
  void termsInWhichItHasNoMeaning_refuseItByName() {
    String advice = "; use soft-targets, for which that class has the probability 0.";
    Map<Term, String> refusals =
        Map.of(
            new StandardizedTargets(9, 2),
            "standardized-targets: the teacher gives a class the logit -Infinity, and such logits have no mean and standard deviation",
            new Dkd(ONE, FOUR, 1, 8, true),
            "dkd with standardize: the teacher gives a class the logit -Infinity, and such logits have no mean and standard deviation",
            new OutputRegression(1, Distance.SQUARED),
            "output-regression: the teacher gives a class the logit -Infinity, which the student's outputs can never match",
            new DivergenceTargets(1, 1),
            "divergence with interpolation 1: the teacher gives a class the logit -Infinity, to which the reverse divergence is infinite");
    refusals.forEach(
        (term, sentence) ->
            assertThatThrownBy(() -> LossExamples.loss(term, inputs(student, TEACHER, 0, 1)))
                .isInstanceOf(RanbikiException.class)
                .hasMessage(sentence + advice));
  }

  @Test
  void aStudentThatIsNotFinite_isNotHidden() {
    Tensor broken = Tensors.of(new float[] {1, 2, Float.NaN, 0.5f, 0, 0, 1, -1}, 2, 4);

    assertThat(LossExamples.loss(new SoftTargets(1, 4), inputs(broken, TEACHER, 0, 1)).item())
        .isNaN();
  }
}
