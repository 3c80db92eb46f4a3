package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Masking;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.ConvTranspose2d;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Network;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.result.Cost;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CostsTest {

  /** Every look at the clock is a millisecond later than the last. */
  private static LongSupplier clock() {
    AtomicLong now = new AtomicLong();
    return () -> now.addAndGet(1_000_000);
  }

  private static final Latency.Protocol FEW =
      new Latency.Protocol(1, Duration.ZERO, 4, Duration.ZERO, Duration.ofMinutes(1));

  private static ModelFolder.Loaded loaded(ModelSpec spec) {
    return new ModelFolder.Loaded(
        Model.create(spec, 1), new ModelConfig(spec, Normalization.none(), List.of()));
  }

  /**
   * By forward hooks in PyTorch 2.13 on the same networks: for each Conv2d the values of its output
   * times channels in, over groups, times the window; for each Linear in times out; and the largest
   * output of any layer. A ResNet-20 for CIFAR-10 is published with 41 million (He et al. count
   * 40.8 without the 1x1 shortcuts, which add none that others do not count).
   */
  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of(ModelSpec.of("student-cnn", List.of(1, 28, 28), 10), 1_117_056, 12_544),
        Arguments.of(ModelSpec.of("student-cnn", List.of(3, 33, 45), 7), 2_444_208, 23_760),
        Arguments.of(ModelSpec.of("teacher-cnn", List.of(1, 28, 28), 10), 76_049_920, 50_176),
        Arguments.of(ModelSpec.of("resnet", List.of(3, 32, 32), 10), 40_813_184, 16_384),
        Arguments.of(
            ModelSpec.of("resnet", List.of(3, 33, 45), 10, Map.of("depth", 8)), 19_283_568, 23_760),
        Arguments.of(
            ModelSpec.of("mlp", List.of(4), 3, Map.of("hidden", 32, "layers", 2)), 1_248, 32));
  }

  @Test
  void aTextHasAsManyHiddenPlacesAsInTraining() {
    try (TensorScope scope = TensorScope.open("test")) {
      assertThat(Costs.sample(Masking.places(), 2, 32).shape()).containsExactly(2, 5);
      Field ids = new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY));
      assertThat(Costs.sample(ids, 2, 32).shape()).containsExactly(2, 32);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void multiplyAddsAndActivations_areThoseOfPyTorch(ModelSpec spec, long adds, long activation) {
    try (ModelFolder.Loaded loaded = loaded(spec)) {
      Cost cost = Costs.of(Map.of("a", Deployed.of(loaded)), List.of(), FEW, clock()).get("a");

      assertThat(cost.multiplyAdds()).isEqualTo(adds);
      assertThat(cost.largestActivation()).isEqualTo(activation);
      assertThat(cost.parameters()).isEqualTo(loaded.model().parameterCount());
      assertThat(cost.bytes()).isEqualTo(loaded.model().byteCount());
      assertThat(cost.onnxBytes()).isGreaterThan(4 * loaded.model().parameterCount());
      assertThat(cost.latencies()).isEmpty();
    }
  }

  /** Each value of the input is multiplied with 5 channels of 3 x 3 windows. */
  @Test
  void transposedConvolution_countsWhatGoesIn() {
    try (Generator generator = new Generator(1);
        ConvTranspose2d layer = new ConvTranspose2d(2, 5, 3, 2, 1, generator)) {
      assertThat(cost(layer, 2, 4, 6)).contains(new NetworkCost(2 * 4 * 6 * 5 * 3 * 3, 5 * 7 * 11));
    }
  }

  /** A layer that does not say what it computes. */
  private static final class Own extends Layer {
    private final Layer inner;

    Own(Generator generator) {
      inner = child("inner", new Linear(4, 3, generator));
    }

    @Override
    protected Tensor forward(Tensor input) {
      return inner.apply(input);
    }
  }

  @Test
  void networkThatDoesNotSayWhatItComputes_hasNoCount() {
    try (Generator generator = new Generator(1);
        Own own = new Own(generator)) {
      assertThat(cost(own, 4)).isEmpty();
    }
  }

  private static Optional<NetworkCost> cost(Layer layer, Integer... shape) {
    Field input = new Field("image", Field.Kind.FLOAT32, List.of(shape));
    return NetworkCost.of(Network.of(input, layer), input.shape());
  }

  @Test
  void aNetworkThatReadsTexts_isTimedInBothEngines_withoutACountThatWouldNeedALength() {
    ModelSpec spec =
        new ModelSpec(
            "bert",
            List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY))),
            3,
            Map.of("layers", 1, "width", 8, "heads", 2, "vocabulary", 20, "positions", 40));
    try (ModelFolder.Loaded loaded = loaded(spec)) {
      Cost cost =
          Costs.of(
                  Map.of("texts", Deployed.of(loaded)),
                  List.of(Costs.Setting.SERVICE),
                  FEW,
                  clock())
              .get("texts");

      assertThat(cost.latencies())
          .extracting(Cost.Latency::engine)
          .containsExactly(Cost.Engine.ONNXRUNTIME, Cost.Engine.LIBTORCH);
      assertThat(cost.multiplyAdds()).isNull();
    }
  }

  private static TeacherSource foreign(String name) throws URISyntaxException {
    Path file = Path.of(CostsTest.class.getResource("/foreign/" + name).toURI());
    return name.endsWith(".onnx")
        ? new TeacherSource.Onnx(file, OnnxOptions.STANDARD)
        : new TeacherSource.TorchScript(file, true);
  }

  @Test
  void models_areMeasuredInAllTheirForms() throws URISyntaxException {
    long before = Tensor.live();
    int threads = Engine.threads();
    List<Integer> image = List.of(1, 28, 28);
    TeacherSource onnx = foreign("dynamic.onnx");
    TeacherSource script = foreign("traced.pt");
    try (ModelFolder.Loaded ours = loaded(ModelSpec.of("student-cnn", image, 10));
        Teacher openedOnnx = Teachers.open(onnx, image, 10, List.of());
        Teacher openedScript = Teachers.open(script, image, 10, List.of())) {
      Map<String, Deployed> models = new LinkedHashMap<>();
      models.put("onnx", Deployed.of(onnx, openedOnnx, image, Prepare.NONE));
      models.put("script", Deployed.of(script, openedScript, image, Prepare.NONE));
      models.put("ours", Deployed.of(ours));

      Map<String, Cost> costs = Costs.of(models, Costs.Setting.all(2), FEW, clock());

      assertThat(costs.keySet()).containsExactly("onnx", "script", "ours");
      assertThat(calls(costs.get("onnx")))
          .containsExactly(
              "onnxruntime 1 1", "onnxruntime 1 32", "onnxruntime 2 1", "onnxruntime 2 32");
      assertThat(calls(costs.get("script")))
          .containsExactly("libtorch 1 1", "libtorch 1 32", "libtorch 2 1", "libtorch 2 32");
      assertThat(calls(costs.get("ours")))
          .containsExactly(
              "onnxruntime 1 1",
              "libtorch 1 1",
              "onnxruntime 1 32",
              "libtorch 1 32",
              "onnxruntime 2 1",
              "libtorch 2 1",
              "onnxruntime 2 32",
              "libtorch 2 32");
      assertThat(costs.get("ours").deployment().orElseThrow().engine())
          .isEqualTo(Cost.Engine.ONNXRUNTIME);
      assertThat(costs.get("script").onnxBytes()).isNull();
      assertThat(costs.get("script").multiplyAdds()).isNull();
      assertThat(costs.get("onnx").onnxBytes()).isEqualTo(costs.get("onnx").bytes());
    }
    assertThat(Engine.threads()).isEqualTo(threads);
    assertThat(Tensor.live()).isEqualTo(before);
  }

  private static List<String> calls(Cost cost) {
    return cost.latencies().stream()
        .map(call -> call.engine() + " " + call.threads() + " " + call.batch())
        .toList();
  }

  @Test
  void oneProcessor_isMeasuredOnce() {
    assertThat(Costs.Setting.all(1))
        .containsExactly(new Costs.Setting(1, 1), new Costs.Setting(1, 32));
  }
}
