package io.ranbiki.teacher;

/** What a teacher's answers are. */
public enum AnswerKind {
  /** Found from its answers to real samples, see {@link Recognition}. */
  AUTO,
  /** Taken as they are. */
  LOGITS,
  /** Their logarithms are taken. */
  PROBABILITIES,
  /** Vectors, made of an encoder's output, which the student is to give as well. */
  EMBEDDING,
  /** Logits of the pieces that were hidden of a text. */
  MASKED_LANGUAGE;

  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
