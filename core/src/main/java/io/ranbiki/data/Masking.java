package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.prepare.Values;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Hides pieces of a text, which a network is to guess: 15 % of them, one at least, never those with
 * a meaning such as {@code [CLS]}. Of ten that are hidden, eight become {@code [MASK]}, one another
 * piece, and one stays as it is. A view like any other: named by seed, sample and number, and made
 * of the ids, behind the tokenizer.
 *
 * <p>A sample then has {@value #PLACES}, where the hidden pieces stand, and as its truth what stood
 * there. So a network need not answer for all the other places, of which nothing is learned.
 *
 * <p>Source: Devlin et al. 2019 (BERT), arXiv:1810.04805, section 3.1. Deviation: the other piece
 * is never one with a meaning.
 */
public final class Masking {

  /** The field of the places of hidden pieces: INT64 {@code [places]}, in their order. */
  public static final String PLACES = "places";

  private static final long MASKS = 0x4D61736BL; // so that no augmentation draws the same numbers
  private static final double HIDDEN = 0.15;
  private static final double MASKED = 0.8;
  private static final double REPLACED = 0.1;

  private final int mask;
  private final Set<Integer> signs;
  private final int[] pieces;

  private Masking(int mask, Set<Integer> signs, int[] pieces) {
    this.mask = mask;
    this.signs = signs;
    this.pieces = pieces;
  }

  /**
   * What is done to samples of a task; empty if nothing is hidden of them.
   *
   * @param prepare what makes ids of texts
   * @throws RanbikiException if there is no tokenizer, or it has nothing to hide a piece by
   */
  static Optional<Masking> of(Task task, Prepare prepare) {
    return task instanceof Task.MaskedLanguage
        ? Optional.of(of(tokenizer(prepare)))
        : Optional.empty();
  }

  private static Tokenizer tokenizer(Prepare prepare) {
    return prepare
        .tokenize()
        .map(Step.Tokenize::tokenizer)
        .orElseThrow(
            () ->
                RanbikiException.configuration(
                    "A masked-language model guesses pieces of texts, but nothing makes pieces of"
                        + " them. Say prepare: {tokenizer: tokenizer.json}."));
  }

  /** By the signs of a tokenizer. */
  static Masking of(Tokenizer tokenizer) {
    int mask =
        tokenizer
            .mask()
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "The tokenizer, %s, has neither [MASK] nor <mask>, by which pieces are"
                            + " hidden from a masked-language model. Take one that has, such as"
                            + " 'ranbiki tokenizer train' makes.",
                        tokenizer));
    Set<Integer> signs = new TreeSet<>(tokenizer.signs().values());
    tokenizer.unknown().ifPresent(signs::add);
    Collection<Integer> known = tokenizer.pieces().values();
    int[] pieces =
        (known.isEmpty()
                ? IntStream.range(0, tokenizer.size())
                : known.stream().mapToInt(Integer::intValue).sorted())
            .filter(id -> !signs.contains(id))
            .toArray();
    return new Masking(mask, signs, pieces);
  }

  /** The fields of samples with those that hiding adds. */
  static List<Field> fields(List<Field> prepared) {
    return Stream.concat(prepared.stream(), Stream.of(places())).toList();
  }

  /** How many of some pieces are hidden. */
  public static int hidden(int pieces) {
    return (int) Math.max(1, Math.round(HIDDEN * pieces));
  }

  /** What a network is told beside the ids. */
  public static Field places() {
    return new Field(PLACES, Field.Kind.INT64, List.of(Field.ANY));
  }

  /**
   * One view of a sample.
   *
   * @param sample with the ids of a text
   * @return with other ids, the places of the hidden ones, and what stood there as its truth
   * @throws RanbikiException if the text has no piece that could be hidden
   */
  Row apply(View view, Row sample) {
    long[] ids = ((Values.Longs) sample.get(Preparation.IDS)).data().clone();
    int[] own = IntStream.range(0, ids.length).filter(i -> !isSign(ids[i])).toArray();
    if (own.length == 0) {
      throw RanbikiException.configuration(
          "A text (sample %d) has no piece that the tokenizer knows, so that none can be hidden."
              + " Remove it, or take another tokenizer.",
          view.sampleId());
    }
    SplitMix random = new SplitMix(MASKS, view.seed(), view.sampleId(), view.number());
    random.shuffle(own);
    int[] places = Arrays.copyOf(own, hidden(own.length));
    Arrays.sort(places);
    long[] hidden = new long[places.length];
    for (int i = 0; i < places.length; i++) {
      hidden[i] = ids[places[i]];
      double chance = random.nextDouble();
      if (chance < MASKED) {
        ids[places[i]] = mask;
      } else if (chance < MASKED + REPLACED) {
        ids[places[i]] = pieces[random.nextInt(pieces.length)];
      }
    }
    return sample
        .with(Preparation.IDS, new Values.Longs(ids, new int[] {ids.length}))
        .with(
            PLACES,
            new Values.Longs(
                Arrays.stream(places).asLongStream().toArray(), new int[] {places.length}))
        .with(Batch.TRUTH, new Values.Longs(hidden, new int[] {hidden.length}));
  }

  private boolean isSign(long id) {
    return signs.contains((int) id);
  }

  /** Such as {@code 15 % of 30517 pieces}. */
  @Override
  public String toString() {
    return Math.round(100 * HIDDEN) + " % of " + pieces.length + " pieces";
  }
}
