package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Task;
import io.ranbiki.data.Unlabelled;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Chooses what each seed of a run trains on, and what it holds out to judge epochs by. */
final class SeedSplits {

  /** With fewer labelled samples of a class, each is worth more for training than for judging. */
  private static final int FEWEST_OF_A_CLASS = 20;

  private static final int PARTS = 10;
  private static final int MOST_HELD_OUT = 2_000;

  private final DataConfig config;
  private final SampleSets sets;
  private final Dataset all;

  SeedSplits(DataConfig config, SampleSets sets) {
    this.config = config;
    this.sets = sets;
    this.all = sets.training();
  }

  /** All training samples, those without labels too, before any is chosen. */
  Dataset all() {
    return all;
  }

  /**
   * What a seed trains on, as {@code RunData.split} says. A class has few labelled samples below
   * {@value #FEWEST_OF_A_CLASS}.
   */
  synchronized SeedSplit of(long seed) {
    long chosen = config.splitSeed().orElse(seed);
    if (all.task() instanceof Task.Embedding) {
      return splitOfVectors(chosen);
    }
    HeldOut parts = holdOut(chosen);
    Dataset train = parts.train();
    if (config.labelled().isPresent()) {
      Splits.Rest rest = config.dropUnlabelled() ? Splits.Rest.DROPPED : Splits.Rest.UNLABELLED;
      train = Splits.labelledOnly(train, config.labelled().get(), chosen, rest);
    } else if (config.dropUnlabelled()) {
      train = labelledOf(train);
    }
    train = SampleSets.joined(train, sets.unlabelled().map(this::limited));
    Optional<Dataset> agreement = Optional.empty();
    if (parts.validation().isEmpty()
        && config.validation() instanceof DataConfig.Auto auto
        && auto.taught()
        && !(all.task() instanceof Task.Numbers)) { // two numbers are hardly ever the same
      int held = tenth(train.size() - ClassCounts.of(train).total());
      if (held > 0) {
        Splits.Split split = Splits.holdOutUnlabelled(train, held, chosen);
        train = split.train();
        agreement = Optional.of(split.validation());
      }
    }
    return new SeedSplit(train, labelledOf(train), parts.validation(), agreement);
  }

  /** No sample has a label, so that those held out are judged by the teacher's vectors. */
  private SeedSplit splitOfVectors(long seed) {
    Dataset train = SampleSets.joined(limited(), sets.unlabelled().map(this::limited));
    int held =
        config.validation() instanceof DataConfig.Share given
            ? (int) Math.round(given.share() * train.size())
            : tenth(train.size());
    if (held == 0) {
      return new SeedSplit(train, train, Optional.empty(), Optional.empty());
    }
    Splits.Split split = Splits.holdOutUnlabelled(train, held, seed);
    return new SeedSplit(
        split.train(), split.train(), Optional.empty(), Optional.of(split.validation()));
  }

  private static int tenth(int samples) {
    return samples < FEWEST_OF_A_CLASS
        ? 0
        : Math.min(MOST_HELD_OUT, (int) Math.round((double) samples / PARTS));
  }

  /** How many samples have a label before any is held out or loses it. */
  int labelledSamples() {
    return ClassCounts.of(limited()).total();
  }

  /** Why no labelled samples are held out unless a share is asked for; empty where some are. */
  Optional<String> fewLabels() {
    if (config.labelled().isPresent()) {
      return Optional.of("'labelled' is set");
    }
    List<String> few = ClassCounts.of(limited()).fewerThan(FEWEST_OF_A_CLASS);
    return few.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%s %s fewer than %d labelled samples",
                Words.classes(few),
                few.size() == 1 ? "has" : "have",
                FEWEST_OF_A_CLASS));
  }

  /** The samples with label, before some lose it. */
  private record HeldOut(Dataset train, Optional<Dataset> validation) {}

  private HeldOut holdOut(long seed) {
    Dataset limited = limited();
    if (config.validation() instanceof DataConfig.Share given && given.share() > 0) {
      return holdOut(limited, given.share(), seed);
    }
    if (!config.mayHoldOut() || fewLabels().isPresent()) {
      return new HeldOut(limited, Optional.empty());
    }
    int held = tenth(labelledSamples());
    Splits.Split split = Splits.holdOutByClass(limited, held, seed);
    return new HeldOut(split.train(), Optional.of(split.validation()));
  }

  private static HeldOut holdOut(Dataset limited, double share, long seed) {
    Splits.Split split = Splits.holdOut(limited, share, seed);
    List<String> emptied = ClassCounts.of(limited).lackingIn(ClassCounts.of(split.train()));
    if (!emptied.isEmpty()) {
      throw RanbikiException.configuration(
          "With seed %d the validation share %s holds out all training samples of %s; take a"
              + " smaller share, or add samples.",
          seed, share, Words.classes(emptied));
    }
    return new HeldOut(split.train(), Optional.of(split.validation()));
  }

  /** The labelled set, or as much of it as {@code limit} leaves. */
  Dataset limited() {
    boolean alike =
        all.task() instanceof Task.Embedding || all.task() instanceof Task.MaskedLanguage;
    if (config.limit().isPresent() && alike) {
      return Splits.spread(
          sets.train(), config.limit().get()); // classes do not count, and files are sorted
    }
    return config.limit().map(limit -> Splits.byTurns(sets.train(), limit)).orElse(sets.train());
  }

  private Dataset limited(Dataset samples) {
    return config
        .format()
        .unlabelled()
        .flatMap(Unlabelled::limit)
        .map(limit -> Splits.first(samples, limit))
        .orElse(samples);
  }

  private static Dataset labelledOf(Dataset train) {
    BitSet labelled = new BitSet();
    IntStream.range(0, train.size()).filter(train::isLabelled).forEach(labelled::set);
    int count = labelled.cardinality();
    return count == train.size() || count == 0 ? train : Subset.of(train, labelled);
  }

  /** Every sample that is trained on with any of the seeds, once. */
  Dataset trainedOn(List<Long> seeds) {
    return together(seeds.stream().map(seed -> of(seed).train()).toList());
  }

  /** Every sample on which students are to agree with the teacher with any of the seeds, once. */
  Optional<Dataset> agreedOn(List<Long> seeds) {
    List<Dataset> parts = seeds.stream().flatMap(seed -> of(seed).agreement().stream()).toList();
    return parts.isEmpty() ? Optional.empty() : Optional.of(together(parts));
  }

  private Dataset together(List<Dataset> parts) {
    BitSet kept = new BitSet();
    parts.forEach(part -> mark(part, kept));
    return Subset.of(all, kept);
  }

  /** Marks the samples of a part by their place among all; in their order, this takes no memory. */
  private void mark(Dataset part, BitSet kept) {
    if (!isInOrder(part) || !isInOrder(all)) {
      long[] ids = new long[part.size()];
      Arrays.setAll(ids, part::id);
      Arrays.sort(ids);
      IntStream.range(0, all.size())
          .filter(index -> Arrays.binarySearch(ids, all.id(index)) >= 0)
          .forEach(kept::set);
      return;
    }
    int next = 0;
    for (int index = 0; index < all.size() && next < part.size(); index++) {
      if (all.id(index) == part.id(next)) {
        kept.set(index);
        next++;
      }
    }
  }

  private static boolean isInOrder(Dataset samples) {
    return IntStream.range(1, samples.size()).allMatch(i -> samples.id(i - 1) < samples.id(i));
  }
}
