package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.Golden;
import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReviewKdTest {

  static List<String> fusions() {
    return Golden.ids("16-reviewkd.abf");
  }

  @Test
  void contextLoss_agreesWithTheReference() {
    try (TensorScope scope = TensorScope.open("golden")) {
      FeatureGolden golden = FeatureGolden.of("16-reviewkd.hcl");
      Tensor total = io.ranbiki.tensor.Tensors.scalar(0);
      for (int i = 0; i < golden.pairs().size(); i++) {
        total = total.add(ReviewKd.contextLoss(golden.student(i), golden.teacher(i).detach()));
      }
      golden.checkStep(total);
    }
  }

  @ParameterizedTest
  @MethodSource("fusions")
  void fusion_agreesWithTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden");
        Generator generator = new Generator(1)) {
      FeatureGolden features = FeatureGolden.of(id);
      Golden golden = features.golden();
      Tensor deeper = golden.has("in.residual") ? golden.leaf("in.residual") : null;
      ReviewKd.Fusion fusion = new ReviewKd.Fusion(3, 4, 5, deeper != null, generator);
      features.load(fusion, path -> path);
      Tensor teacher = features.teacher(0).detach();

      ReviewKd.Fusion.Fused fused =
          fusion.fuse(features.student(0), deeper, teacher.size(2), teacher.size(3));

      golden.check("out.output", fused.output());
      golden.check("out.residual", fused.residual());
      features.checkStep(ReviewKd.contextLoss(fused.output(), teacher));
      if (deeper != null) {
        golden.checkGrad("in.residual", deeper);
      }
    }
  }

  @Test
  void cascade_agreesWithTheReference() {
    FeatureGolden.check(
        "16-reviewkd.cascade",
        golden ->
            new ReviewKd(
                Ramp.constant(1), golden.pairs(), (long) golden.golden().number("mid_channel")),
        (module, path) -> module + "." + path);
  }

  @Test
  void pairsFromDeepToShallow_areRefused() {
    try (TensorScope scope = TensorScope.open("test");
        Generator generator = new Generator(1)) {
      Tensor large = generator.normal(0, 1, 2, 3, 8, 8);
      Tensor small = generator.normal(0, 1, 2, 3, 4, 4);
      LossInputs inputs =
          Features.inputs(Map.of("a", large, "b", small), Map.of("a", large, "b", small));
      ReviewKd term = new ReviewKd(1, List.of(new LayerPair("b", "b"), new LayerPair("a", "a")));

      assertThatThrownBy(() -> term.bind(inputs, generator))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "review-kd names the student layer 'b' before 'a', whose maps are larger; list the pairs in the order of computation.");
    }
  }
}
