package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Contents;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Task;
import io.ranbiki.prepare.CellGaps;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Values;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a user should know about the samples of a run, in sentences. */
final class DataNotes {

  private final SampleSets sets;
  private final Dataset files;
  private final Prepare own;
  private final Prepare whole;

  /** What was said of reading the samples before training. */
  private final Set<String> told = new HashSet<>();

  /**
   * Notes on some samples.
   *
   * @param sets as networks are given them
   * @param files the training samples as their files have them
   * @param own what the student's inputs go through
   * @param whole the same with all pieces of the tokenizer
   */
  DataNotes(SampleSets sets, Dataset files, Prepare own, Prepare whole) {
    this.sets = sets;
    this.files = files;
    this.own = own;
    this.whole = whole;
  }

  /**
   * What texts and sounds lose on their way into a network, and what reading them showed.
   *
   * @throws RanbikiException if a tokenizer knows too little of the texts
   */
  List<String> ofInputs() {
    List<String> notes = new ArrayList<>(reading());
    told.addAll(notes);
    notes.addAll(texts());
    cutSounds().ifPresent(notes::add);
    return notes;
  }

  /** What was chosen and is as it should be, and yet worth a word. */
  List<String> facts() {
    return whole.equals(own) || own.tokenize().isEmpty()
        ? List.of()
        : List.of(
            TextNotes.lost(whole.tokenize().orElseThrow(), own.tokenize().get(), sets.test()));
  }

  /** What reading the samples showed since {@link #ofInputs}. */
  List<String> reading() {
    return Stream.concat(sets.notes().stream(), gaps().stream())
        .filter(note -> !told.contains(note))
        .toList();
  }

  private List<String> texts() {
    Optional<Step.Tokenize> tokenize = own.tokenize();
    if (tokenize.isEmpty()) {
      return List.of();
    }
    List<String> notes = new ArrayList<>();
    notes.addAll(TextNotes.of(files, tokenize.get()).sentences(tokenize.get()));
    Contents.of(files)
        .map(held -> new SameTexts(files, held))
        .ifPresent(texts -> notes.addAll(texts.sentences(sets.test())));
    return notes;
  }

  private Optional<String> cutSounds() {
    if (own.logMel().filter(step -> step.samples() > 0).isEmpty()) {
      return Optional.empty();
    }
    int[] cut = IntStream.range(0, files.size()).map(i -> own.cut(files.read(i))).toArray();
    long sounds = IntStream.of(cut).filter(samples -> samples > 0).count();
    int longest = IntStream.of(cut).max().orElse(0);
    return sounds == 0
        ? Optional.empty()
        : Optional.of(cutSounds(own.logMel().orElseThrow(), sounds, longest));
  }

  private String cutSounds(Step.LogMel step, long sounds, int longest) {
    double rate = step.spectrogram().options().rate();
    return String.format(
        Locale.ROOT,
        "%,d of %,d training sounds are longer than %.3g s and are cut there, the longest by %.3g"
            + " s; 'prepare.log-mel.seconds' says where.",
        sounds,
        files.size(),
        step.samples() / rate,
        longest / rate);
  }

  /** What the rows of the test lack, where samples are cells. */
  private Optional<String> gaps() {
    return own.columns()
        .flatMap(
            columns -> {
              CellGaps gaps = new CellGaps(columns);
              for (int i = 0; i < sets.test().size(); i++) {
                Values.Cells row = (Values.Cells) sets.test().read(i).get(Batch.COLUMNS);
                gaps.add(row::get);
              }
              return gaps.sentence("rows of the test");
            });
  }

  /**
   * Which classes lack samples.
   *
   * @param limited the training samples that 'limit' leaves
   * @param labelled those that keep their label
   * @param when such as " with seed 1", if that is so with one seed alone
   */
  List<String> ofClasses(Dataset limited, Dataset labelled, String when) {
    if (!(sets.train().task() instanceof Task.Classes task)) {
      return List.of();
    }
    List<String> notes = new ArrayList<>();
    if (task.width() == 1) {
      notes.add(
          "All samples are of one class, '"
              + task.names().get(0)
              + "', so that every answer is right and nothing can be learned.");
    }
    ClassCounts all = ClassCounts.of(sets.train());
    ClassCounts left = ClassCounts.of(limited);
    ClassCounts kept = ClassCounts.of(labelled);
    String none =
        all.empty().equals(List.of("0"))
            ? "no training sample; labels that begin at 1 leave it empty, and the network answers"
                + " for it all the same"
            : "no training sample";
    Stream.of(
            note(all.empty(), all, none),
            note(all.lackingIn(left), all, "no training sample left by 'limit'"),
            note(left.lackingIn(kept), all, "no label left by 'labelled'" + when),
            note(left.lackingIn(ClassCounts.of(sets.test())), all, "no test sample"))
        .flatMap(Optional::stream)
        .forEach(notes::add);
    return notes;
  }

  private static Optional<String> note(List<String> classes, ClassCounts all, String sentence) {
    return classes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "Of %d classes, %s %s %s.",
                all.classes(),
                Words.classes(classes),
                classes.size() == 1 ? "has" : "have",
                sentence));
  }
}
