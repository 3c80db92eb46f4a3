package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One odd photograph, sound, row or answer is named before anything is trained or written. */
class OddDataTest {

  private static final String REST =
      """
      train: {epochs: 1, batch: 4, threads: 1}
      doctor: false
      """;

  private static final String PHOTOS =
      """
      name: photos
      data: {format: images, folder: "%1$s/photos", split: 0.25}
      model: {architecture: student-cnn, prepare: {resize: 8}}
      train: {epochs: 1, batch: 4, threads: 1}
      """;

  private static final String SOUNDS =
      """
      name: sounds
      data: {format: audio, folder: "%1$s/sounds", split: 0.25}
      model: {architecture: sound-cnn, width: 2, depth: 1, prepare: {log-mel: {rate: 8000, mels: 12}}}
      train: {epochs: 1, batch: 4, threads: 1}
      """;

  private static final String TABLE =
      """
      name: table
      data:
        {format: csv, train: "%1$s/train.csv", test: "%1$s/test.csv", key: id, label: rich,
        numbers: [age, score], categories: work}
      teacher: {from: "%1$s/answers.csv", key: id, kind: probabilities}
      student: {architecture: mlp, hidden: 4, layers: 1}
      objective: [{hard-labels: {weight: 0.5}}, {soft-targets: {weight: 0.5, temperature: 1}}]
      """
          + REST;

  @TempDir static Path folder;

  @BeforeAll
  static void write() throws IOException {
    for (String name : List.of("a", "b")) {
      Path photos = Files.createDirectories(folder.resolve("photos").resolve(name));
      Path sounds = Files.createDirectories(folder.resolve("sounds").resolve(name));
      for (int i = 0; i < 4; i++) {
        Files.write(photos.resolve(i + ".png"), picture("png", 9 + i, 8));
        Files.write(sounds.resolve(i + ".wav"), sound(400 + i));
      }
    }
    Files.writeString(folder.resolve("train.csv"), table(0, 16));
    Files.writeString(folder.resolve("test.csv"), table(16, 8));
    Files.writeString(folder.resolve("answers.csv"), answers());
    Files.writeString(folder.resolve("photos.yaml"), PHOTOS.formatted(folder));
    Files.writeString(folder.resolve("sounds.yaml"), SOUNDS.formatted(folder));
    Files.writeString(folder.resolve("table.yaml"), TABLE.formatted(folder));
  }

