package io.ranbiki.examples;

import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Hint;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.util.List;
import java.util.Locale;

/** Distils a student by soft targets and by two layers of its teacher, on digits drawn here. */
public final class FeatureDistillation {

  private FeatureDistillation() {}

  /** Trains a teacher and a student, each for two epochs on 4,000 digits. */
  public static void main(String[] arguments) {
    System.out.printf(Locale.ROOT, "accuracy of the student: %.3f%n", student(4000, 2));
  }

  /** The accuracy of a student on 1,000 digits that nobody was trained on. */
  static double student(int samples, int epochs) {
    Loader training = DrawnDigits.training(samples);
    TrainOptions options = new TrainOptions(epochs, new Optimizer.Adam(0.001), Schedule.constant());
    Objective labels = Objective.of(new HardLabels(1));
    Objective features =
        Objective.of(
            new HardLabels(0.3),
            new SoftTargets(0.7, 4),
            new Hint(
                50,
                LayerPair.zip(
                    List.of("features.2", "features.6"), // of the teacher
                    List.of("features.1", "features.3")))); // of the student
    try (Model teacher = Model.create(ModelSpec.of("teacher-cnn", List.of(1, 28, 28), 10), 1);
        Model student = Model.create(ModelSpec.of("student-cnn", List.of(1, 28, 28), 10), 2)) {
      new OfflineDistillation(labels, options, 1).fit(teacher, null, training);
      try (ModelTeacher answers = new ModelTeacher(teacher, features.teacherLayers())) {
        new OfflineDistillation(features, options, 2).fit(student, answers, training);
      }
      return DrawnDigits.accuracy(student);
    }
  }
}
