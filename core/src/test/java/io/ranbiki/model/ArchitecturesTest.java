package io.ranbiki.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.nn.Taps;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the golden cases leave out: the residual network, dropout and initial weights. */
class ArchitecturesTest {

  private static final ModelSpec RESNET =
      ModelSpec.of("resnet", List.of(2, 6, 5), 4, Map.of("depth", 8, "width", 3));

  /** Number i of tensor k of the state is sin(1.7 i + k), a variance 1 and half of that. */
  private static Model filled() {
    Model model = Model.create(RESNET, 0);
    try (TensorScope scope = TensorScope.open("fill")) {
      int k = 0;
      for (Map.Entry<String, Tensor> entry : model.module().state().entrySet()) {
        if (!entry.getKey().endsWith("num_batches_tracked")) {
          boolean variance = entry.getKey().endsWith("running_var");
          Tensor tensor = entry.getValue();
          tensor.copyFrom(formula((int) tensor.count(), ++k, variance, tensor.shape()));
        }
      }
    }
    return model;
  }

  private static Tensor formula(int count, int k, boolean variance, long... shape) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      double sine = Math.sin(1.7 * i + k);
      values[i] = (float) (variance ? 1 + sine / 2 : sine);
    }
    return Tensors.of(values, shape);
  }

  // The values below: the network of He et al. 2016 with 1 x 1 shortcuts, written with torch 2.13
  // and computed in float64 on the same numbers.

  @Test
  void resnet_inEvaluation_agreesWithPyTorch() {
    try (TensorScope scope = TensorScope.open("resnet");
        Model model = filled()) {
      model.module().eval();
      double[] logits = {
        -33.73748397, -0.88675539, 33.99977799, 2.23058587,
        -54.66256095, 0.33164025, 54.97444573, 1.86589458
      };
      assertThat(model.apply(images()).toDoubles()).containsExactly(logits, within(1e-3));
    }
  }

  @Test
  void resnet_inTraining_agreesWithPyTorch_inAnswersStatisticsAndGradients() {
    try (TensorScope scope = TensorScope.open("resnet");
        Model model = filled()) {
      model.module().train();
      Tensor logits = model.apply(images());
      double[] expected = {
        -2.23174864, -3.65405357, 2.38140896, 3.71096310,
        -3.71250584, -4.75557420, 3.81733242, 4.87092823
      };
      assertThat(logits.toDoubles()).containsExactly(expected, within(1e-4));

      Functional.crossEntropy(logits, Tensors.of(new long[] {1, 3}, 2), 0).backward();
      gradient(model, "conv1.weight", 1.73894509);
      gradient(model, "layer1.0.conv2.weight", 0.75004248);
      gradient(model, "layer2.0.downsample.0.weight", 1.35763694);
      gradient(model, "layer3.0.conv1.weight", 0.86503668);
      gradient(model, "layer3.0.bn2.bias", 1.35308660);
      gradient(model, "fc.weight", 1.59215492);

      Map<String, Tensor> state = model.module().state();
      assertThat(state.get("layer2.0.downsample.1.running_var").toDoubles())
          .containsExactly(
              new double[] {0.51520126, 1.10893505, 1.35013107, 0.74669468, 0.61299780, 1.26700462},
              within(1e-5));
    }
  }

  private static Tensor images() {
    return formula(120, 0, false, 2, 2, 6, 5).copy(MemoryFormat.CHANNELS_LAST);
  }

  private static void gradient(Model model, String parameter, double norm) {
    float[] gradient = model.module().parameters().get(parameter).grad().toFloats();
    double sum = 0;
    for (float value : gradient) {
      sum += (double) value * value;
    }
    assertThat(Math.sqrt(sum)).as(parameter).isCloseTo(norm, within(1e-4));
  }

  /** Each weight begins as Kaiming normal over its outputs, whatever the number of its inputs. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "conv1",
        "layer1.0.conv1",
        "layer2.0.conv1",
        "layer3.0.conv2",
        "layer3.0.downsample.0"
      })
  void resnet_beginsWithTheSpreadOfItsOutputs(String path) {
    ModelSpec spec = ModelSpec.of("resnet", List.of(3, 8, 8), 10, Map.of("depth", 8, "width", 32));
    try (Model model = Model.create(spec, 4)) {
      Tensor weight = model.module().parameters().get(path + ".weight");
      double[] values = weight.toDoubles();
      double square = Arrays.stream(values).map(v -> v * v).sum() / values.length;
      long outputs = weight.size(0) * weight.size(2) * weight.size(3);
      double fiveDeviations = 5 / Math.sqrt(2.0 * values.length);
      assertThat(Math.sqrt(square) / Math.sqrt(2.0 / outputs)).isCloseTo(1, within(fiveDeviations));
    }
  }

  @Test
  void teacherCnn_dropsHalfOfItsHiddenUnits_inTrainingAlone() {
    ModelSpec spec = ModelSpec.of("teacher-cnn", List.of(1, 8, 8), 4);
    try (TensorScope scope = TensorScope.open("teacher-cnn");
        Model model = Model.create(spec, 1);
        Taps taps =
            Taps.open(
                model.module(),
                List.of("features", "classifier.0", "classifier.2", "classifier.3"))) {
      Tensor images = formula(64 * 64, 0, false, 64, 1, 8, 8).copy(MemoryFormat.CHANNELS_LAST);
      model.module().train();
      model.apply(images);
      Map<String, Tensor> training = taps.take();
      assertHalf(training.get("features").flatten(1), training.get("classifier.0"));
      assertHalf(training.get("classifier.2"), training.get("classifier.3"));

      model.module().eval();
      model.apply(images);
      Map<String, Tensor> asked = taps.take();
      assertThat(asked.get("classifier.3").toFloats())
          .isEqualTo(asked.get("classifier.2").toFloats());
    }
  }

  /** Of what is not 0 before, half is dropped and the other half doubled. */
  private static void assertHalf(Tensor before, Tensor after) {
    float[] in = before.toFloats();
    float[] out = after.toFloats();
    int alive = 0;
    int kept = 0;
    for (int i = 0; i < in.length; i++) {
      if (in[i] != 0) {
        alive++;
        assertThat(out[i]).isIn(0f, 2 * in[i]);
        kept += out[i] == 0 ? 0 : 1;
      }
    }
    assertThat(alive).isGreaterThan(1000);
    assertThat((double) kept / alive).isCloseTo(0.5, within(5 * 0.5 / Math.sqrt(alive)));
  }

  @Test
  void aTitle_leavesOutTheWidthOfLayersOfWhichThereAreNone() {
    assertThat(ModelSpec.of("mlp", List.of(4), 3, Map.of("hidden", 64, "layers", 0)).title())
        .isEqualTo("mlp(layers=0)");
    assertThat(ModelSpec.of("mlp", List.of(4), 3, Map.of("hidden", 64, "layers", 1)).title())
        .isEqualTo("mlp(hidden=64, layers=1)");
  }
}
