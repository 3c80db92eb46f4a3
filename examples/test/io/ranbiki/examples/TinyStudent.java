package io.ranbiki.examples;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** A student that has learnt nothing, and a picture of its size. */
final class TinyStudent {

  private static final ModelSpec SPEC = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10);

  private TinyStudent() {}

  /** Writes {@code model/} and {@code student.onnx}, and returns the latter. */
  static Path export(Path folder) {
    List<String> classes = IntStream.range(0, 10).mapToObj(i -> "class " + i).toList();
    ModelConfig config = new ModelConfig(SPEC, Normalization.none(), classes);
    Path file = folder.resolve("student.onnx");
    try (Model model = Model.create(SPEC, 1)) {
      ModelFolder.write(folder.resolve("model"), model, config, "a model for tests");
      OnnxExport.write(file, model.module(), config, OnnxExport.Options.STANDARD);
    }
    return file;
  }

  /** Writes {@code picture.png}. */
  static Path picture(Path folder) throws IOException {
    Path file = folder.resolve("picture.png");
    ImageIO.write(new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());
    return file;
  }
}
