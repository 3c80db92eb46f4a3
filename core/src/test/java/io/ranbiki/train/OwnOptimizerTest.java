package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.OwnJar;
import io.ranbiki.config.Catalogue;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An optimiser of a user's own is read, remembered and checkpointed as ours are. */
class OwnOptimizerTest {

  /** Steps along the running mean of the gradients. */
  private record Averaged(double learningRate, double decay) implements Optimizer {

    static Averaged read(Options options) {
      return new Averaged(
          options.number("learning-rate", 0.1, "Learning rate", Rule.above(0)),
          options.number("decay", 0.5, "Share of the mean that stays", Rule.between(0, 1)));
    }

    @Override
    public List<String> memories() {
      return List.of("mean");
    }

    @Override
    public Step begin(Tensor weights, Tensor gradients, Map<String, Tensor> memories) {
      Tensor mean = Objects.requireNonNull(memories.get("mean"));
      return (rate, step) -> {
        mean.copyFrom(mean.mul(decay).add(gradients, 1 - decay));
        weights.addInPlace(mean, -rate);
      };
    }
  }

  /** What stands in the user's jar. */
  public static final class Mine implements Catalogue {
    @Override
    public List<Provider<?>> providers() {
      return List.of(Provider.of(Optimizer.class, "averaged", "Along the mean.", Averaged::read));
    }
  }

  @TempDir Path folder;

  private Optimizer read(String yaml) throws Exception {
    return OwnJar.with(
        folder,
        Mine.class,
        () -> ConfigDocument.parse("a.yaml", yaml, List.of(), Map.of()).bind(Optimizer::read));
  }

  /** After n steps with a gradient g, the mean is g (1 - decay^n). */
  @Test
  void itsSteps_areTakenAndRemembered_andNothingIsLeftOver() throws Exception {
    Optimizer optimizer = read("optimizer: {averaged: {learning-rate: 0.5}}");
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor weight = Tensors.of(new float[] {1, -2}, 2).keep().setRequiresGrad(true);
      try (FlatParameters flat = new FlatParameters(List.of(weight));
          OptimizerState state = new OptimizerState(optimizer, flat)) {
        long before = Tensor.live();
        double moved = 0;
        for (int step = 1; step <= 5; step++) {
          flat.gradients().set(new float[] {2, 4});
          state.step(optimizer.learningRate());
          moved += 0.5 * (1 - Math.pow(0.5, step));
          assertThat(weight.toFloats()[0]).isCloseTo((float) (1 - 2 * moved), within(1e-6f));
          assertThat(weight.toFloats()[1]).isCloseTo((float) (-2 - 4 * moved), within(1e-6f));
        }
        assertThat(Tensor.live()).isEqualTo(before);
        assertThat(state.buffers()).containsOnlyKeys("mean");
      }
      weight.close();
    }
  }

  @Test
  void itsMistakes_haveLineColumnAndWhatWasMeant() {
    assertThatThrownBy(() -> read("optimizer: {averaged: {decy: 0.5}}"))
        .hasMessage(
            "a.yaml:1:24: Unknown key 'decy' in 'optimizer.averaged'; did you mean 'decay'?");
    assertThatThrownBy(() -> read("optimizer: average"))
        .hasMessageContaining("did you mean 'averaged'?");
  }
}
