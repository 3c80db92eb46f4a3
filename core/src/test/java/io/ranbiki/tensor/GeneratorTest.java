package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.SafetensorsFile;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorTest {

  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open("test");
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** Numbers of PyTorch; made by src/test/python/make_pytorch_resources.py. */
  @ParameterizedTest
  @ValueSource(longs = {0, 123456789})
  void sameSeed_givesTheNumbersOfPyTorch(long seed) throws Exception {
    SafetensorsFile expected =
        Safetensors.read(
            Path.of(GeneratorTest.class.getResource("/pytorch/random.safetensors").toURI()));
    try (Generator generator = new Generator(seed)) {
      check(expected, seed + ".uniform.5", generator.uniform(-1, 2, 5));
      check(expected, seed + ".uniform.40", generator.uniform(0, 1, 40));
      check(expected, seed + ".normal.5", generator.normal(1, 3, 5));
      check(expected, seed + ".normal.40", generator.normal(0, 1, 40));
      check(expected, seed + ".bernoulli.40", generator.bernoulli(Tensors.zeros(40), 0.3));
    }
  }

  private static void check(SafetensorsFile expected, String name, Tensor actual) {
    assertThat(actual.toFloats()).as(name).isEqualTo(expected.entries().get(name).floats());
  }

  @Test
  void restoredState_isFollowedByTheSameNumbers() {
    try (Generator one = new Generator(3);
        Generator other = new Generator(4)) {
      one.normal(0, 1, 5);
      byte[] state = one.state();
      float[] next = one.normal(0, 1, 7).toFloats();
      other.restore(state);
      assertThat(other.normal(0, 1, 7).toFloats()).isEqualTo(next);
    }
  }

  @Test
  void stateThatIsNone_isRefusedInOneSentence() {
    try (Generator generator = new Generator(1)) {
      assertThatThrownBy(() -> generator.restore(new byte[3]))
          .isInstanceOf(TensorException.class)
          .hasMessageStartingWith("restore random state: ")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "Exception raised"));
    }
  }
}
