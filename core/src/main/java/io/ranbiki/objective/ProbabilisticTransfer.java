package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * Matches the probabilities with which samples of a batch are neighbours of each other.
 *
 * <p>Each sample's features are one vector. {@code P_ij = (cos(f_i, f_j) + 1) / 2}, each row
 * divided by its sum; {@code L = sum over pairs of mean(P_t * ln((P_t + e) / (P_s + e)))} over all
 * {@code batch^2} entries, {@code e = 1e-7}, in nats. Maps or vectors of any size on either side.
 *
 * <p>Source: Passalis and Tefas 2018 (PKT), arXiv:1803.10837, section 3. As in the authors' code,
 * each sample is its own neighbour too, and the mean is taken; the paper leaves the diagonal out
 * and sums.
 *
 * @param weight weight in the objective; 30000 is usual
 * @param pairs layers to match, one or more
 */
public record ProbabilisticTransfer(Ramp weight, List<LayerPair> pairs) implements FeatureTerm {

  private static final double EPSILON = 1e-7;

  /** Checks the pairs. */
  public ProbabilisticTransfer {
    weight.requireNonNegative("'weight' of probabilistic-transfer");
    pairs = LayerPair.checked("probabilistic-transfer", pairs, 1);
  }

  /** With a constant weight. */
  public ProbabilisticTransfer(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs);
  }

  static ProbabilisticTransfer read(Options options) {
    return new ProbabilisticTransfer(Ramp.weight(options, 30000), LayerPair.read(options));
  }

  @Override
  public String name() {
    return "probabilistic-transfer";
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return PairwiseLoss.bind(this, example, pair -> PairLoss.of(ProbabilisticTransfer::loss, ""));
  }

  private static Tensor loss(FeaturePair pair) {
    FeaturePair flat = pair.flat();
    Tensor student = neighbours(flat.student());
    Tensor teacher = neighbours(flat.teacher());
    Tensor ratio = teacher.add(EPSILON).div(student.add(EPSILON));
    return teacher.mul(ratio.log()).mean();
  }

  private static Tensor neighbours(Tensor vectors) {
    Tensor unit = FeaturePair.unit(vectors, 1);
    Tensor similarity = unit.matmul(unit.transpose(0, 1)).add(1).div(2);
    return similarity.div(similarity.sumKeep(1));
  }
}
