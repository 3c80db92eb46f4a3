package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FieldTest {

  private static final Field IDS = new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY));

  @Test
  void lengthThatVaries_fitsEveryLength_butNoOtherDimensionOrKind() {
    assertThat(IDS.varies()).isTrue();
    assertThat(IDS.fits(new Values.Longs(new long[3], new int[] {3}))).isTrue();
    assertThat(IDS.fits(new Values.Longs(new long[3], new int[] {3, 1}))).isFalse();
    assertThat(IDS.fits(new Values.Floats(new float[3], new int[] {3}))).isFalse();
  }

  @Test
  void fixedLength_fitsItselfAlone() {
    Field image = new Field("image", Field.Kind.UINT8, List.of(1, 2, 2));
    assertThat(image.varies()).isFalse();
    assertThat(image.fits(new Values.Bytes(new byte[4], new int[] {1, 2, 2}))).isTrue();
    assertThat(image.fits(new Values.Bytes(new byte[4], new int[] {1, 1, 4}))).isFalse();
  }

  @Test
  void words_nameKindAndShape() {
    assertThat(IDS).hasToString("input_ids INT64 [any]");
  }

  @Test
  void impossibleShapes_areRefused() {
    assertThatThrownBy(() -> new Field("x", Field.Kind.UINT8, List.of(0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Values.Longs(new long[1], new int[] {2}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rowWithOneFieldMore_leavesTheOtherAsItWas() {
    Row one = Row.of("text", new Values.Text("a"));
    Row two = one.with("label", Values.Longs.of(3));
    assertThat(one.has("label")).isFalse();
    assertThat(two.arrays().keySet()).containsExactly("text", "label");
    assertThatThrownBy(() -> one.get("label")).hasMessageContaining("label");
  }
}
