package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Samples of which those of one class count as of none: no network learns or answers that class,
 * and the other classes move up. Training leaves such samples out; the test keeps them, with the
 * truth {@link #LABEL} and without a label. Closing this closes the samples.
 */
public final class OutOfScope implements Dataset {

  /** The truth of a sample that belongs to none of the classes. */
  public static final long LABEL = -101;

  private final Dataset base;
  private final int[] indices;
  private final Task.Classes task;
  private final String name;

  /** The number of the class in {@link #base}. */
  private final int out;

  private OutOfScope(Dataset base, int[] indices, Task.Classes task, String name, int out) {
    this.base = base;
    this.indices = indices;
    this.task = task;
    this.name = name;
    this.out = out;
  }

  /**
   * Training samples that know the class, so that those of a test may be of it.
   *
   * @throws RanbikiException if they have no classes
   */
  public static Dataset known(Dataset train, String name) {
    List<String> names = new ArrayList<>(classes(train).names());
    if (names.contains(ClassNames.nfc(name))) {
      return train;
    }
    names.add(ClassNames.nfc(name));
    return new OutOfScope(train, all(train), new Task.Classes(names), name, names.size());
  }

  /** Training samples without those of a class that {@link #known} made sure of. */
  public static Dataset train(Dataset known, String name) {
    int out = classes(known).names().indexOf(ClassNames.nfc(name));
    int[] others = IntStream.of(all(known)).filter(i -> known.stratum(i) != out).toArray();
    return without(known, others, name, out);
  }

  /**
   * Samples of a test, those of a class without label.
   *
   * @throws RanbikiException if none is of it
   */
  public static Dataset test(Dataset test, String name) {
    List<String> names = classes(test).names();
    int out = names.indexOf(ClassNames.nfc(name));
    if (IntStream.of(all(test)).noneMatch(i -> test.stratum(i) == out)) {
      throw RanbikiException.configuration(
          "No sample of the test is of the class '%s' that 'data.out-of-scope' names%s",
          Words.shorten(name),
          Words.nearest(
                  name, names.stream().filter(other -> !other.equals(names.get(out))).toList())
              .map(near -> "; did you mean '" + near + "'?")
              .orElse("."));
    }
    return without(test, all(test), name, out);
  }

  private static Dataset without(Dataset samples, int[] kept, String name, int out) {
    List<String> names = new ArrayList<>(classes(samples).names());
    names.remove(out);
    return new OutOfScope(samples, kept, new Task.Classes(names), name, out);
  }

  private static int[] all(Dataset samples) {
    return IntStream.range(0, samples.size()).toArray();
  }

  private static Task.Classes classes(Dataset samples) {
    if (samples.task() instanceof Task.Classes classes) {
      return classes;
    }
    throw RanbikiException.configuration(
        "'data.out-of-scope' names a class, but the samples have %s. Leave it out.",
        samples.task().word());
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public List<Field> fields() {
    return base.fields();
  }

  @Override
  public Task task() {
    return task;
  }

  @Override
  public long id(int index) {
    return base.id(indices[index]);
  }

  @Override
  public String key(int index) {
    return base.key(indices[index]);
  }

  @Override
  public String place(int index) {
    return base.place(indices[index]);
  }

  @Override
  public int stratum(int index) {
    int number = base.stratum(indices[index]);
    return number == out ? UNLABELLED : number > out ? number - 1 : number;
  }

  @Override
  public Row read(int index) {
    Row sample = base.read(indices[index]);
    if (base.stratum(indices[index]) == UNLABELLED) {
      return sample;
    }
    int number = stratum(index);
    return sample.with(Batch.TRUTH, Values.Longs.of(number == UNLABELLED ? LABEL : number));
  }

  @Override
  public String fingerprint() {
    return new Fingerprint("out-of-scope").text(base.fingerprint()).text(name).ints(indices).hex();
  }

  @Override
  public List<String> notes() {
    return base.notes();
  }

  @Override
  public void close() {
    base.close();
  }
}
