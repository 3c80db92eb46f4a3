package io.ranbiki.train;

import io.ranbiki.Golden;
import io.ranbiki.GoldenModel;
import io.ranbiki.data.Batch;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.LossBreakdown;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Progress;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Five steps of a whole distillation beside the same five steps in PyTorch. */
class DistillationGoldenTest {

  @ParameterizedTest
  @ValueSource(strings = {"31-model.kd-adam", "31-model.kd-sgd"})
  void fiveSteps_giveTheLossesAndWeightsOfPyTorch(String id) {
    Golden golden = Golden.load(id);
    GoldenModel family = GoldenModel.HASHED;
    double soft = golden.number("alpha");
    Objective objective =
        Objective.of(new HardLabels(1 - soft), new SoftTargets(soft, golden.number("temperature")));
    try (TensorScope scope = TensorScope.open("golden");
        Model student = family.create("student-cnn", Map.of());
        Model teacherModel = family.create("teacher-cnn", Map.of());
        ModelTeacher teacher = new ModelTeacher(teacherModel, List.of());
        Generator generator = new Generator(0);
        FlatParameters flat = new FlatParameters(student.module().parameters().values());
        OptimizerState optimizer = new OptimizerState(optimizer(golden), flat)) {
      Tensor labels = golden.tensor("in.labels");
      Batch batch =
          new Batch(
              family.images(8).copy(MemoryFormat.CHANNELS_LAST),
              labels,
              LongStream.range(0, 8).toArray(),
              0);
      Signal answer = teacher.signal(batch);
      golden.check("out.teacher_logits", answer.logits());
      List<Double> losses = new ArrayList<>();
      LossInputs first =
          new LossInputs(batch, Signal.of(student.apply(batch.inputs())), answer, Progress.START);
      try (Objective.Bound bound = objective.bind(first, generator)) {
        for (int step = 0; step < 5; step++) {
          Signal answered = Signal.of(student.apply(batch.inputs()));
          LossBreakdown loss = bound.loss(new LossInputs(batch, answered, answer, Progress.START));
          losses.add(loss.values().total());
          flat.gradients().fill(0);
          loss.backward();
          optimizer.step(golden.number("lr"));
        }
      }
      golden.check(
          "out.losses", Tensors.of(losses.stream().mapToDouble(Double::doubleValue).toArray(), 5));
      try (NoGrad noGrad = new NoGrad()) {
        golden.check("out.final_logits", student.apply(batch.inputs()));
      }
      for (Map.Entry<String, Tensor> weight : student.module().parameters().entrySet()) {
        golden.check("out.paramnorm." + weight.getKey(), weight.getValue().detach().norm());
      }
    }
  }

  private static Optimizer optimizer(Golden golden) {
    return golden.id().endsWith("adam")
        ? new Optimizer.Adam(golden.number("lr"))
        : new Optimizer.Sgd(golden.number("lr"), 0.9);
  }
}
