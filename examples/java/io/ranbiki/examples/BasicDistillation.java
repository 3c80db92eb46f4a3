package io.ranbiki.examples;

import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Distils a student by soft targets, beside one from labels alone, on digits drawn here. */
public final class BasicDistillation {

  private BasicDistillation() {}

  /** Trains a teacher and two students, each for two epochs on 4,000 digits. */
  public static void main(String[] arguments) {
    accuracies(4000, 2)
        .forEach((who, accuracy) -> System.out.printf(Locale.ROOT, "%-12s %.3f%n", who, accuracy));
  }

  /** Accuracies on 1,000 digits that nobody was trained on. */
  static Map<String, Double> accuracies(int samples, int epochs) {
    Loader training = DrawnDigits.training(samples);
    TrainOptions options = new TrainOptions(epochs, new Optimizer.Adam(0.001), Schedule.constant());
    OfflineDistillation labels =
        new OfflineDistillation(Objective.of(new HardLabels(1)), options, 1);
    OfflineDistillation distillation =
        new OfflineDistillation(
            Objective.of(new HardLabels(0.3), new SoftTargets(0.7, 4)), options, 1);
    ModelSpec small = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10);
    Map<String, Double> accuracies = new LinkedHashMap<>();
    try (Model teacher = Model.create(ModelSpec.of("teacher-cnn", List.of(1, 28, 28), 10), 1);
        Model labelsAlone = Model.create(small, 2);
        Model distilled = Model.create(small, 2)) { // the same seed: the same initial weights
      labels.fit(teacher, null, training);
      labels.fit(labelsAlone, null, training);
      try (ModelTeacher answers = new ModelTeacher(teacher, List.of())) {
        distillation.fit(distilled, answers, training);
      }
      accuracies.put("teacher", DrawnDigits.accuracy(teacher));
      accuracies.put("labels alone", DrawnDigits.accuracy(labelsAlone));
      accuracies.put("distilled", DrawnDigits.accuracy(distilled));
    }
    return accuracies;
  }
}
