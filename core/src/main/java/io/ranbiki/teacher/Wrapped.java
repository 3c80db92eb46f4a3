package io.ranbiki.teacher;

import io.ranbiki.prepare.Prepare;
import java.util.List;
import java.util.Optional;

/**
 * A teacher that changes what another one is asked or answers; whatever it leaves alone is that of
 * the other. Owns it.
 */
interface Wrapped extends Teacher {

  /** The teacher inside. */
  Teacher teacher();

  /** The same around another teacher. */
  Teacher around(Teacher other);

  @Override
  default Optional<Teacher> inCompany() {
    return teacher().inCompany().map(this::around);
  }

  @Override
  default int classes() {
    return teacher().classes();
  }

  @Override
  default String title() {
    return teacher().title();
  }

  @Override
  default List<Prepare> prepares() {
    return teacher().prepares();
  }

  @Override
  default List<String> notes() {
    return teacher().notes();
  }

  @Override
  default boolean isWorthAskingAhead() {
    return teacher().isWorthAskingAhead();
  }

  @Override
  default boolean isLookedUp() {
    return teacher().isLookedUp();
  }

  @Override
  default void close() {
    teacher().close();
  }
}
