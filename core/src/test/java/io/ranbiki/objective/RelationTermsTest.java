package io.ranbiki.objective;

import io.ranbiki.Golden;
import io.ranbiki.objective.CorrelationCongruence.Form;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Terms that compare how the samples of a batch relate to each other. */
class RelationTermsTest {

  static List<String> similarity() {
    return Golden.ids("07-sp.");
  }

  static List<String> relations() {
    return Golden.ids("10-rkd.");
  }

  static List<String> probabilities() {
    return Golden.ids("11-pkt.");
  }

  @ParameterizedTest
  @MethodSource("similarity")
  void similarityPreserving_agreesWithTheReference(String id) {
    FeatureGolden.check(id, golden -> new SimilarityPreserving(3000, golden.pairs()));
  }

  @ParameterizedTest
  @MethodSource("probabilities")
  void probabilisticTransfer_agreesWithTheReference(String id) {
    FeatureGolden.check(id, golden -> new ProbabilisticTransfer(30000, golden.pairs()));
  }

  @ParameterizedTest
  @MethodSource("relations")
  void relationalDistillation_agreesWithTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden")) {
      FeatureGolden golden = FeatureGolden.of(id);
      double distance = golden.golden().number("distance_weight");
      double angle = golden.golden().number("angle_weight");
      golden.golden().check("out.distance", golden.value(relational(golden, 1, 0)));
      golden.golden().check("out.angle", golden.value(relational(golden, 0, 1)));
      golden.checkStep(golden.value(relational(golden, distance, angle)));
    }
  }

  private static RelationalDistillation relational(
      FeatureGolden golden, double distance, double angle) {
    return new RelationalDistillation(Ramp.constant(1), golden.pairs(), distance, angle);
  }

  @Test
  void correlationOfNeighbours_agreesWithTheReference() {
    FeatureGolden.check(
        "08-cc.repdistiller",
        golden ->
            new CorrelationCongruence(
                Ramp.constant(1), golden.pairs(), Form.NEIGHBOURS, 5, 0.4, 2, true));
  }

  @ParameterizedTest
  @EnumSource(names = {"GAUSSIAN", "BILINEAR"})
  void correlationKernels_agreeWithTheReference(Form form) {
    try (TensorScope scope = TensorScope.open("golden")) {
      FeatureGolden golden =
          FeatureGolden.of("08-cc." + form.name().toLowerCase(java.util.Locale.ROOT));
      Tensor student = golden.student(0);
      golden
          .golden()
          .check(
              "out.loss_squared",
              kernels(golden, form, true).congruence(student, golden.teacher(0)));
      golden.checkStep(
          kernels(golden, form, false).congruence(student, golden.teacher(0).detach()));
    }
  }

  private static CorrelationCongruence kernels(FeatureGolden golden, Form form, boolean squared) {
    return new CorrelationCongruence(
        Ramp.constant(1),
        golden.pairs(),
        form,
        128,
        golden.golden().number("gamma"),
        (int) golden.golden().number("max_p"),
        squared);
  }
}
