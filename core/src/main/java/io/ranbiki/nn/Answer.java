package io.ranbiki.nn;

import io.ranbiki.tensor.Tensor;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** One output of a network for a batch: a number for every class, or the likeliest classes. */
public sealed interface Answer {

  /**
   * A number for every class.
   *
   * @param values {@code [batch, ..., classes]}
   */
  record Full(Tensor values) implements Answer {
    @Override
    public Full map(UnaryOperator<Tensor> change) {
      return new Full(change.apply(values));
    }

    @Override
    public boolean requiresGrad() {
      return values.requiresGrad();
    }

    @Override
    public Full part(long from, long to) {
      return new Full(values.narrow(0, from, to - from));
    }
  }

  /**
   * The k likeliest classes and the probability of all others together.
   *
   * @param classes {@code [batch, ..., k]} INT64
   * @param logProbabilities of these classes, {@code [batch, ..., k]}, in nats
   * @param rest probability of all other classes, {@code [batch, ...]}
   * @param of number of all classes, k or more
   */
  record Top(Tensor classes, Tensor logProbabilities, Tensor rest, int of) implements Answer {

    /** Checks the numbers of classes. */
    public Top {
      long kept = classes.size(-1);
      if (kept < 1 || kept > of || logProbabilities.size(-1) != kept) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%d classes with %d probabilities of %d classes",
                kept,
                logProbabilities.size(-1),
                of));
      }
    }

    @Override
    public Top map(UnaryOperator<Tensor> change) {
      return new Top(classes, change.apply(logProbabilities), change.apply(rest), of);
    }

    @Override
    public boolean requiresGrad() {
      return logProbabilities.requiresGrad() || rest.requiresGrad();
    }

    @Override
    public Top part(long from, long to) {
      long length = to - from;
      return new Top(
          classes.narrow(0, from, length),
          logProbabilities.narrow(0, from, length),
          rest.narrow(0, from, length),
          of);
    }
  }

  /** The same with every tensor of numbers, not of classes, changed. */
  Answer map(UnaryOperator<Tensor> change);

  /** Whether a gradient flows back through it. */
  boolean requiresGrad();

  /**
   * Some of the samples; shares the memory of this one.
   *
   * @param from the first one, from 0
   * @param to behind the last one
   */
  Answer part(long from, long to);
}
