package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Module;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;
import java.util.Locale;

/**
 * Keeps how the samples of a batch correlate.
 *
 * <p>{@link Form#NEIGHBOURS}, the authors' code: both sides are embedded by a linear layer each,
 * which train with the run; with {@code d_i = |e_s(f_s,i) - e_t(f_t,i)|}, {@code L = sum over pairs
 * of 1/(batch-1) * sum_i d_i . d_(i+1)} over neighbours in the batch. It depends on the order of
 * the samples, and is not 0 where student and teacher are equal, since the embeddings differ.
 *
 * <p>{@link Form#GAUSSIAN} and {@link Form#BILINEAR}, the paper: each sample's features are one
 * vector of norm 1; {@code K_ij} is {@code exp(-2g) * sum_p (2g)^p / p! * (x_i . x_j)^p} up to
 * {@code order}, or {@code x_i . x_j}; {@code L = sum over pairs of |K_s - K_t|^2 / batch^2}, or
 * its norm unsquared, as one published code has it.
 *
 * <p>Maps or vectors of any size on either side; a batch of 1 gives 0 for {@code NEIGHBOURS}.
 * Source: Peng et al. 2019, arXiv:1904.01802, section 3. Deviation: the vectors are normalised,
 * which the series of the Gaussian kernel takes for granted.
 *
 * @param weight weight in the objective; 0.02 is usual for {@code NEIGHBOURS}
 * @param pairs layers to match, one or more
 * @param form what is compared
 * @param embedding length of the embedding of {@code NEIGHBOURS}; 128 is usual
 * @param gamma width g of {@code GAUSSIAN}, above 0; 0.4 is usual
 * @param order terms of the series of {@code GAUSSIAN} after the first; 2 is usual
 * @param squared whether the norm of the kernels' difference is squared
 */
public record CorrelationCongruence(
    Ramp weight,
    List<LayerPair> pairs,
    Form form,
    long embedding,
    double gamma,
    int order,
    boolean squared)
    implements FeatureTerm {

  /** What is compared. */
  public enum Form {
    /** Differences of embeddings, for neighbours in the batch. */
    NEIGHBOURS,
    /** Gaussian kernel matrices, by their series. */
    GAUSSIAN,
    /** Matrices of inner products. */
    BILINEAR
  }

  /** Checks the options. */
  public CorrelationCongruence {
    weight.requireNonNegative("'weight' of correlation-congruence");
    pairs = LayerPair.checked("correlation-congruence", pairs, 1);
    Require.atLeast("'embedding' of correlation-congruence", embedding, 1);
    Require.positive("'gamma' of correlation-congruence", gamma);
    Require.atLeast("'order' of correlation-congruence", order, 1);
  }

  /** With a constant weight and embeddings of length 128. */
  public CorrelationCongruence(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs, Form.NEIGHBOURS);
  }

  /** With the usual options of a form. */
  public CorrelationCongruence(Ramp weight, List<LayerPair> pairs, Form form) {
    this(weight, pairs, form, 128, 0.4, 2, true);
  }

  static CorrelationCongruence read(Options options) {
    return new CorrelationCongruence(
        Ramp.weight(options, 0.02),
        LayerPair.read(options),
        options.word("form", Form.NEIGHBOURS, "What is compared"));
  }

  @Override
  public String name() {
    return "correlation-congruence";
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    if (form != Form.NEIGHBOURS) {
      return PairwiseLoss.bind(this, example, pair -> PairLoss.of(this::kernels, ""));
    }
    return PairwiseLoss.bind(
        this,
        example,
        "embeddings",
        pair -> {
          FeaturePair flat = pair.flat();
          Embeddings embeddings =
              new Embeddings(flat.studentChannels(), flat.teacherChannels(), embedding, generator);
          return new PairLoss(
              embeddings::loss,
              embeddings,
              String.format(
                  Locale.ROOT,
                  "embedded by linear layers %d to %d and %d to %d",
                  flat.studentChannels(),
                  embedding,
                  flat.teacherChannels(),
                  embedding));
        });
  }

  private Tensor kernels(FeaturePair pair) {
    FeaturePair flat = pair.flat();
    return congruence(FeaturePair.unit(flat.student(), 1), FeaturePair.unit(flat.teacher(), 1));
  }

  /** The loss of the two kernel forms for vectors of norm 1. */
  Tensor congruence(Tensor student, Tensor teacher) {
    long batch = student.size(0);
    Tensor norm = kernel(student).sub(kernel(teacher)).norm();
    return (squared ? norm.mul(norm) : norm).div((double) (batch * batch));
  }

  private Tensor kernel(Tensor vectors) {
    Tensor products = vectors.matmul(vectors.transpose(0, 1));
    if (form == Form.BILINEAR) {
      return products;
    }
    double factor = Math.exp(-2 * gamma);
    Tensor power = products;
    Tensor kernel = products.mul(0).add(factor);
    for (int p = 1; p <= order; p++) {
      factor *= 2 * gamma / p;
      kernel = kernel.add(power.mul(factor));
      power = power.mul(products);
    }
    return kernel;
  }

  /** Linear embeddings of both sides. */
  private static final class Embeddings extends Module {

    private final Linear student;
    private final Linear teacher;

    Embeddings(long studentLength, long teacherLength, long length, Generator generator) {
      student = child("embed_s", new Linear(studentLength, length, generator));
      teacher = child("embed_t", new Linear(teacherLength, length, generator));
    }

    Tensor loss(FeaturePair pair) {
      FeaturePair flat = pair.flat();
      Tensor distance = student.apply(flat.student()).sub(teacher.apply(flat.teacher())).abs();
      long neighbours = distance.size(0) - 1;
      if (neighbours == 0) {
        return distance.sum().mul(0);
      }
      Tensor products = distance.narrow(0, 0, neighbours).mul(distance.narrow(0, 1, neighbours));
      return products.sum(1).mean();
    }
  }
}
