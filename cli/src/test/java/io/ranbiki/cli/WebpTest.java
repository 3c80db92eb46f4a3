package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * WebP files of a picture of 7 x 5 pixels, {@code [y, x, c] = 20 y + 10 x + 30 c}, and their pixels
 * as Pillow 12.3 reads them.
 */
class WebpTest {

  private static final String LOSSLESS =
      "UklGRkIAAABXRUJQVlA4TDUAAAAvBgABAHcgFkz+QeRvmsIoXIFn/jPLQDEkSdJvjr1ZhqVZmqVZhmXBIvofr2AFBqhB"
          + "9VL/AwA=";
  private static final String LOSSY =
      "UklGRj4AAABXRUJQVlA4IDIAAADwAQCdASoHAAUAAUAmJQBOl0AAVy+hrMAA/vlkKOGVjPdRjw9/kkermOg+b7HsxwAA"
          + "AA==";
  private static final String LOSSY_PIXELS =
      "0209141c27333b131b262e3a454c2d353f48535f663f465259657077525a656d78848b1f26313a4450583038434b57"
          + "62694a525c65707c835c636f76828d946f77828a96a1a83e455159636f774f58626a76818869717c848f9ba27c"
          + "838e95a1adb48e96a1a9b5c0c7";
  private static final String ANIMATED =
      "UklGRtIAAABXRUJQVlA4WAoAAAACAAAABgAABAAAQU5JTQYAAAAAAAAAAABBTk1GTgAAAAAAAAAAAAYAAAQAAAAAAAJW"
          + "UDhMNQAAAC8GAAEAdyAWTP5B5G+awihcgWf+M8tAMSRJ0m+OvVmGpVmapVmGZcEi+h+vYAUGqEH1Uv8DAEFOTUZQ"
          + "AAAAAAAAAAAABgAABAAAAAAAAFZQOEw3AAAALwYAAQB3IBZM/vnlj5PCFeaucDP/2WGgqG0jaa493otlsBRLsRTL"
          + "YFlcEf2PP7ojbhFFdKCfAQA=";

  private static byte[] bytes(String text) {
    return Base64.getDecoder().decode(text);
  }

  @Test
  void losslessPixels_areThoseOfPillow(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("a.webp"), bytes(LOSSLESS));
    assertThat(Image.header(file)).isEqualTo(new Image.Header(5, 7, true, false, false));
    byte[] pixels = Image.read(file).bytes(Colour.RGB);
    for (int i = 0; i < pixels.length; i++) {
      assertThat(pixels[i] & 0xff).isEqualTo(20 * (i / 7 % 5) + 10 * (i % 7) + 30 * (i / 35));
    }
  }

  @Test
  void lossyPixels_areNearPillows() {
    byte[] expected = HexFormat.of().parseHex(LOSSY_PIXELS);
    byte[] pixels = Image.read(bytes(LOSSY), "It").bytes(Colour.RGB);
    for (int i = 0; i < pixels.length; i++) {
      // Colours that are stored at half the size are stretched in another way.
      assertThat(Math.abs((pixels[i] & 0xff) - (expected[i] & 0xff))).isLessThanOrEqualTo(4);
    }
  }

  @Test
  void animated_isRefused() {
    assertThatThrownBy(() -> Image.read(bytes(ANIMATED), "It"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("It is an animated WebP image. Save the one picture that counts.");
  }
}
