package io.ranbiki.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkSizeTest {

  static Stream<ModelSpec> networks() {
    return Stream.of(
        ModelSpec.of("teacher-cnn", List.of(1, 28, 28), 10),
        ModelSpec.of("teacher-cnn", List.of(3, 9, 14), 7),
        ModelSpec.of("student-cnn", List.of(3, 32, 32), 100),
        ModelSpec.of("intermediate-cnn", List.of(1, 28, 30), 10, Map.of("hidden", 12)),
        StaticEmbeddingTest.SPEC,
        TextCnnTest.SPEC,
        ModelSpec.of("mlp", List.of(17), 3, Map.of("hidden", 5, "layers", 1)),
        ModelSpec.of("mlp", List.of(17), 3, Map.of("hidden", 5, "layers", 4)),
        ModelSpec.of("resnet", List.of(3, 32, 32), 10, Map.of("depth", 8, "width", 4)),
        ModelSpec.of("resnet", List.of(1, 28, 28), 10, Map.of("depth", 20, "width", 3)),
        ModelSpec.of("resnet-18", List.of(3, 64, 64), 10, Map.of("width", 5)),
        ModelSpec.of("mobilenet-v2", List.of(3, 64, 64), 10),
        ModelSpec.of("mobilenet-v2", List.of(1, 32, 32), 10, Map.of("width", 0.35)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void theEstimate_isTheNumberOfParameters_andNoMoreModulesThanThereAre(ModelSpec spec) {
    NetworkSize size = spec.make().size(spec.inputs(), spec.classes());
    try (Model model = Model.create(spec, 1)) {
      assertThat(size.parameters()).isEqualTo(model.parameterCount());
      assertThat(size.modules()).isBetween(2.0, (double) model.module().modules().size());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "mlp; 784; hidden; 1073741824; hidden (1073741824)",
        "mlp; 2147483647; hidden; 100000000; hidden (100000000)",
        "mlp; 2147483647; hidden; 10000; the samples of shape [2147483647]",
        "resnet; 3,64,64; width; 1000000; width (1000000)",
        "resnet; 3,64,64; depth; 600000002; depth (600000002)",
        "resnet; 3,2147483647,2147483647; width; 100000; the samples of shape [3, 2147483647,"
            + " 2147483647]",
        "intermediate-cnn; 3,32,32; hidden; 2147483644; hidden (2147483644)",
        "student-cnn; 1,100000,100000; ; ; the samples of shape [1, 100000, 100000]"
      })
  void whatNoMachineHolds_isRefusedAtOnce_withTheNumberToMakeSmaller(
      String architecture, String input, String option, Integer value, String named) {
    List<Integer> shape = Stream.of(input.split(",")).map(Integer::valueOf).toList();
    ModelSpec spec =
        ModelSpec.of(architecture, shape, 10, option == null ? Map.of() : Map.of(option, value));
    assertThatThrownBy(() -> Model.create(spec, 1))
        .isInstanceOf(RanbikiException.class)
        .hasMessageMatching(
            "The network .* needs [\\d,.]+ GB of memory or more, but (this machine has|Java may"
                + " use) [\\d.]+ [MG]B, of which [\\d.]+ [MG]B are free\\. Make \\Q"
                + named
                + "\\E smaller\\.");
  }
}
