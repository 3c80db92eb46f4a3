package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchTest {

  private static final Names NAMES = new Names(new long[] {7, 8, 9}, 2);

  @Test
  void part_holdsItsSamplesOfEveryField_withMasksAndNames() {
    try (TensorScope scope = TensorScope.open("test")) {
      Batch batch =
          new Batch(
              Map.of(
                  "ids",
                  Tensors.of(new long[] {1, 2, 3, 0, 5, 0}, 3, 2),
                  Batch.TRUTH,
                  Tensors.of(new long[] {4, Functional.IGNORE, 6}, 3)),
              Map.of("ids", Tensors.of(new long[] {1, 1, 1, 0, 1, 0}, 3, 2)),
              NAMES);
      Batch part = batch.part(1, 3);
      assertThat(batch.labelled()).isEqualTo(2);
      assertThat(part.size()).isEqualTo(2);
      assertThat(part.ids()).containsExactly(8, 9);
      assertThat(part.view()).isEqualTo(2);
      assertThat(part.labelled()).isEqualTo(1);
      assertThat(part.field("ids").toLongs()).containsExactly(3, 0, 5, 0);
      assertThat(part.masks().get("ids").toLongs()).containsExactly(1, 0, 1, 0);
      assertThat(part.labels().toLongs()).containsExactly(Functional.IGNORE, 6);
    }
  }

  @Test
  void singleInput_isWhatIsNotTheTruth_andSeveralAreRefusedByName() {
    try (TensorScope scope = TensorScope.open("test")) {
      Batch one = new Batch(Tensors.zeros(3, 5), Tensors.of(new long[3], 3), NAMES.ids(), 0);
      assertThat(one.fields()).containsOnlyKeys(Batch.FEATURES, Batch.TRUTH);
      assertThat(one.inputs().shape()).containsExactly(3, 5);
      Batch two =
          new Batch(Map.of("a", Tensors.zeros(3, 1), "b", Tensors.zeros(3, 1)), Map.of(), NAMES);
      assertThat(two.labelled()).isZero();
      assertThatThrownBy(two::inputs)
          .isInstanceOf(RanbikiException.class)
          .hasMessageContaining("single input");
      assertThatThrownBy(two::labels).hasMessageContaining("'label'");
    }
  }

  private static Field field(String name) {
    return new Field(name, Field.Kind.INT64, List.of(Field.ANY));
  }

  private static Batch texts() {
    Tensor ids = Tensors.of(new long[] {5, 6, 7, 0}, 2, 2);
    Tensor mask = Tensors.of(new long[] {1, 1, 1, 0}, 2, 2);
    return new Batch(
        Map.of("input_ids", ids, Batch.TRUTH, Tensors.of(new long[] {0, 1}, 2)),
        Map.of("input_ids", mask),
        new Names(new long[] {1, 2}, 0));
  }

  @Test
  void networks_getTheFieldsAndTheMaskThatTheyName() {
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> inputs =
          texts().inputs(List.of(field("input_ids"), field("attention_mask")));

      assertThat(inputs.get("input_ids").toLongs()).containsExactly(5, 6, 7, 0);
      assertThat(inputs.get("attention_mask").toLongs()).containsExactly(1, 1, 1, 0);
      assertThat(texts().inputs(List.of(field("anything")))).containsOnlyKeys("anything");
    }
  }

  @Test
  void aFieldThatTheDataDoNotHave_isRefusedWithBothLists() {
    try (TensorScope scope = TensorScope.open("test")) {
      assertThatThrownBy(() -> texts().inputs(List.of(field("input_ids"), field("pixels"))))
          .isInstanceOf(RanbikiException.class)
          .hasMessageStartingWith(
              "The network takes the fields [input_ids INT64 [any], pixels INT64 [any]], but a"
                  + " sample has [")
          .hasMessageEndingWith(
              "] and no 'pixels'. Choose a network that takes what the data have.");
    }
  }
}
