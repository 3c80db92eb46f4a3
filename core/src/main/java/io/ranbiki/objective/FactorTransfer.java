package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.BatchNorm;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Module;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Matches factors: short codes that a paraphraser makes of the teacher's features and a translator
 * of the student's.
 *
 * <p>{@link Form#PAPER}: {@code Q} is a factor of one sample, flattened and of norm 1; {@code L =
 * sum over pairs of mean|Q_s - Q_t|} over all elements for power 1, the norm {@code |Q_s - Q_t|}
 * averaged over the batch for power 2. The paraphraser is three 3x3 convolutions with leaky ReLU
 * 0.1 to {@code rate * channels} of the teacher; the translator the same from the student's
 * channels, with batch normalisation. {@link Form#ATTENTION}: {@code Q} is the attention map of
 * {@link AttentionTransfer}, and {@code L = sum over pairs of mean|Q_s - Q_t|^power}; nothing is
 * trained. Maps {@code [batch, channels, height, width]}; the larger are averaged over windows to
 * the smaller.
 *
 * <p>Source: Kim et al. 2018, arXiv:1802.04977, section 3; {@code ATTENTION} is RepDistiller's.
 * Deviations: the paraphraser, which the paper trains in a stage before, learns to rebuild the
 * teacher's features beside the student, so {@code mean((decoder(Q_t) - f_t)^2)} is added to the
 * value of {@code PAPER}; it moves the paraphraser alone.
 *
 * @param weight weight in the objective; 200 is usual
 * @param pairs layers to match, one or more
 * @param form what the factors are
 * @param power 1 or 2
 * @param rate channels of a factor over the teacher's, above 0; 0.5 is usual
 */
public record FactorTransfer(Ramp weight, List<LayerPair> pairs, Form form, int power, double rate)
    implements FeatureTerm {

  private static final double LEAK = 0.1;

  /** What the factors are. */
  public enum Form {
    /** What paraphraser and translator make. */
    PAPER,
    /** Attention maps. */
    ATTENTION
  }

  /** Checks the options. */
  public FactorTransfer {
    weight.requireNonNegative("'weight' of factor-transfer");
    pairs = LayerPair.checked("factor-transfer", pairs, 1);
    if (power != 1 && power != 2) {
      throw RanbikiException.configuration(
          "'power' of factor-transfer is %d, but must be 1 or 2.", power);
    }
    Require.positive("'rate' of factor-transfer", rate);
  }

  /** With a constant weight, translator and paraphraser, power 1 and rate 0.5. */
  public FactorTransfer(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs, Form.PAPER, 1, 0.5);
  }

  static FactorTransfer read(Options options) {
    return new FactorTransfer(
        Ramp.weight(options, 200),
        LayerPair.read(options),
        options.word("form", Form.PAPER, "What the factors are"),
        options.integer(
            "power", 1, "1 for absolute differences, 2 for squares", Rule.between(1, 2)),
        options.number("rate", 0.5, "Channels of a factor over the teacher's", Rule.above(0)));
  }

  @Override
  public String name() {
    return "factor-transfer";
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.SAMPLES;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return PairwiseLoss.bind(
        this, example, "coders", pair -> bind(pair.requireMaps(name()), generator));
  }

  private PairLoss bind(FeaturePair pair, Generator generator) {
    if (form == Form.ATTENTION) {
      return PairLoss.of(
          features -> attentionDistance(features.pooled(), power), pair.poolingNote());
    }
    long in = pair.studentChannels();
    long out = pair.teacherChannels();
    long factor = Math.max(1, (long) (out * rate));
    Coders coders = new Coders(in, out, factor, generator);
    return new PairLoss(
        features -> coders.loss(features.pooled(), power),
        coders,
        PairwiseLoss.note(
            pair.poolingNote(),
            String.format(
                Locale.ROOT,
                "translator %d to %d, paraphraser %d to %d",
                in,
                factor,
                out,
                factor)));
  }

  /** The distance of two factors {@code [batch, channels, height, width]}. */
  static Tensor distance(Tensor student, Tensor teacher, int power) {
    Tensor difference =
        FeaturePair.unit(student.flatten(1), 1).sub(FeaturePair.unit(teacher.flatten(1), 1));
    return power == 1 ? difference.abs().mean() : difference.normKeep(1).mean();
  }

  /** The distance of attention maps. */
  static Tensor attentionDistance(FeaturePair pair, int power) {
    Tensor difference =
        AttentionTransfer.attention(pair.student(), 2)
            .sub(AttentionTransfer.attention(pair.teacher(), 2));
    return power == 1 ? difference.abs().mean() : FeaturePair.meanSquare(difference);
  }

  /** Three 3x3 convolutions with leaky ReLU, and batch normalisation or not. */
  static final class Coder extends Layer {

    private final List<Block> blocks = new ArrayList<>();

    private record Block(Conv2d convolution, @Nullable BatchNorm norm) {}

    private Coder(
        String name, long in, long middle, long out, boolean normalised, Generator generator) {
      long[] channels = {in, middle, out, out};
      for (int i = 0; i < 3; i++) {
        Conv2d.Options options = Conv2d.Options.of(channels[i], channels[i + 1], 3).padding(1);
        Conv2d convolution = child(name + "." + 3 * i, new Conv2d(options, generator));
        BatchNorm norm =
            normalised ? child(name + "." + (3 * i + 1), new BatchNorm(channels[i + 1])) : null;
        blocks.add(new Block(convolution, norm));
      }
    }

    /** From the student's channels to a factor. */
    static Coder translator(long in, long factor, Generator generator) {
      return new Coder("encoder", in, in, factor, true, generator);
    }

    /** From the teacher's channels to a factor. */
    static Coder paraphraser(long in, long factor, Generator generator) {
      return new Coder("encoder", in, in, factor, false, generator);
    }

    /** From a factor back to the teacher's channels. */
    static Coder decoder(long factor, long out, Generator generator) {
      return new Coder("decoder", factor, factor, out, false, generator);
    }

    @Override
    protected Tensor forward(Tensor input) {
      Tensor x = input;
      for (Block block : blocks) {
        x = block.convolution().apply(x);
        x = block.norm() == null ? x : block.norm().apply(x);
        x = Functional.leakyRelu(x, LEAK);
      }
      return x;
    }
  }

  /** Everything that one pair trains. */
  private static final class Coders extends Module {

    private final Coder translator;
    private final Coder paraphraser;
    private final Coder decoder;

    Coders(long in, long out, long factor, Generator generator) {
      translator = child("translator", Coder.translator(in, factor, generator));
      paraphraser = child("paraphraser", Coder.paraphraser(out, factor, generator));
      decoder = child("decoder", Coder.decoder(factor, out, generator));
    }

    Tensor loss(FeaturePair pair, int power) {
      Tensor factor = paraphraser.apply(pair.teacher());
      Tensor rebuilt = decoder.apply(factor);
      return distance(translator.apply(pair.student()), factor.detach(), power)
          .add(Functional.mseLoss(rebuilt, pair.teacher()));
    }
  }
}
