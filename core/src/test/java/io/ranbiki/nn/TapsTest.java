package io.ranbiki.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TapsTest {

  /** Runs its parts in another order than they were added, one twice and one not at all. */
  private static final class Crossed extends Module {
    private final Module twice = child("twice", Activation.relu());
    private final Module once = child("once", Activation.relu());

    Crossed() {
      child("never", Activation.relu());
    }

    @Override
    protected Tensor forward(Tensor input) {
      return twice.apply(once.apply(twice.apply(input)).add(1));
    }
  }

  @Test
  void outputs_standInTheOrderOfComputation_aModuleThatRunsTwiceWhereItRanLast() {
    try (TensorScope scope = TensorScope.open("test");
        Module network = new Crossed();
        Taps taps = Taps.open(network, List.of("twice", "once"))) {
      network.apply(Tensors.of(new float[] {-1, 2}, 2));
      Map<String, Tensor> outputs = taps.take();
      assertThat(outputs.keySet()).containsExactly("once", "twice");
      assertThat(outputs.get("once").toFloats()).containsExactly(0, 2);
      assertThat(outputs.get("twice").toFloats()).containsExactly(1, 3);
    }
  }

  @Test
  void aModuleThatDoesNotRun_isRefusedWithAWayOut() {
    try (TensorScope scope = TensorScope.open("test");
        Module network = new Crossed();
        Taps taps = Taps.open(network, List.of("once", "never"))) {
      network.apply(Tensors.of(new float[] {-1, 2}, 2));
      assertThatThrownBy(taps::take)
          .isInstanceOfSatisfying(
              RanbikiException.class,
              e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
          .hasMessage(
              "module 'never' does not run by itself in this network and gives no output; name a"
                  + " layer around it or beside it");
    }
  }

  @Test
  void anUnknownPath_isNamedWithItsOwnerAndTheNearest() {
    try (Module network = new Crossed()) {
      assertThatThrownBy(() -> Taps.open("student crossed", network, List.of("onze")))
          .hasMessage(
              "student crossed has no module 'onze'; the nearest paths are 'once', 'twice',"
                  + " 'never'");
    }
  }
}
