package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.Golden;
import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {

  static List<String> cases() {
    return Golden.ids("29-schedule.");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void learningRates_matchPyTorch(String id) {
    Golden golden = Golden.load(id);
    double[] expected;
    try (TensorScope scope = TensorScope.open("test")) {
      expected = golden.tensor("out.lr").toDoubles();
    }
    double epochs =
        golden.hasHyper("T_max") ? golden.number("T_max") : golden.number("total_steps", 1000);
    for (int epoch = 0; epoch < expected.length; epoch++) {
      double rate = golden.number("base_lr") * schedule(golden).factor(epoch, epochs);
      assertThat(rate).as("epoch " + epoch).isCloseTo(expected[epoch], within(1e-12));
    }
  }

  private static Schedule schedule(Golden golden) {
    String kind = golden.id().substring("29-schedule.".length());
    double factor = golden.number("gamma", 1);
    return switch (kind) {
      case "step", "step-5-01" ->
          Schedule.of(new Schedule.Step((int) golden.number("step_size"), factor));
      case "multistep" -> {
        List<Integer> at = new ArrayList<>();
        golden.hyper("milestones").forEach(milestone -> at.add(milestone.asInt()));
        yield Schedule.of(new Schedule.MultiStep(at, factor));
      }
      case "exponential" -> Schedule.of(new Schedule.Exponential(factor));
      case "cosine", "cosine-etamin" ->
          Schedule.of(new Schedule.Cosine(golden.number("eta_min") / golden.number("base_lr")));
      case "linear-warmup-torch" ->
          new Schedule(
              new Schedule.Constant(), golden.number("total_iters"), golden.number("start_factor"));
      case "transformers-linear-warmup" ->
          new Schedule(new Schedule.Linear(), golden.number("warmup_steps"), 0);
      case "transformers-cosine-warmup" ->
          new Schedule(new Schedule.Cosine(0), golden.number("warmup_steps"), 0);
      default -> throw new IllegalArgumentException("no schedule for golden case " + kind);
    };
  }

  @Test
  void stepEveryZeroEpochs_isRefused() {
    assertThatThrownBy(() -> new Schedule.Step(0, 0.1))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("'every' of step is 0, but must be 1 or more.");
  }

  @Test
  void fallingMilestones_areRefused() {
    assertThatThrownBy(() -> new Schedule.MultiStep(List.of(5, 3), 0.1))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("'at' of multi-step is [5, 3], but must be rising numbers of 1 or more.");
  }
}
