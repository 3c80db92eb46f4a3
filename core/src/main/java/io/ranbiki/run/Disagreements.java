package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.evaluate.Metrics;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Values;
import io.ranbiki.result.Disagreement;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * The samples that a person should look at: those on which student and teacher are farthest apart,
 * as pictures or texts where they are.
 */
final class Disagreements {

  /** As many as fit a page. */
  private static final int SHOWN = 48;

  /** Enough of a text to see what it is about. */
  private static final int LETTERS = 300;

  /** Pixels of a side, where images have any size. */
  private static final int THUMBNAIL = 64;

  private Disagreements() {}

  /**
   * Finds them, and writes the pictures.
   *
   * @param samples of the test, in the order of the predictions
   * @param folder where pictures go
   */
  static List<Disagreement> of(
      Predictions teacher, Predictions student, Dataset samples, Path folder) {
    List<Disagreement> found = new ArrayList<>();
    List<String> names = samples.task().names();
    for (Metrics.Distance farthest : Metrics.farthest(teacher, student, SHOWN)) {
      int index = farthest.sample();
      String picture =
          String.format(
              Locale.ROOT, "disagreement-%02d-%d.png", found.size() + 1, samples.id(index));
      String called = samples.called(index);
      found.add(
          new Disagreement(
              called.isEmpty() ? "sample " + samples.id(index) : called,
              student.isLabelled(index) ? names.get(student.label(index)) : null,
              names.get(teacher.prediction(index)),
              names.get(student.prediction(index)),
              Double.isFinite(farthest.nats()) ? (Double) farthest.nats() : null,
              written(samples, index, folder.resolve(picture)),
              text(samples, index)));
    }
    return found;
  }

  /** A text, or both of a pair, as far as a page can show it; null if it is no text. */
  private static @Nullable String text(Dataset samples, int index) {
    if (samples.fields().stream().noneMatch(field -> field.kind() == Field.Kind.TEXT)) {
      return null;
    }
    Values values = samples.read(index).get(Batch.TEXT);
    String text =
        values instanceof Values.Pair pair
            ? pair.first() + " | " + pair.second()
            : ((Values.Text) values).value();
    return text.codePointCount(0, text.length()) <= LETTERS
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LETTERS)) + " ...";
  }

  /** Writes a sample as PNG; gives the name of the file, or null if it is no picture. */
  private static @Nullable String written(Dataset samples, int index, Path file) {
    if (samples.fields().size() != 1 || samples.input().shape().size() != 3) {
      return null;
    }
    Row sample = samples.read(index);
    if (samples.input().varies()) {
      sample = Step.Resize.to(THUMBNAIL).apply(sample);
    }
    Values values = sample.get(samples.input().name());
    int[] shape = values.shape();
    if (shape[0] != 1 && shape[0] != 3) {
      return null;
    }
    int plane = shape[1] * shape[2];
    BufferedImage image = new BufferedImage(shape[2], shape[1], BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < plane; i++) {
      int colour = 0;
      for (int channel = 0; channel < 3; channel++) {
        colour = colour << 8 | level(values, Math.min(channel, shape[0] - 1) * plane + i);
      }
      image.setRGB(i % shape[2], i / shape[2], colour);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new RanbikiException(
          RanbikiException.Kind.INTERNAL, "A picture in memory cannot be written.", e);
    }
    AtomicFile.write(file, bytes.toByteArray());
    return file.getFileName().toString();
  }

  /** 0 to 255. */
  private static int level(Values values, int index) {
    return values instanceof Values.Bytes bytes
        ? bytes.data()[index] & 0xff
        : Math.round(255 * Math.max(0, Math.min(1, ((Values.Floats) values).data()[index])));
  }
}
