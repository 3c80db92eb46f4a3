package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Values;
import java.util.Arrays;

/** The truth of every sample of a dataset. */
sealed interface Truth {

  /**
   * Classes.
   *
   * @param classes of each sample, or {@link Dataset#UNLABELLED}
   */
  record OfClasses(int[] classes, Task.Classes task) implements Truth {
    /** Checks the range. */
    public OfClasses {
      int names = task.names().size();
      for (int i = 0; i < classes.length; i++) {
        if (classes[i] < Dataset.UNLABELLED || classes[i] >= names) {
          throw RanbikiException.configuration(
              "The label of sample %d is %d, but there are %d classes, so it must be 0 to %d (or -1"
                  + " for none). Repair the label or the number of classes.",
              i, classes[i], names, names - 1);
        }
      }
    }

    @Override
    public int size() {
      return classes.length;
    }

    @Override
    public int stratum(int index) {
      return classes[index];
    }

    @Override
    public Fingerprint addTo(Fingerprint fingerprint) {
      return fingerprint.ints(classes).texts(task.names());
    }

    @Override
    public Values values(int index) {
      return Values.Longs.of(classes[index]);
    }
  }

  /**
   * Numbers, of which some may not be known.
   *
   * @param numbers of all samples, {@code task.width()} each; NaN where not known
   * @param size how many samples
   */
  record OfNumbers(float[] numbers, int size, Task task) implements Truth {

    @Override
    public int stratum(int index) {
      for (int i = index * task.width(); i < (index + 1) * task.width(); i++) {
        if (!Float.isNaN(numbers[i])) {
          return 0;
        }
      }
      return Dataset.UNLABELLED;
    }

    @Override
    public Fingerprint addTo(Fingerprint fingerprint) {
      return fingerprint.text(task.getClass().getSimpleName()).texts(task.names()).floats(numbers);
    }

    @Override
    public Values values(int index) {
      int width = task.width();
      return new Values.Floats(
          Arrays.copyOfRange(numbers, index * width, (index + 1) * width), new int[] {width});
    }
  }

  Task task();

  int size();

  /** See {@link Dataset#stratum}. */
  int stratum(int index);

  /** Adds all that it is. */
  Fingerprint addTo(Fingerprint fingerprint);

  /** The truth of a sample that has a label. */
  Values values(int index);
}
