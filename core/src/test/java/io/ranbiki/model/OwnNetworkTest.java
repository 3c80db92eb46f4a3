package io.ranbiki.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Network;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnNetworkTest {

  private static final ModelSpec SPEC = ModelSpec.of("my-own", List.of(4), 3);

  private static Network network(Generator generator) {
    return Network.of(SPEC.inputs().get(0), new Linear(4, 3, generator));
  }

  @Test
  void aNetworkThatIsBuiltFromASeed_canBeCopied() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = Model.of(SPEC, 1, OwnNetworkTest::network);
        Model copy = model.copy(2)) {
      assertThat(model.canBeCopied()).isTrue();
      assertThat(copy.apply(Tensors.ones(1, 4)).toFloats())
          .containsExactly(model.apply(Tensors.ones(1, 4)).toFloats());
      assertThat(model.spec().parameters()).isZero(); // nothing is known of it before it is built
      assertThat(model.parameterCount()).isEqualTo(15);
    }
  }

  @Test
  void pixels_reachTheNetworkAsNumbers() {
    Field bytes = new Field("image", Field.Kind.UINT8, List.of(1, 8, 8));
    assertThat(new ModelSpec("student-cnn", List.of(bytes), 10, Map.of()))
        .isEqualTo(ModelSpec.of("student-cnn", List.of(1, 8, 8), 10));
  }

  @Test
  void aNetworkThatIsGivenAsItIs_saysHowItCouldBeCopied() {
    try (Generator generator = new Generator(1);
        Model model = Model.of(SPEC, network(generator))) {
      assertThat(model.canBeCopied()).isFalse();
      assertThatThrownBy(() -> model.copy(0))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The network my-own was given as it is and cannot be copied, which is needed here."
                  + " Make its model by Model.of(spec, seed, generator -> network).");
    }
  }

  @Test
  void anotherNumberOfClassesThanSaid_isRefused() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = Model.of(ModelSpec.of("my-own", List.of(4), 7), 1, OwnNetworkTest::network)) {
      Batch batch = new Batch(Tensors.ones(2, 4), Tensors.of(new long[2], 2), new long[2], 0);
      assertThatThrownBy(() -> model.answer(batch))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The network my-own answers with 3 numbers, but its specification says 7 classes."
                  + " Build its last layer for these.");
    }
  }

  @Test
  void aFolderOfAMissingArchitecture_namesItAndTheWayOut(@TempDir Path folder) {
    try (Model model = Model.of(SPEC, 1, OwnNetworkTest::network)) {
      ModelFolder.write(folder, model, new ModelConfig(SPEC, Normalization.none(), List.of()), "");
    }
    assertThat(ModelFolder.readConfig(folder).spec()).isEqualTo(SPEC);
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith(
            folder
                + " holds a network of the architecture 'my-own', which is missing here; there are ")
        .hasMessageEndingWith(". Name the jar that holds it in RANBIKI_CLASSPATH.");
  }
}
