package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Dataset;
import io.ranbiki.evaluate.Metrics;
import io.ranbiki.evaluate.Predictions;
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
 * as pictures where they are.
 */
final class Disagreements {

  /** As many as fit a page. */
  private static final int SHOWN = 48;

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
      String place = samples.place(index);
      found.add(
          new Disagreement(
              place.isEmpty() ? "sample " + samples.id(index) : place,
              student.isLabelled(index) ? names.get(student.label(index)) : null,
              names.get(teacher.prediction(index)),
              names.get(student.prediction(index)),
              Double.isFinite(farthest.nats()) ? (Double) farthest.nats() : null,
              written(samples, index, folder.resolve(picture))));
    }
    return found;
  }

  /** Writes a sample as PNG; gives the name of the file, or null if it is no picture. */
  private static @Nullable String written(Dataset samples, int index, Path file) {
    int[] shape =
        samples.fields().size() == 1 && !samples.input().varies() ? samples.shape() : new int[0];
    if (shape.length != 3 || shape[0] != 1 && shape[0] != 3) {
      return null;
    }
    float[] pixels = samples.numbers(index);
    int plane = shape[1] * shape[2];
    BufferedImage image = new BufferedImage(shape[2], shape[1], BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < plane; i++) {
      int colour = 0;
      for (int channel = 0; channel < 3; channel++) {
        float value = pixels[Math.min(channel, shape[0] - 1) * plane + i];
        colour = colour << 8 | Math.round(255 * Math.max(0, Math.min(1, value)));
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
    RunFolder.writeAtomically(file, bytes.toByteArray());
    return file.getFileName().toString();
  }
}
