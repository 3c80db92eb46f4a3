package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Share of all samples on which the model decides as the teacher does; of labels, of all. */
public record Agreement() implements Metric {

  @Override
  public String name() {
    return "agreement";
  }

  @Override
  public boolean serves(Task task) {
    return task instanceof Task.Classes
        || task instanceof Task.Labels
        || task instanceof Task.MaskedLanguage;
  }

  @Override
  public boolean comparesWithTeacher() {
    return true;
  }

  @Override
  public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
    if (teacher == null) {
      return OptionalDouble.empty();
    }
    if (model.truth() == null) {
      return OptionalDouble.of(model.agreement(teacher));
    }
    double[][] own = model.byOutput();
    double[][] taught = teacher.byOutput();
    long same = 0;
    for (int c = 0; c < own.length; c++) {
      for (int i = 0; i < own[c].length; i++) {
        same += own[c][i] > 0 == taught[c][i] > 0 ? 1 : 0;
      }
    }
    return Metric.share(same, (long) model.size() * model.classes());
  }
}
