package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.nn.BatchNorm;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.Layer;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Matches features before the activation, where only what the activation would pass counts.
 *
 * <p>For maps {@code [batch, channels, height, width]} before a ReLU: the teacher's become {@code t
 * = max(f_t, margin)} with a negative margin per channel, the student's {@code s} pass a learnable
 * 1x1 convolution without bias and batch normalisation; {@code L_i = 1/batch * sum of (s - t)^2
 * where s > t or t > 0}, and {@code L = sum over pairs of L_i / 2^(n - 1 - i)}, the last pair
 * counting whole. The larger maps are averaged over windows to the smaller.
 *
 * <p>The margin is the mean of a channel's negative values: given in {@code margins}, which {@link
 * #margins} computes from the teacher's batch normalisation, or else measured on the first batch.
 *
 * <p>Source: Heo et al. 2019 (OFD), arXiv:1904.01866, section 3. Deviations: pooling where sizes
 * differ. The loss is a sum over elements, so that its weight follows the size of the maps: the
 * authors' code has 1/1000 for CIFAR-100 and 1/10000 for the larger maps of ImageNet. Here the
 * latter is the default; the former outweighs the labels of small networks.
 *
 * @param weight weight in the objective; 0.0001 where a configuration names none
 * @param pairs layers before the activation to match, in the order of computation, one or more
 * @param margins per pair one number per channel of the teacher, 0 or less; empty to measure them
 */
public record Overhaul(Ramp weight, List<LayerPair> pairs, List<List<Double>> margins)
    implements FeatureTerm {

  private static final double RARE = 0.001;
  private static final NormalDistribution STANDARD = NormalDistribution.of(0, 1);

  /** Checks the options. */
  public Overhaul {
    weight.requireNonNegative("'weight' of overhaul");
    pairs = LayerPair.checked("overhaul", pairs, 1);
    margins = margins.stream().map(List::copyOf).toList();
    if (!margins.isEmpty() && margins.size() != pairs.size()) {
      throw RanbikiException.configuration(
          "'overhaul' has margins for %d pairs of layers, but %d pairs; give one list a pair or none.",
          margins.size(), pairs.size());
    }
    for (List<Double> channel : margins) {
      for (double margin : channel) {
        if (!(margin <= 0) || Double.isInfinite(margin)) {
          throw RanbikiException.configuration(
              "A margin of overhaul is %s, but must be finite and 0 or less.", margin);
        }
      }
    }
  }

  /** With a constant weight and margins measured on the first batch. */
  public Overhaul(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs, List.of());
  }

  static Overhaul read(Options options) {
    return new Overhaul(Ramp.weight(options, 0.0001), LayerPair.read(options), List.of());
  }

  @Override
  public String name() {
    return "overhaul";
  }

  /**
   * The margins of channels that batch normalisation spreads normally with deviation {@code
   * |weight|} around {@code bias}: the mean of the negative part, or minus three deviations where
   * less than 0.1 % is negative.
   *
   * @param weight the normalisation's weights, one a channel
   * @param bias the normalisation's biases, one a channel
   */
  public static List<Double> margins(Tensor weight, Tensor bias) {
    double[] deviations = weight.toDoubles();
    double[] means = bias.toDoubles();
    List<Double> margins = new ArrayList<>();
    for (int i = 0; i < deviations.length; i++) {
      margins.add(margin(Math.abs(deviations[i]), means[i]));
    }
    return margins;
  }

  private static double margin(double deviation, double mean) {
    if (deviation == 0) {
      return Math.min(mean, 0);
    }
    double negative = STANDARD.cumulativeProbability(-mean / deviation);
    return negative > RARE
        ? mean - deviation * STANDARD.density(mean / deviation) / negative
        : -3 * deviation;
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.SAMPLES;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return PairwiseLoss.bind(
        this,
        example,
        "connectors",
        pair -> {
          pair.requireMaps(name());
          int index = pairs.indexOf(pair.layers());
          Connector connector =
              new Connector(pair.studentChannels(), margin(pair, index), generator);
          double share = Math.pow(2, index + 1.0 - pairs.size());
          return new PairLoss(
              features -> loss(features.pooled(), connector).mul(share),
              connector,
              PairwiseLoss.note(
                  pair.poolingNote(),
                  Projector.note(pair),
                  margins.isEmpty() ? "margins measured on the first batch" : ""));
        });
  }

  private Tensor margin(FeaturePair pair, int index) {
    long channels = pair.teacherChannels();
    if (margins.isEmpty()) {
      Tensor negative = pair.teacher().lt(0).to(pair.teacher().dtype());
      Tensor count = negative.sum(0, 2, 3).clampMin(1);
      return pair.teacher().mul(negative).sum(0, 2, 3).div(count);
    }
    List<Double> given = margins.get(index);
    if (given.size() != channels) {
      throw RanbikiException.configuration(
          "'overhaul' has %d margins for teacher layer '%s', which has %d channels.",
          given.size(), pair.layers().teacher(), channels);
    }
    float[] values = new float[given.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = given.get(i).floatValue();
    }
    return Tensors.of(values, channels);
  }

  private static Tensor loss(FeaturePair pair, Connector connector) {
    return partial(connector.apply(pair.student()), pair.teacher(), connector.margin);
  }

  /** The loss of maps of one shape. */
  static Tensor partial(Tensor student, Tensor teacher, Tensor margin) {
    Tensor target = teacher.maximum(margin.reshape(1, -1, 1, 1));
    Tensor matters = student.gt(target).to(student.dtype()).maximum(positive(target));
    Tensor difference = student.sub(target);
    return difference.mul(difference).mul(matters).sum().div((double) student.size(0));
  }

  private static Tensor positive(Tensor target) {
    return target.gt(0).to(target.dtype());
  }

  /** Brings the student's channels to the teacher's, and keeps the margins with the run. */
  private static final class Connector extends Layer {

    private final Conv2d convolution;
    private final BatchNorm norm;
    private final Tensor margin;

    Connector(long in, Tensor margin, Generator generator) {
      long out = margin.size(0);
      convolution = child("0", Conv2d.forRelu(Conv2d.Options.of(in, out, 1).noBias(), generator));
      norm = child("1", new BatchNorm(out));
      this.margin = buffer("margin", margin);
    }

    @Override
    protected Tensor forward(Tensor input) {
      return norm.apply(convolution.apply(input));
    }
  }
}
