package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Field;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  void differentSizes_varyFromSampleToSample() throws IOException {
    write("a/1.png", "png", grey(3, 2, 0));
    write("a/2.png", "png", grey(2, 4, 5));
    Dataset data = ImageFolder.open(folder, Colour.RGB);
    assertThat(data.input().shape()).containsExactly(3, Field.ANY, Field.ANY);
    assertThat(data.read(0).get(Batch.IMAGE).shape()).containsExactly(3, 2, 3);
    assertThat(data.read(1).get(Batch.IMAGE).shape()).containsExactly(3, 4, 2);
    assertThat(read(data, 1)[0]).isEqualTo(5 / 255f);
  }

  @Test
  void picturesThatShowNothing_areRefusedWhereSizesDiffer() throws IOException {
    write("a/1.png", "png", grey(3, 2, 0));
    Path dot = write("a/2.png", "png", grey(1, 1, 0));
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY), dot + " is a single pixel");
    Files.delete(dot);
    Path strip = write("a/3.png", "png", grey(20_000, 10, 0));
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY),
        strip + " is 20000 x 10 pixels large, so that the square in its middle would show less");
  }

  @Test
  void oddFiles_areLeftOutAndCounted_whereThatIsSaid() throws IOException {
    write("a/1.png", "png", grey(3, 2, 1));
    Path cut = write("a/2.png", "png", grey(20, 20, 0));
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 60));
    write("a/3.jpg", "jpg", rgb(16, 16, 0x808080));
    Files.writeString(folder.resolve("a/4.txt"), "x");
    Path broken = write("b/5.png", "png", grey(20, 20, 0));
    byte[] bytes = Files.readAllBytes(broken);
    bytes[bytes.length / 2] ^= 0x55; // its header and its end are whole
    Files.write(broken, bytes);
    write("b/6.bmp", "bmp", rgb(5, 4, 0x010203));
    ImageFiles.Options options = new ImageFiles.Options(Colour.RGB, Skip.DAMAGED, false);
    Dataset data = ImageFolder.open(folder, List.of(), options);
    assertThat(data.size()).isEqualTo(3);
    assertThat(data.id(1)).isEqualTo(2);
    assertThat(data.key(2)).isEqualTo("b/6.bmp");
    assertThat(data.stratum(2)).isEqualTo(1);
    assertThat(data.notes())
        .containsExactly(
            "Left out are 3 of 6 files, which are damaged or no images; the first is " + cut + ".");
    Refusal.ofConfiguration(() -> ImageFolder.open(folder, Colour.RGB), cut + " is empty, damaged");
  }

  private ImagesFormat format(Path train, Path test, ImagesFormat.Split split) {
    return new ImagesFormat(
        Optional.empty(),
        Optional.of(train),
        Optional.ofNullable(test),
        Optional.ofNullable(split),
        Colour.RGB,
        Skip.NONE,
        Optional.empty());
  }

  @Test
  void oneFolderOfClasses_isSplitByClassAndSeed() throws IOException {
    for (int i = 0; i < 20; i++) {
      write("a/" + i + ".png", "png", grey(3 + i, 2, i));
      write("b/" + i + ".png", "png", grey(2, 3, i));
    }
    ImagesFormat.Split fifth = new ImagesFormat.Split(0.2, 0);
    Dataset train = format(folder, null, fifth).train();
    Dataset test = format(folder, null, fifth).test(train);
    assertThat(train.size()).isEqualTo(32);
    assertThat(test.size()).isEqualTo(8);
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      ids.add(train.id(i));
    }
    int[] counts = new int[2];
    for (int i = 0; i < 8; i++) {
      assertThat(ids).doesNotContain(test.id(i));
      counts[test.stratum(i)]++;
    }
    assertThat(counts).containsExactly(4, 4);
    Dataset again = format(folder, null, fifth).train();
    assertThat(again.fingerprint()).isEqualTo(train.fingerprint());
    Dataset other = format(folder, null, new ImagesFormat.Split(0.2, 1)).train();
    assertThat(other.fingerprint()).isNotEqualTo(train.fingerprint());
  }

  @Test
  void splitThatEmptiesAClass_isRefused() throws IOException {
    for (int i = 0; i < 9; i++) {
      write("a/" + i + ".png", "png", grey(3, 2, i));
    }
    write("b/1.png", "png", grey(3, 2, 0));
    Refusal.ofConfiguration(
        () -> format(folder, null, new ImagesFormat.Split(0.6, 0)).train(),
        "The split 0.6 with the test-seed 0 leaves no training image of class 'b'. Take a smaller"
            + " share, or add images of it.");
  }

  @Test
  void splitThatEmptiesTrainingOrTest_isRefused() throws IOException {
    write("a/1.png", "png", grey(3, 2, 0));
    write("a/2.png", "png", grey(3, 2, 1));
    Refusal.ofConfiguration(
        () -> format(folder, null, new ImagesFormat.Split(0.8, 0)).train(),
        "The split 0.8 of 2 images leaves 0 to train on and 2 for the test, but both need one at"
            + " least. Change the share, or add images.");
    Refusal.ofConfiguration(
        () -> format(folder, null, new ImagesFormat.Split(0.2, 0)).train(),
        "The split 0.2 of 2 images leaves 2 to train on and 0 for the test, but both");
  }

  /** A JPEG file with a remark of a camera: a TIFF block whose first entry says how it was held. */
  private void writeTurned(String name, int orientation, boolean little, int thumbnail)
      throws IOException {
    Path file = write(name, "jpg", rgb(6, 4, 0x808080));
    byte[] jpeg = Files.readAllBytes(file);
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + 36 + thumbnail);
    out.put(jpeg, 0, 2).putShort((short) 0xffe1).putShort((short) (34 + thumbnail));
    out.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII)).put((little ? "II" : "MM").getBytes());
    out.order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    out.putShort((short) 42).putInt(8).putShort((short) 1);
    out.putShort((short) 0x112).putShort((short) 3).putInt(1);
    out.putShort((short) orientation).putShort((short) 0).putInt(0);
    out.put(new byte[thumbnail - 2]).put(jpeg, 2, jpeg.length - 2);
    Files.write(file, Arrays.copyOf(out.array(), out.position()));
  }

  @Test
  void imagesThatViewersTurn_areCounted() throws IOException {
    writeTurned("a/1.jpg", 1, true, 2);
    writeTurned("a/2.jpg", 6, true, 2);
    writeTurned("a/3.jpg", 3, false, 40_000);
    writeTurned("a/4.jpg", 9, false, 2);
    Dataset data = ImageFolder.open(folder, Colour.RGB);
    assertThat(data.shape()).containsExactly(3, 4, 6);
    assertThat(data.notes())
        .containsExactly(
            "What the camera says of 2 of 4 images (EXIF) lets viewers turn them, first of "
                + folder.resolve("a/2.jpg")
                + "; networks see them as they lie in the file.");
    assertThat(read(data, 1)).isEqualTo(read(data, 0));
    assertThat(read(data, 2)).isEqualTo(read(data, 0));
  }

  @Test
  void otherFormats_areNamed() throws IOException {
    Path file = folder.resolve("a/1.jpg");
    Files.createDirectories(file.getParent());
    Map<String, String> beginnings =
        Map.of("II*\0 more", "TIFF", "\0\0\0\30ftypheic\0\0", "HEIC", "%PDF-1.7", "PDF");
    for (var each : beginnings.entrySet()) {
      Files.write(file, each.getKey().getBytes(StandardCharsets.ISO_8859_1));
      Refusal.ofConfiguration(
          () -> ImageFolder.open(folder, Colour.GREY),
          file
              + " is a file of the format "
              + each.getValue()
              + ", which cannot be read here. Convert it to PNG or JPEG, or remove it.");
    }
  }

  @Test
  void listOfImages_isReadFromItsFolderOn() throws IOException {
    write("x/1.png", "png", grey(3, 2, 1));
    write("x/2.png", "png", grey(4, 2, 2));
    write("y.png", "png", grey(3, 2, 3));
    Path train =
        Files.writeString(folder.resolve("train.csv"), "image,label\nx/2.png,b\nx/1.png,a\n");
    Path test = Files.writeString(folder.resolve("test.csv"), "label,image\na,y.png\n");
    ImagesFormat format = format(train, test, null);
    Dataset samples = format.train();
    assertThat(samples.task().names()).containsExactly("a", "b");
    assertThat(samples.stratum(0)).isEqualTo(1);
    assertThat(samples.key(0)).isEqualTo("x/2.png");
    assertThat(read(samples, 1)[0]).isEqualTo(1 / 255f);
    Dataset held = format.test(samples);
    assertThat(held.fields()).isEqualTo(samples.fields());
    assertThat(held.stratum(0)).isZero();
    Files.writeString(train, "image,label\nx/9.png,b\n");
    Refusal.ofConfiguration(
        format::train,
        "There is no image 'x/9.png', which row 1 of "
            + train
            + " names. Paths begin at the folder"
            + " of the list.");
  }

  @Test
  void placesThatDoNotGoTogether_areRefused() {
    Refusal.ofConfiguration(
        () ->
            new ImagesFormat(
                Optional.of(Path.of("all")),
                Optional.of(folder),
                Optional.of(folder),
                Optional.empty(),
                Colour.RGB,
                Skip.NONE,
                Optional.empty()),
        "'folder' is all, but the images are those of 'train' and 'test', so that nothing there"
            + " would be read. Leave 'folder' out.");
    Refusal.ofConfiguration(
        () -> format(folder, folder, new ImagesFormat.Split(0.2, 0)),
        "The images of the test are named, and others are to be split off.");
    Refusal.ofConfiguration(
        () -> format(folder, null, null),
        "The images of training are named, but those of the test are not.");
  }

  @Test
  void otherFiles_areRefused() throws IOException {
    write("a/1.png", "png", grey(3, 2, 0));
    Path note = Files.writeString(folder.resolve("a/note.txt"), "x");
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY),
        note + " is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image.");
    Files.delete(note);
    Path inner = Files.createDirectory(folder.resolve("a/more"));
    Refusal.ofConfiguration(
        () -> ImageFolder.open(folder, Colour.GREY),
        inner + " is a folder where images must lie. Move its images up, and remove it.");
    Files.delete(inner);
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
            + " is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image. Replace or remove"
            + " it.");
    write("a/1.png", "png", grey(30, 20, 0));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, 60));
    Refusal.ofConfiguration(
        () -> read(ImageFolder.open(folder, Colour.GREY), 0), file + " is empty, damaged");
  }

  @Test
  void damagedFiles_areRefused() throws IOException {
    Path file = write("a/1.png", "png", rgb(9, 7, 0x123456, 0xabcdef, 0x777777));
    byte[] whole = Files.readAllBytes(file);
    int refused =
        Damage.refusals(
            whole, file, 500, 4, damaged -> read(ImageFolder.open(folder, Colour.RGB), 0));
    assertThat(refused).isGreaterThan(200);
  }
}
