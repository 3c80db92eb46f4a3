package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The changes of colour-jitter and rand-augment beside torchvision's, by augment/make.py. */
class ColourChangeTest {

  private static final int[] SHAPE = {3, 5, 6};

  /** Numbers of torchvision are float32, and some go through several steps. */
  private static final float ROUNDING = 2e-5f;

  private static List<String> lines() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            ColourChangeTest.class.getResourceAsStream("/augment/expected.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  static List<String> cases() throws IOException {
    return lines().subList(2, lines().size());
  }

  private static float[] image() throws IOException {
    String[] words = lines().get(0).split(" ");
    float[] image = new float[words.length - 1];
    for (int i = 0; i < image.length; i++) {
      image[i] = Integer.parseInt(words[i + 1]) / 255f;
    }
    return image;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void eachChange_isTorchvisions(String line) throws IOException {
    String[] words = line.split(" ");
    double strength = Double.parseDouble(words[1]);
    int sign = Integer.parseInt(words[2]);
    float[] values = image();
    Pixels pixels = new Pixels(values, 0, SHAPE, new float[values.length]);
    if (words[0].equals("HUE")) {
      ColourChange.hue(pixels, 0.5 * sign * strength);
    } else {
      RandAugment.Change.valueOf(words[0]).apply(pixels, strength, sign);
    }
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i])
          .as("%s at %d", words[0], i)
          .isCloseTo(Float.parseFloat(words[3 + i]), within(ROUNDING));
    }
  }

  @Test
  void darkImage_isEqualizedAsTorchvisionDoesIt() throws IOException {
    byte[] expected = HexFormat.of().parseHex(lines().get(1).split(" ")[1]);
    float[] values = new float[expected.length];
    for (int i = 0; i < values.length; i++) {
      int x = i % 40;
      int y = i / 40 % 20;
      values[i] = (7 * x + 13 * y + 29 * (i / 800) + x * y) % 256 / 2 / 255f;
    }
    ColourChange.equalize(new Pixels(values, 0, new int[] {3, 20, 40}, new float[values.length]));
    for (int i = 0; i < values.length; i++) {
      assertThat(Math.round(values[i] * 255)).isEqualTo(expected[i] & 0xff);
    }
  }

  @Test
  void views_staySharesAndFollowTheirNames() throws IOException {
    for (Augmentation augmentation :
        List.of(new ColourJitter(0.4, 0.4, 0.4, 0.1), new RandAugment(2, 9))) {
      Augmentations one = new Augmentations(List.of(augmentation));
      List<String> seen = new ArrayList<>();
      for (int view = 0; view < 30; view++) {
        float[] values = image();
        float[] again = image();
        one.apply(new View(1, 2, view), values, 0, SHAPE, new float[values.length]);
        one.apply(new View(1, 2, view), again, 0, SHAPE, new float[values.length]);
        assertThat(again).containsExactly(values);
        for (float value : values) {
          assertThat(value).isBetween(0f, 1f);
        }
        seen.add(Arrays.toString(values));
      }
      assertThat(seen.stream().distinct().count()).isGreaterThan(20);
    }
  }

  @Test
  void words_nameEveryOption() {
    assertThat(new ColourJitter(0.1, 0.2, 0.3, 0.05).words())
        .isEqualTo("colour-jitter brightness 0.1 contrast 0.2 saturation 0.3 hue 0.05");
    assertThat(new RandAugment(3, 7).words()).isEqualTo("rand-augment changes 3 magnitude 7");
  }

  @Test
  void optionsOutOfRange_areRefused() {
    assertThatThrownBy(() -> new ColourJitter(0.1, 0.2, 0.3, 0.6))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith("The changes of a colour jitter are 0.1, 0.2, 0.3 and 0.6, but");
    assertThatThrownBy(() -> new RandAugment(0, 9))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith("A rand-augment of 0 changes with magnitude 9 is not possible");
  }

  @Test
  void resizedCropOfALongImage_takesTheMiddleWhereNothingFits_asTorchvisionDoes() {
    // RandomResizedCrop.get_params of torchvision with height 4, width 40: the middle 4 x 5.
    Pixels pixels = new Pixels(new float[160], 0, new int[] {1, 4, 40}, new float[160]);
    assertThat(pixels.middle(3 / 4.0)).isEqualTo(new Rectangle(0, 17, 4, 5));
    Pixels tall = new Pixels(new float[400], 0, new int[] {1, 40, 10}, new float[400]);
    assertThat(tall.middle(3 / 4.0)).isEqualTo(new Rectangle(13, 0, 13, 10));
    Pixels square = new Pixels(new float[100], 0, new int[] {1, 10, 10}, new float[100]);
    assertThat(square.middle(3 / 4.0)).isEqualTo(new Rectangle(0, 0, 10, 10));
  }

  @Test
  void imagesOfAnySize_becomeSquareParts() {
    float[] values = new float[1200];
    Arrays.fill(values, 0.5f);
    int[] shape =
        new Augmentations(List.of(new ResizedCrop(0.3)))
            .applyToAnySize(
                new View(0, 0, 0), values, new int[] {3, 20, 20}, new float[values.length]);
    assertThat(shape[1]).isEqualTo(shape[2]).isBetween(9, 20);
    for (int i = 0; i < 3 * shape[1] * shape[2]; i++) {
      assertThat(values[i]).isEqualTo(0.5f);
    }
  }
}
