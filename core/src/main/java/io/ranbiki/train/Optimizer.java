package io.ranbiki.train;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.FusedStep;
import io.ranbiki.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How gradients change weights: a record of its options. Formulas and defaults of ours are
 * PyTorch's; they stand in {@link Optimizers}. One of your own comes from a {@link
 * io.ranbiki.config.Catalogue} of yours, with {@code Optimizer.class} as the kind of its provider.
 */
public interface Optimizer {

  /** The root of a tiny mean of squares beside a smaller epsilon could be what decides a step. */
  double SMALLEST_EPSILON = 1e-10;

  /** Reads the key {@code optimizer}. */
  static Optimizer read(Options options) {
    return options.choice("optimizer", "adam", "How gradients change weights", providers());
  }

  /** Reads the key {@code optimizer} where it may be left out. */
  static Optional<Optimizer> readOptional(Options options) {
    return options.optionalChoice("optimizer", "How gradients change weights", providers());
  }

  private static List<Provider<Optimizer>> providers() {
    return Provider.all(Optimizer.class);
  }

  private static double readRate(Options options) {
    return options.number(
        "learning-rate", 0.001, "Learning rate before the schedule", Rule.above(0));
  }

  private static double readMeanDecay(Options options) {
    return options.number(
        "mean-decay", 0.9, "Share of the running mean that stays", Rule.atLeast(0), Rule.below(1));
  }

  private static double readSquareDecay(Options options) {
    return options.number(
        "square-decay",
        0.999,
        "Share of the running mean of squares that stays",
        Rule.atLeast(0),
        Rule.below(1));
  }

  private static double readEpsilon(Options options) {
    return options.number(
        "epsilon", 1e-8, "What is added to the root of the squares", Rule.above(0));
  }

  private static double readWeightDecay(Options options, double absent, String sentence) {
    return options.number("weight-decay", absent, sentence, Rule.atLeast(0));
  }

  /** The learning rate before the schedule. */
  double learningRate();

  /**
   * What it remembers from step to step, by name: each a vector as long as the weights, zeros
   * before the first step, and part of every checkpoint.
   */
  List<String> memories();

  /**
   * Goes to work on a training's weights.
   *
   * @param weights all of them, {@code [n]}, to be changed in place
   * @param gradients {@code [n]}, other ones before every step
   * @param memories {@code [n]} each, by {@link #memories}, to be changed in place
   */
  Step begin(Tensor weights, Tensor gradients, Map<String, Tensor> memories);

  /**
   * Whether numbers so small that floats lose digits there may be taken from the memories as 0,
   * without a weight noticing. Where gradients stay 0, running means decay that far, and there a
   * processor needs ten times as long.
   */
  default boolean forgetsTinyNumbers() {
    return false;
  }

  /** An optimiser at work. */
  interface Step extends AutoCloseable {

    /**
     * Changes the weights by their gradients. Nothing is recorded for a backward pass, and what is
     * made here goes with the step.
     *
     * @param learningRate that of the schedule
     * @param step its number, from 1
     */
    void take(double learningRate, long step);

    @Override
    default void close() {}
  }

  /**
   * Adam (Kingma and Ba 2014, arXiv:1412.6980).
   *
   * @param learningRate above 0
   * @param meanDecay share of the running mean that stays, 0 to below 1 (the paper's beta 1)
   * @param squareDecay share of the running mean of squares that stays, 0 to below 1 (beta 2)
   * @param epsilon added to the root of the squares, above 0
   * @param weightDecay times the weight, added to the gradient; 0 or more
   * @param amsgrad whether the largest mean of squares so far divides (Reddi et al. 2018,
   *     arXiv:1904.09237)
   */
  record Adam(
      double learningRate,
      double meanDecay,
      double squareDecay,
      double epsilon,
      double weightDecay,
      boolean amsgrad)
      implements Optimizer {

    /** Checks the ranges. */
    public Adam {
      checkAdam(learningRate, meanDecay, squareDecay, epsilon, weightDecay);
    }

    static Adam read(Options options) {
      return new Adam(
          readRate(options),
          readMeanDecay(options),
          readSquareDecay(options),
          readEpsilon(options),
          readWeightDecay(options, 0, "Times the weight, added to the gradient"),
          options.bool("amsgrad", false, "Whether the largest mean of squares so far divides"));
    }

    /** With PyTorch's defaults. */
    public Adam(double learningRate) {
      this(learningRate, 0.9, 0.999, 1e-8, 0, false);
    }

    @Override
    public List<String> memories() {
      return amsgrad ? List.of("mean", "square", "max-square") : List.of("mean", "square");
    }

    @Override
    public Step begin(Tensor weights, Tensor gradients, Map<String, Tensor> memories) {
      FusedStep.AdamSettings settings =
          new FusedStep.AdamSettings(meanDecay, squareDecay, weightDecay, epsilon, amsgrad);
      return adam(weights, gradients, memories, settings, false);
    }

    @Override
    public boolean forgetsTinyNumbers() {
      return epsilon >= SMALLEST_EPSILON;
    }
  }

