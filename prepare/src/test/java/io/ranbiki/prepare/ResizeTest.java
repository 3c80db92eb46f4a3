package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResizeTest {

  /** Cases made by a script that stands at their head. */
  static List<String> cases() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ResizeTest.class.getResourceAsStream("/resize.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    }
  }

  private static Values.Bytes image(int channels, int height, int width, String given) {
    byte[] pixels = new byte[channels * height * width];
    if (given.equals("formula")) {
      for (int i = 0; i < pixels.length; i++) {
        int x = i % width;
        int y = i / width % height;
        int c = i / width / height;
        pixels[i] = (byte) (7 * x + 13 * y + 29 * c + x * y);
      }
    } else {
      pixels = HexFormat.of().parseHex(given);
    }
    return new Values.Bytes(pixels, new int[] {channels, height, width});
  }

  @ParameterizedTest
  @MethodSource("cases")
  void pixels_areThoseOfTorchvisionOnPillow(String line) {
    String[] parts = line.split(" ", -1);
    int[] numbers = new int[5];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Integer.parseInt(parts[i]);
    }
    Values.Bytes image = image(numbers[0], numbers[1], numbers[2], parts[5]);
    Values.Bytes made = new Step.Resize(numbers[3], numbers[4]).apply(image);
    assertThat(made.shape()).containsExactly(numbers[0], numbers[4], numbers[4]);
    if (parts[5].equals("formula")) {
      CRC32 crc = new CRC32();
      crc.update(made.data());
      assertThat(HexFormat.of().toHexDigits((int) crc.getValue())).isEqualTo(parts[6]);
    } else {
      assertThat(HexFormat.of().formatHex(made.data())).isEqualTo(parts[6]);
    }
  }

  @Test
  void fieldsOfAnySize_getOne() {
    Step.Resize resize = new Step.Resize(8, 6);
    Field any = new Field("image", Field.Kind.UINT8, List.of(3, Field.ANY, Field.ANY));
    Field label = new Field("label", Field.Kind.INT64, List.of());
    assertThat(resize.fields(List.of(any, label)))
        .containsExactly(new Field("image", Field.Kind.UINT8, List.of(3, 6, 6)), label);
    assertThatThrownBy(() -> resize.fields(List.of(label)))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The samples have the fields [label INT64 []], none of which is an image that 'resize'"
                + " could change. Leave it out.");
  }

  @Test
  void fractionsOfViews_areRounded() {
    float[] view = {0.5f / 255, 0.4f / 255, 1.2f, -1};
    Row row = Row.of("image", new Values.Floats(view, new int[] {1, 2, 2}));
    assertThat(((Values.Bytes) Step.Resize.to(2).apply(row).get("image")).data())
        .containsExactly(1, 0, (byte) 255, 0);
  }

  @Test
  void preparation_isReadBackAndTakesAnySize() {
    Prepare prepare =
        new Prepare(
            List.of(new Step.Resize(4, 3)),
            new Normalization(new float[] {0.5f}, new float[] {0.25f}));
    Preparation preparation = prepare.on(List.of(3, 3, 3));
    assertThat(Preparation.parse(preparation.json(), "It")).isEqualTo(preparation);
    assertThat(Prepare.of(preparation)).isEqualTo(prepare);
    BufferedImage picture = new BufferedImage(5, 7, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(2, 3, 0xff8040);
    float[] numbers = preparation.apply(Image.of(picture, "it"));
    byte[] pixels =
        ((Values.Bytes)
                prepare
                    .apply(Row.of("image", Image.of(picture, "it").values(Colour.RGB)))
                    .get("image"))
            .data();
    for (int i = 0; i < numbers.length; i++) {
      assertThat(numbers[i]).isEqualTo(((pixels[i] & 0xff) / 255f - 0.5f) / 0.25f);
    }
  }

  @Test
  void picturesThatShowNothing_areRefused() {
    assertThatThrownBy(() -> Step.Resize.requireUsable(1, 1, "a.png"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("a.png is a single pixel, which shows nothing. Replace or remove it.");
    assertThatThrownBy(() -> Step.Resize.requireUsable(10, 20_000, "a.png"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "a.png is 20000 x 10 pixels large, so that the square in its middle would show less"
                + " than one part in 100 of it. Crop or remove it.");
    Step.Resize.requireUsable(1, 100, "a.png");
  }

  @Test
  void lengthsThatDoNotFit_areRefused() {
    assertThatThrownBy(() -> new Step.Resize(4, 5))
        .hasMessage(
            "an image is brought to 4 pixels and cut to 5, but the first must be 1 to 4096 and the"
                + " second 1 to the first");
    assertThatThrownBy(
            () ->
                new Preparation(
                    Preparation.Input.IMAGE,
                    List.of(1, 4, 4),
                    List.of(new Step.Decode(Colour.GREY), Step.Resize.to(3)),
                    List.of()))
        .hasMessage("the shape [1, 4, 4] is not that of an image that is cut to 3 x 3");
  }
}
