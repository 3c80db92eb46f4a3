package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.Golden;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Module;
import io.ranbiki.objective.FactorTransfer.Form;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Terms that always bring the student's features to the teacher's by something learnt. */
class StudentProjectionTermsTest {

  static List<String> reuse() {
    return Golden.ids("17-simkd.");
  }

  // ---- SimKD

  @ParameterizedTest
  @MethodSource("reuse")
  void simKd_agreesWithTheReference(String id) {
    FeatureGolden.check(
        id, golden -> new SimKd(1, golden.pairs()), (module, path) -> "transfer." + path);
  }

  @ParameterizedTest
  @MethodSource("reuse")
  void simKdStudent_answersThroughTheTeachersClassifier(String id) {
    try (TensorScope scope = TensorScope.open("golden");
        NoGrad noGrad = new NoGrad();
        Generator generator = new Generator(1)) {
      FeatureGolden golden = FeatureGolden.of(id);
      FeaturePair pair = FeaturePair.of(golden.inputs(), golden.pairs().get(0)).pooled();
      SimKdProjector projector =
          new SimKdProjector(pair.studentChannels(), pair.teacherChannels(), 2, generator);
      golden.load(projector, path -> "transfer." + path);
      Linear classifier = new Linear(pair.teacherChannels(), 5, generator);
      golden.load(classifier, path -> "cls_t." + path);

      projector.eval();
      Tensor evaluated = SimKd.logits(projector.apply(pair.student()), classifier);
      golden.golden().check("out.logits_eval", evaluated);

      projector.train();
      Tensor projected = projector.apply(pair.student());
      golden.golden().check("out.projected", projected);
      golden.golden().check("out.logits_train", SimKd.logits(projected, classifier));
      projector.close();
      classifier.close();
    }
  }

  // ---- overhaul

  @Test
  void overhaulMargins_agreeWithTheReference() {
    try (TensorScope scope = TensorScope.open("golden")) {
      Golden golden = Golden.load("18-ofd.margin");
      List<Double> margins =
          Overhaul.margins(golden.tensor("in.bn_weight"), golden.tensor("in.bn_bias"));
      float[] values = new float[margins.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = margins.get(i).floatValue();
      }
      golden.check("out.margin", io.ranbiki.tensor.Tensors.of(values, values.length));
    }
  }

  @Test
  void overhaulOfOneLayer_agreesWithTheReference() {
    try (TensorScope scope = TensorScope.open("golden")) {
      FeatureGolden golden = FeatureGolden.of("18-ofd.loss");
      golden.checkStep(
          Overhaul.partial(
              golden.student(0), golden.teacher(0).detach(), golden.golden().tensor("in.margin")));
    }
  }

  @Test
  void overhaul_agreesWithTheReference() {
    FeatureGolden.check(
        "18-ofd.full",
        golden -> {
          List<List<Double>> margins = new ArrayList<>();
          for (int i = 0; i < 2; i++) {
            margins.add(
                Overhaul.margins(
                    golden.golden().tensor("in.bn_weight." + i),
                    golden.golden().tensor("in.bn_bias." + i)));
          }
          return new Overhaul(Ramp.constant(1), golden.pairs(), margins);
        },
        (module, path) -> module + "." + path);
  }

  @Test
  void overhaulMargins_areElseTheMeanOfNegativeValues() {
    try (TensorScope scope = TensorScope.open("test");
        Generator generator = new Generator(1)) {
      Tensor teacher =
          io.ranbiki.tensor.Tensors.of(new float[] {-1, 2, -3, 4, 5, 6, 7, 8}, 1, 2, 2, 2);
      LossInputs inputs = Features.inputs(Map.of("s", teacher), Map.of("t", teacher));
      TermLoss loss = new Overhaul(1, List.of(new LayerPair("t", "s"))).bind(inputs, generator);
      Module connector = loss.modules().get("connectors.0");
      assertThat(connector.state().get("margin").toFloats()).containsExactly(-2, 0);
      loss.close();
    }
  }

  // ---- activation boundaries

  @ParameterizedTest
  @ValueSource(strings = {"14-ab.one-layer", "14-ab.three-layers"})
  void activationBoundary_agreesWithTheReference(String id) {
    FeatureGolden.check(id, golden -> boundary(golden, false));
  }

  @Test
  void activationBoundaryWithConnector_agreesWithTheReference() {
    FeatureGolden.check(
        "14-ab.connector",
        golden -> boundary(golden, true),
        (module, path) -> "c." + module + "." + path);
  }

  private static ActivationBoundary boundary(FeatureGolden golden, boolean connector) {
    return new ActivationBoundary(
        Ramp.constant(1), golden.pairs(), golden.golden().number("margin"), connector);
  }

  // ---- factors

  @ParameterizedTest
  @ValueSource(strings = {"14-ft.p2-1", "14-ft.p2-2"})
  void factorsOfAttention_agreeWithTheReference(String id) {
    FeatureGolden.check(
        id,
        golden ->
            new FactorTransfer(
                Ramp.constant(1),
                golden.pairs(),
                Form.ATTENTION,
                (int) golden.golden().number("p2"),
                0.5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"14-ft.paper-p1", "14-ft.paper-p2"})
  void factorDistance_agreesWithTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden")) {
      FeatureGolden golden = FeatureGolden.of(id);
      int power = (int) golden.golden().number("p");
      golden.checkStep(
          FactorTransfer.distance(golden.student(0), golden.teacher(0).detach(), power));
    }
  }

  @Test
  void translatorAndParaphraser_agreeWithTheReference() {
    try (TensorScope scope = TensorScope.open("golden");
        Generator generator = new Generator(1)) {
      FeatureGolden golden = FeatureGolden.of("14-ft.translator");
      FactorTransfer.Coder translator = FactorTransfer.Coder.translator(3, 3, generator);
      FactorTransfer.Coder paraphraser = FactorTransfer.Coder.paraphraser(6, 3, generator);
      golden.load(translator, path -> "translator." + path);
      golden.load(paraphraser, path -> "paraphraser." + path);
      Tensor student = translator.apply(golden.student(0));
      Tensor teacher = paraphraser.apply(golden.teacher(0).detach()).detach();

      golden.golden().check("out.factor_s", student);
      golden.golden().check("out.factor_t", teacher);
      FeaturePair factors = new FeaturePair(golden.pairs().get(0), student, teacher);
      golden.golden().check("out.loss_repdistiller", FactorTransfer.attentionDistance(factors, 1));
      golden.checkStep(FactorTransfer.distance(student, teacher, 1));
    }
  }
}
