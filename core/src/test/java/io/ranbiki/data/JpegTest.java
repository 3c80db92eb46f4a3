package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.prepare.Colour;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files and their pixels were made with Pillow 12.3 by {@code make.py} beside them. */
class JpegTest {

  private static final Path FILES = Path.of("src", "test", "resources", "jpeg");
  private static final int WIDTH = 17;
  private static final int HEIGHT = 11;

  @TempDir Path folder;

  private Path copy(String name, String as) throws IOException {
    Path target = folder.resolve("a").resolve(as);
    Files.createDirectories(target.getParent());
    return Files.copy(FILES.resolve(name + ".jpg"), target);
  }

  private static float[] read(Dataset data, int index) {
    float[] sample = data.numbers(index);
    return sample;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "full",
        "halved",
        "progressive",
        "restarts",
        "grey",
        "profile",
        "broken-profile",
        "adobe-rgb",
        "adobe-ycc",
        "nothing-said",
        "nothing-said-odd-ids",
        "nothing-said-rgb-ids",
        "jfif-and-adobe-rgb",
        "comment-like-an-end",
        "cmyk",
        "cmyk-nothing-said",
        "ycck"
      })
  void pixels_areThoseOfPillow(String name) throws IOException {
    copy(name, "1.jpg");
    byte[] rgb = Files.readAllBytes(FILES.resolve(name + ".rgb"));
    Dataset data = ImageFolder.open(folder, Colour.RGB);
    assertThat(data.shape()).containsExactly(3, HEIGHT, WIDTH);
    float[] sample = read(data, 0);
    float[] expected = new float[sample.length];
    int plane = HEIGHT * WIDTH;
    for (int i = 0; i < plane; i++) {
      for (int channel = 0; channel < 3; channel++) {
        expected[channel * plane + i] = (rgb[3 * i + channel] & 0xff) / 255f;
      }
    }
    assertThat(sample).containsExactly(expected);
    assertThat(data.notes()).isEmpty();
    float[] grey = read(ImageFolder.open(folder, Colour.GREY), 0);
    for (int i = 0; i < plane; i++) {
      // Pillow's mode L, as its Convert.c rounds it.
      int luma =
          ((rgb[3 * i] & 0xff) * 19595
                  + (rgb[3 * i + 1] & 0xff) * 38470
                  + (rgb[3 * i + 2] & 0xff) * 7471
                  + 0x8000)
              >> 16;
      assertThat(grey[i]).isEqualTo(luma / 255f);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "progressive", "profile", "cmyk"})
  void fileThatEndsEarly_isRefusedWhenItIsOpened(String name) throws IOException {
    Path file = copy(name, "1.jpg");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 3; length < whole.length; length += length < whole.length - 40 ? 37 : 1) {
      Files.write(file, Arrays.copyOf(whole, length));
      Refusal.ofConfiguration(
          () -> ImageFolder.open(folder, Colour.RGB),
          file
              + " ends early, so that a part of its picture is missing. Fetch it again or remove"
              + " it.");
    }
    Files.write(file, Arrays.copyOf(whole, whole.length + 100));
    assertThat(ImageFolder.open(folder, Colour.RGB).size()).isEqualTo(1);
  }

  @Test
  void otherDamage_isReadAndCountedOnce() throws IOException {
    copy("full", "1.jpg");
    Path first = copy("damaged", "2.jpg");
    copy("grey", "3.jpg");
    copy("damaged", "4.jpg");
    Dataset data = ImageFolder.open(folder, Colour.RGB);
    assertThat(data.notes()).isEmpty();
    for (int pass = 0; pass < 2; pass++) {
      for (int index = 3; index >= 0; index--) {
        read(data, index);
      }
    }
    assertThat(data.notes())
        .containsExactly(
            "The data of 2 of 4 images are damaged, first of "
                + first
                + "; they were read all the same, but may not look as they should.");
  }

  @Test
  void fingerprint_changesOnlyWherePixelsAreOthersThanJavaGives() throws IOException {
    for (String name : new String[] {"full", "adobe-rgb", "grey", "profile", "cmyk"}) {
      Path file = copy(name, "1.jpg");
      String before =
          new Fingerprint("image-folder")
              .text("RGB")
              .texts(java.util.List.of("a"))
              .ints(0)
              .file(file)
              .hex();
      boolean same = !name.equals("profile") && !name.equals("cmyk");
      assertThat(ImageFolder.open(folder, Colour.RGB).fingerprint().equals(before))
          .as(name)
          .isEqualTo(same);
      Files.delete(file);
    }
  }
}
