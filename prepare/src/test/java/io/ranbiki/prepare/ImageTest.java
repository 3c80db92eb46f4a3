package io.ranbiki.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That pixels are those of Pillow is tested where folders of images are read. */
class ImageTest {

  private static byte[] file(BufferedImage picture, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(picture, format, bytes);
    return bytes.toByteArray();
  }

  private static BufferedImage colours(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      picture.setRGB(i % width, i / width, 0x010203 * i);
    }
    return picture;
  }

  @Test
  void everyGrey_isDividedAsFloatsAre_of16BitsTheNearestOf8() {
    for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
      int largest = type == BufferedImage.TYPE_BYTE_GRAY ? 255 : 65535;
      BufferedImage picture = new BufferedImage(256, (largest + 1) / 256, type);
      for (int i = 0; i <= largest; i++) {
        picture.getRaster().setSample(i % 256, i / 256, 0, i);
      }
      float[] pixels = new float[largest + 1];
      byte[] kept = Image.of(picture, "it").bytes(Colour.GREY);
      Image.of(picture, "it").write(Colour.GREY, 1.0 / 255, pixels, 0);
      for (int i = 0; i <= largest; i++) {
        assertThat(pixels[i]).isEqualTo(Math.round(i * 255.0 / largest) / 255f);
        assertThat(pixels[i]).as("in training").isEqualTo((kept[i] & 0xff) / 255f);
      }
    }
  }

  @Test
  void everyRed_isDividedAsFloatsAre() {
    BufferedImage picture = new BufferedImage(256, 1, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 256; i++) {
      picture.setRGB(i, 0, i << 16);
    }
    float[] pixels = new float[3 * 256];
    Image.of(picture, "it").write(Colour.RGB, 1.0 / 255, pixels, 0);
    for (int i = 0; i < 256; i++) {
      assertThat(pixels[i]).isEqualTo(i / 255f);
    }
  }

  @Test
  void fileBytesAndPicture_giveTheSameNumbers(@TempDir Path folder) throws IOException {
    BufferedImage picture = colours(7, 5);
    byte[] bytes = file(picture, "png");
    Path file = Files.write(folder.resolve("1.png"), bytes);
    Preparation preparation =
        Preparation.of(
            List.of(3, 5, 7),
            new Normalization(new float[] {0.1f, 0.2f, 0.3f}, new float[] {1, 2, 3}));
    float[] numbers = preparation.apply(file);
    assertThat(preparation.apply(bytes, "it")).containsExactly(numbers);
    assertThat(preparation.apply(Image.of(picture, "it"))).containsExactly(numbers);
    // The second pixel is 0x010203; its green stands behind 35 reds.
    assertThat(numbers[36]).isEqualTo((2 / 255f - 0.2f) / 2);
  }

  @Test
  void imagesThatDoNotFit_areRefused(@TempDir Path folder) throws IOException {
    Preparation digits = Preparation.of(List.of(1, 28, 28), Normalization.none());
    byte[] other = file(colours(7, 5), "png");
    refused(
        () -> digits.apply(other, "The image"),
        "The image is 7 x 5 pixels large, but the network takes images of 28 x 28. Bring it to that"
            + " size.");
    refused(
        () -> digits.apply(Arrays.copyOf(other, 60), "The image"),
        "The image is 7 x 5 pixels large, but the network takes images of 28 x 28. Bring it to that"
            + " size."); // nothing behind the header was looked at
    refused(
        () -> Preparation.of(List.of(3), Normalization.none()).apply(other, "The image"),
        "The image is an image, but the network takes 3 numbers. Give it a row of numbers.");
    byte[] noise = "XY is not an image".getBytes(StandardCharsets.US_ASCII);
    for (byte[] wrong : List.of(new byte[0], new byte[100], noise)) {
      refused(
          () -> digits.apply(wrong, "The image"),
          "The image is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image. Replace or"
              + " remove it.");
    }
    Path missing = folder.resolve("none.png");
    assertThatThrownBy(() -> digits.apply(missing))
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IO))
        .hasMessage("There is no file " + missing + ". Check the path, or the disk.");
  }

  @Test
  void contentCounts_notTheName(@TempDir Path folder) throws IOException {
    BufferedImage picture = colours(7, 5);
    byte[] pixels = Image.of(picture, "it").bytes(Colour.RGB);
    for (String format : List.of("png", "bmp", "gif", "jpg")) {
      Path file = Files.write(folder.resolve("of-" + format + ".jpeg"), file(picture, format));
      assertThat(Image.header(file)).isEqualTo(new Image.Header(5, 7, true, false, false));
      Image read = Image.read(file);
      assertThat(List.of(read.height(), read.width())).containsExactly(5, 7);
      if (!format.equals("jpg") && !format.equals("gif")) { // these lose something
        assertThat(read.bytes(Colour.RGB)).containsExactly(pixels);
      }
    }
  }

  @Test
  void filesThatEndEarly_areNamedByTheirHeader(@TempDir Path folder) throws IOException {
    for (String format : List.of("png", "bmp", "jpg")) {
      byte[] whole = file(colours(40, 30), format);
      for (int length = 0; length < whole.length; length += 1 + whole.length / 40) {
        Path file = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
        assertThatThrownBy(() -> Image.header(file))
            .isInstanceOfSatisfying(
                RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION))
            .hasMessageMatching(
                ".*cut (ends early, so that a part of its picture is missing|is empty, damaged, or"
                    + " not a PNG, JPEG, BMP, GIF or WebP image).*\\.");
      }
    }
  }

  /** Made by Pillow 12.3: {@code Image.new("RGB", (2, 2)).save(file, save_all=True, ...)}. */
  @Test
  void animations_areRefused(@TempDir Path folder) throws IOException {
    String gif =
        "R0lGODdhAgACAIEAAAAAAAAAAAAAAAAAACwAAAAAAgACAAAIBgABCAQQEAAh+QQBAAABACwAAAAAAgACAIH/AAAAAAAA"
            + "AAAAAAAIBgABCAQQEAA7";
    String png =
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAACGFjVEwAAAACAAAAAPONk3AAAAAaZmNUTAAAAAAAAAAC"
            + "AAAAAgAAAAAAAAAAAAAAAQAA2WEaUQAAAAtJREFUeJxjYEAGAAAOAAGpkXOxAAAAGmZjVEwAAAABAAAAAgAAAAIA"
            + "AAAAAAAAAAAAAAEAAEIS8IUAAAAaZmRBVAAAAAJ4nGP8z8DAwMDAxMDAwMDAAAANHQEDy+cBmAAAAABJRU5ErkJg"
            + "gg==";
    for (String text : List.of(gif, png)) {
      byte[] bytes = Base64.getDecoder().decode(text);
      Path file = Files.write(folder.resolve("it"), bytes);
      String kind = text.equals(gif) ? "GIF" : "PNG";
      String rest = " is an animated " + kind + " image. Save the one picture that counts.";
      refused(() -> Image.read(bytes, "It"), "It" + rest);
      refused(() -> Image.header(file), file + rest);
    }
  }

  @Test
  void webP_needsAPlugIn() {
    assumeThat(ImageIO.getImageReadersByFormatName("webp").hasNext()).isFalse();
    byte[] webp =
        Base64.getDecoder()
            .decode(
                "UklGRkIAAABXRUJQVlA4TDUAAAAvBgABAHcgFkz+QeRvmsIoXIFn/jPLQDEkSdJvjr1ZhqVZmqVZhmXBIvof"
                    + "r2AFBqhB9VL/AwA=");
    refused(
        () -> Image.read(webp, "It"),
        "It is a WebP image, which needs a plug-in of ImageIO. Put"
            + " com.twelvemonkeys.imageio:imageio-webp on the class path, or convert the image.");
  }

  @Test
  void picturesLargerThanTheMemory_areRefusedByTheirHeader() throws IOException {
    byte[] bytes = file(colours(7, 5), "png");
    bytes[16] = 2; // 33,554,439 pixels wide
    CRC32 sum = new CRC32();
    sum.update(bytes, 12, 17);
    ByteBuffer.wrap(bytes).putInt(29, (int) sum.getValue());
    refused(
        () -> Image.read(bytes, "It"),
        "It is 33554439 x 5 pixels large, but an image may have 89,478,485 pixels at most. Make it"
            + " smaller.");
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable action, String message) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION))
        .hasMessage(message);
  }
}
