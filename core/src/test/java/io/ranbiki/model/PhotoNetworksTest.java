package io.ranbiki.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import io.ranbiki.data.Batch;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks for photographs beside torchvision's; {@code torchvision/make.py} made the list. */
class PhotoNetworksTest {

  private static final int CLASSES = 7;
  private static final List<Integer> SHAPE = List.of(3, 64, 96);

  @TempDir Path folder;

  /** A network of torchvision with the shapes of its tensors by name, and its answers. */
  record Case(String architecture, double width, Map<String, long[]> shapes, float[] answers) {
    @Override
    public String toString() {
      return architecture + " " + width;
    }

    ModelSpec spec() {
      Number option = architecture.equals("resnet-18") ? (Number) (int) width : (Number) width;
      return ModelSpec.of(architecture, SHAPE, CLASSES, Map.of("width", option));
    }
  }

  static Stream<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    String title = "";
    Map<String, long[]> shapes = new LinkedHashMap<>();
    try (InputStream in =
        Objects.requireNonNull(
            PhotoNetworksTest.class.getResourceAsStream("/torchvision/networks.txt"))) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        String[] words = line.split(" ");
        String[] rest = Arrays.copyOfRange(words, 1, words.length);
        if (words[0].equals("network")) {
          title = rest[0] + " " + rest[1];
          shapes = new LinkedHashMap<>();
        } else if (words[0].equals("answers")) {
          float[] answers = new float[rest.length];
          for (int i = 0; i < answers.length; i++) {
            answers[i] = Float.parseFloat(rest[i]);
          }
          String[] named = title.split(" ");
          cases.add(new Case(named[0], Double.parseDouble(named[1]), shapes, answers));
        } else {
          shapes.put(words[0], Arrays.stream(rest).mapToLong(Long::parseLong).toArray());
        }
      }
    }
    return cases.stream();
  }

  private static double number(long seed, long index) {
    return ((index + seed * 7919) * 2654435761L & 0xffffffffL) / 256 / (double) (1 << 24);
  }

  private static float value(int seed, String name, long[] shape, long index) {
    double unit = number(seed, index);
    if (name.endsWith("running_var")) {
      return (float) (0.5 + unit);
    }
    if (shape.length == 1) {
      return (float) ((name.endsWith("weight") ? 0.5 : -0.5) + unit);
    }
    double in = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
    return (float) ((unit - 0.5) * Math.sqrt(12 / in));
  }

  /** A file as torchvision's state would be saved. */
  private Path weights(Case one) {
    List<Entry> entries = new ArrayList<>();
    int seed = 0;
    for (Map.Entry<String, long[]> tensor : one.shapes.entrySet()) {
      long[] shape = tensor.getValue();
      if (shape.length == 0) {
        entries.add(Entry.of(tensor.getKey(), new long[1]));
      } else {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
          values[i] = value(seed, tensor.getKey(), shape, i);
        }
        entries.add(Entry.of(tensor.getKey(), values, shape));
      }
      seed++;
    }
    Path file = folder.resolve("torchvision.safetensors");
    Safetensors.write(file, entries, Map.of());
    return file;
  }

  private static Tensor images() {
    float[] pixels = new float[2 * 3 * 64 * 96];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) number(1000, i);
    }
    return Tensors.of(pixels, 2, 3, 64, 96);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void namesShapesAndAnswers_areTorchvisions_andThoseOfTheOnnxFile(Case one) {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        Model model = ModelFolder.read(weights(one), one.spec())) {
      Map<String, String> own = new TreeMap<>();
      model
          .module()
          .state()
          .forEach((name, tensor) -> own.put(name, Arrays.toString(tensor.shape())));
      Map<String, String> theirs = new TreeMap<>();
      one.shapes.forEach((name, shape) -> theirs.put(name, Arrays.toString(shape)));
      assertThat(own).isEqualTo(theirs);
      assertThat(model.notes()).isEmpty();
      model.module().eval();
      requireClose(model.apply(images()).toFloats(), one.answers);

      Path file = folder.resolve("a.onnx");
      ModelConfig config = new ModelConfig(one.spec(), List.of("a", "b", "c", "d", "e", "f", "g"));
      OnnxExport.write(file, model.module(), config, OnnxExport.Options.STANDARD);
      try (OnnxTeacher teacher =
          OnnxTeacher.open(OnnxFile.read(file), SHAPE, CLASSES, List.of(), OnnxOptions.STANDARD)) {
        Batch batch = new Batch(images(), Tensors.of(new long[] {0, 0}, 2), new long[2], 0);
        requireClose(teacher.signal(batch).logits().toFloats(), one.answers);
      }
    }
  }

  private static void requireClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i])
          .isCloseTo(expected[i], within(1e-4f * Math.max(1, Math.abs(expected[i]))));
    }
  }
}
