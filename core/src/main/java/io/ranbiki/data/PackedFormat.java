package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.prepare.Columns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The samples of another format, read from a {@link Pack} of them.
 *
 * @param source the format that read the files, and could again
 * @param folder of the pack
 * @param outOfScope the class of the test that is none of those of training; empty if there is none
 * @param block how many neighbours shuffled batches leave together
 */
public record PackedFormat(Format source, Path folder, Optional<String> outOfScope, int block)
    implements Format {

  /** The share of the machine's memory that packed samples may fill, and still be read anywhere. */
  private static final double SHARE = 0.75;

  /** Read at once by a disk in little more time than one sample. */
  private static final int BYTES_OF_BLOCK = 4 << 20;

  private static final int MOST_OF_BLOCK = 4096;

  /** In which order the samples of an epoch come. */
  public enum Order {
    /** Any order, each as likely as the others. */
    EXACT,
    /** Blocks of neighbours, shuffled into one another. */
    BLOCKS;

    /** Blocks where the samples of a pack fill three quarters of the machine's memory or more. */
    public static Order suiting(Path folder) {
      return Pack.bytesToTrainOn(folder) > SHARE * Memory.now().machine() ? BLOCKS : EXACT;
    }

    /** The name in configurations. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Samples of a pack in one of the two orders. */
  public static PackedFormat of(
      Format source, Path folder, Optional<String> outOfScope, Order order) {
    return new PackedFormat(
        source,
        folder,
        outOfScope,
        order == Order.BLOCKS
            ? Math.min(MOST_OF_BLOCK, Pack.samplesOf(BYTES_OF_BLOCK, folder))
            : 1);
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public Map<String, Path> files() {
    return source.files();
  }

  @Override
  public List<Path> sources() {
    return source.sources();
  }

  @Override
  public String title() {
    return source.title();
  }

  @Override
  public Task likelyTask() {
    return source.likelyTask();
  }

  @Override
  public Dataset train() {
    return pack().train();
  }

  @Override
  public Dataset test(Dataset train) {
    return pack().test();
  }

  @Override
  public Optional<? extends Unlabelled<?>> unlabelled() {
    return source.unlabelled();
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    return pack().unlabelled();
  }

  private Pack pack() {
    return Pack.open(folder, source, outOfScope);
  }

  @Override
  public boolean decodes() {
    return source.decodes();
  }

  @Override
  public Optional<Columns> columns(Dataset train) {
    return source.columns(train);
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>(pack().notes());
    if (block > 1) {
      notes.add(
          String.format(
              Locale.ROOT,
              "The %s of samples are shuffled by blocks of %,d neighbours, as memory cannot hold"
                  + " them all; data.order: exact parts all of them, and reads slower.",
              Memory.text(Pack.bytesToTrainOn(folder)),
              block));
    }
    return notes;
  }
}
