package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One set of samples of a pack in the making. */
final class PackSink extends SampleSink implements AutoCloseable {

  /** Told how far it is, and asked whether to go on. */
  interface Listener {

    /**
     * A set begins.
     *
     * @param total how many of the unit there are; 0 if nobody knows
     */
    void begins(long total, String unit);

    /** So many more are there. */
    void step(long count);

    /** Whether nobody wants it to stop. */
    boolean goesOn();
  }

  /** Somebody asked to stop. */
  static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    Stopped() {
      super("stopped", null, false, false);
    }
  }

  private static final int ROWS_OF_STEP = 1024;
  private static final long MEGABYTE = 1_000_000;

  private final Path folder;
  private final String part;
  private final Listener listener;
  private SampleBytes form = new SampleBytes(List.of(), List.of());
  private String source = "";
  private PackedRecords.@Nullable Writer rows;
  private PackedRecords.@Nullable Writer keys;
  private PackedRecords.@Nullable Writer lines;
  private PackedRecords.@Nullable Writer places;
  private @Nullable PackedRecords keysSoFar;
  private @Nullable PackedRecords linesSoFar;
  private ByteBuffer buffer = ByteBuffer.allocate(1 << 12);
  private ByteBuffer names = ByteBuffer.allocate(1 << 8);
  private final ByteBuffer number = ByteBuffer.allocate(Integer.BYTES);
  private int count;
  private long bytesRead;
  private boolean inBytes;
  private @Nullable PackedPart made;

  PackSink(Path folder, String part, Listener listener) {
    this.folder = folder;
    this.part = part;
    this.listener = listener;
  }

  /** What was made; null if nobody put anything in here. */
  @Nullable PackedPart made() {
    return made;
  }

  @Override
  public void expect(long bytes) {
    inBytes = true;
    listener.begins(bytes / MEGABYTE, "MB");
  }

  @Override
  public void read(long bytes) {
    long before = bytesRead / MEGABYTE;
    bytesRead += bytes;
    if (inBytes && bytesRead / MEGABYTE > before) {
      listener.step(bytesRead / MEGABYTE - before);
    }
  }

  @Override
  void begin(List<Field> fields, List<String> cells, String from) {
    if (!inBytes) {
      listener.begins(0, "samples");
    }
    start(fields, cells, from);
  }

  private void start(List<Field> fields, List<String> cells, String from) {
    form = new SampleBytes(fields, cells);
    source = from;
    rows = new PackedRecords.Writer(folder, part + ".rows", form.width() == 0);
  }

  @Override
  void add(String key, Values... sample) {
    if (count == Integer.MAX_VALUE) {
      throw RanbikiException.configuration(
          "A pack can hold %,d samples, but there are more. Split them.", count);
    }
    buffer = form.write(sample, buffer);
    PackedRecords.Writer all = rows;
    if (all != null) {
      all.add(buffer);
    }
    if (!key.isEmpty()) {
      PackedRecords.Writer called = keys;
      if (called == null) {
        called = new PackedRecords.Writer(folder, part + ".keys", true);
        keys = called;
      }
      names = SampleBytes.write(key, names.clear()).flip();
      called.add(names);
    }
    if (++count % ROWS_OF_STEP == 0) {
      if (!inBytes) {
        listener.step(ROWS_OF_STEP);
      }
      if (!listener.goesOn()) {
        throw new Stopped();
      }
    }
  }

  @Override
  void line(int ofNext) {
    PackedRecords.Writer all = lines;
    if (all == null) {
      all = new PackedRecords.Writer(folder, part + PackedPart.LINES, false);
      lines = all;
    }
    all.add(number.clear().putInt(ofNext).flip());
  }

  @Override
  int lineOf(int index) {
    PackedRecords known = linesSoFar;
    if (known == null) {
      if (lines != null) {
        lines.finish();
      }
      known = PackedRecords.open(folder, part + PackedPart.LINES, Integer.BYTES, count);
      linesSoFar = known;
    }
    return known.read(index).getInt();
  }

  @Override
  String key(int index) {
    PackedRecords known = keysSoFar;
    if (known == null) {
      if (keys != null) {
        keys.finish();
      }
      known = PackedRecords.open(folder, part + ".keys", 0, count);
      keysSoFar = known;
    }
    return SampleBytes.readText(known.read(index));
  }

  @Override
  Dataset finish(Truth truth) {
    finishFiles();
    PackedPart.writeTruth(folder, part, truth);
    PackedPart head =
        PackedPart.of(form, truth, source, keys != null, lines != null)
            .withFingerprint(fingerprint(truth));
    made = head;
    return head.open(folder, part);
  }

  private void finishFiles() {
    if (rows != null) {
      rows.finish();
    }
    if (keys != null && keysSoFar == null) {
      keys.finish();
    }
    if (lines != null && linesSoFar == null) {
      lines.finish();
    }
    if (places != null) {
      places.finish();
    }
  }

  /** What {@link InMemory} says of the same samples. */
  private String fingerprint(Truth truth) {
    Fingerprint fingerprint =
        switch (form.fields().get(0).kind()) {
          case TEXT ->
              truth.addTo(
                  new Fingerprint(
                      form.fields().get(0).shape().isEmpty() ? InMemory.TEXTS : InMemory.PAIRS));
          case CELLS -> truth.addTo(new Fingerprint("cells")).texts(form.cells());
          default -> truth.addTo(new Fingerprint("rows").ints(form.fields().get(0).shape().get(0)));
        };
    PackedFile all = PackedRecords.open(folder, part + ".rows", form.width(), count).file();
    long step = 1 << 20;
    for (long from = 0; from < all.bytes(); from += step) {
      fingerprint.bytes(all.read(from, (int) Math.min(step, all.bytes() - from)));
    }
    return form.fields().get(0).kind() == Field.Kind.TEXT
        ? fingerprint.text("").hex()
        : fingerprint.hex();
  }

  /** Takes the samples of a dataset that are somewhere else. */
  PackedPart copy(Dataset samples) {
    listener.begins(samples.size(), "samples");
    start(samples.fields(), cellsOf(samples), "");
    requireDisk((double) form.width() * samples.size());
    PackedRecords.Writer called = new PackedRecords.Writer(folder, part + ".names", true);
    places = called;
    PackedPart.TruthWriter truths =
        new PackedPart.TruthWriter(folder, part, samples.task(), samples.size());
    for (int index = 0; index < samples.size(); index++) {
      Row sample = samples.read(index);
      add("", form.fields().stream().map(f -> sample.get(f.name())).toArray(Values[]::new));
      truths.add(samples.isLabelled(index) ? sample.get(Batch.TRUTH) : null);
      names = names.clear();
      names.putLong(samples.id(index));
      names = SampleBytes.write(samples.key(index), names);
      names = SampleBytes.write(samples.place(index), names).flip();
      called.add(names);
    }
    truths.finish();
    finishFiles();
    return PackedPart.withPlaces(form, samples.task(), samples.size(), samples.fingerprint());
  }

  private static List<String> cellsOf(Dataset samples) {
    return samples.fields().size() == 1
            && samples.fields().get(0).kind() == Field.Kind.CELLS
            && samples.read(0).get(samples.fields().get(0).name()) instanceof Values.Cells cells
        ? cells.names()
        : List.of();
  }

  private void requireDisk(double bytes) {
    try {
      long free = Files.getFileStore(folder).getUsableSpace();
      if (bytes > free) {
        throw RanbikiException.io(
            "The %s samples take %s, but the disk of %s has %s free. Name a folder on another disk"
                + " (data.packed).",
            part, Memory.text(bytes), folder.toAbsolutePath().getParent(), Memory.text(free));
      }
    } catch (IOException e) {
      throw Sources.unreadable(folder, e);
    }
  }

  @Override
  public void close() {
    for (PackedRecords.Writer writer :
        new PackedRecords.@Nullable Writer[] {rows, keys, lines, places}) {
      if (writer != null) {
        writer.close();
      }
    }
  }
}
