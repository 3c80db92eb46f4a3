package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.ImageFolder;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.serve.Student;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drawn shapes of odd sizes and formats, from a folder to a student that answers raw files. */
class PhotosTest {

  private static final List<String> SHAPES = List.of("bars", "disc", "square");
  private static final List<String> FORMATS = List.of("png", "jpg", "bmp");

  private static final String DATA =
      """
      data: {format: images, folder: "%1$s/shapes", split: 0.25, augment: [resized-crop, flip], views: 2}
      latency: false
      """;

  private static final String TEACHER =
      """
      name: teacher
      model: {architecture: resnet-18, width: 4, prepare: {resize: 24}}
      train: {epochs: 2, batch: 16, threads: 1, optimizer: {adam: {learning-rate: 0.01}}}
      """
          + DATA;

  private static final String STUDENT =
      """
      name: student
      teacher: {model: "%1$s/teacher/model"}
      student:
        architecture: student-cnn
        prepare: {resize: 18, crop: 16, normalize: {mean: [0.5, 0.4, 0.3], std: [0.3, 0.25, 0.2]}}
      objective: [{hard-labels: {weight: 0.5}}, {soft-targets: {weight: 0.5, temperature: 2}}]
      train: {epochs: 2, batch: 16, threads: 1}
      compare: {scratch: false, decisions: false}
      doctor: false
      """
          + DATA;

  @TempDir Path folder;

  @BeforeEach
  void draw() throws IOException {
    Random random = new Random(4);
    for (String shape : SHAPES) {
      Path files = Files.createDirectories(folder.resolve("shapes").resolve(shape));
      for (int i = 0; i < 24; i++) {
        String format = FORMATS.get(i % 3);
        BufferedImage picture =
            picture(shape, 20 + random.nextInt(40), 20 + random.nextInt(40), random);
        // The name lies about the format of some of them.
        String name = String.format("%02d.%s", i, i % 5 == 0 ? "jpg" : format);
        ImageIO.write(picture, format, files.resolve(name).toFile());
      }
    }
  }

  private static BufferedImage picture(String shape, int width, int height, Random random) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = picture.createGraphics();
    pen.setColor(new Color(random.nextInt(100), random.nextInt(100), random.nextInt(100)));
    pen.fillRect(0, 0, width, height);
    pen.setColor(new Color(255 - random.nextInt(80), 255 - random.nextInt(80), 200));
    int side = Math.min(width, height) - 6;
    switch (shape) {
      case "disc" -> pen.fillOval((width - side) / 2, (height - side) / 2, side, side);
      case "square" -> pen.fillRect((width - side) / 2, (height - side) / 2, side, side);
      default -> {
        for (int y = 0; y < height; y += 6) {
          pen.fillRect(0, y, width, 3);
        }
      }
    }
    pen.dispose();
    return picture;
  }

  private void run(String command, String yaml, String name) throws IOException {
    Path file = Files.writeString(folder.resolve(name + ".yaml"), yaml.formatted(folder));
    Typed typed =
        Typed.run(command, file.toString(), "--run-dir", folder.resolve(name).toString(), "-q");
    assertThat(typed.exitCode()).as(typed.err()).isZero();
  }

  @Test
  void studentOfSmallerPhotos_answersRawFilesInAServiceAsHere() throws IOException {
    run("train", TEACHER, "teacher");
    run("distill", STUDENT, "student");
    Path onnx = folder.resolve("student.onnx");
    Typed exported =
        Typed.run(
            "export",
            folder.resolve("student").toString(),
            "--to",
            "onnx",
            "--output",
            onnx.toString());
    assertThat(exported.exitCode()).as(exported.err()).isZero();

    long before = Tensor.live();
    try (Student student = Student.load(onnx);
        ModelFolder.Loaded loaded = ModelFolder.read(folder.resolve("student/model"));
        Dataset photos = ImageFolder.open(folder.resolve("shapes"), Colour.RGB);
        TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad()) {
      ModelConfig config = loaded.config();
      assertThat(config.spec().input()).containsExactly(3, 16, 16);
      Prepare whole = Objects.requireNonNull(config.prepare());
      Prepare outside = whole.with(Normalization.none());
      loaded.model().module().eval();
      Loader.Options all = Loader.Options.inOrder(photos.size());
      try (Epoch raw = new Loader(photos, all, outside, Views.none()).epoch(0);
          Epoch normalised = new Loader(photos, all, whole, Views.none()).epoch(0)) {
        float[] pixels = Batch.of(raw.next()).inputs().toFloats();
        float[] logits = loaded.model().answer(Batch.of(normalised.next())).logits().toFloats();
        for (int i = 0; i < photos.size(); i++) {
          Path file = Path.of(photos.place(i));
          float[] served = student.preparation().apply(file);
          assertThat(served)
              .containsExactly(
                  Arrays.copyOfRange(pixels, i * served.length, (i + 1) * served.length));
          float[] answers = student.predict(file).logits();
          for (int c = 0; c < answers.length; c++) {
            float expected = logits[i * answers.length + c];
            assertThat(answers[c])
                .isCloseTo(expected, within(1e-5f * Math.max(1, Math.abs(expected))));
          }
        }
      }
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void oddFile_isNamedOrCountedBeforeTraining() throws IOException {
    Path odd = Files.writeString(folder.resolve("shapes/disc/odd.jpg"), "x");
    Path file = Files.writeString(folder.resolve("odd.yaml"), TEACHER.formatted(folder));
    Typed named = Typed.run("train", file.toString(), "--dry-run");
    assertThat(named.exitCode()).isEqualTo(3);
    assertThat(named.err())
        .contains(odd + " is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image.");
    Typed counted = Typed.run("train", file.toString(), "--dry-run", "data.skip=damaged");
    assertThat(counted.exitCode()).as(counted.err()).isZero();
    assertThat(counted.err() + counted.out())
        .containsOnlyOnce("Left out are 1 of 73 files, which are damaged or no images; the first");
  }

  @Test
  void networkWithoutASize_isToldHowToSayIt() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("none.yaml"),
            TEACHER.replace(", prepare: {resize: 24}", "").formatted(folder));
    Typed typed =
        Typed.run("train", file.toString(), "--run-dir", folder.resolve("none").toString());
    assertThat(typed.exitCode()).isEqualTo(3);
    assertThat(typed.err())
        .contains(
            "Architecture 'resnet-18' takes images of one size, but those of the data differ in"
                + " size. Say which: prepare: {resize: 32}, beside 'architecture'.");
  }
}
