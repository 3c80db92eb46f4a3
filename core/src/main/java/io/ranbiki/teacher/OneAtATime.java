package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;

/** A teacher that several threads ask, one at a time; whoever lends it closes it. */
record OneAtATime(Teacher teacher) implements Wrapped {

  @Override
  public Teacher around(Teacher other) {
    return new OneAtATime(other);
  }

  @Override
  public Signal signal(Batch batch) {
    synchronized (teacher) {
      return teacher.signal(batch);
    }
  }

  @Override
  public void close() {}
}
