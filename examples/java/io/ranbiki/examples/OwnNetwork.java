package io.ranbiki.examples;

import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Network;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.util.List;
import java.util.Locale;

/** Distils into a network that the library does not have, on digits drawn here. */
public final class OwnNetwork {

  private OwnNetwork() {}

  /** Two linear layers over all pixels. */
  private static final class TwoLayers extends Layer {

    private final Linear hidden;
    private final Activation relu = child("relu", Activation.relu());
    private final Linear classes;

    TwoLayers(int width, Generator generator) {
      hidden = child("hidden", new Linear(28 * 28, width, generator));
      classes = child("classes", new Linear(width, 10, generator));
    }

    @Override
    protected Tensor forward(Tensor images) {
      return classes.apply(relu.apply(hidden.apply(images.flatten(1))));
    }
  }

  /** Trains a teacher and a student, each for two epochs on 4,000 digits. */
  public static void main(String[] arguments) {
    System.out.printf(Locale.ROOT, "accuracy of the student: %.3f%n", student(4000, 2));
  }

  /** The accuracy of a student on 1,000 digits that nobody was trained on. */
  static double student(int samples, int epochs) {
    ModelSpec own = ModelSpec.of("two-layers", List.of(1, 28, 28), 10);
    Loader training = DrawnDigits.training(samples);
    TrainOptions options = new TrainOptions(epochs, new Optimizer.Adam(0.001), Schedule.constant());
    Objective labels = Objective.of(new HardLabels(1));
    Objective soft = Objective.of(new HardLabels(0.3), new SoftTargets(0.7, 4));
    try (Model teacher = Model.create(ModelSpec.of("teacher-cnn", List.of(1, 28, 28), 10), 1);
        Model student =
            Model.of(
                own,
                2,
                generator -> Network.of(own.inputs().get(0), new TwoLayers(64, generator)))) {
      new OfflineDistillation(labels, options, 1).fit(teacher, null, training);
      try (ModelTeacher answers = new ModelTeacher(teacher, List.of())) {
        new OfflineDistillation(soft, options, 2).fit(student, answers, training);
      }
      return DrawnDigits.accuracy(student);
    }
  }
}
