package io.ranbiki.artifact;

import io.ranbiki.data.Task;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All that must be known beside the weights to use a model.
 *
 * @param spec which network
 * @param prepare what the inputs went through that it was trained on; null if not known
 * @param task what its answers mean; of no names if these are not known
 * @param encoder that makes the vectors that it takes of texts; null for a model that needs none
 */
public record ModelConfig(
    ModelSpec spec, @Nullable Prepare prepare, Task task, @Nullable Encoder encoder) {

  /**
   * An encoder whose vectors a model takes.
   *
   * @param hash SHA-256 of its files
   * @param pool how one vector is made of those of a text: {@code mean}, {@code first} or {@code
   *     max}; null for the way of the encoder itself
   */
  public record Encoder(String hash, @Nullable String pool) {}

  /** Compares the number of names with that of answers. */
  public ModelConfig {
    int names = task.names().size();
    if (names > 0 && names != spec.classes()) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%d class names for %d classes", names, spec.classes()));
    }
  }

  /** A model that needs no encoder. */
  public ModelConfig(ModelSpec spec, @Nullable Prepare prepare, Task task) {
    this(spec, prepare, task, null);
  }

  /** A model of classes that needs no encoder. */
  public ModelConfig(ModelSpec spec, @Nullable Prepare prepare, List<String> classNames) {
    this(spec, prepare, new Task.Classes(classNames), null);
  }

  /** A model of classes that takes numbers. */
  public ModelConfig(
      ModelSpec spec, @Nullable Normalization normalization, List<String> classNames) {
    this(spec, normalization == null ? null : Prepare.of(normalization), classNames);
  }

  /** A model of classes of which nobody knows what its inputs went through. */
  public ModelConfig(ModelSpec spec, List<String> classNames) {
    this(spec, (Prepare) null, classNames);
  }

  /** What an answer's numbers are called, in their order; empty if not known. */
  public List<String> names() {
    return task.names();
  }

  /** What numbers went through; null if not known. */
  public @Nullable Normalization normalization() {
    return prepare == null ? null : prepare.normalization();
  }
}
