package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the golden cases of the terms on logits do not say. */
class LogitTermsTest {

  private TensorScope scope;
  private Tensor student;
  private Tensor teacher;

  @BeforeEach
  void open() {
    scope = TensorScope.open("logits");
    student = Tensors.of(new float[] {1, 2, 0.5f, -1, 0, 3, 2, 2, 1}, 3, 3).setRequiresGrad(true);
    teacher = Tensors.of(new float[] {3, 0, 1, 0.5f, 4, -2, 0, 1, 2}, 3, 3);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor labels(long... labels) {
    return Tensors.of(labels, labels.length);
  }

  @Test
  void dkd_leavesOutSamplesWithoutLabel() {
    Dkd term = new Dkd(1);
    double some =
        LossExamples.loss(term, LossExamples.of(student, teacher, labels(0, 1, -100))).item();
    LossInputs labelled =
        LossExamples.of(student.narrow(0, 0, 2), teacher.narrow(0, 0, 2), labels(0, 1));

    assertThat(some).isCloseTo(LossExamples.loss(term, labelled).item(), within(1e-6)).isPositive();
  }

  @Test
  void dkdWithoutAnyLabel_isZeroWithAZeroGradient() {
    Tensor loss =
        LossExamples.loss(new Dkd(1), LossExamples.of(student, teacher, labels(-100, -100, -100)));
    loss.backward();

    assertThat(loss.item()).isZero();
    assertThat(student.grad().toFloats()).containsOnly(0);
  }

  @Test
  void dkd_warmsUpOverTwentyEpochs() {
    Ramp weight = new Dkd(2).weight();

    assertThat(weight.at(new Progress(0, 240, 0, 10))).isZero();
    assertThat(weight.at(new Progress(10, 240, 100, 10))).isCloseTo(1, within(1e-12));
    assertThat(weight.at(new Progress(20, 240, 200, 10))).isEqualTo(2);
    assertThat(weight.at(new Progress(239, 240, 2399, 10))).isEqualTo(2);
  }

  @Test
  void targetAndNonTargetParts_makeUpSoftTargets() {
    // KL = TCKD + (1 - p_t[y]) NCKD for one sample: Zhao et al. 2022, equation 7
    LossInputs one = LossExamples.of(student.narrow(0, 0, 1), teacher.narrow(0, 0, 1), labels(1));
    Ramp flat = Ramp.constant(1);
    double target = LossExamples.loss(new Dkd(flat, flat, 1, 0, false), one).item();
    double nonTarget = LossExamples.loss(new Dkd(flat, flat, 0, 1, false), one).item();
    double others = 1 - teacher.softmax(1).toDoubles()[1];

    assertThat(LossExamples.loss(new SoftTargets(1, 1), one).item())
        .isCloseTo(target + others * nonTarget, within(1e-6));
  }

  @Test
  void teacherDecisions_areHardLabelsThatTheTeacherGives() {
    long[] likeliest = teacher.argmax(1).toLongs();
    double expected =
        LossExamples.loss(new HardLabels(1), LossExamples.of(student, teacher, labels(likeliest)))
            .item();

    // PyTorch: cross_entropy(student, teacher.argmax(1)); the labels count for nothing.
    assertThat(
            LossExamples.loss(
                    new TeacherDecisions(1), LossExamples.of(student, teacher, labels(-100, 0, 1)))
                .item())
        .isEqualTo(expected)
        .isPositive();
  }

  @Test
  void decisionsAlone_takeTheWeightOfWhatIsSoft_andLeaveLayersOut() {
    Objective objective =
        Objective.of(
            new HardLabels(0.3),
            new SoftTargets(0.5, 4),
            new Dkd(2),
            new Hint(50, List.of(new LayerPair("a", "b"))));
    assertThat(objective.decisionsAlone())
        .contains(Objective.of(new HardLabels(0.3), new TeacherDecisions(2.5)));
    assertThat(Objective.of(new HardLabels(1)).decisionsAlone()).isEmpty();
    assertThat(
            Objective.of(new HardLabels(1), new Hint(50, List.of(new LayerPair("a", "b"))))
                .decisionsAlone())
        .isEmpty();
  }

  @Test
  void softTargets_countSamplesWithoutLabel() {
    for (Term term : new Term[] {new SoftTargets(1, 2), new DivergenceTargets(1, 0.5)}) {
      double labelled =
          LossExamples.loss(term, LossExamples.of(student, teacher, labels(0, 1, 2))).item();
      double unlabelled =
          LossExamples.loss(term, LossExamples.of(student, teacher, labels(-100, -100, -100)))
              .item();

      assertThat(unlabelled).isEqualTo(labelled).isPositive();
    }
  }

  @Test
  void forwardKlAtOneTemperature_isSoftTargetsWithoutTheFactor() {
    LossInputs inputs = LossExamples.of(student, teacher, labels(0, 1, 2));
    Term forward = new DivergenceTargets(Ramp.constant(1), Ramp.constant(3), 0, Reduction.MEAN);

    assertThat(9 * LossExamples.loss(forward, inputs).item())
        .isCloseTo(LossExamples.loss(new SoftTargets(1, 3), inputs).item(), within(1e-6));
  }

  @Test
  void allClassesAsTopK_areSoftTargets() {
    LossInputs inputs = LossExamples.of(student, teacher, labels(0, 1, 2));
    Term all = new TopKTargets(Ramp.constant(1), Ramp.constant(2), 3, TopKTargets.Missing.BUCKET);

    assertThat(LossExamples.loss(all, inputs).item())
        .isCloseTo(LossExamples.loss(new SoftTargets(1, 2), inputs).item(), within(1e-6));
  }

  @Test
  void binaryLabels_leaveOutUnknownOnes() {
    Tensor logits = Tensors.of(new float[] {0, 2, -3, 50}, 2, 2);
    Tensor known = Tensors.of(new long[] {1, -100, 0, -100}, 2, 2);
    double expected = (Math.log(2) + Math.log1p(Math.exp(-3))) / 2;

    assertThat(
            LossExamples.loss(new BinaryLabels(1), LossExamples.of(logits, logits, known)).item())
        .isCloseTo(expected, within(1e-6));
  }

  @Test
  void boundedRegression_leavesAloneWhoIsBetterByTheMargin() {
    Tensor outputs = Tensors.of(new float[] {1, 2}, 2, 1).setRequiresGrad(true);
    Tensor taught = Tensors.of(new float[] {3, 2.1f}, 2, 1);
    Tensor truth = Tensors.of(new float[] {0, 0}, 2, 1);

    Tensor loss =
        LossExamples.loss(new BoundedRegression(1, 1), LossExamples.of(outputs, taught, truth));
    loss.backward();

    // errors 1 and 4 against 9 and 4.41: only the second is within the margin of the teacher's
    assertThat(loss.item()).isCloseTo(2, within(1e-6));
    assertThat(outputs.grad().toFloats()).containsExactly(0, 2);
  }
}
