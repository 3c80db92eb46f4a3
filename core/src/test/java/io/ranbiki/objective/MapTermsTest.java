package io.ranbiki.objective;

import io.ranbiki.Golden;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Terms that compare maps and train at most a regressor. */
class MapTermsTest {

  static List<String> attention() {
    return Golden.idsBut("06-at.", "06-at.paper");
  }

  static List<String> information() {
    return Golden.ids("09-vid.");
  }

  static List<String> selectivity() {
    return Golden.ids("12-nst.");
  }

  static List<String> flow() {
    return Golden.idsBut("13-fsp.", "13-fsp.torchdistill");
  }

  @ParameterizedTest
  @MethodSource("attention")
  void attentionTransfer_agreesWithTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden")) {
      FeatureGolden golden = FeatureGolden.of(id);
      for (LayerPair pair : golden.pairs()) {
        golden
            .golden()
            .check(
                "out.loss." + pair.student().substring(1),
                golden.value(attention(golden, List.of(pair))));
      }
      golden.checkStep(golden.value(attention(golden, golden.pairs())));
    }
  }

  private static AttentionTransfer attention(FeatureGolden golden, List<LayerPair> pairs) {
    return new AttentionTransfer(
        Ramp.constant(1000), pairs, golden.golden().number("p"), AttentionTransfer.Form.SQUARED);
  }

  @Test
  void attentionTransferOfThePaper_agreesWithTheReference() {
    FeatureGolden.check(
        "06-at.paper",
        golden ->
            new AttentionTransfer(
                Ramp.constant(1), golden.pairs(), 2, AttentionTransfer.Form.PAPER));
  }

  @ParameterizedTest
  @MethodSource("information")
  void variationalInformation_agreesWithTheReference(String id) {
    FeatureGolden.check(id, golden -> new VariationalInformation(1, golden.pairs()));
  }

  @ParameterizedTest
  @MethodSource("selectivity")
  void neuronSelectivity_agreesWithTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden")) {
      FeatureGolden golden = FeatureGolden.of(id);
      for (LayerPair pair : golden.pairs()) {
        golden
            .golden()
            .check(
                "out.loss." + pair.student().substring(1),
                golden.value(new NeuronSelectivity(50, List.of(pair))));
      }
      golden.checkStep(golden.value(new NeuronSelectivity(50, golden.pairs())));
    }
  }

  @ParameterizedTest
  @MethodSource("flow")
  void flowOfSolution_agreesWithTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden")) {
      FeatureGolden golden = FeatureGolden.of(id);
      List<LayerPair> pairs = golden.pairs();
      for (int i = 1; i < pairs.size(); i++) {
        golden
            .golden()
            .check(
                "out.loss." + (i - 1),
                golden.value(new FlowOfSolution(50, pairs.subList(i - 1, i + 1))));
      }
      golden.checkStep(golden.value(new FlowOfSolution(50, pairs)));
    }
  }

  @Test
  void flowOfSolutionByLargestValues_agreesWithTheReference() {
    try (TensorScope scope = TensorScope.open("golden")) {
      FeatureGolden golden = FeatureGolden.of("13-fsp.torchdistill");
      golden
          .golden()
          .check("out.loss_squared", golden.value(flow(golden, FlowOfSolution.Form.PAPER)));
      golden.checkStep(golden.value(flow(golden, FlowOfSolution.Form.COLUMN_NORMS)));
    }
  }

  private static FlowOfSolution flow(FeatureGolden golden, FlowOfSolution.Form form) {
    return new FlowOfSolution(Ramp.constant(1), golden.pairs(), form);
  }
}
