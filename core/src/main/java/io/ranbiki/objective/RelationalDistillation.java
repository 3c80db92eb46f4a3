package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.List;

/**
 * Keeps the relations among the samples of a batch: their distances and the angles they form.
 *
 * <p>Each sample's features are one vector. {@code L = sum over pairs of distanceWeight * D +
 * angleWeight * A}: D is the mean Huber loss (smooth L1, threshold 1) between the distances of all
 * pairs of samples, each divided by its batch's mean distance; A the same between the cosines of
 * the angles at sample i between samples j and k. The means run over all {@code batch^2} and {@code
 * batch^3} entries, zeros included. Maps or vectors of any size on either side. Scaling or rotating
 * the features changes nothing; a batch of 1 gives 0.
 *
 * <p>Source: Park et al. 2019 (RKD), arXiv:1904.05068, section 3.2; the authors' code takes means
 * where the paper sums. Deviations: inner products are computed in 64 bits, from which distances
 * and angles follow without a {@code [batch, batch, features]} tensor; samples that coincide form
 * no angle and pass no gradient.
 *
 * @param weight weight in the objective; 1 is usual
 * @param pairs layers to match, one or more
 * @param distanceWeight weight of the distances; 25 is usual
 * @param angleWeight weight of the angles; 50 is usual
 */
public record RelationalDistillation(
    Ramp weight, List<LayerPair> pairs, double distanceWeight, double angleWeight)
    implements FeatureTerm {

  private static final double SMALLEST_SQUARE = 1e-12;
  private static final double ROUNDING = 1e-13;

  /** Checks the options. */
  public RelationalDistillation {
    weight.requireNonNegative("'weight' of relational-distillation");
    pairs = LayerPair.checked("relational-distillation", pairs, 1);
    Require.nonNegative("'distance-weight' of relational-distillation", distanceWeight);
    Require.nonNegative("'angle-weight' of relational-distillation", angleWeight);
    Require.notBothZero(
        "'distance-weight' and 'angle-weight' of relational-distillation",
        distanceWeight,
        angleWeight);
  }

  /** With a constant weight and the usual 25 for distances and 50 for angles. */
  public RelationalDistillation(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs, 25, 50);
  }

  static RelationalDistillation read(Options options) {
    return new RelationalDistillation(
        Ramp.weight(options, 1),
        LayerPair.read(options),
        options.number("distance-weight", 25, "Weight of the distances", Rule.atLeast(0)),
        options.number("angle-weight", 50, "Weight of the angles", Rule.atLeast(0)));
  }

  @Override
  public String name() {
    return "relational-distillation";
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return PairwiseLoss.bind(this, example, pair -> PairLoss.of(this::loss, ""));
  }

  private Tensor loss(FeaturePair pair) {
    FeaturePair flat = pair.flat();
    Relations student = Relations.of(flat.student());
    Relations teacher = Relations.of(flat.teacher());
    Tensor total = null;
    if (distanceWeight > 0) {
      total = huber(student.distances(), teacher.distances()).mul(distanceWeight);
    }
    if (angleWeight > 0) {
      Tensor angle = huber(student.cosines(), teacher.cosines()).mul(angleWeight);
      total = total == null ? angle : total.add(angle);
    }
    if (total == null) {
      throw new IllegalStateException("one of the weights is above 0");
    }
    return total.to(DType.FLOAT32);
  }

  private static Tensor huber(Tensor student, Tensor teacher) {
    return Functional.smoothL1Loss(student, teacher, 1);
  }

  /**
   * What the vectors of a batch have to do with each other.
   *
   * @param gram inner products {@code [batch, batch]} of the vectors less their mean
   * @param squares their squares {@code [batch, 1]}
   * @param coincide BOOL {@code [batch, batch]}, where two samples cannot be told apart
   * @param distance {@code [batch, batch]}, at least 1e-6 off the diagonal, 0 on it
   * @param safeDistance the same without a 0
   */
  private record Relations(
      Tensor gram, Tensor squares, Tensor coincide, Tensor distance, Tensor safeDistance) {

    static Relations of(Tensor vectors) {
      Tensor wide = vectors.to(DType.FLOAT64);
      Tensor centred = wide.sub(wide.meanKeep(0).detach()); // distances do not change
      Tensor gram = centred.matmul(centred.transpose(0, 1));
      Tensor unit = Tensors.eye(vectors.size(0)).to(vectors.device()).to(DType.FLOAT64);
      Tensor squares = gram.mul(unit).sumKeep(1);
      Tensor sum = squares.add(squares.transpose(0, 1));
      Tensor squared = sum.sub(gram.mul(2));
      Tensor coincide = squared.lt(sum.mul(ROUNDING).clampMin(SMALLEST_SQUARE));
      Tensor safe = squared.maskedFill(coincide, SMALLEST_SQUARE).sqrt();
      return new Relations(gram, squares, coincide, safe.maskedFill(unit.gt(0), 0), safe);
    }

    /** Distances over their mean. */
    Tensor distances() {
      long batch = distance.size(0);
      double others = Math.max(1, batch * (batch - 1));
      Tensor mean = distance.sum().div(others);
      return batch == 1 ? distance : distance.div(mean);
    }

    /** Cosines {@code [batch, batch, batch]} at the first sample between the two others. */
    Tensor cosines() {
      Tensor inverse = safeDistance.pow(-1).maskedFill(coincide, 0);
      Tensor products =
          squares.unsqueeze(2).sub(gram.unsqueeze(2)).sub(gram.unsqueeze(1)).add(gram.unsqueeze(0));
      return products.mul(inverse.unsqueeze(2)).mul(inverse.unsqueeze(1));
    }
  }
}
