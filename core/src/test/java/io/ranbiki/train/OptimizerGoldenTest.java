package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.Golden;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps with given gradients against torch.optim. */
class OptimizerGoldenTest {

  static List<String> cases() {
    return Golden.ids("29-optim.");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void stepsWithGivenGradients_matchPyTorch(String id) {
    Golden golden = Golden.load(id);
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor weight = golden.tensor("in.param0").copy().keep().setRequiresGrad(true);
      Tensor gradients = golden.tensor("in.grads");
      double[] rates = golden.tensor("out.lr").toDoubles();
      Schedule schedule = schedule(golden);
      List<Tensor> path = new ArrayList<>();
      try (FlatParameters flat = new FlatParameters(List.of(weight));
          OptimizerState optimizer = new OptimizerState(optimizer(golden), flat)) {
        for (int step = 0; step < rates.length; step++) {
          flat.gradients().copyFrom(gradients.select(0, step).flatten(0));
          double rate = golden.number("lr") * schedule.factor(step, rates.length);
          assertThat(rate).isCloseTo(rates[step], within(1e-15));
          optimizer.step(rate);
          path.add(weight.detach().copy());
        }
        golden.check("out.params", Tensors.stack(path, 0));
        if (golden.has("out.state.exp_avg")) {
          golden.check(
              "out.state.exp_avg", optimizer.buffers().get("mean").reshape(weight.shape()));
          golden.check(
              "out.state.exp_avg_sq", optimizer.buffers().get("square").reshape(weight.shape()));
        }
      }
      weight.close();
    }
  }

  private static Optimizer optimizer(Golden golden) {
    double rate = golden.number("lr");
    double decay = golden.number("weight_decay", 0);
    if (golden.id().contains(".adamw")) {
      return new Optimizer.AdamW(rate, 0.9, 0.999, 1e-8, decay);
    }
    if (golden.id().contains(".adam")) {
      boolean amsgrad = golden.hasHyper("amsgrad") && golden.hyper("amsgrad").asBoolean();
      return new Optimizer.Adam(rate, 0.9, 0.999, golden.number("eps", 1e-8), decay, amsgrad);
    }
    boolean nesterov = golden.hasHyper("nesterov") && golden.hyper("nesterov").asBoolean();
    return new Optimizer.Sgd(
        rate, golden.number("momentum", 0), decay, golden.number("dampening", 0), nesterov);
  }

  private static Schedule schedule(Golden golden) {
    if (!golden.hasHyper("schedule")) {
      return Schedule.constant();
    }
    return Schedule.of(
        golden.hyper("schedule").asText().equals("cosine")
            ? new Schedule.Cosine(0)
            : new Schedule.Step((int) golden.number("step_size"), golden.number("gamma", 0.1)));
  }
}
