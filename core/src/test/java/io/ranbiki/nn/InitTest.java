package io.ranbiki.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Initial weights beside those of PyTorch 2.13 after {@code torch.manual_seed(5)}: the same
 * distribution, drawn in the same order.
 */
class InitTest {

  private static final double CLOSE = 1e-6;

  private static void check(
      Function<Generator, Module> maker, double[] begin, double[] end, double... bias) {
    try (Generator generator = new Generator(5);
        Module layer = maker.apply(generator)) {
      // The layers of a model are brought to channels last later; here they are as PyTorch's.
      double[] weight = layer.parameters().get("weight").toDoubles();
      assertThat(Arrays.copyOf(weight, begin.length)).containsExactly(begin, within(CLOSE));
      assertThat(Arrays.copyOfRange(weight, weight.length - end.length, weight.length))
          .containsExactly(end, within(CLOSE));
      Tensor drawn = layer.parameters().get("bias");
      assertThat(drawn == null ? new double[0] : drawn.toDoubles())
          .containsExactly(bias, within(CLOSE));
    }
  }

  private static double[] values(double... values) {
    return values;
  }

  @Test
  void linear() {
    check(
        generator -> new Linear(3, 2, generator), // nn.Linear(3, 2)
        values(0.381341994, -0.431729913, 0.470505476),
        values(0.369419903, 0.485093653, -0.442659974),
        -0.387527287,
        0.274725646);
  }

  @Test
  void linearWithoutBias() {
    check(
        generator -> new Linear(3, 2, false, generator),
        values(0.381341994, -0.431729913, 0.470505476),
        values(0.369419903, 0.485093653, -0.442659974));
  }

  @Test
  void conv2d_countsTheInputsOfOneGroup() {
    check(
        generator ->
            new Conv2d(new Conv2d.Options(4, 4, 2, 1, 0, 1, 2, true), generator), // groups=2
        values(0.233523339, -0.264379501, 0.288124561, 0.226222575),
        values(-0.236078143, -0.167148754),
        -0.322323024,
        -0.00819393713,
        0.209630921,
        0.171958849);
  }

  @Test
  void convTranspose2d_countsItsOutputs() {
    check(
        generator -> new ConvTranspose2d(3, 2, 2, 2, 0, generator), // (3, 2, 2, stride=2)
        values(0.233523339, -0.264379501, 0.288124561, 0.226222575),
        values(-0.324763387, 0.201550737),
        0.335989773,
        -0.289670348);
  }

  @Test
  void conv2dForRelu_isKaimingNormalOverTheOutputs() {
    // nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu")
    check(
        generator -> Conv2d.forRelu(Conv2d.Options.of(2, 4, 3).noBias(), generator),
        values(0.434241325, 0.122302875, -0.403503716, -0.401018947, 0.475981712, -0.0633130297),
        values(0.20416908, 0.217924789));
    check(
        generator -> Conv2d.forRelu(Conv2d.Options.of(3, 6, 1).noBias(), generator),
        values(1.06366956, 0.29957965, -0.194249123, -0.557177722, -0.0748607814, -0.347429544),
        values(0.429997176, 0.0182771161));
  }

  @Test
  void batchNorm_beginsAsIdentity() {
    try (Module layer = new BatchNorm(3)) {
      assertThat(layer.state().get("weight").toFloats()).containsExactly(1, 1, 1);
      assertThat(layer.state().get("bias").toFloats()).containsExactly(0, 0, 0);
      assertThat(layer.state().get("running_mean").toFloats()).containsExactly(0, 0, 0);
      assertThat(layer.state().get("running_var").toFloats()).containsExactly(1, 1, 1);
      assertThat(layer.state().get("num_batches_tracked").toLongs()).containsExactly(0);
    }
  }
}
