package io.ranbiki.data;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.data.TextFolder.Keeping;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Files of texts in a folder for each class: see {@link TextFolder}.
 *
 * @param folder where the folders {@code train} and {@code test} are, or, where they are split,
 *     those of the classes
 * @param split share of every class that becomes the test; empty if there are two folders
 * @param seed chooses what is split off
 * @param task what is to be learned of them; only for classes must the folders be theirs
 * @param unlabelled a folder of texts without labels, side by side
 */
record TextsFormat(
    Path folder,
    Optional<Double> split,
    long seed,
    Learned task,
    Optional<Unlabelled<Path>> unlabelled)
    implements Format {

  /** What texts can teach. */
  enum Learned {
    /** The class whose folder a text is in. */
    CLASSES,
    /** The pieces that are hidden of a text. */
    MASKED_LANGUAGE
  }

  static TextsFormat read(Options options) {
    return new TextsFormat(
        Unlabelled.folder(options),
        options.optionalNumber(
            "split",
            "Share of every class that becomes the test; none if left out",
            Rule.above(0),
            Rule.below(1)),
        options.longInteger("test-seed", 0, "Chooses the texts that 'split' takes"),
        options.word("task", Learned.CLASSES, "What is learned of the texts"),
        Unlabelled.read(options, Unlabelled::folder));
  }

  @Override
  public String name() {
    return "texts";
  }

  @Override
  public Task likelyTask() {
    return hidesPieces() ? new Task.MaskedLanguage(0) : Format.super.likelyTask();
  }

  private boolean hidesPieces() {
    return task == Learned.MASKED_LANGUAGE;
  }

  @Override
  public Map<String, Path> files() {
    return Unlabelled.folders(folder, unlabelled);
  }

  @Override
  public Dataset train() {
    return train(Keeping.MEMORY);
  }

  @Override
  public Dataset train(SampleSink sink) {
    return train(Keeping.FILES);
  }

  private Dataset train(Keeping keeping) {
    if (split.isEmpty()) {
      return open(folder.resolve(Part.TRAIN.toString()), List.of(), keeping);
    }
    Dataset all = open(folder, List.of(), keeping);
    int held = (int) Math.round(all.size() * split.get());
    return hidesPieces()
        ? Splits.holdOutUnlabelled(all, held, seed).train()
        : Splits.holdOutByClass(all, held, seed).train();
  }

  @Override
  public Dataset test(Dataset train) {
    return test(train, Keeping.MEMORY);
  }

  @Override
  public Dataset test(Dataset train, SampleSink sink) {
    return test(train, Keeping.FILES);
  }

  private Dataset test(Dataset train, Keeping keeping) {
    return split.isPresent() && train instanceof Subset kept
        ? kept.rest()
        : open(folder.resolve(Part.TEST.toString()), train.task().names(), keeping);
  }

  private Dataset open(Path of, List<String> classNames, Keeping keeping) {
    return hidesPieces() ? TextFolder.anyOf(of, keeping) : TextFolder.open(of, classNames, keeping);
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    return TextFolder.unlabelled(unlabelled.orElseThrow().place(), Keeping.MEMORY);
  }

  @Override
  public Dataset openUnlabelled(Dataset train, SampleSink sink) {
    return TextFolder.unlabelled(unlabelled.orElseThrow().place(), Keeping.FILES);
  }
}
