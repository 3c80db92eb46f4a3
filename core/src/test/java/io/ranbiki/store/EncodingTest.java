package io.ranbiki.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Answer;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EncodingTest {

  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open("test");
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void float32_keepsEveryBit() {
    float[] logits = {1.1f, -0f, Float.MIN_VALUE, 3.4e38f, -80, 1e-20f};
    assertThat(roundTrip(Encoding.FLOAT32, logits, 3)).isEqualTo(logits);
    assertThat(Encoding.FLOAT32.unitBytes(List.of(10))).isEqualTo(4);
  }

  @Test
  void float16_roundsToElevenBits() {
    float[] logits = {1.1f, -8.03f, 80, -80, 0, 12.345f};
    float[] back = roundTrip(Encoding.FLOAT16, logits, 2);
    for (int i = 0; i < logits.length; i++) {
      assertThat(back[i]).isCloseTo(logits[i], within(Math.abs(logits[i]) / 2048 + 1e-7f));
    }
    assertThat(back[0]).isEqualTo(1.099609375f);
    assertThat(Encoding.FLOAT16.unitBytes(List.of(10))).isEqualTo(2);
  }

  @Test
  void float16_refusesWhatIsTooLarge() {
    Tensor logits = Tensors.of(new float[] {1, 70_000}, 1, 2);
    assertThatThrownBy(() -> Encoding.FLOAT16.encode(new Answer.Full(logits)))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "A logit of the teacher is beyond 65504, the largest number of float16. Store its"
                + " answers as float32.");
  }

  @Test
  void topK_keepsProbabilities_andSpreadsTheRestEvenly() {
    double[] p = {0.05, 0.4, 0.01, 0.3, 0.2, 0.04};
    float[] logits = new float[6];
    for (int i = 0; i < 6; i++) {
      logits[i] = (float) Math.log(p[i]) + 3; // any shift gives the same probabilities
    }
    double[] back = softmax(roundTrip(new TopK(3), logits, 6));
    assertThat(back)
        .containsExactly(new double[] {0.1 / 3, 0.4, 0.1 / 3, 0.3, 0.2, 0.1 / 3}, within(1e-6));
  }

  @Test
  void topK_isHandedOnAsTop() {
    float[] logits = {0, 2, 1, 5, 5, 4, 3, 2};
    Answer answer =
        new TopK(2)
            .decode(new TopK(2).encode(new Answer.Full(Tensors.of(logits, 2, 1, 4))), 2, 1, 4);
    assertThat(answer)
        .isInstanceOfSatisfying(
            Answer.Top.class,
            top -> {
              assertThat(top.classes().shape()).containsExactly(2, 1, 2);
              assertThat(top.classes().toLongs()).containsExactly(3, 1, 0, 1);
              assertThat(top.logRest().shape()).containsExactly(2, 1);
              double total = Math.exp(5) + Math.exp(4) + Math.exp(3) + Math.exp(2);
              assertThat(top.logRest().toFloats()[1])
                  .isCloseTo((float) Math.log((Math.exp(3) + Math.exp(2)) / total), within(1e-6f));
              assertThat(top.of()).isEqualTo(4);
            });
  }

  @Test
  void topK_ofAllClasses_losesNothing() {
    float[] logits = {-80, 3.5f, 80, 79.25f, 78, -1, 79.9f};
    double[] expected = softmax(logits);
    for (int k : new int[] {7, 8, 100}) {
      assertThat(softmax(roundTrip(new TopK(k), logits, 7)))
          .containsExactly(expected, within(1e-6));
    }
  }

  @Test
  void topK_keepsATinyMissingMass() {
    float[] back = roundTrip(new TopK(1), new float[] {0, -300, -300, -2000}, 4);
    // ln(2 e^-300 / 3), the rest spread over three classes
    assertThat(back[1]).isCloseTo((float) (-300 + Math.log(2.0 / 3)), within(1e-4f));
    assertThat(back).startsWith(0f).doesNotContain(Float.NEGATIVE_INFINITY);
  }

  @Test
  void topK_ofEqualLogits_keepsTheSmallerClassNumbers() {
    float[] back = roundTrip(new TopK(2), new float[] {1, 5, 5, 5, 5, 0}, 6);
    double total = 4 * Math.exp(5) + Math.exp(1) + 1;
    double rest = (2 * Math.exp(5) + Math.exp(1) + 1) / total;
    assertThat(back[1]).isCloseTo((float) Math.log(Math.exp(5) / total), within(1e-6f));
    assertThat(back[2]).isEqualTo(back[1]);
    assertThat(back[3]).isCloseTo((float) Math.log(rest / 4), within(1e-6f));
  }

  @Test
  void topK_numbersClassesBeyondShortAndInt() {
    for (int classes : new int[] {40_000, 65_536, 65_537, 100_000}) {
      float[] logits = new float[classes];
      logits[classes - 1] = 20;
      logits[33_000] = 19;
      float[] back = roundTrip(new TopK(2), logits, classes);
      assertThat(back[classes - 1] - back[33_000]).isCloseTo(1, within(1e-5f));
      assertThat(back[0]).isLessThan(back[33_000] - 15);
    }
    assertThat(new TopK(8).unitBytes(List.of(3, 65_536))).isEqualTo(8 * 6 + 4);
    assertThat(new TopK(8).unitBytes(List.of(65_537))).isEqualTo(8 * 8 + 4);
  }

  @Test
  void maskedClasses_stayMasked() {
    float masked = Float.NEGATIVE_INFINITY;
    float[] logits = {1, masked, -2, 0.5f, masked, masked, 3, masked};
    assertThat(roundTrip(Encoding.FLOAT32, logits, 4)).isEqualTo(logits);
    assertThat(roundTrip(Encoding.FLOAT16, logits, 4)).isEqualTo(logits);
    for (int k : new int[] {3, 4, 8}) { // the rest, if any, is masked
      float[] back = roundTrip(new TopK(k), logits, 4);
      for (int row = 0; row < 2; row++) {
        assertThat(softmax(Arrays.copyOfRange(back, 4 * row, 4 * row + 4)))
            .containsExactly(
                softmax(Arrays.copyOfRange(logits, 4 * row, 4 * row + 4)), within(1e-6));
      }
    }
    assertThat(roundTrip(new TopK(1), new float[] {masked, 7, masked}, 3))
        .containsExactly(masked, 0, masked);
  }

  @Test
  void float16_refusesToMaskWhatIsFinite() {
    Tensor logits = Tensors.of(new float[] {Float.NEGATIVE_INFINITY, -70_000, 1}, 1, 3);
    assertThatThrownBy(() -> Encoding.FLOAT16.encode(new Answer.Full(logits)))
        .hasMessageStartingWith("A logit of the teacher is beyond 65504");
  }

  @Test
  void names_areReadBack_andOthersRefused() {
    for (Encoding encoding : new Encoding[] {Encoding.FLOAT32, Encoding.FLOAT16, new TopK(8)}) {
      assertThat(Encoding.of(encoding.toString())).isEqualTo(encoding);
    }
    assertThatThrownBy(() -> Encoding.of("int8"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "There is no encoding 'int8' for stored answers. Use float32, float16, or top-k such as"
                + " top-8.");
    assertThatThrownBy(() -> Encoding.of("top-0"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("The number of classes to keep is 0, but must be 1 or more. Try top-8.");
  }

  private static float[] roundTrip(Encoding encoding, float[] logits, int classes) {
    int rows = logits.length / classes;
    byte[] bytes = encoding.encode(new Answer.Full(Tensors.of(logits, rows, classes)));
    List<Integer> shape = List.of(classes);
    int positions = encoding.positions(shape).stream().reduce(1, (a, b) -> a * b);
    assertThat(bytes).hasSize(rows * positions * encoding.unitBytes(shape));
    Answer answer = encoding.decode(bytes, rows, classes);
    assertThat(answer.shape()).containsExactly(rows, classes);
    assertThat(encoding.encode(answer))
        .as("an answer that was read is stored alike")
        .isEqualTo(bytes);
    Tensor back = answer.dense();
    assertThat(back.shape()).containsExactly(rows, classes);
    return back.toFloats();
  }

  private static double[] softmax(float[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double[] result = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      result[i] = Math.exp(logits[i] - largest);
      sum += result[i];
    }
    for (int i = 0; i < logits.length; i++) {
      result[i] /= sum;
    }
    return result;
  }
}
