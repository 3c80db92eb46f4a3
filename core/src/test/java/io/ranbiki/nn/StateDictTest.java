package io.ranbiki.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StateDictTest {

  private static final ModelSpec RESNET =
      ModelSpec.of("resnet", List.of(1, 8, 8), 3, Map.of("depth", 8, "width", 2));

  private static Map<String, float[]> values(Model model) {
    Map<String, float[]> values = new LinkedHashMap<>();
    model.module().state().forEach((name, tensor) -> values.put(name, tensor.toFloats()));
    return values;
  }

  @Test
  void copy_takesParametersAndBuffersOver() {
    try (TensorScope scope = TensorScope.open("test");
        Model one = Model.create(RESNET, 1);
        Model other = Model.create(RESNET, 2)) {
      one.module().train();
      one.apply(Tensors.ones(4, 1, 8, 8).mul(3)); // moves the running statistics
      StateDict.copy(one.module(), other.module());
      Map<String, float[]> copied = values(other);
      values(one).forEach((name, value) -> assertThat(copied.get(name)).as(name).isEqualTo(value));
      assertThat(copied.get("bn1.num_batches_tracked")).containsExactly(1);
    }
  }

  @Test
  void tensorsThatDoNotFit_areAllListedAndNothingIsCopied() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = Model.create(RESNET, 1)) {
      Map<String, float[]> before = values(model);
      Map<String, Tensor> given = new LinkedHashMap<>();
      model.module().state().forEach((name, tensor) -> given.put(name, tensor.mul(0)));
      given.remove("fc.bias");
      given.put("head.bias", Tensors.ones(3));
      given.put("conv1.weight", Tensors.ones(2, 3, 3, 3));
      assertThatThrownBy(() -> StateDict.load(model.module(), given, "teacher.safetensors"))
          .isInstanceOfSatisfying(
              RanbikiException.class,
              e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.MODEL))
          .hasMessage(
              "teacher.safetensors does not fit this architecture: missing: fc.bias; unknown:"
                  + " head.bias; misshapen: conv1.weight is [2, 3, 3, 3], but must be [2, 1, 3, 3]."
                  + " Check the architecture, its options, the shape of a sample and the number of classes.");
      Map<String, float[]> after = values(model);
      before.forEach((name, value) -> assertThat(after.get(name)).as(name).isEqualTo(value));
    }
  }

  @Test
  void longLists_areCut() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = Model.create(RESNET, 1)) {
      Map<String, Tensor> given = new LinkedHashMap<>(model.module().state());
      IntStream.range(0, 11).forEach(i -> given.put("extra." + i, Tensors.ones(1)));
      String shown =
          IntStream.range(0, 8).mapToObj(i -> "extra." + i).collect(Collectors.joining(", "));
      assertThatThrownBy(() -> StateDict.load(model.module(), given, "x"))
          .hasMessageStartingWith(
              "x does not fit this architecture: unknown: " + shown + " and 3 more.");
    }
  }
}
