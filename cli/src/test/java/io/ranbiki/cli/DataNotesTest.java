package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the user reads of samples that are not as they should be. */
class DataNotesTest {

  @TempDir Path folder;
  private Path config;

  @BeforeEach
  void fourClasses() throws IOException {
    for (String part : List.of("train", "test")) {
      for (String name : List.of("a", "b", "c", "d")) {
        for (int i = 0; i < 3; i++) {
          write(part + "/" + name + "/" + i + ".jpg", jpeg(1 << (2 * i + 4)));
        }
      }
    }
    config =
        Files.writeString(
            folder.resolve("run.yaml"),
            """
            name: notes
            data: {format: images, folder: "%s", validation: 0}
            model: {architecture: student-cnn}
            train: {epochs: 2, batch: 4, threads: 1}
            """
                .formatted(folder));
  }

  private void write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private static byte[] jpeg(int colour) throws IOException {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64; i++) {
      image.setRGB(i % 8, i / 8, colour * i);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", out);
    return out.toByteArray();
  }

  private List<String> notes(String... overrides) {
    List<String> words =
        new ArrayList<>(List.of("train", config.toString(), "latency=false", "--run-dir"));
    words.add(folder.resolve("run").toString());
    words.addAll(List.of(overrides));
    Typed typed = Typed.run(words.toArray(String[]::new));
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    return typed.err().lines().filter(line -> line.startsWith("note: ")).toList();
  }

  @Test
  void everyNote_isOneLineAndComesOnce() throws IOException {
    byte[] whole = jpeg(99);
    byte[] damaged = Arrays.copyOf(whole, whole.length - 20);
    damaged[damaged.length - 2] = (byte) 0xff;
    damaged[damaged.length - 1] = (byte) 0xd9;
    write("train/a/0.jpg", damaged);
    assertThat(notes("data.limit=3", "data.normalize={mean: 127.5, std: 128}", "train.batch=2"))
        .containsExactly(
            "note: Pixels are in 0..1, so the mean and std of 'normalize' cannot be theirs; if"
                + " they were made for 0..255, divide both by 255.",
            "note: Of 4 classes, the class 'd' has no training sample left by 'limit'.",
            "note: The data of 1 of 12 images are damaged, first of "
                + folder.resolve("train/a/0.jpg")
                + "; they were read all the same, but may not look as they should.");
  }

  @Test
  void damagedImages_areSaidByEvaluateAndProbe() throws IOException {
    byte[] damaged = jpeg(99);
    damaged[damaged.length - 12] = (byte) 0xff;
    damaged[damaged.length - 11] = (byte) 0xd9;
    write("test/a/0.jpg", damaged);
    String note =
        "note: The data of 1 of 12 images are damaged, first of "
            + folder.resolve("test/a/0.jpg")
            + "; they were read all the same, but may not look as they should.";
    Path model = folder.resolve("model");
    ModelSpec spec = ModelSpec.of("student-cnn", List.of(3, 8, 8), 4);
    try (Model network = Model.create(spec, 1)) {
      ModelFolder.write(model, network, new ModelConfig(spec, Normalization.none(), List.of()), "");
    }
    assertThat(Typed.run("evaluate", model.toString(), "--data", config.toString()).err().lines())
        .containsExactly(note);
    String[] probe = {
      "probe",
      config.toString(),
      "--teacher",
      model.toString(),
      "--student",
      model.toString(),
      "--batch",
      "4",
      "--batches",
      "1"
    };
    assertThat(Typed.run(probe).err().lines()).containsExactly(note);
  }

  @Test
  void argumentThatCannotBeAPath_isRefused() {
    Typed typed = Typed.run("train", "a\0b.yaml");
    assertThat(typed.exitCode()).isEqualTo(2);
    assertThat(typed.err())
        .contains(
            "b.yaml' cannot be a path under this locale; start with LC_ALL=C.UTF-8, or choose"
                + " another name.")
        .doesNotContain("java.nio");
  }

  @Test
  void soundSamples_raiseNoNote() {
    assertThat(notes()).isEmpty();
  }

  @Test
  @DisabledOnOs({OS.WINDOWS, OS.MAC})
  void namesThatTheLocaleCannotRead_areRefused() throws Exception {
    Path classes = folder.resolve("train");
    Files.move(classes.resolve("a"), classes.resolve("\u00e9t\u00e9"));
    assertThat(underLocaleC())
        .contains(" cannot be read under this locale. Start with LC_ALL=C.UTF-8, or give")
        .contains("error: The name of " + classes);
  }

  /** What a training prints in a process of the locale C, which must end with exit code 3. */
  private String underLocaleC() throws Exception {
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "train",
            config.toString(),
            "--run-dir",
            folder.resolve("run").toString());
    builder.environment().put("LC_ALL", "C");
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(3);
    return Files.readString(output);
  }
}
