package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.TensorScope;
import java.util.List;

/**
 * A teacher that sees samples in its own way, whatever the student's way is. Owns the other
 * teacher.
 *
 * @param prepare what its inputs go through
 */
record PreparedTeacher(Teacher teacher, Prepare prepare) implements Wrapped {

  @Override
  public Teacher around(Teacher other) {
    return new PreparedTeacher(other, prepare);
  }

  @Override
  public Signal signal(Batch batch) {
    try (TensorScope scope = TensorScope.open("prepare");
        NoGrad noGrad = new NoGrad()) {
      return teacher.signal(batch.prepared(prepare)).map(scope::passOut);
    }
  }

  @Override
  public List<Prepare> prepares() {
    return List.of(prepare);
  }
}
