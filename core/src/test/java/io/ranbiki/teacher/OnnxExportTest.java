package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.OnnxExport.WeightType;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.OnnxInfo;
import io.ranbiki.data.Batch;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.BatchNorm;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.ConvTranspose2d;
import io.ranbiki.nn.Dropout;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Operation;
import io.ranbiki.nn.Pool;
import io.ranbiki.nn.Sequential;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds exported files against the networks they were made of, in ONNX Runtime. */
class OnnxExportTest {

  private static final double TOLERANCE = 1e-5;
  private static final Normalization GREY =
      new Normalization(new float[] {0.286f}, new float[] {0.353f});

  private static final Normalization OTHER =
      new Normalization(new float[] {0.5f}, new float[] {0.1f});

  @TempDir Path folder;

  private static ModelSpec spec(String architecture, List<Integer> input, String... options) {
    Map<String, Integer> values = new HashMap<>();
    for (String option : options) {
      values.put(option.split("=")[0], Integer.valueOf(option.split("=")[1]));
    }
    return ModelSpec.of(architecture, input, 7, values);
  }

  static Stream<Arguments> networks() {
    return Stream.of(
            spec("student-cnn", List.of(1, 12, 12)),
            spec("student-cnn", List.of(3, 17, 22)),
            spec("intermediate-cnn", List.of(2, 5, 9), "hidden=8"),
            spec("teacher-cnn", List.of(1, 8, 8)),
            spec("resnet", List.of(3, 17, 22), "depth=8", "width=3"),
            spec("resnet", List.of(1, 8, 8), "depth=14", "width=4"),
            spec("mlp", List.of(13), "hidden=5", "layers=3"))
        .map(Arguments::of);
  }

  /** Weights, and statistics of batches, as no training would leave them: all channels differ. */
  private static void scramble(Module module, long seed) {
    Random random = new Random(seed);
    module
        .state()
        .forEach(
            (name, tensor) -> {
              boolean variance = name.endsWith("running_var");
              if (variance || name.matches(".*(bn\\d|downsample\\.1)\\.weight|.*running_mean")) {
                float[] values = tensor.toFloats();
                for (int i = 0; i < values.length; i++) {
                  double drawn = variance ? 0.01 + 3 * random.nextDouble() : random.nextGaussian();
                  values[i] = (float) drawn;
                }
                tensor.setData(Tensors.of(values, tensor.shape()));
              }
            });
  }

  private static ModelConfig plain(ModelSpec spec) {
    return new ModelConfig(spec, List.of());
  }

  private static Tensor samples(int batch, List<Integer> shape, long seed) {
    Random random = new Random(seed);
    long[] lengths = new long[shape.size() + 1];
    lengths[0] = batch;
    int count = batch;
    for (int i = 0; i < shape.size(); i++) {
      lengths[i + 1] = shape.get(i);
      count *= shape.get(i);
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensors.of(values, lengths);
  }

  private static Batch batch(Tensor inputs) {
    int size = (int) inputs.size(0);
    return new Batch(inputs, Tensors.of(new long[size], size), new long[size], 0);
  }

  private static void requireClose(float[] actual, float[] expected, String which) {
    double largest = 1;
    for (float value : expected) {
      largest = Math.max(largest, 1 + Math.abs(value));
    }
    assertThat(actual).as(which).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as(which)
          .isCloseTo(expected[i], Offset.offset(TOLERANCE * largest));
    }
  }

  private static float[] answers(Path file, List<Integer> shape, Tensor inputs) {
    try (Teacher teacher = OnnxTeacher.open(file, shape, 7, List.of(), OnnxOptions.STANDARD)) {
      return teacher.signal(batch(inputs)).logits().toFloats();
    }
  }

