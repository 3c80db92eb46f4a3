package io.ranbiki.examples;

import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.strategy.MutualLearning;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.strategy.Past;
import io.ranbiki.strategy.ProgressiveDistillation;
import io.ranbiki.strategy.SelfDistillation;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.EnsembleTeacher;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Four ways to teach the same student beyond one teacher, on digits drawn here. */
public final class AdvancedDistillation {

  private static final Objective OBJECTIVE =
      Objective.of(new HardLabels(0.3), new SoftTargets(0.7, 4));

  private final Loader training;
  private final TrainOptions options;

  private AdvancedDistillation(int samples, int epochs) {
    training = DrawnDigits.training(samples);
    options = new TrainOptions(epochs, new Optimizer.Adam(0.001), Schedule.constant());
  }

  /** Trains every network for four epochs on 4,000 digits. */
  public static void main(String[] arguments) {
    accuracies(4000, 4)
        .forEach((how, accuracy) -> System.out.printf(Locale.ROOT, "%-12s %.3f%n", how, accuracy));
  }

  /** Accuracies of the students on 1,000 digits that nobody was trained on. */
  static Map<String, Double> accuracies(int samples, int epochs) {
    AdvancedDistillation advanced = new AdvancedDistillation(samples, epochs);
    Map<String, Double> accuracies = new LinkedHashMap<>();
    accuracies.put("self", advanced.self());
    accuracies.put("ensemble", advanced.ensemble());
    accuracies.put("progressive", advanced.progressive());
    accuracies.put("mutual", advanced.mutual());
    return accuracies;
  }

  /** A copy of the student, taken anew every two epochs, teaches it. */
  private double self() {
    try (Model student = network(64, 1)) {
      new SelfDistillation(OBJECTIVE, options, 1, new Past.Snapshot(2)).fit(student, training);
      return DrawnDigits.accuracy(student);
    }
  }

  /** The mean of three teachers' logits teaches. */
  private double ensemble() {
    try (Model first = trained(128, 11);
        Model second = trained(128, 12);
        Model third = trained(128, 13);
        Model student = network(64, 1);
        Teacher teachers =
            EnsembleTeacher.ofEqual(
                List.of(teacher(first), teacher(second), teacher(third)), new Combine.Logits())) {
      new OfflineDistillation(OBJECTIVE, options, 1).fit(student, teachers, training);
      return DrawnDigits.accuracy(student);
    }
  }

  /** A teacher teaches an assistant, and the assistant the student. */
  private double progressive() {
    try (Model large = trained(128, 11);
        Model assistant = network(92, 2);
        Model student = network(64, 1);
        Teacher teacher = teacher(large)) {
      new ProgressiveDistillation(OBJECTIVE, options, 1)
          .fit(teacher, List.of(assistant, student), training);
      return DrawnDigits.accuracy(student);
    }
  }

  /** Two students train together and teach each other. */
  private double mutual() {
    Objective each = Objective.of(new HardLabels(1), new SoftTargets(1, 1));
    try (Model student = network(64, 1);
        Model peer = network(64, 2)) {
      new MutualLearning(each, options, 1).fit(List.of(student, peer), training);
      return DrawnDigits.accuracy(student);
    }
  }

  private Model trained(int hidden, long seed) {
    Model model = network(hidden, seed);
    new OfflineDistillation(Objective.of(new HardLabels(1)), options, seed)
        .fit(model, null, training);
    return model;
  }

  private static Model network(int hidden, long seed) {
    return Model.create(
        ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", hidden)), seed);
  }

  private static Teacher teacher(Model model) {
    return new ModelTeacher(model, List.of());
  }
}
