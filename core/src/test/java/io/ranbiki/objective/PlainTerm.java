package io.ranbiki.objective;

import io.ranbiki.tensor.Generator;
import org.jspecify.annotations.Nullable;

/**
 * A term of a test's own that needs no teacher and weighs 1.
 *
 * @param meanOver null if it needs the whole batch
 */
public record PlainTerm(String name, TermLoss loss, @Nullable MeanOver meanOver) implements Term {

  /** One that needs the whole batch. */
  public PlainTerm(String name, TermLoss loss) {
    this(name, loss, null);
  }

  @Override
  public Ramp weight() {
    return Ramp.constant(1);
  }

  @Override
  public boolean needsTeacher() {
    return false;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return loss;
  }
}