  private static TeacherSource source(Path file) {
    return TeacherSource.of(file, false, null);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void everyArchitecture_answersAlikeInOnnxRuntime(ModelSpec spec) {
    Path file = folder.resolve("student.onnx");
    for (long seed = 0; seed < 3; seed++) {
      try (TensorScope scope = TensorScope.open("test");
          NoGrad noGrad = new NoGrad();
          Model model = Model.create(spec, seed)) {
        scramble(model.module(), seed);
        model.module().eval();
        OnnxExport.write(file, model.module(), plain(spec), OnnxExport.Options.STANDARD);
        try (Teacher exported = Teachers.open(source(file), spec.input(), 7, List.of())) {
          for (int size : new int[] {1, 7, 64}) {
            Tensor inputs = samples(size, spec.input(), seed + size);
            requireClose(
                exported.signal(batch(inputs)).logits().toFloats(),
                model.apply(inputs).toFloats(),
                spec.title() + " seed " + seed + " batch " + size);
          }
        }
      }
    }
  }

  /** Every layer of the room nn in one network, in places where no architecture has them. */
  private static final class Everything extends Layer {
    private final Layer before;
    private final Layer after;

    Everything(Generator generator) {
      before =
          child(
              "before",
              new Sequential(
                  new BatchNorm(2), // nothing before it to be folded into
                  new Conv2d(new Conv2d.Options(2, 4, 3, 2, 2, 2, 2, true), generator),
                  new BatchNorm(4),
                  new Activation(Activation.Kind.GELU),
                  new ConvTranspose2d(4, 6, 3, 2, 1, generator),
                  new Activation(Activation.Kind.SILU),
                  Pool.average(2),
                  new Activation(Activation.Kind.TANH),
                  Pool.max(2)));
      after =
          child(
              "input", // a name that is taken
              new Sequential(
                  new Linear(6 * 16, 8, false, generator),
                  new BatchNorm(8),
                  new Activation(Activation.Kind.SIGMOID),
                  new Dropout(0.5, generator),
                  new Linear(8, 7, generator)));
    }

    @Override
    protected String describe(Graph graph, String input) {
      return graph.apply(after, graph.add(new Operation.Flatten(), graph.apply(before, input)));
    }

    @Override
    protected Tensor forward(Tensor input) {
      return after.apply(before.apply(input).flatten(1));
    }
  }

  private static Network network(Layer layer, List<Integer> shape) {
    return Network.of(new Field("image", Field.Kind.FLOAT32, shape), layer);
  }

  @Test
  void everyLayer_answersAlikeInOnnxRuntime() {
    List<Integer> shape = List.of(2, 18, 18);
    Path file = folder.resolve("all.onnx");
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        Generator generator = new Generator(1);
        Network network = network(new Everything(generator), shape)) {
      scramble(network, 1);
      network.eval();
      OnnxExport.write(
          file, network, plain(spec("student-cnn", shape)), OnnxExport.Options.STANDARD);
      Tensor inputs = samples(3, shape, 2);
      requireClose(
          answers(file, shape, inputs),
          network.answer(Map.of("image", inputs)).logits().toFloats(),
          "all");
    }
  }

  private static final class Silent extends Layer {
    @Override
    protected Tensor forward(Tensor input) {
      return input;
    }
  }

