package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Autocast;

/** A teacher asked to compute in bfloat16; borrows the teacher. */
record Bfloat16Teacher(Teacher teacher) implements Wrapped {

  @Override
  public Teacher around(Teacher other) {
    return new Bfloat16Teacher(other);
  }

  @Override
  public Signal signal(Batch batch) {
    try (Autocast autocast = new Autocast()) {
      return teacher.signal(batch);
    }
  }

  @Override
  public String title() {
    return teacher.title() + " in bfloat16";
  }

  @Override
  public void close() {}
}
