package io.ranbiki.run;

/**
 * Which arms a distillation has beside its student; each has the same initial weights, batches and
 * number of steps.
 *
 * @param scratch whether a student learns from labels alone
 * @param decisions whether a student learns from the teacher's bare decisions, in place of its soft
 *     answers to the same samples
 */
public record CompareConfig(boolean scratch, boolean decisions) {

  /** A model that is compared with nothing. */
  static final CompareConfig NONE = new CompareConfig(false, false);
}
