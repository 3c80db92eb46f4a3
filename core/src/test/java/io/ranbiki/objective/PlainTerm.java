package io.ranbiki.objective;

import io.ranbiki.tensor.Generator;

/**
 * A term of a test's own that needs no teacher and weighs 1.
 *
 * @param isMeanOverSamples whether parts of a batch may be computed apart
 */
public record PlainTerm(String name, TermLoss loss, boolean isMeanOverSamples) implements Term {

  /** One that needs the whole batch. */
  public PlainTerm(String name, TermLoss loss) {
    this(name, loss, false);
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
