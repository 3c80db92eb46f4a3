package io.ranbiki.strategy;

import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.StateDict;
import io.ranbiki.objective.Objective;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.train.Supervision;
import java.util.List;
import java.util.Map;

/** A student's past as its teacher. Borrows the student; owns the copy. */
final class PastSelf implements Supervision {

  private final Model student;
  private final Past past;
  private final Model former;
  private final ModelTeacher teacher;

  PastSelf(Model student, Past past, Objective objective) {
    this.student = student;
    this.past = past;
    former = student.copy(0);
    try {
      teacher = new ModelTeacher(former, objective.teacherLayers());
    } catch (RuntimeException e) {
      former.close();
      throw e;
    }
  }

  @Override
  public List<List<Signal>> teach(Question question) {
    return question.progress().epoch() < past.epochsBefore()
        ? List.of(List.of())
        : example(question);
  }

  @Override
  public List<List<Signal>> example(Question question) {
    return List.of(List.of(teacher.signal(question.batch())));
  }

  @Override
  public void epochStarts(int epoch) {
    if (past instanceof Past.Snapshot snapshot && epoch % snapshot.every() == 0) {
      StateDict.copy(student.module(), former.module());
    }
  }

  @Override
  public void stepDone(long step) {
    if (past instanceof Past.Average average) {
      average.follow(student, former, step);
    }
  }

  @Override
  public Map<String, Tensor> state() {
    return former.module().state();
  }

  @Override
  public void close() {
    teacher.close();
    former.close();
  }
}
