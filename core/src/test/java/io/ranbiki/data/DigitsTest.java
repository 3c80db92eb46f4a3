package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DigitsTest {

  private static float[] image(Dataset data, int index) {
    float[] image = data.numbers(index);
    return image;
  }

  @Test
  void dataset_isBalancedAndNamed() {
    Dataset data = Digits.dataset(200, 1);
    assertThat(data.size()).isEqualTo(200);
    assertThat(data.shape()).containsExactly(1, 28, 28);
    assertThat(data.task().names()).hasSize(10).startsWith("0").endsWith("9");
    assertThat(IntStream.range(0, 200).filter(i -> data.stratum(i) == 3).count()).isEqualTo(20);
  }

  @Test
  void images_dependOnSeedAndIndexAlone() {
    Dataset data = Digits.dataset(100, 1);
    assertThat(Digits.dataset(100, 1).fingerprint()).isEqualTo(data.fingerprint());
    assertThat(Digits.dataset(100, 2).fingerprint()).isNotEqualTo(data.fingerprint());
    assertThat(image(Digits.dataset(1000, 1), 57)).isEqualTo(image(data, 57));
    assertThat(image(data, 57)).isNotEqualTo(image(data, 67));
  }

  @Test
  void everyImage_hasInkInTheMiddle() {
    Dataset data = Digits.dataset(2000, 3);
    for (int i = 0; i < data.size(); i++) {
      float[] image = image(data, i);
      float brightest = 0;
      for (int y = 6; y < 22; y++) {
        for (int x = 6; x < 22; x++) {
          brightest = Math.max(brightest, image[y * 28 + x]);
        }
      }
      assertThat(brightest).as("image %d", i).isGreaterThan(0.4f);
    }
  }

  @Test
  void digits_canBeToldApartByTheirNearestNeighbour() {
    Dataset data = Digits.dataset(2200, 4);
    float[][] images =
        IntStream.range(0, 2200).mapToObj(i -> image(data, i)).toArray(float[][]::new);
    int right = 0;
    for (int i = 2000; i < 2200; i++) {
      int nearest = 0;
      double least = Double.MAX_VALUE;
      for (int j = 0; j < 2000; j++) {
        double distance = 0;
        for (int k = 0; k < 784; k++) {
          double difference = images[i][k] - images[j][k];
          distance += difference * difference;
        }
        if (distance < least) {
          least = distance;
          nearest = j;
        }
      }
      right += data.stratum(nearest) == data.stratum(i) ? 1 : 0;
    }
    // Chance is 20 of 200; a simple method must neither fail nor suffice.
    assertThat(right).isBetween(100, 185);
  }

  @Test
  void sizeOutOfRange_isRefused() {
    Refusal.ofConfiguration(
        () -> Digits.dataset(0, 1), "The number of drawn digits is 0, but must be 1 to 1000000.");
  }
}
