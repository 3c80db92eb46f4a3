package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the fast reader of numbers to the bits of the JDK's. */
class DecimalsTest {

  private static float parse(String text) {
    byte[] bytes = ("x" + text + "y").getBytes(StandardCharsets.UTF_8);
    return Decimals.parse(bytes, 1, bytes.length - 1);
  }

  private static void sameBits(String text) {
    float ours = parse(text);
    boolean same = Float.floatToRawIntBits(ours) == Float.floatToRawIntBits(Float.parseFloat(text));
    if (!Float.isNaN(ours) && !same) { // a hundred thousand assertions would take seconds
      assertThat(Float.floatToRawIntBits(ours))
          .as(text)
          .isEqualTo(Float.floatToRawIntBits(Float.parseFloat(text)));
    }
  }

  @Test
  void everyNumberThatItTakes_hasTheBitsOfTheJdk() {
    long seed = 7;
    Random random = new Random(seed);
    int taken = 0;
    for (int i = 0; i < 100_000; i++) {
      int places = random.nextInt(12);
      String text =
          switch (i % 4) {
            case 0 -> Float.toString(Float.intBitsToFloat(random.nextInt()));
            case 1 -> String.format(Locale.ROOT, "%." + places + "f", 100 * random.nextGaussian());
            case 2 -> Integer.toString(random.nextInt() >> random.nextInt(32));
            default -> random.nextInt(1 << 25) + "e" + (random.nextInt(50) - 25);
          };
      sameBits(text);
      taken += Float.isNaN(parse(text)) ? 0 : 1;
    }
    assertThat(taken).as("seed %d: most are taken", seed).isGreaterThan(60_000);
  }

  @Test
  void numbersBesideTheMiddleOfTwoFloats_areRoundedAsTheJdkDoes() {
    Random random = new Random(11);
    for (int i = 0; i < 30_000; i++) {
      // Just above 2^24, floats are the even numbers: every odd one is in the middle of two.
      long odd = (1L << 24) + 2L * random.nextInt(1 << 20) + 1;
      sameBits(Long.toString(odd));
      sameBits(odd + ".0000001");
      sameBits((odd - 1) + ".9999999");
      sameBits(odd + "e-" + random.nextInt(20));
    }
  }

  @Test
  void plainNumbers_areTaken() {
    assertThat(parse("0")).isZero();
    assertThat(Float.floatToRawIntBits(parse("-0.00"))).isEqualTo(Float.floatToRawIntBits(-0f));
    assertThat(parse("+12.5e-1")).isEqualTo(1.25f);
    assertThat(parse(".5")).isEqualTo(0.5f);
    assertThat(parse("5.")).isEqualTo(5f);
    assertThat(parse("1E3")).isEqualTo(1000f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        ".",
        "-.",
        "e3",
        "1e",
        "1e+",
        "1e-",
        "1.2.3",
        "1,5",
        " 1",
        "1f",
        "NaN",
        "0x1p3",
        "--1",
        "1e5x",
        "1234567890123456"
      })
  void whatIsNoNumber_orTooLong_isLeftToOthers(String text) {
    assertThat(parse(text)).isNaN();
  }
}
