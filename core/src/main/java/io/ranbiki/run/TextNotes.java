package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.data.Dataset;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.prepare.Values;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a tokenizer makes of texts, and whether it belongs to a model.
 *
 * @param texts how many there are
 * @param pieces ids of all texts, without those that stand around every text
 * @param unknown how many of the pieces are unknown
 * @param cut texts that are longer than the limit
 * @param longest ids that are cut off the longest
 * @param nothing texts of unknown pieces alone
 * @param first where the first of these was read; empty if there is none
 * @param numbers how many are numbers and nothing else
 */
record TextNotes(
    int texts,
    long pieces,
    long unknown,
    int cut,
    int longest,
    int nothing,
    String first,
    int numbers) {

  private static final Pattern NUMBER = Pattern.compile("\\s*[-+]?\\d[\\d.,]*\\s*");

  /** A tokenizer that knows less of the texts than this was made for others. */
  private static final double MOST_UNKNOWN = 0.5;

  /** A file of which a tokenizer has no ids for a tenth of the vectors belongs to another one. */
  private static final double LEAST_SHARE_OF_ROWS = 0.9;

  /** From here on it is worth a word. */
  private static final double MANY_UNKNOWN = 0.02;

  static TextNotes of(Dataset samples, Step.Tokenize step) {
    Tokenizer tokenizer = step.tokenizer();
    OptionalInt unknown = tokenizer.unknown();
    int around =
        step.texts() == Step.Tokenize.Texts.PAIR
            ? tokenizer.fewestOfPair() - 2
            : tokenizer.fewest() - 1;
    long pieces = 0;
    long unknowns = 0;
    int cut = 0;
    int longest = 0;
    int nothing = 0;
    String first = "";
    int numbers = 0;
    for (int i = 0; i < samples.size(); i++) {
      Row sample = samples.read(i);
      Tokenizer.Encoding encoding = step.encode(sample);
      numbers += texts(sample).allMatch(text -> NUMBER.matcher(text).matches()) ? 1 : 0;
      int own = encoding.ids().length - around;
      long ofText =
          unknown.isEmpty()
              ? 0
              : IntStream.range(0, encoding.ids().length)
                  .filter(at -> encoding.ids()[at] == unknown.getAsInt())
                  .count();
      pieces += own;
      unknowns += ofText;
      cut += encoding.cut() > 0 ? 1 : 0;
      longest = Math.max(longest, encoding.cut());
      if (ofText == own) {
        first = nothing == 0 ? samples.nameOf(samples.id(i)) : first;
        nothing++;
      }
    }
    return new TextNotes(samples.size(), pieces, unknowns, cut, longest, nothing, first, numbers);
  }

  /** The student's tokenizer with fewer pieces, those that texts use most. */
  static Tokenizer pruned(Prepare student, int size, List<Dataset> sets) {
    Step.Tokenize step = student.tokenize().orElseThrow();
    return step.tokenizer()
        .pruned(
            () ->
                sets.stream()
                    .flatMap(TextNotes::texts)
                    .map(text -> step.prefix() + text)
                    .iterator(),
            size);
  }

  private static Stream<String> texts(Dataset samples) {
    return IntStream.range(0, samples.size()).mapToObj(samples::read).flatMap(TextNotes::texts);
  }

  private static Stream<String> texts(Row sample) {
    return sample.arrays().values().stream()
        .flatMap(
            values ->
                values instanceof Values.Text text
                    ? Stream.of(text.value())
                    : values instanceof Values.Pair pair
                        ? Stream.of(pair.first(), pair.second())
                        : Stream.of());
  }

  /** What fewer pieces cost, in a sentence. */
  static String lost(Step.Tokenize all, Step.Tokenize fewer, Dataset test) {
    TextNotes before = of(test, all);
    TextNotes after = of(test, fewer);
    return String.format(
        Locale.ROOT,
        "Of the %,d pieces of the tokenizer, %,d are kept, those that the training texts use most."
            + " Of the pieces of the test texts %s, and there are %.1f %% more of them.",
        all.tokenizer().size(),
        fewer.tokenizer().size(),
        fewer.tokenizer().unknown().isEmpty()
            ? "none is unknown"
            : String.format(
                Locale.ROOT,
                "%.2f %% are unknown (%.2f %% before)",
                100 * after.share(),
                100 * before.share()),
        100.0 * (after.pieces - before.pieces) / Math.max(1, before.pieces));
  }

  private double share() {
    return (double) unknown / Math.max(1, pieces);
  }

  /**
   * What a user should know, in sentences.
   *
   * @throws RanbikiException if most pieces are unknown
   */
  List<String> sentences(Step.Tokenize step) {
    if (share() > MOST_UNKNOWN) {
      throw RanbikiException.configuration(
          "Of the pieces of the training texts %.0f %% are unknown to the tokenizer (%s), which was"
              + " made for other texts. Take one that was made for such texts, or train one:"
              + " ranbiki tokenizer train.",
          100 * share(), step.tokenizer());
    }
    List<String> notes = new ArrayList<>();
    if (numbers == texts) {
      notes.add(
          "All training texts are numbers. If another column or field holds the texts, name it"
              + " (data.text).");
    }
    if (cut > 0) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%,d of %,d training texts %s longer than %d ids and cut there, the longest by %,d;"
                  + " 'prepare.at-most' says where.",
              cut,
              texts,
              cut == 1 ? "is" : "are",
              step.atMost(),
              longest));
    }
    if (share() > MANY_UNKNOWN) {
      notes.add(
          String.format(
              Locale.ROOT,
              "Of the pieces of the training texts %.1f %% are unknown to the tokenizer.",
              100 * share()));
    }
    if (nothing > 0) {
      notes.add(
          String.format(
              Locale.ROOT,
              "Of %,d of %,d training texts nothing is known to the tokenizer, such as of %s; they"
                  + " are all alike for the network.",
              nothing,
              texts,
              first));
    }
    return notes;
  }

  /**
   * Checks that a file has vectors for the ids that its tokenizer makes. Files have more where they
   * were rounded up for speed, never fewer.
   *
   * @param title to begin a sentence with
   * @throws RanbikiException of kind configuration if they cannot belong together
   */
  static void requireVocabulary(String title, Path file, Prepare prepare) {
    OptionalLong rows = OnnxFile.read(file).vocabulary();
    Optional<Tokenizer> tokenizer = prepare.tokenize().map(Step.Tokenize::tokenizer);
    if (rows.isEmpty() || tokenizer.isEmpty()) {
      return;
    }
    long ids = tokenizer.get().size();
    if (ids > rows.getAsLong() || ids < LEAST_SHARE_OF_ROWS * rows.getAsLong()) {
      throw RanbikiException.configuration(
          "%s has vectors for %d ids, but its tokenizer (%s) makes %d, so it was not trained with"
              + " this tokenizer. Name the tokenizer.json that came with it (prepare.tokenizer).",
          title, rows.getAsLong(), tokenizer.get(), ids);
    }
  }
}
