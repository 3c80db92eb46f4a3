package io.ranbiki.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.ranbiki.Golden;
import io.ranbiki.GoldenModel;
import io.ranbiki.nn.Taps;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The networks beside the same networks in PyTorch, on weights and images made by formulas. */
class ArchitecturesGoldenTest {

  static List<String> cases() {
    return Golden.idsBut("31-model.", "31-model.kd-adam", "31-model.kd-sgd");
  }

  private static Model model(Golden golden) {
    String network = golden.id().substring("31-model.".length()).replace("-hashed", "");
    GoldenModel family = GoldenModel.of(golden);
    return switch (network) {
      case "intermediate" -> family.create("intermediate-cnn", Map.of("hidden", 16));
      case "intermediate-large" -> family.create("intermediate-cnn", Map.of("hidden", 32));
      default -> family.create(network + "-cnn", Map.of());
    };
  }

  @ParameterizedTest
  @MethodSource("cases")
  void parameters_haveTheNamesShapesAndOrderOfPyTorch(String id) {
    Golden golden = Golden.load(id);
    JsonNode extra = golden.entry().get("extra");
    try (TensorScope scope = TensorScope.open("golden");
        Model model = model(golden)) {
      Map<String, Tensor> parameters = model.module().parameters();
      assertThat(model.parameterCount()).isEqualTo(extra.get("total_parameters").asLong());
      assertThat(parameters.keySet())
          .containsExactlyElementsOf(extra.get("parameters").findValuesAsText("name"));
      extra
          .get("parameters")
          .forEach(row -> checkParameter(row, parameters.get(row.get("name").asText())));
    }
  }

  private static void checkParameter(JsonNode row, Tensor parameter) {
    String name = row.get("name").asText();
    assertThat(Arrays.toString(parameter.shape()))
        .as(name)
        .isEqualTo(row.get("shape").toString().replace(",", ", "));
    double[] values = parameter.toDoubles();
    assertThat(values[0]).as(name).isEqualTo(row.get("first").asDouble());
    assertThat(values[values.length - 1]).as(name).isEqualTo(row.get("last").asDouble());
    assertThat(Arrays.stream(values).sum())
        .as(name)
        .isCloseTo(row.get("sum").asDouble(), within(1e-6 * values.length));
    assertThat(Arrays.stream(values).map(Math::abs).sum())
        .as(name)
        .isCloseTo(row.get("abs_sum").asDouble(), within(1e-6 * values.length));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void answersAndGradients_agreeWithPyTorch(String id) {
    Golden golden = Golden.load(id);
    try (TensorScope scope = TensorScope.open("golden");
        Model model = model(golden);
        Taps taps = Taps.open(model.module(), List.of("features"))) {
      model.module().eval();
      int batch = (int) golden.number("batch");
      Tensor images = GoldenModel.of(golden).images(batch).copy(MemoryFormat.CHANNELS_LAST);

      Tensor logits = model.apply(images);
      Tensor loss = Functional.crossEntropy(logits, golden.tensor("in.labels"), 0);
      loss.backward();

      golden.check("out.features", taps.take().get("features"));
      golden.check("out.logits", logits);
      golden.check("out.probabilities", logits.softmax(1));
      golden.check("out.ce", loss);
      model
          .module()
          .parameters()
          .forEach(
              (name, parameter) -> {
                Tensor grad = parameter.grad();
                assertThat(grad).as(name).isNotNull();
                Tensor flat = grad.contiguous().flatten(0);
                golden.check("out.gradnorm." + name, flat.norm());
                golden.check("out.gradhead." + name, flat.narrow(0, 0, Math.min(16, flat.count())));
              });
    }
  }
}
