package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.ImageFolder;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.MelSpectrogram;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.serve.Student;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service makes of 256 raw files the same bits as training, and answers them as the network does.
 */
class RawFilesTest {

  private static final int FILES = 256;

  @TempDir Path folder;

  private static BufferedImage picture(Random random) {
    int[] types = {
      BufferedImage.TYPE_INT_RGB,
      BufferedImage.TYPE_3BYTE_BGR,
      BufferedImage.TYPE_BYTE_GRAY,
      BufferedImage.TYPE_BYTE_INDEXED
    };
    int width = 8 + random.nextInt(50);
    int height = 8 + random.nextInt(50);
    BufferedImage picture = new BufferedImage(width, height, types[random.nextInt(types.length)]);
    Graphics2D pen = picture.createGraphics();
    for (int i = 0; i < 12; i++) {
      pen.setColor(new Color(random.nextInt(1 << 24)));
      pen.fillOval(random.nextInt(width), random.nextInt(height), width / 2, height / 3);
    }
    pen.dispose();
    return picture;
  }

  @Test
  void photographsOfMixedFormats() throws IOException {
    Random random = new Random(1);
    Path shapes = Files.createDirectories(folder.resolve("photos/shapes"));
    for (int i = 0; i < FILES; i++) {
      String format = List.of("png", "jpg", "bmp", "gif").get(i % 4);
      assertThat(ImageIO.write(picture(random), format, shapes.resolve(i + "." + format).toFile()))
          .isTrue();
    }
    Prepare prepare =
        Prepare.of(new Step.Resize(20, 16))
            .with(new Normalization(new float[] {.4f, .5f, .6f}, new float[] {.2f, .25f, .3f}));
    try (Dataset photos = ImageFolder.open(folder.resolve("photos"), Colour.RGB)) {
      assertServed(photos, prepare, "student-cnn", Map.of());
    }
  }

  /** Noise that swells, in whole numbers of 8, 16, 24 or 32 bits, or in floating point. */
  private static void writeSound(Path file, Random random) throws IOException {
    int rate = List.of(8000, 11025, 16000, 22050, 44100, 48000).get(random.nextInt(6));
    int channels = 1 + random.nextInt(2);
    int bits = 8 * (1 + random.nextInt(5));
    boolean floats = bits > 32;
    AudioFormat format =
        floats
            ? new AudioFormat(
                AudioFormat.Encoding.PCM_FLOAT, rate, 32, channels, 4 * channels, rate, false)
            : new AudioFormat(rate, bits, channels, bits > 8, false);
    int samples = rate / 30 + random.nextInt(rate / 15);
    ByteBuffer bytes = ByteBuffer.allocate(samples * format.getFrameSize());
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < samples * channels; i++) {
      if (floats) {
        bytes.putFloat((float) (random.nextGaussian() * i / samples / 8));
      } else {
        for (int b = 0; b < bits / 8; b++) {
          bytes.put((byte) random.nextInt(256));
        }
      }
    }
    AudioInputStream sound =
        new AudioInputStream(new ByteArrayInputStream(bytes.array()), format, samples);
    AudioSystem.write(sound, AudioFileFormat.Type.WAVE, file.toFile());
  }

  private static Prepare frames(int samples) {
    MelSpectrogram.Options options = new MelSpectrogram.Options(8000, 200, 80, 256, 12, 0, 4000);
    return Prepare.of(new Step.LogMel(new MelSpectrogram(options), samples))
        .with(new Normalization(new float[] {-5.4f}, new float[] {4.1f}));
  }

  private static Dataset sounds(String place) {
    String yaml =
        "name: sounds\nmodel: {architecture: sound-cnn}\ndata: {format: audio, folder: "
            + place
            + "}";
    return RunConfigReader.training(ConfigDocument.parse("a.yaml", yaml, List.of(), Map.of()))
        .data()
        .format()
        .train();
  }

  @Test
  void soundsOfMixedRates_ofAnyLengthAndOfOne() throws IOException {
    Random random = new Random(2);
    Path noises = Files.createDirectories(folder.resolve("train/noise"));
    for (int i = 0; i < FILES; i++) {
      writeSound(noises.resolve(i + ".wav"), random);
    }
    try (Dataset sounds = sounds("'" + folder + "'")) {
      Map<String, Object> tiny = Map.of("width", 2, "depth", 2);
      assertServed(sounds, frames(0), "sound-cnn", tiny);
      assertServed(Splits.first(sounds, 64), frames(640), "sound-cnn", tiny);
    }
  }

  @Test
  void spokenDigits() throws IOException {
    Path recordings =
        Path.of(Optional.ofNullable(System.getenv("RANBIKI_DATA")).orElse(""), "fsdd/recordings");
    assumeTrue(Files.isDirectory(recordings), "RANBIKI_DATA names no folder with fsdd/recordings");
    String names = "names: '{label}_{speaker}_{take}', split: {by: take, test: ['0']}";
    try (Dataset sounds = sounds("'" + recordings + "', " + names)) {
      assertServed(sounds, frames(0), "sound-cnn", Map.of("width", 2, "depth", 2));
    }
  }

  /** Compares the first, whose answers are those of a network that has learnt nothing. */
  private void assertServed(
      Dataset samples, Prepare prepare, String architecture, Map<String, Object> options)
      throws IOException {
    ModelSpec spec = new ModelSpec(architecture, prepare.fields(samples.fields()), 3, options);
    ModelConfig config = new ModelConfig(spec, prepare, List.of("a", "b", "c"));
    Path onnx = folder.resolve("student.onnx");
    Loader.Options each = Loader.Options.inOrder(1);
    try (Model model = Model.create(spec, 3)) {
      model.module().eval();
      OnnxExport.write(onnx, model.module(), config, OnnxExport.Options.STANDARD);
      try (Student student = Student.load(onnx);
          Epoch outside =
              new Loader(samples, each, Prepare.outside(student.preparation()), Views.none())
                  .epoch(0);
          Epoch whole = new Loader(samples, each, prepare, Views.none()).epoch(0)) {
        String input = spec.inputs().get(0).name();
        for (int i = 0; i < Math.min(FILES, samples.size()); i++) {
          try (TensorScope scope = TensorScope.open("test");
              NoGrad noGrad = new NoGrad()) {
            Path file = Path.of(samples.place(i));
            float[] prepared = student.preparation().apply(file);
            assertThat(prepared)
                .as(file.toString())
                .isEqualTo(Batch.of(outside.next()).field(input).toFloats());
            float[] logits = model.answer(Batch.of(whole.next())).logits().toFloats();
            double largest =
                IntStream.range(0, logits.length)
                    .mapToDouble(c -> Math.abs(logits[c]))
                    .max()
                    .orElseThrow();
            assertThat(student.predict(file).logits())
                .as(file.toString())
                .containsExactly(logits, within((float) (1e-5 * largest)));
          }
        }
      }
    }
    assertThat(Tensor.live()).isZero();
  }
}
