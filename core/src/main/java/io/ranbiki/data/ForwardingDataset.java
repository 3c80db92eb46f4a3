package io.ranbiki.data;

import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import java.util.List;

/**
 * The same samples as another dataset has, in its order and by its names, of which a class says one
 * thing or another differently. Closing it closes the other. What follows from the task, such as
 * {@link #strata}, follows from the task here.
 */
public interface ForwardingDataset extends Dataset {

  /** The other dataset. */
  Dataset samples();

  @Override
  default int size() {
    return samples().size();
  }

  @Override
  default List<Field> fields() {
    return samples().fields();
  }

  @Override
  default Task task() {
    return samples().task();
  }

  @Override
  default long id(int index) {
    return samples().id(index);
  }

  @Override
  default String key(int index) {
    return samples().key(index);
  }

  @Override
  default int stratum(int index) {
    return samples().stratum(index);
  }

  @Override
  default Row read(int index) {
    return samples().read(index);
  }

  @Override
  default String fingerprint() {
    return samples().fingerprint();
  }

  @Override
  default String place(int index) {
    return samples().place(index);
  }

  @Override
  default List<String> notes() {
    return samples().notes();
  }

  @Override
  default void close() {
    samples().close();
  }
}
