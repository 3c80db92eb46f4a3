package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
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
}