  private static byte[] picture(String format, int width, int height) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), format, out);
    return out.toByteArray();
  }

  private static byte[] animation() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.prepareWriteSequence(null);
      for (int i = 0; i < 2; i++) {
        BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_INDEXED);
        writer.writeToSequence(new IIOImage(picture, null, null), null);
      }
      writer.endWriteSequence();
    }
    return out.toByteArray();
  }

  private static byte[] sound(int samples) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AudioFormat format = new AudioFormat(8000, 16, 1, true, false);
    AudioSystem.write(
        new AudioInputStream(new ByteArrayInputStream(new byte[2 * samples]), format, samples),
        AudioFileFormat.Type.WAVE,
        out);
    return out.toByteArray();
  }

  private static String table(int first, int count) {
    StringBuilder text = new StringBuilder("id,age,work,score,rich\n");
    for (int i = first; i < first + count; i++) {
      text.append(
          "%d,%d,%s,0.%d,%s%n"
              .formatted(i, 20 + i, i % 2 == 0 ? "x" : "y", i, i % 3 == 0 ? "no" : "yes"));
    }
    return text.toString();
  }

  private static String answers() {
    StringBuilder text = new StringBuilder("id,no,yes\n");
    for (int i = 0; i < 24; i++) {
      text.append("%d,0.%d,0.%d%n".formatted(i, 1 + i % 9, 9 - i % 9));
    }
    return text.toString();
  }

  /** Runs with one file as it must not be; {@code #} stands for that file. */
  private static void refused(String name, byte[] content, String message) throws IOException {
    Path file = folder.resolve(name);
    byte[] before = Files.exists(file) ? Files.readAllBytes(file) : null;
    Files.write(file, content);
    String kind = name.contains("/") ? name.substring(0, name.indexOf('/')) : "table";
    runRefused(kind, message.replace("#", file.toString()));
    if (before == null) {
      Files.delete(file);
    } else {
      Files.write(file, before);
    }
  }

  private static void refused(String name, String content, String message) throws IOException {
    refused(name, content.getBytes(StandardCharsets.UTF_8), message);
  }

  private static void runRefused(String kind, String message, String... overrides) {
    Path run = folder.resolve("runs").resolve(kind);
    String verb = kind.equals("table") ? "distill" : "train";
    String config = folder.resolve(kind + ".yaml").toString();
    String[] start = {verb, config, "--run-dir", run.toString(), "-q"};
    String[] words = Arrays.copyOf(start, start.length + overrides.length);
    System.arraycopy(overrides, 0, words, start.length, overrides.length);
    Typed typed = Typed.run(words);
    assertThat(typed.err().lines().filter(line -> !line.startsWith("note: ")))
        .containsExactly("error: " + message);
    assertThat(typed.exitCode()).isEqualTo(3);
    assertThat(run.toFile().list()).as("what a refused run leaves").isNullOrEmpty();
  }

  @Test
  void photographs() throws IOException {
    String none =
        "# is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image. Replace or remove it.";
    refused("photos/a/z.png", "hello", none);
    refused("photos/a/z.png", "", none);
    refused("photos/a/z.png", sound(9), none);
    refused(
        "photos/a/z.jpg",
        "II*\0 and so on",
        "# is a file of the format TIFF, which cannot be read here. Convert it to PNG or JPEG, or"
            + " remove it.");
    refused(
        "photos/a/z.png",
        picture("png", 1, 1),
        "# is a single pixel, which shows nothing. Replace or remove it.");
    refused(
        "photos/a/z.png",
        picture("png", 20_000, 10),
        "# is 20000 x 10 pixels large, so that the square in its middle would show less than one"
            + " part in 100 of it. Crop or remove it.");
    refused(
        "photos/a/z.gif",
        animation(),
        "# is an animated GIF image. Save the one picture that counts.");
    runRefused(
        "photos",
        "The split 0.95 of 8 images leaves 0 to train on and 8 for the test, but both need one at"
            + " least. Change the share, or add images.",
        "data.split=0.95");
    runRefused(
        "photos",
        folder.resolve("photos.yaml")
            + ":2:7: 'data': 'folder' is "
            + folder.resolve("photos")
            + ", but the images are those of 'train', so that nothing there would be read. Leave"
            + " 'folder' out.",
        "data.train=" + folder.resolve("photos"));
  }

  @Test
  void anotherFormatInsideTheName_isReadIfItIsAnImage() throws IOException {
    Path file = Files.write(folder.resolve("photos/a/z.png"), picture("bmp", 7, 6));
    Typed typed = Typed.run("train", folder.resolve("photos.yaml").toString(), "--dry-run");
    Files.delete(file);
    assertThat(typed.exitCode()).as(typed.err()).isZero();
  }

  @Test
  void sounds() throws IOException {
    refused(
        "sounds/a/z.wav",
        "hello",
        "# is not a WAV file, or its beginning is damaged. Convert it to WAV, or remove it.");
    refused(
        "sounds/a/z.wav",
        "OggS and so on",
        "# is not a WAV file: it begins as a file of the format Ogg. Convert it to WAV, or remove"
            + " it.");
    byte[] codec = sound(40);
    codec[20] = 0x11;
    refused(
        "sounds/a/z.wav",
        codec,
        "# is a WAV file of codec 17 (IMA ADPCM), which Java cannot read in this form. Convert it"
            + " to PCM of 16 bits.");
    refused(
        "sounds/a/z.wav",
        Arrays.copyOf(sound(40), 70),
        "# ends early: it says that it holds 80 bytes of sound, but has 26. Fetch it again or"
            + " remove it.");
    refused(
        "sounds/a/z.wav",
        sound(0),
        "# holds no sound: it has a head and no samples. Fetch it again or remove it.");
    runRefused(
        "sounds",
        "data.split takes 4 of the 4 sounds of class 'a' for the test, which leaves none to train"
            + " on. Take a smaller share, or add sounds.",
        "data.split=0.95");
  }

  @Test
  void rows() throws IOException {
    String good = table(0, 16);
    refused(
        "train.csv",
        good.replace("score", "mark"),
        "# has no number column 'score'; it must be one of [id, age, work, mark, rich], or 0 to 4"
            + " or -1 for the last. Name another.");
    refused(
        "train.csv",
        good.replaceAll(",[xy],", ",x,"),
        "Column 'work' has the one value 'x' in the training rows, so nothing can be learned from"
            + " it. Leave it out (data.ignore).");
    refused(
        "train.csv",
        good.replace(",0.3,", ",\"0,3\","),
        "Line 5 of # has '0,3' in column score, but a feature must be a finite number. Write"
            + " decimal numbers with a point.");
    refused(
        "train.csv",
        good.replace(",0.3,", ",nan,"),
        "Line 5 of # has 'nan' in column score, but a feature must be a finite number. Repair or"
            + " remove the line.");
    refused(
        "train.csv",
        good.replace(',', ';'),
        "# has one column alone, 'id;age;work;score;rich', and so no label column 'rich'. If"
            + " another character stands between the values, say delimiter: \";\".");
    refused(
        "test.csv",
        table(16, 8).replaceFirst(",yes", ",maybe"),
        "Row 1 of # has the label 'maybe', which is not one of the classes [no, yes]. Give training"
            + " rows of this class, too, or remove the row; if another column holds the class, name"
            + " it (data.label).");
    runRefused(
        "table",
        "override 'data.folder=all': Unknown key 'folder' in 'data'; it cannot stand beside"
            + " 'train'; leave one of them out.",
        "data.folder=all");
  }

  @Test
  void answersFromElsewhere() throws IOException {
    String good = answers();
    refused(
        "answers.csv",
        good.replace("no,yes", "no,maybe"),
        "# has no column 'yes', and has columns that the task of the data does not name: 'maybe'."
            + " Give one column for each of 'no', 'yes', and the key's.");
    refused(
        "answers.csv",
        good + "5,0.5,0.5\n",
        "Row 25 of # has the key '5', which row 6 has, too. Keep one answer for each key.");
    refused(
        "answers.csv",
        good.replaceFirst("\n0,0.1", "\n0,NaN"),
        "Row 1 of # has 'NaN' for 'no', but must have a number from 0 to 1. Repair or remove the"
            + " row.");
    refused(
        "answers.csv",
        good.replaceFirst("\n0,0.1", "\n0,0.4"),
        "Row 1 of # has probabilities that sum to 1.300, but they must sum to 1 within 0.01. Repair"
            + " the row, or say what the numbers are (teacher.kind).");
  }
}
