package io.ranbiki.run;

import io.ranbiki.config.MapNode;
import io.ranbiki.config.Named;
import io.ranbiki.objective.Ramp;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import java.util.List;

/** Readers of the choices that several parts of a configuration share. */
final class OptionReaders {

  private static final double DEFAULT_RATE = 0.001;

  private OptionReaders() {}

  static Optimizer optimizer(MapNode node) {
    return node.named(
        "optimizer", "adam", List.of("adam", "adamw", "sgd"), OptionReaders::optimizer);
  }

  private static Optimizer optimizer(Named choice) {
    MapNode options = choice.options();
    double rate = options.number("learning-rate", DEFAULT_RATE);
    if (choice.name().equals("sgd")) {
      return new Optimizer.Sgd(
          rate,
          options.number("momentum", 0.9),
          options.number("weight-decay", 0),
          options.number("dampening", 0),
          options.bool("nesterov", false));
    }
    double meanDecay = options.number("mean-decay", 0.9);
    double squareDecay = options.number("square-decay", 0.999);
    double epsilon = options.number("epsilon", 1e-8);
    if (choice.name().equals("adamw")) {
      return new Optimizer.AdamW(
          rate, meanDecay, squareDecay, epsilon, options.number("weight-decay", 0.01));
    }
    return new Optimizer.Adam(
        rate,
        meanDecay,
        squareDecay,
        epsilon,
        options.number("weight-decay", 0),
        options.bool("amsgrad", false));
  }

  static Schedule schedule(MapNode node) {
    Schedule.Decay decay =
        node.named(
            "schedule",
            "constant",
            List.of("constant", "step", "multi-step", "exponential", "cosine", "linear"),
            OptionReaders::decay);
    return new Schedule(decay, node.number("warm-up", 0), 0);
  }

  private static Schedule.Decay decay(Named choice) {
    return switch (choice.name()) {
      case "step" ->
          new Schedule.Step(
              choice.options().integer("every"), choice.options().number("factor", 0.1));
      case "multi-step" ->
          new Schedule.MultiStep(
              choice.options().list("at", epoch -> epoch.integer()),
              choice.options().number("factor", 0.1));
      case "exponential" -> new Schedule.Exponential(choice.options().number("factor"));
      case "cosine" -> new Schedule.Cosine(choice.options().number("minimum", 0));
      case "linear" -> new Schedule.Linear();
      default -> new Schedule.Constant();
    };
  }

  /** A number, or a number that changes: {@code {linear: {from: 0, to: 1, epochs: 5}}}. */
  static Ramp ramp(MapNode node, String key, double standard) {
    if (node.has(key) && node.node(key).isMap()) {
      MapNode choice = node.node(key).asMap();
      if (choice.has("constant")) {
        return Ramp.constant(choice.number("constant"));
      }
      Ramp ramp = node.named(key, List.of("constant", "linear", "cosine"), OptionReaders::ramp);
      return ramp;
    }
    return Ramp.constant(node.number(key, standard));
  }

  private static Ramp ramp(Named choice) {
    double from = choice.options().number("from", 0);
    double to = choice.options().number("to");
    double epochs = choice.options().number("epochs");
    return choice.name().equals("linear")
        ? Ramp.linear(from, to, epochs)
        : Ramp.cosine(from, to, epochs);
  }
}
