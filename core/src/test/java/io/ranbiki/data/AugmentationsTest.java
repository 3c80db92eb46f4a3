package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.config.Provider;
import io.ranbiki.data.Flip.Direction;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AugmentationsTest {

  private static final int[] SHAPE = {2, 5, 7};

  /** Those that {@link SoundViewsTest} does together. */
  private static final List<String> OF_SOUNDS =
      List.of("time-shift", "time-mask", "frequency-mask");

  private static final Augmentations ALL =
      new Augmentations(
          List.of(
              new Crop(2),
              new Flip(Direction.HORIZONTAL),
              new Flip(Direction.VERTICAL),
              new Rotation(30),
              new ResizedCrop(0.5),
              new Erase(1, 0.1, 0.2),
              new ColourJitter(0.4, 0.4, 0.4, 0.1),
              new RandAugment(2, 9),
              new Noise(0.1)));

  private static float[] ramp(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (i + 1) / (float) length;
    }
    return values;
  }

  private static float[] view(Augmentations augmentations, long seed, long id, int number) {
    float[] values = ramp(70);
    augmentations.apply(new View(seed, id, number), values, 0, SHAPE, new float[70]);
    return values;
  }

  private static float[] view(Augmentation augmentation, int number) {
    return view(new Augmentations(List.of(augmentation)), 1, 2, number);
  }

  @Test
  void view_dependsOnSeedIdAndNumber() {
    float[] first = view(ALL, 1, 2, 3);
    assertThat(view(ALL, 1, 2, 3)).isEqualTo(first);
    assertThat(view(ALL, 2, 2, 3)).isNotEqualTo(first);
    assertThat(view(ALL, 1, 3, 3)).isNotEqualTo(first);
    assertThat(view(ALL, 1, 2, 4)).isNotEqualTo(first);
    assertThat(view(ALL, 2, 1, 3)).isNotEqualTo(view(ALL, 1, 2, 3));
  }

  @Test
  void view_isTheSameInAnotherProcess() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                AugmentationsTest.class.getName())
            .start();
    String printed;
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      printed = out.readLine();
    }
    assertThat(process.waitFor()).isZero();
    assertThat(printed).isEqualTo(Arrays.toString(view(ALL, 11, 12, 13)));
  }

  /** Prints a view, for the test above. */
  public static void main(String[] arguments) {
    System.out.println(Arrays.toString(view(ALL, 11, 12, 13)));
  }

  @Test
  void neighboursInTheArray_areLeftAlone() {
    float[] values = new float[72];
    Arrays.fill(values, 5);
    ALL.apply(new View(1, 2, 3), values, 1, SHAPE, new float[70]);
    assertThat(values[0]).isEqualTo(5);
    assertThat(values[71]).isEqualTo(5);
  }

  @Test
  void crop_reachesEveryPlaceAndFillsWithBlack() {
    float[] image = ramp(70);
    Set<String> places = new TreeSet<>();
    for (int number = 0; number < 400; number++) {
      float[] cropped = view(new Crop(1), number);
      String place = null;
      for (int down = -1; down <= 1; down++) {
        for (int right = -1; right <= 1; right++) {
          if (Arrays.equals(cropped, shifted(image, down, right))) {
            place = down + " " + right;
          }
        }
      }
      assertThat(place).as("a shift by one pixel at most").isNotNull();
      places.add(place);
    }
    assertThat(places).hasSize(9);
  }

  private static float[] shifted(float[] image, int down, int right) {
    float[] result = new float[70];
    for (int channel = 0; channel < 2; channel++) {
      for (int y = 0; y < 5; y++) {
        for (int x = 0; x < 7; x++) {
          int fromY = y - down;
          int fromX = x - right;
          if (fromY >= 0 && fromY < 5 && fromX >= 0 && fromX < 7) {
            result[channel * 35 + y * 7 + x] = image[channel * 35 + fromY * 7 + fromX];
          }
        }
      }
    }
    return result;
  }

  @Test
  void cropWithPaddingBeyondTheImage_canLeaveItBlack() {
    for (int number = 0; number < 200; number++) {
      assertThat(view(new Crop(20), number)).hasSize(70).doesNotContain(Float.NaN);
    }
  }

  @Test
  void flip_mirrorsHalfOfTheViews() {
    float[] image = ramp(70);
    for (Direction direction : Direction.values()) {
      float[] mirrored = new float[70];
      for (int i = 0; i < 70; i++) {
        int x = i % 7;
        int y = i / 7 % 5;
        int from = direction == Direction.HORIZONTAL ? i - x + 6 - x : i - 7 * y + 7 * (4 - y);
        mirrored[i] = image[from];
      }
      int flipped = 0;
      for (int number = 0; number < 1000; number++) {
        float[] view = view(new Flip(direction), number);
        assertThat(view).isIn(image, mirrored);
        flipped += Arrays.equals(view, mirrored) ? 1 : 0;
      }
      assertThat(flipped).as("of 1000, 5 standard deviations").isBetween(420, 580);
    }
  }

  @Test
  void rotation_agreesWithPyTorch() {
    float[] image = {
      0, .1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f, 1, .15f, .25f, .35f, .45f, .55f
    };
    new Pixels(image, 0, new int[] {1, 4, 4}, new float[16]).rotate(30);
    // torch.nn.functional.grid_sample of affine_grid with 30 degrees, align_corners=True, zeros
    float[] expected = {
      0.042885f, 0.172789f, 0.448686f, 0.306828f, 0.171891f, 0.458494f, 0.689984f, 0.238365f,
      0.45f, 0.754904f, 0.867644f, 0.513911f, 0.348607f, 0.529728f, 0.35024f, 0.205144f
    };
    assertThat(image).containsExactly(expected, within(1e-6f));
  }

  private static final float[] WIDE = {
    0, .1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f, 1, .15f, .25f, .35f, .45f
  };

  @Test
  void rotationOfAWideImage_agreesWithPyTorch() {
    float[] image = WIDE.clone();
    new Pixels(image, 0, new int[] {1, 3, 5}, new float[15]).rotate(30);
    // torch 2.13.0: grid_sample at the turned pixels about (2, 1), align_corners=True, zeros
    float[] expected = {
      0.0102885685f, 0.10358984f, 0.316987305f, 0.653589841f, 0.644855699f,
      0.0267949196f, 0.36339747f, 0.7f, 0.561602542f, 0.42320507f,
      0.332531755f, 0.525961905f, 0.260288572f, 0.181698728f, 0.05f
    };
    assertThat(image).containsExactly(expected, within(1e-6f));
  }

  @Test
  void halfTurn_isBothMirrors_whateverTheShape() {
    for (int[] shape : new int[][] {{2, 3, 5}, {2, 5, 3}, {1, 4, 6}, {3, 2, 5}}) {
      int length = shape[0] * shape[1] * shape[2];
      float[] turned = ramp(length);
      float[] mirrored = ramp(length);
      new Pixels(turned, 0, shape, new float[length]).rotate(180);
      Pixels mirror = new Pixels(mirrored, 0, shape, new float[length]);
      mirror.mirror(true);
      mirror.mirror(false);
      assertThat(turned).as(Arrays.toString(shape)).containsExactly(mirrored, within(1e-5f));
    }
  }

  @Test
  void stretchedPartOfAWideImage_agreesWithPyTorch() {
    float[] image = WIDE.clone();
    new Pixels(image, 0, new int[] {1, 3, 5}, new float[15]).stretch(new Rectangle(1, 0, 2, 2));
    // torch 2.13.0: interpolate of image[1:3, 0:2] to 3 x 5, bilinear, align_corners=False
    float[] expected = {
      0.5f, 0.51f, 0.55f, 0.59f, 0.6f, 0.75f, 0.7125f, 0.5625f, 0.4125f, 0.375f, 1, 0.915f, 0.575f,
      0.235f, 0.15f
    };
    assertThat(image).containsExactly(expected, within(1e-6f));
  }

  @Test
  void quarterTurn_isCounterClockwise() {
    float[] image = {1, 2, 3, 4};
    new Pixels(image, 0, new int[] {1, 2, 2}, new float[4]).rotate(90);
    assertThat(image).containsExactly(new float[] {2, 4, 1, 3}, within(1e-6f));
  }

  @Test
  void stretchedPart_agreesWithPyTorch() {
    float[] image = {
      0, .1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f, 1, .15f, .25f, .35f, .45f, .55f
    };
    new Pixels(image, 0, new int[] {1, 4, 4}, new float[16]).stretch(new Rectangle(1, 0, 2, 3));
    // torch 2.13.0: interpolate of image[1:3, 0:3] to 4 x 4, bilinear, align_corners=False
    float[] expected = {
      0.4f, 0.4625f, 0.5375f, 0.6f, 0.5f, 0.5625f, 0.6375f, 0.7f, 0.7f, 0.7625f, 0.8375f, 0.9f,
      0.8f, 0.8625f, 0.9375f, 1
    };
    assertThat(image).containsExactly(expected, within(1e-6f));
  }

  @Test
  void wholeImageAsPart_staysAsItIs() {
    float[] image = ramp(70);
    new Pixels(image, 0, SHAPE, new float[70]).stretch(new Rectangle(0, 0, 5, 7));
    assertThat(image).isEqualTo(ramp(70));
  }

  @Test
  void rectangles_haveTheAreaAndShapeThatWereAskedFor_andReachEveryCorner() {
    SplitMix random = new SplitMix(4);
    double area = 0;
    double shape = 0;
    Set<String> corners = new TreeSet<>();
    int drawn = 4_000;
    for (int i = 0; i < drawn; i++) {
      Rectangle part = Rectangle.random(random, 100, 100, 0.02, 0.1, 0.3).orElseThrow();
      double share = part.height() * part.width() / 1e4;
      // Rounding moves a side of 7 pixels or more by half of one.
      assertThat(share).isBetween(0.02 * 0.87, 0.1 * 1.13);
      assertThat((double) part.height() / part.width()).isBetween(0.3 * 0.9, 1 / 0.3 / 0.9);
      assertThat(part.top() + part.height()).isLessThanOrEqualTo(100);
      assertThat(part.left() + part.width()).isLessThanOrEqualTo(100);
      area += share / drawn;
      shape += Math.log((double) part.height() / part.width()) / drawn;
      corners.add((part.top() < 20) + " " + (part.left() < 20));
      corners.add("end " + (part.top() + part.height() == 100));
      corners.add("side " + (part.left() + part.width() == 100));
    }
    // Means of uniform numbers, within 5 standard deviations of them.
    assertThat(area).isCloseTo(0.06, within(5 * 0.08 / Math.sqrt(12.0 * drawn)));
    assertThat(shape).isCloseTo(0, within(5 * 2 * Math.log(1 / 0.3) / Math.sqrt(12.0 * drawn)));
    assertThat(corners).hasSize(8);
    assertThat(Rectangle.random(random, 1, 100, 0.9, 0.95, 0.3)).as("none fits").isEmpty();
  }

  @Test
  void erase_blackensOneRectangleInAllChannelsOfItsShareOfViews() {
    float[] image = ramp(70);
    int erased = 0;
    for (int number = 0; number < 1000; number++) {
      float[] view = view(new Erase(0.3, 0.1, 0.3), number);
      int top = 5;
      int left = 7;
      int bottom = -1;
      int right = -1;
      int black = 0;
      for (int i = 0; i < 35; i++) {
        assertThat(view[i] == 0).as("both channels").isEqualTo(view[35 + i] == 0);
        if (view[i] == 0) {
          black++;
          top = Math.min(top, i / 7);
          bottom = Math.max(bottom, i / 7);
          left = Math.min(left, i % 7);
          right = Math.max(right, i % 7);
        } else {
          assertThat(view[i]).isEqualTo(image[i]);
          assertThat(view[35 + i]).isEqualTo(image[35 + i]);
        }
      }
      if (black > 0) {
        erased++;
        assertThat(black).as("a rectangle").isEqualTo((bottom - top + 1) * (right - left + 1));
      }
    }
    assertThat(erased).as("300 of 1000, 5 standard deviations").isBetween(227, 373);
  }

  @Test
  void resizedCrop_staysWithinTheValuesOfTheImage() {
    float[] constant = new float[70];
    Arrays.fill(constant, 0.4f);
    Set<Float> corners = new TreeSet<>();
    for (int number = 0; number < 200; number++) {
      float[] values = constant.clone();
      new Augmentations(List.of(new ResizedCrop(0.1)))
          .apply(new View(1, 2, number), values, 0, SHAPE, new float[70]);
      assertThat(values).as("no black comes in").containsExactly(constant, within(1e-6f));
      corners.add(view(new ResizedCrop(0.1), number)[0]);
    }
    assertThat(corners).as("different parts").hasSizeGreaterThan(10);
  }

  @Test
  void everyAugmentation_isAmongThoseThatAreTestedTogether() {
    assertThat(ALL.list().stream().map(one -> one.words().split(" ")[0]).distinct())
        .containsExactlyInAnyOrderElementsOf(
            Provider.all(Augmentation.class).stream()
                .map(Provider::name)
                .filter(name -> !OF_SOUNDS.contains(name))
                .toList());
  }

  @Test
  void rotation_staysWithinItsAngle() {
    float[] still = ramp(70);
    double largest = 0;
    for (int number = 0; number < 200; number++) {
      float[] view = view(new Rotation(1e-3), number);
      for (int i = 0; i < 70; i++) {
        largest = Math.max(largest, Math.abs(view[i] - still[i]));
      }
    }
    assertThat(largest).isGreaterThan(0).isLessThan(1e-3);
  }

  @Test
  void noise_hasTheStandardDeviationAndStaysInRange() {
    float[] rows = new float[20_000];
    new Augmentations(List.of(new Noise(0.5)))
        .apply(new View(1, 2, 3), rows, 0, new int[] {20_000}, new float[20_000]);
    double mean = 0;
    double square = 0;
    for (float value : rows) {
      mean += value / rows.length;
      square += (double) value * value / rows.length;
    }
    assertThat(mean).isCloseTo(0, within(0.02));
    assertThat(Math.sqrt(square)).isCloseTo(0.5, within(0.0125));
    for (float value : view(new Noise(0.5), 0)) {
      assertThat(value).isBetween(0f, 1f);
    }
  }

  @Test
  void none_changesNothing() {
    assertThat(view(Augmentations.none(), 1, 2, 3)).isEqualTo(ramp(70));
  }

  @Test
  void imageAugmentationOfRows_isRefused() {
    int[] row = {16};
    Refusal.ofConfiguration(
        () -> new Augmentations(List.of(new Crop(2))).requireFits(row),
        "The augmentation Crop[padding=2] needs images, but samples have the shape [16].");
    new Augmentations(List.of(new Noise(0.1))).requireFits(row);
    ALL.requireFits(SHAPE);
  }

  @Test
  void wrongNumbers_areRefused() {
    Refusal.ofConfiguration(() -> new Crop(0), "The padding of a crop is 0, but must be 1 to 4096");
    Refusal.ofConfiguration(
        () -> new Rotation(181), "The rotation is 181.0 degrees, but must be above 0");
    Refusal.ofConfiguration(
        () -> new ResizedCrop(1),
        "The smallest area of a resized crop is 1.0, but must be above 0 and below 1. Try 0.25.");
    Refusal.ofConfiguration(
        () -> new ResizedCrop(Double.NaN), "The smallest area of a resized crop is NaN");
    Refusal.ofConfiguration(
        () -> new Erase(0, 0.1, 0.2),
        "The probability of erasing is 0.0, but must be above 0 and at most 1. Try 0.5.");
    Refusal.ofConfiguration(
        () -> new Erase(Double.NaN, 0.1, 0.2), "The probability of erasing is NaN");
    Refusal.ofConfiguration(
        () -> new Erase(1, 0.3, 0.2),
        "The erased share of the area is 0.3 to 0.2, but must be above 0 and below 1, the smallest"
            + " first. Try 0.02 to 0.33.");
    Refusal.ofConfiguration(
        () -> new Erase(1, 0.1, 1), "The erased share of the area is 0.1 to 1.0");
    Refusal.ofConfiguration(() -> new Rotation(Double.NaN), "The rotation is NaN degrees");
    Refusal.ofConfiguration(
        () -> new Noise(0), "The standard deviation of the noise is 0.0, but must be finite");
    Refusal.ofConfiguration(
        () -> Views.cycle(ALL, 1, 0), "The number of views is 0, but must be 1 or more.");
  }

  @Test
  void splitMix_givesTheNumbersOfItsAuthors() {
    // The JDK has the same algorithm; one seed gives it the authors' default increment.
    java.util.SplittableRandom peer = new java.util.SplittableRandom(42);
    SplitMix random = SplitMix.ofState(42);
    for (int i = 0; i < 10; i++) {
      assertThat(random.nextLong()).isEqualTo(peer.nextLong());
    }
  }
}
