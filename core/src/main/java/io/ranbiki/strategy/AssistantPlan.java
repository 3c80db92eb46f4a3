package io.ranbiki.strategy;

import io.ranbiki.RanbikiException;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

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

  /** Copies the list. */
  public AssistantPlan {
    assistants = List.copyOf(assistants);
  }

  /**
   * Proposes assistants.
   *
   * @param teacherParameters number of values in the teacher's parameters
   * @param student the last of the chain
   * @param count how many assistants, 1 or more; fewer come back where two would be the same, or
   *     one as large as the teacher or as small as the student
   * @throws RanbikiException if there is no room between the teacher and the student
   */
  public static AssistantPlan between(long teacherParameters, ModelSpec student, int count) {
    if (count < 1) {
      throw RanbikiException.configuration("%d assistants: ask for 1 or more.", count);
    }
    long studentParameters = parameters(student);
    if (teacherParameters <= studentParameters) {
      throw RanbikiException.configuration(
          "The teacher has %,d parameters and the student %,d; there is no room for assistants between them.",
          teacherParameters, studentParameters);
    }
    Family family = Family.of(student);
    double step = Math.log((double) teacherParameters / studentParameters) / (count + 1);
    List<ModelSpec> assistants = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      int index = family.nearest(teacherParameters * Math.exp(-step * i));
      ModelSpec assistant = family.member(index);
      long size = family.parameters(index);
      if (size > studentParameters && size < teacherParameters && !assistants.contains(assistant)) {
        assistants.add(assistant);
      }
    }
    if (assistants.isEmpty()) {
      throw RanbikiException.configuration(
          "The teacher has %,d parameters and the student %,d, and no %s lies between them; distil the student directly.",
          teacherParameters, studentParameters, family.architecture());
    }
    return new AssistantPlan(assistants);
  }

  /** Number of values in the parameters of a network. */
  public static long parameters(ModelSpec spec) {
    try (Model model = Model.create(spec, 0)) {
      return model.parameterCount();
    }
  }

  /**
   * Networks that differ by their hidden size alone. Their number of parameters is a polynomial of
   * degree two in it, so that three small ones tell it of all; a large one may not fit into memory.
   *
   * @param like gives input and classes
   * @param sizes numbers of parameters of the first three members
   */
  private record Family(ModelSpec like, List<Long> sizes) {

    private static final int LAST = 1 << 20;

    static Family of(ModelSpec like) {
      Family family = new Family(like, List.of());
      return new Family(
          like,
          Stream.of(1, 2, 3).map(index -> AssistantPlan.parameters(family.member(index))).toList());
    }

    String architecture() {
      return like.input().size() == 3 ? "intermediate-cnn" : "mlp";
    }

    ModelSpec member(int index) {
      int unit = like.input().size() == 3 ? 4 : 1; // the channels of intermediate-cnn are quarters
      return ModelSpec.of(
              architecture(), like.input(), like.classes(), Map.of("hidden", index * unit))
          .with(like.unit());
    }

    long parameters(int index) {
      long first = sizes.get(0);
      long slope = sizes.get(1) - first;
      long bend = sizes.get(2) - sizes.get(1) - slope;
      return first + (index - 1L) * slope + (index - 1L) * (index - 2L) / 2 * bend;
    }

    /** The member whose number of parameters is nearest by ratio. */
    int nearest(double parameters) {
      int below = 1;
      int above = LAST;
      while (above - below > 1) {
        int middle = (below + above) / 2;
        if (parameters(middle) <= parameters) {
          below = middle;
        } else {
          above = middle;
        }
      }
      return parameters / parameters(below) <= parameters(above) / parameters ? below : above;
    }
  }
}
