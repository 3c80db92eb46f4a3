package io.ranbiki.prepare;

import io.ranbiki.RanbikiException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the inputs of one network go through, beyond what those of every network do: images of
 * another size, the ids of a text, the frames of a sound, the normalization of numbers. It belongs
 * to the network, not to the data: a teacher and its student may see the same sample differently.
 * {@link Preparation} is the same with the shape of the input, as a service needs it.
 *
 * @param steps that each sample goes through by itself, in this order; mostly none or one
 * @param normalization of pixels in 0..1, or of other numbers; of whole batches, behind the steps
 */
public record Prepare(List<Step.OfSample> steps, Normalization normalization) {

  /** Numbers as they are. */
  public static final Prepare NONE = new Prepare(List.of(), Normalization.none());

  /** Copies the steps. */
  public Prepare {
    steps = List.copyOf(steps);
  }

  /** Normalized numbers. */
  public static Prepare of(Normalization normalization) {
    return new Prepare(List.of(), normalization);
  }

  /** One step alone. */
  public static Prepare of(Step.OfSample step) {
    return new Prepare(List.of(step), Normalization.none());
  }

  /** All of a preparation, whether it is done inside the network's file or not. */
  public static Prepare of(Preparation preparation) {
    return new Prepare(steps(preparation), preparation.normalization());
  }

  /** What is left to whoever feeds a file. */
  public static Prepare outside(Preparation preparation) {
    return of(preparation).with(preparation.outside());
  }

  /** The same with another normalization. */
  public Prepare with(Normalization other) {
    return new Prepare(steps, other);
  }

  /** The same with one more step, behind the others. */
  public Prepare with(Step.OfSample step) {
    return new Prepare(Stream.concat(steps.stream(), Stream.of(step)).toList(), normalization);
  }

  /** The same with another tokenizer in the place of the one that there is. */
  public Prepare with(Tokenizer other) {
    return new Prepare(
        steps.stream()
            .map(
                step ->
                    step instanceof Step.Tokenize known
                        ? new Step.Tokenize(other, known.atMost(), known.prefix(), known.texts())
                        : step)
            .toList(),
        normalization);
  }

  /**
   * The same for one text or for pairs, as samples of these fields are, where it takes both.
   *
   * @throws RanbikiException if the tokenizer has no place for two texts
   */
  public Prepare forSamples(List<Field> samples) {
    boolean pairs = samples.stream().anyMatch(Field::holdsPairs);
    Step.Tokenize.Texts found = pairs ? Step.Tokenize.Texts.PAIR : Step.Tokenize.Texts.ONE;
    try {
      return new Prepare(
          steps.stream()
              .map(
                  step ->
                      step instanceof Step.Tokenize any && any.texts() == Step.Tokenize.Texts.ANY
                          ? any.with(found)
                          : step)
              .toList(),
          normalization);
    } catch (IllegalArgumentException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          "With pairs of texts " + e.getMessage() + ". Correct prepare.at-most.",
          e);
    }
  }

  /** Whether both make the same arrays of a sample, up to the normalization of a whole batch. */
  public boolean makesSame(Prepare other) {
    return steps.equals(other.steps);
  }

  private static List<Step.OfSample> steps(Preparation preparation) {
    return preparation.steps().stream()
        .filter(Step.OfSample.class::isInstance)
        .map(Step.OfSample.class::cast)
        .toList();
  }

  /** How texts become ids; empty where samples are no texts. */
  public Optional<Step.Tokenize> tokenize() {
    return step(Step.Tokenize.class);
  }

  /** How sounds become frames; empty where samples are no sounds. */
  public Optional<Step.LogMel> logMel() {
    return step(Step.LogMel.class);
  }

  /** How images are brought to one size; empty where they are taken as they are. */
  public Optional<Step.Resize> resize() {
    return step(Step.Resize.class);
  }

  /** How the cells of a row become numbers; empty where samples are no such rows. */
  public Optional<Columns> columns() {
    return step(Step.Encode.class).map(Step.Encode::columns);
  }

  private <T extends Step> Optional<T> step(Class<T> type) {
    return steps.stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  /**
   * The fields that a network gets of samples: of a text its ids, of a sound its frames, of an
   * image one of its size.
   */
  public List<Field> fields(List<Field> samples) {
    List<Field> fields = samples;
    for (Step.OfSample step : steps) {
      fields = step.fields(fields);
    }
    return fields.stream().filter(field -> !field.kind().isRaw()).toList();
  }

  /** A sample as a network gets it, but for what a whole batch goes through at once. */
  public Row apply(Row sample) {
    Row row = sample;
    for (Step.OfSample step : steps) {
      row = step.apply(row);
    }
    for (String name : sample.arrays().keySet()) {
      if (row.has(name) && row.get(name).kind().isRaw()) {
        row = row.without(name);
      }
    }
    return row;
  }

  /** How many samples of a sound are behind the limit, and cut off. */
  public int cut(Row sample) {
    return sample.arrays().values().stream().mapToInt(this::cut).sum();
  }

  private int cut(Values values) {
    return values instanceof Values.Sound sound
        ? logMel().map(step -> step.cut(sound)).orElse(0)
        : 0;
  }

  /**
   * The same for samples of one shape.
   *
   * @param shape of what the network takes; of no account for texts and sounds
   */
  public Preparation on(List<Integer> shape) {
    if (logMel().isPresent()) {
      return Preparation.of(logMel().get(), normalization);
    }
    if (columns().isPresent()) {
      return Preparation.of(columns().get());
    }
    return tokenize()
        .map(Preparation::of)
        .orElseGet(() -> Preparation.of(shape, resize(), normalization));
  }

  /** In words that go on behind "inputs". */
  public String words() {
    List<String> parts = new ArrayList<>(steps.stream().map(Step.OfSample::words).toList());
    if (normalization.mean().length > 0) {
      parts.add(
          String.format(
              Locale.ROOT,
              "normalised with mean %s and std %s",
              Arrays.toString(normalization.mean()),
              Arrays.toString(normalization.std())));
    }
    return parts.isEmpty() ? "as they are in the data" : String.join(", ", parts);
  }

  /** Such as {@code at most 64 ids by WordPiece of 30522 pieces}, or the normalization. */
  @Override
  public String toString() {
    return steps.isEmpty() ? normalization.toString() : words().replaceFirst("^of ", "");
  }
}
