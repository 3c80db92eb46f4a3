package io.ranbiki.train;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import java.util.List;
import java.util.Optional;

/**
 * How the learning rate changes. Time is counted in epochs and updated every step, so that half an
 * epoch is 0.5; {@link Step}, {@link MultiStep} and {@link Exponential} change between epochs only,
 * as in PyTorch.
 *
 * @param decay how the rate falls
 * @param warmUp epochs over which the rate rises in a straight line first, 0 for none
 * @param warmUpStart share of the rate at the very beginning of the warm-up, 0 to 1
 */
public record Schedule(Decay decay, double warmUp, double warmUpStart) {

  private static final String SENTENCE = "How the learning rate falls";
  private static final String WARM_UP =
      "Epochs over which the learning rate rises in a straight line first";

  /** Checks the ranges. */
  public Schedule {
    if (!(warmUp >= 0) || Double.isInfinite(warmUp)) {
      throw RanbikiException.configuration(
          "'warm-up' is %s, but must be finite and 0 or more.", warmUp);
    }
    if (!(warmUpStart >= 0 && warmUpStart <= 1)) {
      throw RanbikiException.configuration(
          "'warm-up-start' is %s, but must be from 0 to 1.", warmUpStart);
    }
  }

  /** Reads the keys {@code schedule} and {@code warm-up}. */
  public static Schedule read(Options options) {
    Decay decay = options.choice("schedule", "constant", SENTENCE, Provider.all(Decay.class));
    return new Schedule(decay, options.number("warm-up", 0, WARM_UP, Rule.atLeast(0)), 0);
  }

  /** Reads the keys {@code schedule} and {@code warm-up}; empty if both are left out. */
  public static Optional<Schedule> readOptional(Options options) {
    Optional<Decay> decay = options.optionalChoice("schedule", SENTENCE, Provider.all(Decay.class));
    Optional<Double> warmUp = options.optionalNumber("warm-up", WARM_UP, Rule.atLeast(0));
    return decay.isEmpty() && warmUp.isEmpty()
        ? Optional.empty()
        : Optional.of(new Schedule(decay.orElseGet(Constant::new), warmUp.orElse(0.0), 0));
  }

  /** A decay without warm-up. */
  public static Schedule of(Decay decay) {
    return new Schedule(decay, 0, 0);
  }

  /** The rate does not change. */
  public static Schedule constant() {
    return of(new Constant());
  }

  /**
   * The share of the learning rate at a point of time.
   *
   * @param epoch epochs done, from 0
   * @param epochs how many there will be
   */
  public double factor(double epoch, double epochs) {
    if (epoch < warmUp) {
      return warmUpStart + (1 - warmUpStart) * epoch / warmUp;
    }
    return decay.factor(epoch, warmUp, epochs);
  }

  /** How the rate falls after the warm-up. Open for your own. */
  public interface Decay {

    /** The share of the learning rate after {@code epoch} of {@code epochs}. */
    double factor(double epoch, double warmUp, double epochs);
  }

  /** The rate stays. */
  public record Constant() implements Decay {
    @Override
    public double factor(double epoch, double warmUp, double epochs) {
      return 1;
    }
  }

  /**
   * The rate is multiplied again and again.
   *
   * @param every after how many epochs, 1 or more
   * @param factor by what, above 0
   */
  public record Step(int every, double factor) implements Decay {

    /** Checks the ranges. */
    public Step {
      if (every < 1) {
        throw RanbikiException.configuration(
            "'every' of step is %d, but must be 1 or more.", every);
      }
      requireFactor(factor);
    }

    static Step read(Options options) {
      return new Step(
          options.integer("every", "After how many epochs", Rule.atLeast(1)),
          options.number("factor", 0.1, "By what the rate is multiplied", Rule.above(0)));
    }

    @Override
    public double factor(double epoch, double warmUp, double epochs) {
      return Math.pow(factor, Math.floor(Math.floor(epoch) / every));
    }
  }

  /**
   * The rate is multiplied at given epochs.
   *
   * @param at after how many epochs, rising
   * @param factor by what, above 0
   */
  public record MultiStep(List<Integer> at, double factor) implements Decay {

    /** Checks the ranges. */
    public MultiStep {
      at = List.copyOf(at);
      requireFactor(factor);
      for (int i = 0; i < at.size(); i++) {
        if (at.get(i) < 1 || (i > 0 && at.get(i) <= at.get(i - 1))) {
          throw RanbikiException.configuration(
              "'at' of multi-step is %s, but must be rising numbers of 1 or more.", at);
        }
      }
    }

    static MultiStep read(Options options) {
      return new MultiStep(
          options.list(
              "at", "After how many epochs, rising", epoch -> epoch.integer(Rule.atLeast(1))),
          options.number("factor", 0.1, "By what the rate is multiplied", Rule.above(0)));
    }

    @Override
    public double factor(double epoch, double warmUp, double epochs) {
      return Math.pow(factor, at.stream().filter(milestone -> milestone <= epoch).count());
    }
  }

  /**
   * The rate is multiplied after every epoch.
   *
   * @param factor by what, above 0
   */
  public record Exponential(double factor) implements Decay {

    /** Checks the range. */
    public Exponential {
      requireFactor(factor);
    }

    static Exponential read(Options options) {
      return new Exponential(
          options.number("factor", "By what the rate is multiplied", Rule.above(0)));
    }

    @Override
    public double factor(double epoch, double warmUp, double epochs) {
      return Math.pow(factor, Math.floor(epoch));
    }
  }

  /**
   * The rate falls along half a cosine wave (Loshchilov and Hutter 2016, arXiv:1608.03983, without
   * restarts), over the epochs that the warm-up leaves.
   *
   * @param minimum share that is left at the end, 0 to 1
   */
  public record Cosine(double minimum) implements Decay {

    /** Checks the range. */
    public Cosine {
      if (!(minimum >= 0 && minimum <= 1)) {
        throw RanbikiException.configuration(
            "The minimum of cosine is %s, but must be from 0 to 1.", minimum);
      }
    }

    static Cosine read(Options options) {
      return new Cosine(
          options.number("minimum", 0, "Share that is left at the end", Rule.between(0, 1)));
    }

    @Override
    public double factor(double epoch, double warmUp, double epochs) {
      double done = Math.min((epoch - warmUp) / (epochs - warmUp), 1);
      return minimum + (1 - minimum) * (1 + Math.cos(Math.PI * done)) / 2;
    }
  }

  /** The rate falls in a straight line to 0, over the epochs that the warm-up leaves. */
  public record Linear() implements Decay {
    @Override
    public double factor(double epoch, double warmUp, double epochs) {
      return Math.max(0, (epochs - epoch) / (epochs - warmUp));
    }
  }

  private static void requireFactor(double factor) {
    if (!(factor > 0) || Double.isInfinite(factor)) {
      throw RanbikiException.configuration(
          "'factor' is %s, but must be finite and above 0.", factor);
    }
  }
}
