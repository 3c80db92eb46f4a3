package io.ranbiki.evaluate;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.SafetensorsFile;
import io.ranbiki.artifact.SafetensorsFile.DType;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Predictions on disk, as a safetensors file that NumPy and PyTorch open: {@code ids} I64 {@code
 * [samples]}, {@code labels} I64 {@code [samples]} with -100 for none and -101 for one out of
 * scope, and either {@code logits} F32 {@code [samples, classes]} or {@code top} I32, {@code
 * log-probabilities} F32 {@code [samples, kept]} and {@code rest} F32 {@code [samples]}. The
 * metadata say {@code classes}.
 */
public final class PredictionsFile {

  private static final String CLASSES = "classes";

  private PredictionsFile() {}

  /**
   * Writes a file, whole or not at all.
   *
   * @throws RanbikiException of kind IO if the disk refuses
   */
  public static void write(Path file, Predictions predictions) {
    int samples = predictions.size();
    Entry ids = Entry.of("ids", predictions.ids(), samples);
    Entry labels = Entry.of("labels", predictions.labels(), samples);
    List<Entry> entries;
    if (predictions.answers() instanceof Predictions.Top top) {
      entries =
          List.of(
              ids,
              labels,
              integers("top", top.top(), samples, top.kept()),
              Entry.of("log-probabilities", top.logProbabilities(), samples, top.kept()),
              Entry.of("rest", top.rest(), samples));
    } else {
      float[] logits = ((Predictions.Full) predictions.answers()).logits();
      entries =
          new ArrayList<>(
              List.of(ids, labels, Entry.of("logits", logits, samples, predictions.classes())));
      float[] truth = predictions.truth();
      if (truth != null) {
        entries.add(Entry.of("truth", truth, samples, predictions.classes()));
      }
      if (predictions.neighbours().length > 0) {
        entries.add(integers("neighbours", predictions.neighbours(), samples));
      }
    }
    Safetensors.write(file, entries, Map.of(CLASSES, Integer.toString(predictions.classes())));
  }

  private static Entry integers(String name, int[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    return new Entry(name, DType.I32, shape, bytes);
  }

  /**
   * Reads a file.
   *
   * @throws RanbikiException of kind MODEL if it is no such file or is damaged, of kind IO if the
   *     disk fails
   */
  public static Predictions read(Path file) {
    SafetensorsFile content = Safetensors.read(file);
    int classes = classes(file, content.metadata().get(CLASSES));
    Entry ids = entry(file, content, "ids", DType.I64);
    long samples = ids.shape().length == 1 ? ids.shape()[0] : 0;
    if (samples == 0) {
      throw damaged(file, "it holds no sample");
    }
    long[] labels = longs(entry(file, content, "labels", DType.I64, samples));
    for (long label : labels) {
      if (label >= classes) {
        throw damaged(file, "a label is " + label + " of " + classes + " classes");
      }
    }
    if (content.entries().containsKey("logits")) {
      Entry logits = entry(file, content, "logits", DType.F32, samples, classes);
      if (content.entries().containsKey("truth")) {
        float[] truth = floats(entry(file, content, "truth", DType.F32, samples, classes));
        if (content.entries().containsKey("neighbours")) {
          return new Predictions(
              longs(ids),
              labels,
              classes,
              new Predictions.Full(floats(logits), classes),
              new Predictions.Known(
                  truth, integers(entry(file, content, "neighbours", DType.I32, samples))));
        }
        return Predictions.ofNumbers(longs(ids), truth, classes, floats(logits));
      }
      return Predictions.ofLogits(longs(ids), labels, classes, floats(logits));
    }
    Entry top = entry(file, content, "top", DType.I32);
    int kept = top.shape().length == 2 ? (int) top.shape()[1] : 0;
    int[] likeliest = integers(entry(file, content, "top", DType.I32, samples, kept));
    if (kept == 0 || Arrays.stream(likeliest).anyMatch(c -> c < 0 || c >= classes)) {
      throw damaged(file, "a class in 'top' is none of " + classes);
    }
    return new Predictions(
        longs(ids),
        labels,
        classes,
        new Predictions.Top(
            kept,
            likeliest,
            floats(entry(file, content, "log-probabilities", DType.F32, samples, kept)),
            floats(entry(file, content, "rest", DType.F32, samples))));
  }

  private static int classes(Path file, @Nullable String text) {
    if (text == null || !text.matches("[1-9][0-9]{0,8}")) {
      throw damaged(file, "its metadata have no number of classes");
    }
    return Integer.parseInt(text);
  }

  private static Entry entry(
      Path file, SafetensorsFile content, String name, DType type, long... shape) {
    Entry entry = content.entries().get(name);
    if (entry == null || entry.dtype() != type) {
      throw damaged(file, "it has no " + type + " tensor '" + name + "'");
    }
    if (shape.length > 0 && !Arrays.equals(entry.shape(), shape)) {
      throw damaged(
          file,
          String.format(
              Locale.ROOT,
              "'%s' has the shape %s and not %s",
              name,
              Arrays.toString(entry.shape()),
              Arrays.toString(shape)));
    }
    return entry;
  }

  private static RanbikiException damaged(Path file, String why) {
    return RanbikiException.model(
        "%s holds no predictions that a comparison can read: %s. Run the distillation again.",
        file, why);
  }

  private static long[] longs(Entry entry) {
    long[] values = new long[entry.data().remaining() / Long.BYTES];
    entry.data().asLongBuffer().get(values);
    return values;
  }

  private static int[] integers(Entry entry) {
    int[] values = new int[entry.data().remaining() / Integer.BYTES];
    entry.data().asIntBuffer().get(values);
    return values;
  }

  private static float[] floats(Entry entry) {
    float[] values = new float[entry.data().remaining() / Float.BYTES];
    entry.data().asFloatBuffer().get(values);
    return values;
  }
}