  @Test
  void aLayerThatCannotSay_isNamedWithTheWayOut() {
    try (Network network = network(new Sequential(Activation.relu(), new Silent()), List.of(4))) {
      assertThatThrownBy(() -> Graph.of(network))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "Layer '1' of class io.ranbiki.teacher.OnnxExportTest$Silent does not say what it"
                  + " computes, so the network cannot be exported. Override describe in that class,"
                  + " with the operations that forward stands for.");
    }
  }

  private static final ModelSpec SMALL = spec("intermediate-cnn", List.of(1, 8, 8), "hidden=8");
  private static final List<String> NAMES = List.of("a,b", "ü", "c", "d", "e", "f", "g");
  private static final ModelConfig NAMED = new ModelConfig(SMALL, GREY, NAMES);

  private static OnnxExport.Options options(
      WeightType weights, boolean raw, boolean probabilities) {
    return new OnnxExport.Options(
        weights,
        raw,
        probabilities,
        Map.of(OnnxExport.RUN, "the run", OnnxExport.DATA, "abc"),
        Map.of());
  }

  @Test
  void normalisation_isInsideUnlessRaw() {
    Path file = folder.resolve("a.onnx");
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        Model model = Model.create(SMALL, 3)) {
      model.module().eval();
      Tensor pixels = samples(4, SMALL.input(), 1).abs();
      Tensor normalized = pixels.sub(0.286f).div(0.353f);
      float[] expected = model.apply(normalized).toFloats();
      for (boolean raw : new boolean[] {false, true}) {
        OnnxExport.write(file, model.module(), NAMED, options(WeightType.FLOAT32, raw, false));
        requireClose(
            answers(file, SMALL.input(), raw ? normalized : pixels), expected, "raw " + raw);
        // As a teacher, it gets what it needs, whatever batches have gone through.
        for (Normalization given : List.of(Normalization.none(), GREY, OTHER)) {
          Tensor inputs = pixels;
          if (given.mean().length > 0) {
            inputs = pixels.sub(given.mean()[0]).div(given.std()[0]);
          }
          try (Teacher teacher =
              Teachers.open(source(file), SMALL.input(), 7, List.of("features.2"))) {
            Batch plain = batch(inputs);
            Batch batch =
                new Batch(
                    plain.fields(),
                    plain.masks(),
                    plain.names(),
                    plain.labelled(),
                    Prepare.of(given),
                    Map.of());
            Signal signal = teacher.signal(batch);
            requireClose(signal.logits().toFloats(), expected, "given " + given);
            assertThat(signal.feature("features.2").shape()).containsExactly(4, 2, 4, 4);
          }
        }
      }
    }
  }

  @Test
  void metadata_sayWhatTheFileIs() throws IOException, GeneralSecurityException {
    Path file = folder.resolve("a.onnx");
    try (Model model = Model.create(SMALL, 3)) {
      OnnxExport.write(file, model.module(), NAMED, options(WeightType.FLOAT16, false, true));
      ModelFolder.write(folder.resolve("model"), model, NAMED, "");
    }
    byte[] weights = Files.readAllBytes(folder.resolve("model/model.safetensors"));
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(weights));
    OnnxInfo info = OnnxFile.read(file).info();
    assertThat(info.metadata())
        .containsEntry("ranbiki.classes", "a,b\nü\nc\nd\ne\nf\ng")
        .containsEntry("ranbiki.run", "the run")
        .containsEntry("ranbiki.data", "abc")
        .containsEntry("ranbiki.weights", "float16")
        .containsEntry("ranbiki.weights-sha256", hash)
        .containsEntry(
            "ranbiki.preparation",
            "{\"schema\":1,\"input\":\"image\",\"shape\":[1,8,8],\"steps\":[{\"decode\":\"grey\"},"
                + "{\"scale\":0.00392156862745098},{\"normalize\":{\"mean\":[0.286],\"std\":[0.353]}}],"
                + "\"inside\":[\"normalize\"]}")
        .containsKey("ranbiki.version");
    assertThat(info.opset()).isEqualTo(17);
    assertThat(info.producer()).isEqualTo("ranbiki");
    assertThat(info.inputs()).hasToString("[input [batch, 1, 8, 8] float32]");
    assertThat(info.outputs())
        .hasToString("[logits [batch, 7] float32, probabilities [batch, 7] float32]");
    assertThat(info.layers()).extracting(OnnxInfo.Layer::name).contains("features.2");
  }

  @Test
  void equalWeights_giveEqualBytesWithoutPaths() {
    try (Model one = Model.create(SMALL, 3);
        Model same = Model.create(SMALL, 3)) {
      byte[] bytes =
          OnnxExport.bytes(one.module(), NAMED, options(WeightType.FLOAT32, false, true));
      assertThat(OnnxExport.bytes(same.module(), NAMED, options(WeightType.FLOAT32, false, true)))
          .isEqualTo(bytes);
      assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
          .doesNotContain(System.getProperty("user.home"), System.getProperty("user.dir"))
          .doesNotContain(folder.toString());
    }
  }

  @Test
  void halvedWeights_giveHalfTheFileAndNearlyTheSameAnswers() throws IOException {
    ModelSpec spec = spec("student-cnn", List.of(1, 28, 28));
    Path whole = folder.resolve("whole.onnx");
    Path half = folder.resolve("half.onnx");
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        Model model = Model.create(spec, 3)) {
      ModelConfig config = plain(spec);
      OnnxExport.write(whole, model.module(), config, options(WeightType.FLOAT32, false, false));
      OnnxExport.write(half, model.module(), config, options(WeightType.FLOAT16, false, false));
      assertThat(Files.size(half)).isLessThan(Files.size(whole) * 51 / 100);
      Tensor inputs = samples(64, spec.input(), 1);
      float[] expected = answers(whole, spec.input(), inputs);
      float[] actual = answers(half, spec.input(), inputs);
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], Offset.offset(2e-3f));
      }
      Tensor weight = model.module().parameters().get("features.0.weight");
      weight.setData(weight.detach().mul(1e6));
      assertThatThrownBy(
              () ->
                  OnnxExport.bytes(
                      model.module(), config, options(WeightType.FLOAT16, false, false)))
          .hasMessage(
              "features.0.weight of student-cnn holds numbers past 65504, the largest of float16."
                  + " Export it with float32 weights.");
    }
  }
}
