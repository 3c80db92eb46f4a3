package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Prepare;
import java.util.List;
import java.util.Optional;

/** Whatever answers a batch. Answers carry no gradient and belong to the innermost scope. */
public interface Teacher extends AutoCloseable {

  /** Answers a batch: the same answer to the same samples and views, always. */
  Signal signal(Batch batch);

  /** Number of classes of the logits. */
  int classes();

  /** What this teacher is, in a few words, for logs and reports. */
  String title();

  /** What a user should know of how it was read, in sentences; mostly nothing. */
  default List<String> notes() {
    return List.of();
  }

  /** What its inputs go through where it is not what a batch has gone through by itself. */
  default List<Prepare> prepares() {
    return List.of();
  }

  /**
   * Whether answers take long and several threads may ask at once: then the next batches are asked
   * for while the student learns from the present one.
   */
  default boolean isWorthAskingAhead() {
    return false;
  }

  /**
   * Whether answers are looked up and not computed: they cost next to nothing, and are the same
   * however many threads an operation may use.
   */
  default boolean isLookedUp() {
    return false;
  }

  /**
   * The same teacher, but asked about all samples of a batch at once, where it asks itself about
   * each alone, because its answers would depend on the others; empty where that makes no
   * difference. It is there to be looked at, borrows this one, and need not be closed.
   */
  default Optional<Teacher> inCompany() {
    return Optional.empty();
  }

  /** Frees what this teacher owns. */
  @Override
  void close();
}
