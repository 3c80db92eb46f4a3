package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.ranbiki.artifact.OnnxExport.WeightType;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Int8Test {

  private static final int LARGEST_OF_16_BITS = 32_767;

  @TempDir Path folder;

  private static byte[] exported(String architecture) {
    ModelSpec spec = ModelSpec.of(architecture, List.of(1, 12, 12), 4);
    ModelConfig config = new ModelConfig(spec, List.of());
    try (Model model = Model.create(spec, 1)) {
      Map<String, Range> ranges = new HashMap<>(Map.of("input", new Range(-1, 1)));
      byte[] plain = OnnxExport.bytes(model.module(), config, OnnxExport.Options.STANDARD);
      OnnxFile.of(Path.of("a.onnx"), plain)
          .info()
          .layers()
          .forEach(
              layer ->
                  ranges.put(
                      layer.name(), new Range(layer.operator().equals("Relu") ? 0 : -0.5f, 3)));
      return OnnxExport.bytes(
          model.module(),
          config,
          new OnnxExport.Options(WeightType.INT8, false, false, Map.of(), ranges));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"student-cnn", "teacher-cnn", "resnet"})
  void everyLayer_isComputedInIntegers(String architecture) throws OrtException {
    Path optimized = folder.resolve("optimized.onnx");
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setOptimizedModelFilePath(optimized.toString());
      OrtEnvironment.getEnvironment().createSession(exported(architecture), options).close();
    }
    assertThat(OnnxFile.read(optimized).info().layers())
        .extracting(OnnxInfo.Layer::operator)
        .contains("QLinearConv", "QGemm")
        .doesNotContain("Conv", "FusedConv", "Gemm", "FusedGemm", "MatMul", "Relu");
  }

  @Test
  void noPairOfProducts_overflows16Bits() {
    List<Byte> weights = new ArrayList<>();
    for (Protobuf.Field graph : Protobuf.fields(exported("student-cnn"))) {
      if (graph.id() == 7) {
        for (Protobuf.Field tensor : graph.fields()) {
          if (tensor.id() == 5) {
            addInt8(tensor, weights);
          }
        }
      }
    }
    int largest = weights.stream().mapToInt(weight -> Math.abs(weight)).max().orElseThrow();
    assertThat(largest).isEqualTo(63);
    assertThat(255 * (largest + largest)).isLessThanOrEqualTo(LARGEST_OF_16_BITS);
  }

  private static void addInt8(Protobuf.Field tensor, List<Byte> weights) {
    boolean int8 = false;
    for (Protobuf.Field part : tensor.fields()) {
      if (part.id() == 2) {
        int8 = part.integer() == 3;
      } else if (part.id() == 9 && int8) {
        for (int i = part.start(); i < part.start() + part.length(); i++) {
          weights.add(part.bytes()[i]);
        }
      }
    }
  }
}
