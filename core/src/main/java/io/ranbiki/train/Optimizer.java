package io.ranbiki.train;

import io.ranbiki.RanbikiException;

/** How gradients change weights. Formulas and defaults are PyTorch's. */
public sealed interface Optimizer permits Optimizer.Adam, Optimizer.AdamW, Optimizer.Sgd {

  /** The learning rate before the schedule. */
  double learningRate();

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

    /** With PyTorch's defaults. */
    public Adam(double learningRate) {
      this(learningRate, 0.9, 0.999, 1e-8, 0, false);
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

    /** With PyTorch's defaults. */
    public AdamW(double learningRate) {
      this(learningRate, 0.9, 0.999, 1e-8, 0.01);
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
            "nesterov needs momentum above 0 (it is %s) and dampening 0 (it is %s)",
            momentum, dampening);
      }
    }

    /** Plain momentum. */
    public Sgd(double learningRate, double momentum) {
      this(learningRate, momentum, 0, 0, false);
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
      throw RanbikiException.configuration("%s %s must be %s", name, value, rule);
    }
  }
}
