package io.ranbiki.strategy;

import io.ranbiki.RanbikiException;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.teacher.Combine;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.train.Supervision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Several students that train together as each other's teachers. Borrows them. */
final class Peers implements Supervision {

  private final List<Model> students;
  private final Formed formed;
  private final List<Model> averages = new ArrayList<>();

  /** Who a student's teacher is formed of. */
  sealed interface Formed permits EachOther, OnlineTeacher {}

  /** Every other student, one by one. */
  record EachOther() implements Formed {}

  Peers(List<Model> students, Formed formed) {
    requireFit(students);
    this.students = List.copyOf(students);
    this.formed = formed;
    if (formed instanceof OnlineTeacher.Average) {
      for (Model student : students) {
        Model average = student.copy(0);
        average.module().freeze();
        average.module().eval();
        averages.add(average);
      }
    }
  }

  private static void requireFit(List<Model> students) {
    if (students.size() < 2) {
      throw RanbikiException.configuration(
          "%d peers cannot teach each other; give 2 or more.", students.size());
    }
    Requirements.fitEachOther("peer", students);
    for (int i = 1; i < students.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (areAlike(students.get(i), students.get(j))) {
          throw RanbikiException.configuration(
              "Peer %d begins with the weights of peer %d, and both would answer the same; give each a seed of its own.",
              i + 1, j + 1);
        }
      }
    }
  }

  private static boolean areAlike(Model one, Model other) {
    Map<String, Tensor> others = other.module().parameters();
    return one.spec().equals(other.spec())
        && one.module().parameters().entrySet().stream()
            .allMatch(
                parameter ->
                    Arrays.equals(
                        parameter.getValue().toFloats(),
                        Objects.requireNonNull(others.get(parameter.getKey())).toFloats()));
  }

  @Override
  public boolean studentsTeach() {
    return formed instanceof EachOther;
  }

  @Override
  public List<List<Signal>> teach(Question question) {
    List<Signal> answers = question.answers();
    if (formed instanceof EachOther) {
      List<List<Signal>> others = new ArrayList<>();
      for (int own = 0; own < answers.size(); own++) {
        List<Signal> rest = new ArrayList<>(answers);
        rest.remove(own);
        others.add(rest);
      }
      return others;
    }
    if (formed instanceof OnlineTeacher.Average average
        && question.progress().epoch() < average.past().epochsBefore()) {
      return Collections.nCopies(answers.size(), List.of());
    }
    return example(question);
  }

  @Override
  public List<List<Signal>> example(Question question) {
    if (formed instanceof EachOther) {
      return teach(question);
    }
    try (NoGrad noGrad = new NoGrad()) {
      List<Tensor> logits =
          averages.isEmpty()
              ? question.answers().stream().map(answer -> answer.logits().detach()).toList()
              : averages.stream()
                  .map(average -> average.answer(question.batch()).logits())
                  .toList();
      double[] equal = new double[logits.size()];
      Arrays.fill(equal, 1.0 / equal.length);
      Signal ensemble = Signal.of(new Combine.Logits().of(logits, equal));
      return Collections.nCopies(students.size(), List.of(ensemble));
    }
  }

  @Override
  public void stepDone(long step) {
    if (formed instanceof OnlineTeacher.Average average) {
      for (int i = 0; i < students.size(); i++) {
        average.past().follow(students.get(i), averages.get(i), step);
      }
    }
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int i = 0; i < averages.size(); i++) {
      String prefix = "average-" + (i + 1) + ".";
      averages.get(i).module().state().forEach((name, value) -> state.put(prefix + name, value));
    }
    return state;
  }

  @Override
  public void close() {
    averages.forEach(Model::close);
  }
}
