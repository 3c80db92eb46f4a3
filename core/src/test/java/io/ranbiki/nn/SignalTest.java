package io.ranbiki.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignalTest {

  private static Answer.Top top() {
    return new Answer.Top(
        Tensors.of(new long[] {3, 1, 0, 2}, 2, 2),
        Tensors.of(new float[] {-1, -2, -3, -4}, 2, 2),
        Tensors.of(new float[] {0.5f, 0.25f}, 2),
        5);
  }

  @Test
  void part_cutsOutputsAndFeaturesTogether() {
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor logits = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
      Signal signal = new Signal(logits, Map.of("a", logits.mul(10)));

      Signal part = signal.part(1, 3);

      assertThat(part.logits().toFloats()).containsExactly(3, 4, 5, 6);
      assertThat(part.feature("a").toFloats()).containsExactly(30, 40, 50, 60);
    }
  }

  @Test
  void theLikeliestClasses_areCutAndChangedButForTheirNumbers() {
    try (TensorScope scope = TensorScope.open("test")) {
      Answer.Top part = top().map(tensor -> tensor.mul(2)).part(1, 2);

      assertThat(part.classes().toLongs()).containsExactly(0, 2);
      assertThat(part.logProbabilities().toFloats()).containsExactly(-6, -8);
      assertThat(part.logRest().toFloats()).containsExactly(0.5f);
      assertThat(part.of()).isEqualTo(5);
    }
  }

  @Test
  void detached_carriesNoGradient() {
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor weight = Tensors.ones(2, 2).setRequiresGrad(true);
      Signal signal = new Signal(weight.mul(2), Map.of("a", weight.mul(3)));

      Signal detached = signal.detached();

      assertThat(detached.logits().requiresGrad()).isFalse();
      assertThat(detached.feature("a").requiresGrad()).isFalse();
      assertThat(detached.detached()).isSameAs(detached);
    }
  }

  @Test
  void logits_ofTheLikeliestClasses_shareTheRestEvenly() {
    try (TensorScope scope = TensorScope.open("test")) {
      float[] logits = new Signal(Map.of(Signal.LOGITS, top()), Map.of()).logits().toFloats();

      float share = (float) (0.5 - Math.log(3));
      float other = (float) (0.25 - Math.log(3));
      assertThat(logits).containsExactly(share, -2, share, -1, share, -3, other, -4, other, other);
    }
  }

  @Test
  void logits_thatAreNotThere_areRefusedWithTheWayOut() {
    try (TensorScope scope = TensorScope.open("test")) {
      assertThatThrownBy(new Signal(Map.of("embedding", top()), Map.of())::logits)
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The answer holds no logits, only embedding. Take a network or a teacher that gives"
                  + " them.");
    }
  }
}
