package io.ranbiki.nn;

import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
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
    public long[] shape() {
      return values.shape();
    }

    @Override
    public Tensor dense() {
      return values;
    }

    @Override
    public List<Tensor> tensors() {
      return List.of(values);
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
   * @param logRest logarithm of the probability that all other classes have together, {@code
   *     [batch, ...]}, in nats; -infinity where they have none
   * @param of number of all classes, k or more
   */
  record Top(Tensor classes, Tensor logProbabilities, Tensor logRest, int of) implements Answer {

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
      return new Top(classes, change.apply(logProbabilities), change.apply(logRest), of);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Log-probabilities, those of the other classes with the missing mass spread evenly over
     * them: the teacher's own at temperature 1 but for how the rest is divided, an approximation at
     * others. A class masked with -infinity stays masked among the k, and where all of the rest is;
     * else it gets its share.
     */
    @Override
    public Tensor dense() {
      int kept = Math.toIntExact(classes.size(-1));
      float[] rest = logRest.toFloats();
      long[] indices = classes.toLongs();
      float[] known = logProbabilities.toFloats();
      float[] all = new float[Math.multiplyExact(rest.length, of)];
      for (int position = 0; position < rest.length; position++) {
        float share = (float) (rest[position] - Math.log(of - kept));
        Arrays.fill(all, position * of, (position + 1) * of, share);
        for (int i = position * kept; i < (position + 1) * kept; i++) {
          all[position * of + (int) indices[i]] = known[i];
        }
      }
      return Tensors.of(all, shape());
    }

    @Override
    public long[] shape() {
      long[] shape = classes.shape();
      shape[shape.length - 1] = of;
      return shape;
    }

    @Override
    public List<Tensor> tensors() {
      return List.of(classes, logProbabilities, logRest);
    }

    @Override
    public boolean requiresGrad() {
      return logProbabilities.requiresGrad() || logRest.requiresGrad();
    }

    @Override
    public Top part(long from, long to) {
      long length = to - from;
      return new Top(
          classes.narrow(0, from, length),
          logProbabilities.narrow(0, from, length),
          logRest.narrow(0, from, length),
          of);
    }
  }

  /** The same with every tensor of numbers, not of classes, changed. */
  Answer map(UnaryOperator<Tensor> change);

  /** {@code [batch, ..., classes]}. */
  long[] shape();

  /** A number for every class, {@code [batch, ..., classes]}; without gradient if it is made. */
  Tensor dense();

  /** All that it is made of. */
  List<Tensor> tensors();

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