  /**
   * Adam whose weight decay stands apart from the gradient (Loshchilov and Hutter 2017,
   * arXiv:1711.05101).
   *
   * @param learningRate above 0
   * @param meanDecay share of the running mean that stays, 0 to below 1
   * @param squareDecay share of the running mean of squares that stays, 0 to below 1
   * @param epsilon added to the root of the squares, above 0
   * @param weightDecay share of the weight that a step at learning rate 1 takes off; 0 or more
   */
  record AdamW(
      double learningRate, double meanDecay, double squareDecay, double epsilon, double weightDecay)
      implements Optimizer {

    /** Checks the ranges. */
    public AdamW {
      checkAdam(learningRate, meanDecay, squareDecay, epsilon, weightDecay);
    }

    static AdamW read(Options options) {
      return new AdamW(
          readRate(options),
          readMeanDecay(options),
          readSquareDecay(options),
          readEpsilon(options),
          readWeightDecay(options, 0.01, "Share of the weight that a step at rate 1 takes off"));
    }

    /** With PyTorch's defaults. */
    public AdamW(double learningRate) {
      this(learningRate, 0.9, 0.999, 1e-8, 0.01);
    }

    @Override
    public List<String> memories() {
      return List.of("mean", "square");
    }

    @Override
    public Step begin(Tensor weights, Tensor gradients, Map<String, Tensor> memories) {
      FusedStep.AdamSettings settings =
          new FusedStep.AdamSettings(meanDecay, squareDecay, weightDecay, epsilon, false);
      return adam(weights, gradients, memories, settings, true);
    }

    @Override
    public boolean forgetsTinyNumbers() {
      return epsilon >= SMALLEST_EPSILON;
    }
  }

  /**
   * Stochastic gradient descent.
   *
   * @param learningRate above 0
   * @param momentum share of the former step that stays, 0 to below 1
   * @param weightDecay times the weight, added to the gradient; 0 or more
   * @param dampening share of the gradient that momentum leaves out, 0 to 1
   * @param nesterov whether the step looks ahead; needs momentum and no dampening
   */
  record Sgd(
      double learningRate, double momentum, double weightDecay, double dampening, boolean nesterov)
      implements Optimizer {

    /** Checks the ranges. */
    public Sgd {
      require("learning-rate", learningRate, learningRate > 0, "finite and above 0");
      require("momentum", momentum, momentum >= 0 && momentum < 1, "0 or more and below 1");
      require("weight-decay", weightDecay, weightDecay >= 0, "finite and 0 or more");
      require("dampening", dampening, dampening >= 0 && dampening <= 1, "from 0 to 1");
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw RanbikiException.configuration(
            "'nesterov' needs a momentum above 0 (it is %s) and dampening 0 (it is %s).",
            momentum, dampening);
      }
    }

    static Sgd read(Options options) {
      return new Sgd(
          readRate(options),
          options.number(
              "momentum",
              0.9,
              "Share of the former step that stays",
              Rule.atLeast(0),
              Rule.below(1)),
          readWeightDecay(options, 0, "Times the weight, added to the gradient"),
          options.number(
              "dampening", 0, "Share of the gradient that momentum leaves out", Rule.between(0, 1)),
          options.bool("nesterov", false, "Whether the step looks ahead"));
    }

    /** Plain momentum. */
    public Sgd(double learningRate, double momentum) {
      this(learningRate, momentum, 0, 0, false);
    }

    @Override
    public List<String> memories() {
      return momentum > 0 ? List.of("momentum") : List.of();
    }

    @Override
    public Step begin(Tensor weights, Tensor gradients, Map<String, Tensor> memories) {
      FusedStep.SgdSettings settings =
          new FusedStep.SgdSettings(weightDecay, momentum, dampening, nesterov);
      return new Fused(FusedStep.sgd(weights, gradients, memories.get("momentum"), settings));
    }

    @Override
    public boolean forgetsTinyNumbers() {
      return true;
    }
  }

  private static Step adam(
      Tensor weights,
      Tensor gradients,
      Map<String, Tensor> memories,
      FusedStep.AdamSettings settings,
      boolean decoupled) {
    return new Fused(
        FusedStep.adam(
            weights,
            gradients,
            Objects.requireNonNull(memories.get("mean")),
            Objects.requireNonNull(memories.get("square")),
            memories.get("max-square"),
            settings,
            decoupled));
  }

  /** A kernel of libtorch at work. */
  record Fused(FusedStep kernel) implements Step {

    @Override
    public void take(double learningRate, long step) {
      kernel.take(learningRate, step);
    }

    @Override
    public void close() {
      kernel.close();
    }
  }

  private static void checkAdam(
      double learningRate,
      double meanDecay,
      double squareDecay,
      double epsilon,
      double weightDecay) {
    require("learning-rate", learningRate, learningRate > 0, "finite and above 0");
    require("mean-decay", meanDecay, meanDecay >= 0 && meanDecay < 1, "0 or more and below 1");
    require(
        "square-decay", squareDecay, squareDecay >= 0 && squareDecay < 1, "0 or more and below 1");
    require("epsilon", epsilon, epsilon > 0, "finite and above 0");
    require("weight-decay", weightDecay, weightDecay >= 0, "finite and 0 or more");
  }

  private static void require(String name, double value, boolean holds, String rule) {
    if (!holds || Double.isInfinite(value)) {
      throw RanbikiException.configuration("'%s' is %s, but must be %s.", name, value, rule);
    }
  }
}
