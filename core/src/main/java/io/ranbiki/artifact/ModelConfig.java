package io.ranbiki.artifact;

import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All that must be known beside the weights to use a model.
 *
 * @param spec which network
 * @param normalization what was done to the inputs it was trained on; null if not known
 * @param classNames the names of the classes in the order of the logits; empty if not known
 */
public record ModelConfig(
    ModelSpec spec, @Nullable Normalization normalization, List<String> classNames) {

  /** Copies the names. */
  public ModelConfig {
    classNames = List.copyOf(classNames);
    if (!classNames.isEmpty() && classNames.size() != spec.classes()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%d class names for %d classes", classNames.size(), spec.classes()));
    }
  }
}
