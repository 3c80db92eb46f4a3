package io.ranbiki.data;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The digits that {@link Digits} draws; nothing is read from disk.
 *
 * @param size how many are drawn to train on
 * @param unlabelled how many more are drawn, without labels
 */
public record DigitsFormat(int size, Optional<Unlabelled<Integer>> unlabelled) implements Format {

  private static final long TRAIN_SEED = 1;
  private static final long TEST_SEED = 2;
  private static final long UNLABELLED_SEED = 3;
  private static final int TEST_SIZE = 2_000;

  static DigitsFormat read(Options options) {
    return new DigitsFormat(size(options), Unlabelled.read(options, DigitsFormat::size));
  }

  private static int size(Options options) {
    return options.integer("size", 10_000, "How many digits are drawn", Rule.atLeast(1));
  }

  @Override
  public String name() {
    return "digits";
  }

  @Override
  public String title() {
    return "digits that Ranbiki draws";
  }

  @Override
  public Map<String, Path> files() {
    return Map.of();
  }

  @Override
  public Dataset train() {
    return Digits.dataset(size, TRAIN_SEED);
  }

  @Override
  public Dataset test(Dataset train) {
    return Digits.dataset(TEST_SIZE, TEST_SEED);
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    return Splits.unlabelled(Digits.dataset(unlabelled.orElseThrow().place(), UNLABELLED_SEED));
  }
}
