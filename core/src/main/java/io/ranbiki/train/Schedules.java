package io.ranbiki.train;

import io.ranbiki.config.Catalogue;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.train.Schedule.Decay;
import java.util.List;
import java.util.function.Function;

/** Our schedules by their names in configurations. */
public final class Schedules implements Catalogue {

  @Override
  public List<Provider<?>> providers() {
    return List.of(
        decay("constant", "The rate stays.", options -> new Schedule.Constant()),
        decay("step", "The rate is multiplied again and again.", Schedule.Step::read),
        decay("multi-step", "The rate is multiplied at given epochs.", Schedule.MultiStep::read),
        decay(
            "exponential", "The rate is multiplied after every epoch.", Schedule.Exponential::read),
        decay("cosine", "The rate falls along half a cosine wave.", Schedule.Cosine::read),
        decay(
            "linear", "The rate falls in a straight line to 0.", options -> new Schedule.Linear()));
  }

  private static Provider<Decay> decay(
      String name, String sentence, Function<Options, Decay> reader) {
    return Provider.of(Decay.class, name, sentence, reader);
  }
}
