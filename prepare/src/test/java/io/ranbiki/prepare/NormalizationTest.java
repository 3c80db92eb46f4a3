package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class NormalizationTest {

  @Test
  void oneChannel_givesTheBitsOfPyTorch() {
    float[] sample = {9, 0, 1 / 255f, 100 / 255f, 1};
    new Normalization(new float[] {0.2860f}, new float[] {0.3530f})
        .apply(sample, 1, new int[] {1, 2, 2});
    // torch.tensor([0, 1, 100, 255], dtype=torch.uint8).float().div_(255).sub(0.2860).div(0.3530)
    assertThat(sample)
        .containsExactly(
            9,
            Float.intBitsToFloat(-1085314775),
            Float.intBitsToFloat(-1085501157),
            Float.intBitsToFloat(1050278137),
            Float.intBitsToFloat(1073836879));
  }

  @Test
  void channels_areNormalizedApart() {
    float[] sample = {1, 2, 3, 4};
    new Normalization(new float[] {1, 2}, new float[] {1, 0.5f})
        .apply(sample, 0, new int[] {2, 1, 2});
    assertThat(sample).containsExactly(0, 1, 2, 4);
  }

  @Test
  void none_changesNothing() {
    float[] sample = {1, 2};
    Normalization.none().apply(sample, 0, new int[] {2});
    assertThat(sample).containsExactly(1, 2);
  }

  @Test
  void equalNumbers_makeEqualNormalizations() {
    float[] mean = {1};
    Normalization first = new Normalization(mean, new float[] {2});
    mean[0] = 5;
    assertThat(first).isEqualTo(new Normalization(new float[] {1}, new float[] {2}));
    assertThat(first).hasToString("Normalization[mean=[1.0], std=[2.0]]");
  }

  @Test
  void meanAndDeviationOfPixels_areToldFromThoseOfBytes() {
    for (float[] good :
        new float[][] {{0.1307f, 0.3081f}, {0.5f, 0.5f}, {0, 1}, {0, 0.0039f}, {1, 0.25f}}) {
      assertThat(new Normalization(new float[] {good[0]}, new float[] {good[1]}).fitsPixels())
          .as("mean %s, std %s", good[0], good[1])
          .isTrue();
    }
    assertThat(Normalization.none().fitsPixels()).isTrue();
    for (float[] bad :
        new float[][] {{123.675f, 58.395f}, {0.5f, 1}, {-0.1f, 0.3f}, {1.1f, 0.3f}, {0.5f, 128}}) {
      float[] mean = {0.5f, bad[0], 0.5f};
      float[] std = {0.25f, bad[1], 0.25f};
      assertThat(new Normalization(mean, std).fitsPixels())
          .as("mean %s, std %s", bad[0], bad[1])
          .isFalse();
    }
  }

  @Test
  void wrongNumbers_areRefused() {
    refused(
        () -> new Normalization(new float[2], new float[] {1}),
        "The normalization has 2 means and 1 standard deviations");
    refused(
        () -> new Normalization(new float[] {0}, new float[] {0}),
        "The standard deviation of channel 0 is 0.0, but must be finite and above 0.");
    refused(
        () -> new Normalization(new float[] {Float.NaN}, new float[] {1}),
        "The mean of channel 0 is NaN, but must be finite.");
    refused(
        () ->
            new Normalization(new float[3], new float[] {1, 1, 1})
                .requireFits(new int[] {1, 28, 28}),
        "The normalization has 3 channels, but samples of shape [1, 28, 28] have 1.");
  }

  private static void refused(ThrowingCallable action, String message) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessageContaining(message);
  }
}
