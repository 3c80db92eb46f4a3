package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.Golden;
import io.ranbiki.objective.Hint.Projection;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HintTest {

  static List<String> regressors() {
    return Golden.ids("05-hint.convreg");
  }

  @ParameterizedTest
  @ValueSource(strings = {"05-hint.plain2d", "05-hint.plain4d"})
  void equalShapes_needNoProjector(String id) {
    FeatureGolden.check(id, golden -> new Hint(50, golden.pairs()));
  }

  @Test
  void otherChannels_passAPointwiseConvolution() {
    FeatureGolden.check(
        "05-hint.conv1x1",
        golden -> new Hint(50, golden.pairs()),
        (module, path) -> "proj." + path);
  }

  @ParameterizedTest
  @MethodSource("regressors")
  void regressor_agreesWithTheReference(String id) {
    FeatureGolden.check(
        id, golden -> new Hint(Ramp.constant(50), golden.pairs(), Projection.REGRESSOR));
  }

  @Test
  void notes_sayWhichRuleMatchedTheShapes() {
    try (TensorScope scope = TensorScope.open("test")) {
      TermLoss loss =
          new Hint(50, List.of(new LayerPair("features.6", "features.3")))
              .bind(
                  Features.inputs(
                      "features.3", new long[] {2, 4, 7, 7}, "features.6", new long[] {2, 8, 3, 5}),
                  Features.generator());
      assertThat(loss.notes())
          .isEqualTo(
              "features.6 -> features.3: student 7x7 averaged to 3x5, 1x1 convolution 4 to 8");
      loss.close();
    }
  }
}
