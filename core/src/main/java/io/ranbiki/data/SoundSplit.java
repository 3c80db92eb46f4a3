package io.ranbiki.data;

import java.util.List;
import java.util.Optional;

/**
 * Which sounds are the test.
 *
 * @param share of the sounds; empty if they are named
 * @param by a group whose members stay together; empty to take the same share of every class
 * @param test the members of that group that are the test; empty to draw them
 * @param seed that draws
 */
public record SoundSplit(
    Optional<Double> share, Optional<String> by, List<String> test, long seed) {
  /** Copies the list. */
  public SoundSplit {
    test = List.copyOf(test);
  }
}
