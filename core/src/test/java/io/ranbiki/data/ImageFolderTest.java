package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.prepare.Colour;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {

  @TempDir Path folder;

  private Path write(String name, String format, BufferedImage image) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(image, format, file.toFile());
    return file;
  }

  private static BufferedImage rgb(int width, int height, int... colours) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, colours[i % colours.length]);
    }
    return image;
  }

  private static BufferedImage grey(int width, int height, int start) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < width * height; i++) {
      image.getRaster().setSample(i % width, i / width, 0, start + i);
    }
    return image;
  }

  private static float[] read(Dataset data, int index) {
    float[] sample = data.numbers(index);
    return sample;
  }

  @Test
  void classesAndIds_followTheSortedNames() throws IOException {
    write("wolf/1.png", "png", grey(3, 2, 10));
    write("dog/b.PNG", "png", grey(3, 2, 20));
    write("dog/a.png", "png", grey(3, 2, 30));
    Files.writeString(folder.resolve("dog/.hidden"), "left out");

    Dataset data = ImageFolder.open(folder, Colour.GREY);

    assertThat(data.task().names()).containsExactly("dog", "wolf");
    assertThat(data.shape()).containsExactly(1, 2, 3);
    assertThat(data.stratum(1)).isZero();
    assertThat(data.stratum(2)).isEqualTo(1);
    assertThat(data.id(2)).isEqualTo(2);
    assertThat(read(data, 0)[0]).isEqualTo(30 / 255f);
    assertThat(read(data, 2)[5]).as("grey values are not bent").isEqualTo(15 / 255f);
    assertThat(read(InMemory.copyOf(data), 2)).isEqualTo(read(data, 2));
  }

  /** Pillow reads such a file by its content, too. */
  @Test
  void gifUnderTheNameOfAPng_isRead() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0xff0080);
    image.setRGB(1, 0, 0x00ff40);
    write("a/1.png", "gif", image);

    Dataset data = ImageFolder.open(folder, Colour.RGB);

    assertThat(read(data, 0)).containsExactly(1, 0, 0, 1, 0x80 / 255f, 0x40 / 255f);
  }

  /** As {@code sorted(os.listdir(folder))}, by which PyTorch's ImageFolder numbers its classes. */
  @Test
  void order_isThatOfTheCharacters_notOfADictionary() throws IOException {
    for (String name : new String[] {"b/2.png", "b/10.png", "b/C.png", "b/a.png"}) {
      write(name, "png", grey(2, 2, name.charAt(2)));
    }
    for (String name : new String[] {"a", "B", "C", "10", "9", "_", "Z", "é", "z"}) {
      write(name + "/1.png", "png", grey(2, 2, 0));
    }
    Dataset data = ImageFolder.open(folder, Colour.GREY);
    assertThat(data.task().names())
        .containsExactly("10", "9", "B", "C", "Z", "_", "a", "b", "z", "é");
    assertThat(data.stratum(0)).isZero();
    assertThat(data.stratum(7)).isEqualTo(7);
    for (int i = 0; i < 4; i++) {
      assertThat(read(data, 7 + i)[0] * 255).isEqualTo("12Ca".charAt(i));
    }
  }

  @Test
  void trainAndTest_areSubFolders() throws IOException {
    write("train/a/1.png", "png", grey(2, 2, 0));
    write("test/a/1.png", "png", grey(2, 2, 9));
    assertThat(read(ImageFolder.open(folder, Part.TEST, Colour.GREY), 0)[0]).isEqualTo(9 / 255f);
  }

  @Test
  void givenClasses_keepTheirNumbers_alsoWhereSomeHaveNoFolder() throws IOException {
    write("red/1.png", "png", grey(2, 2, 0));
    write("white/1.png", "png", grey(2, 2, 9));
    List<String> names = List.of("black", "green", "red", "white");

    Dataset data = ImageFolder.open(folder, Colour.GREY, names);

    assertThat(data.task().names()).isEqualTo(names);
    assertThat(data.stratum(0)).isEqualTo(2);
    assertThat(data.stratum(1)).isEqualTo(3);
    List<String> fewer = List.of("black", "red");
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY, fewer),
        folder.resolve("white")
            + " is the folder of a class that training lacks: it has [black, red]. Give training"
            + " images of this class, too, or remove or rename the folder.");
  }

  @Test
  void names_areKeptInNfc_andTwoSpellingsOfOneAreRefused() throws IOException {
    write("e\u0301te\u0301/1.png", "png", grey(2, 2, 0));
    Dataset data = ImageFolder.open(folder, Colour.GREY, List.of("\u00e9t\u00e9", "hiver"));
    assertThat(data.task().names()).containsExactly("\u00e9t\u00e9", "hiver");
    assertThat(data.stratum(0)).isZero();

    write("\u00e9t\u00e9/1.png", "png", grey(2, 2, 0));
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY),
        " are one name in two spellings of Unicode, so both are folders of one class. Move the"
            + " images of one into the other, and remove it.");
  }

  @Test
  void nameThatTheLocaleCannotRead_isRefused() throws IOException {
    write("a/1.png", "png", grey(2, 2, 0));
    Path file = write("a/\ufffd\ufffd.png", "png", grey(2, 2, 0));
    String message =
        " cannot be read under this locale. Start with LC_ALL=C.UTF-8, or give it a name that is"
            + " UTF-8.";
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY), "The name of " + file + message);
    Path named = write("z\ufffd\ufffdbre/1.png", "png", grey(2, 2, 0)).getParent();
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY), "The name of " + named + message);
  }

  @Test
  void colour_becomesLumaOrThreePlanes() throws IOException {
    write("a/1.png", "png", rgb(4, 1, 0xff0000, 0x00ff00, 0x0000ff, 12 << 16 | 200 << 8 | 77));

    // Red, green, blue and a mixture by ITU-R BT.601: 76.245, 149.685, 29.07, 129.766.
    assertThat(read(ImageFolder.open(folder, Colour.GREY), 0))
        .containsExactly(76 / 255f, 150 / 255f, 29 / 255f, 130 / 255f);
    assertThat(read(ImageFolder.open(folder, Colour.RGB), 0))
        .containsExactly(1, 0, 0, 12 / 255f, 0, 1, 0, 200 / 255f, 0, 0, 1, 77 / 255f);
  }

  @Test
  void greyFile_givesThreeEqualPlanes() throws IOException {
    write("a/1.png", "png", grey(1, 1, 100));
    assertThat(read(ImageFolder.open(folder, Colour.RGB), 0))
        .containsExactly(100 / 255f, 100 / 255f, 100 / 255f);
  }

  @Test
  void blackAndWhiteFile_isRead() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
    image.setRGB(1, 0, 0xffffff);
    write("a/1.png", "png", image);
    assertThat(read(ImageFolder.open(folder, Colour.GREY), 0)).containsExactly(0, 1);
  }

  @Test
  void jpeg_isRead() throws IOException {
    write("a/1.jpg", "jpg", rgb(16, 16, 0x808080));
    assertThat(read(ImageFolder.open(folder, Colour.RGB), 0)[300])
        .isBetween(126 / 255f, 130 / 255f);
  }

  @Test
  void unlabelledFolder_hasNoClasses() throws IOException {
    write("1.png", "png", grey(2, 2, 0));
    Dataset data = ImageFolder.unlabelled(folder, Colour.GREY);
    assertThat(data.task().width()).isZero();
    assertThat(data.stratum(0)).isEqualTo(Dataset.UNLABELLED);
  }

  @Test
  void fingerprint_followsContentAndColour() throws IOException {
    write("a/1.png", "png", grey(2, 2, 0));
    String before = ImageFolder.open(folder, Colour.GREY).fingerprint();
    assertThat(ImageFolder.open(folder, Colour.GREY).fingerprint()).isEqualTo(before);
    assertThat(ImageFolder.open(folder, Colour.RGB).fingerprint()).isNotEqualTo(before);
    write("a/1.png", "png", grey(2, 2, 1));
    assertThat(ImageFolder.open(folder, Colour.GREY).fingerprint()).isNotEqualTo(before);
  }

  @Test
  void differentSize_namesTheFile() throws IOException {
    Path first = write("a/1.png", "png", grey(3, 2, 0));
    Path second = write("a/2.png", "png", grey(2, 3, 0));
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY),
        second + " is 2 x 3 pixels large, but " + first + " is 3 x 2",
        "Bring them to the same size.");
  }

  @Test
  void otherFiles_areRefused() throws IOException {
    write("a/1.png", "png", grey(3, 2, 0));
    Path note = Files.writeString(folder.resolve("a/note.txt"), "x");
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY),
        note + " is not a file that ends in .png, .jpg or .jpeg. Convert it or move it elsewhere.");
    Files.delete(note);
    Path beside = Files.writeString(folder.resolve("note.txt"), "x");
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY),
        beside + " lies beside the class folders, where only folders may be.");
  }

  @Test
  void emptyFolders_areRefused() throws IOException {
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY), folder + " has no class folders.");
    Path empty = Files.createDirectory(folder.resolve("a"));
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY),
        "The image folder "
            + empty
            + " is empty. Put images into it, or remove this class from training and test.");
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY, List.of("a")),
        "The image folder " + empty + " is empty. Put images into it, or remove the folder.");
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Part.TRAIN, Colour.GREY),
        "The data folder " + folder.resolve("train") + " does not exist.");
  }

  @Test
  void damagedImage_isNamed() throws IOException {
    Files.createDirectory(folder.resolve("a"));
    Path file = Files.write(folder.resolve("a/1.png"), new byte[0]);
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY),
        file
            + " is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image. Replace or remove it.");
    write("a/1.png", "png", grey(30, 20, 0));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, 60));
    Refusal.ofConfiguration(
        () -> read(ImageFolder.open(folder, Colour.GREY), 0), file + " is empty, damaged");
  }

  @Test
  void damagedFiles_areRefusedQuickly() throws IOException {
    Path file = write("a/1.png", "png", rgb(9, 7, 0x123456, 0xabcdef, 0x777777));
    byte[] whole = Files.readAllBytes(file);
    int refused =
        Damage.refusals(
            whole, file, 500, 4, damaged -> read(ImageFolder.open(folder, Colour.RGB), 0));
    assertThat(refused).isGreaterThan(200);
  }
}
