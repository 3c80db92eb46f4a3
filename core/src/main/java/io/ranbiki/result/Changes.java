package io.ranbiki.result;

import java.util.List;

/**
 * What one model does differently from another on the same test samples.
 *
 * @param from role of the model before
 * @param to role of the model after
 * @param gained labelled samples that the second alone has right
 * @param lost labelled samples that the first alone has right: the negative flips
 * @param accuracy accuracy of the second minus that of the first, with Tango's paired interval
 * @param classes one for each class that has test samples, in the order of the classes
 * @param appeared confusions that the second makes more often, those that grew most first, at most
 *     ten
 * @param vanished confusions that the second makes less often, at most ten
 */
public record Changes(
    String from,
    String to,
    int gained,
    int lost,
    Interval accuracy,
    List<ClassChange> classes,
    List<Confusion> appeared,
    List<Confusion> vanished) {

  /** Copies the lists. */
  public Changes {
    Check.text("from", from);
    Check.text("to", to);
    Check.notNegative("gained", gained);
    Check.notNegative("lost", lost);
    Check.present("accuracy", accuracy);
    classes = List.copyOf(Check.present("classes", classes));
    appeared = List.copyOf(Check.present("appeared", appeared));
    vanished = List.copyOf(Check.present("vanished", vanished));
  }

  /**
   * One class.
   *
   * @param name of the class
   * @param samples test samples of it, 1 or more
   * @param before share of them that the first model has right
   * @param recall the second model's recall minus the first one's, with Tango's paired interval of
   *     this class alone; with many classes some intervals miss by chance
   */
  public record ClassChange(String name, int samples, double before, Interval recall) {}

  /**
   * A class taken for another.
   *
   * @param truth name of the true class
   * @param predicted name of the class that was answered
   * @param before how often the first model does so
   * @param after how often the second model does so
   */
  public record Confusion(String truth, String predicted, int before, int after) {}
}
