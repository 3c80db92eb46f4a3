package io.ranbiki.teacher;

import io.ranbiki.data.Task;
import java.util.Locale;

/** What the answers of a file are. */
public enum GivenKind {
  /** Numbers before a softmax or a sigmoid, taken as they are. */
  LOGITS,
  /** One number from 0 to 1 for each class, which sum to 1, or for each label. */
  PROBABILITIES,
  /** The name of a class, and nothing of how sure whoever gave it was. */
  LABELS,
  /** Regression: numbers in the unit of the data. */
  NUMBERS;

  /** Whether such answers have a meaning for a task. */
  boolean fits(Task task) {
    return switch (this) {
      case LOGITS, PROBABILITIES -> task instanceof Task.Classes || task instanceof Task.Labels;
      case LABELS -> task instanceof Task.Classes;
      case NUMBERS -> task instanceof Task.Numbers;
    };
  }

  /** The word in configurations. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
