package io.ranbiki.strategy;

import io.ranbiki.RanbikiException;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Assistants between a teacher and a student whose numbers of parameters are evenly spaced in their
 * logarithm, so that every step of the chain is as large as the others: {@code intermediate-cnn}
 * for images, {@code mlp} for rows of numbers.
 *
 * <p>The paper (Mirzadeh et al. 2020, arXiv:1902.03393, section 4) spaces by accuracy or depth;
 * parameters are what is known before anything was trained.
 *
 * @param assistants largest first
 */
public record AssistantPlan(List<ModelSpec> assistants) {

  private static final int LARGEST_HIDDEN = 4096;

  /** Copies the list. */
  public AssistantPlan {
    assistants = List.copyOf(assistants);
  }

  /**
   * Proposes assistants.
   *
   * @param teacherParameters number of values in the teacher's parameters
   * @param student the last of the chain
   * @param count how many assistants, 1 or more; fewer come back where two would be the same
   * @throws RanbikiException if the teacher is not larger than the student
   */
  public static AssistantPlan between(long teacherParameters, ModelSpec student, int count) {
    if (count < 1) {
      throw RanbikiException.configuration("%d assistants: ask for 1 or more", count);
    }
    long studentParameters = parameters(student);
    if (teacherParameters <= studentParameters) {
      throw RanbikiException.configuration(
          "the teacher has %,d parameters and the student %,d; there is no room for assistants between them",
          teacherParameters, studentParameters);
    }
    double step = Math.log((double) teacherParameters / studentParameters) / (count + 1);
    List<ModelSpec> assistants = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      ModelSpec assistant = nearest(student, teacherParameters * Math.exp(-step * i));
      if (!assistants.contains(assistant)) {
        assistants.add(assistant);
      }
    }
    return new AssistantPlan(assistants);
  }

  /** Number of values in the parameters of a network. */
  public static long parameters(ModelSpec spec) {
    try (Model model = Model.create(spec, 0)) {
      return model.parameterCount();
    }
  }

  /** The member of the family whose number of parameters is nearest by ratio. */
  private static ModelSpec nearest(ModelSpec like, double parameters) {
    int unit = like.input().size() == 3 ? 4 : 1; // the channels of intermediate-cnn are quarters
    int below = 1;
    int above = LARGEST_HIDDEN / unit;
    while (above - below > 1) {
      int middle = (below + above) / 2;
      if (parameters(member(like, middle * unit)) <= parameters) {
        below = middle;
      } else {
        above = middle;
      }
    }
    ModelSpec smaller = member(like, below * unit);
    ModelSpec larger = member(like, above * unit);
    return parameters / parameters(smaller) <= parameters(larger) / parameters ? smaller : larger;
  }

  private static ModelSpec member(ModelSpec like, int hidden) {
    return new ModelSpec(
        like.input().size() == 3 ? "intermediate-cnn" : "mlp",
        like.input(),
        like.classes(),
        Map.of("hidden", hidden));
  }
}
