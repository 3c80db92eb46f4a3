package io.ranbiki.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TapsTest {

  /** Runs its parts in another order than they were added, one twice and one not at all. */
  private static final class Crossed extends Layer {
    private final Layer twice = child("twice", Activation.relu());
    private final Layer once = child("once", Activation.relu());

    Crossed() {
      child("never", Activation.relu());
    }

    @Override
    protected Tensor forward(Tensor input) {
      return twice.apply(once.apply(twice.apply(input)).add(1));
    }
  }

  private TensorScope scope;
  private Model model;

  @BeforeEach
  void create() {
    scope = TensorScope.open("test");
    model = Model.create(ModelSpec.of("student-cnn", List.of(1, 8, 8), 10), 1);
  }

  @AfterEach
  void close() {
    model.close();
    scope.close();
  }

  private Tensor images() {
    return Tensors.ones(2, 1, 8, 8);
  }

  @Test
  void tappedOutputs_areThoseOfTheModules() {
    try (Taps taps = Taps.open(model.module(), List.of("classifier.2", "features.1"))) {
      Tensor logits = model.apply(images());
      Map<String, Tensor> features = taps.take();
      assertThat(features.keySet()).containsExactly("features.1", "classifier.2");
      assertThat(features.get("classifier.2").toFloats()).isEqualTo(logits.toFloats());
      assertThat(features.get("features.1").shape()).containsExactly(2, 16, 8, 8);
      assertThat(features.get("features.1").lt(0).sum().item()).as("after the ReLU").isZero();
    }
  }

  @Test
  void gradients_flowThroughATap() {
    try (Taps taps = Taps.open(model.module(), List.of("features.1"))) {
      model.apply(images());
      taps.take().get("features.1").sum().backward();
    }
    Map<String, Tensor> parameters = model.module().parameters();
    assertThat(parameters.get("features.0.weight").grad()).isNotNull();
    assertThat(parameters.get("features.0.weight").grad().norm().item()).isPositive();
    assertThat(parameters.get("features.3.weight").grad()).isNull();
  }

  @Test
  void closing_removesTheTaps() {
    Taps first = Taps.open(model.module(), List.of("features.1"));
    first.close();
    assertThat(model.module().modules().get("features.1").isTapped()).isFalse();
    model.apply(images());
    assertThatThrownBy(first::take).isInstanceOf(RanbikiException.class);
    try (Taps second = Taps.open(model.module(), List.of("features.1"))) {
      model.apply(images());
      assertThat(second.take()).containsOnlyKeys("features.1");
    }
  }

  @Test
  void secondTapOnAModule_isRefusedAndLeavesTheFirst() {
    try (Taps first = Taps.open(model.module(), List.of("features.1"))) {
      assertThatThrownBy(() -> Taps.open(model.module(), List.of("features.0", "features.1")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("module 'features.1' already has an open tap");
      assertThat(model.module().modules().get("features.0").isTapped()).isFalse();
      model.apply(images());
      assertThat(first.take()).containsOnlyKeys("features.1");
    }
  }

  @Test
  void outputs_areForgottenWhenTaken() {
    try (Taps taps = Taps.open(model.module(), List.of("features.1"))) {
      assertThatThrownBy(taps::take).isInstanceOf(RanbikiException.class);
      model.apply(images());
      taps.take();
      assertThatThrownBy(taps::take).isInstanceOf(RanbikiException.class);
    }
  }

  @Test
  void unknownPath_namesTheNearest() {
    assertThatThrownBy(() -> Taps.open(model.module(), List.of("feature.2")))
        .isInstanceOf(RanbikiException.class)
        .hasMessageMatching(
            "The network has no module 'feature\\.2'; the nearest paths are 'features\\.2'.*");
    assertThatThrownBy(() -> Taps.open(model.module(), List.of("")))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith("The network has no module ''; the nearest paths are ");
  }

  @Test
  void outputs_standInTheOrderOfComputation_aModuleThatRunsTwiceWhereItRanLast() {
    try (TensorScope scope = TensorScope.open("test");
        Layer network = new Crossed();
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
        Layer network = new Crossed();
        Taps taps = Taps.open(network, List.of("once", "never"))) {
      network.apply(Tensors.of(new float[] {-1, 2}, 2));
      assertThatThrownBy(taps::take)
          .isInstanceOfSatisfying(
              RanbikiException.class,
              e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
          .hasMessage(
              "The module 'never' does not run by itself in this network and gives no output; name a"
                  + " layer around it or beside it.");
    }
  }

  @Test
  void anUnknownPath_isNamedWithItsOwnerAndTheNearest() {
    try (Layer network = new Crossed()) {
      assertThatThrownBy(() -> Taps.open("student crossed", network, List.of("onze")))
          .hasMessage(
              "The student crossed has no module 'onze'; the nearest paths are 'once', 'twice',"
                  + " 'never'.");
    }
  }
}
