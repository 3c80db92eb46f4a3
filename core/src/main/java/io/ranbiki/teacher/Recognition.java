package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Task;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Whether teachers answer with logits or with probabilities, found from their answers to real
 * samples. Many files end in a softmax, and probabilities that are taken for logits teach next to
 * nothing at a temperature above 1.
 *
 * <p>Answers are probabilities if every row is 0 or more and sums to 1 within what rounding does.
 * Rows within 0 and 1 that do not sum to 1 may be either, which is said and changes nothing. Logits
 * that happen to be positive leave 0 to 1, and log-probabilities are below 0.
 *
 * @param source what was given, with {@link TeacherSource.Probabilities} around every teacher that
 *     answers with them
 * @param notes what was recognised, a sentence each
 * @param doubts what is to be settled by {@code teacher.kind}, a sentence each
 */
public record Recognition(TeacherSource source, List<String> notes, List<String> doubts) {

  /** Samples that are asked about at most; the first answer outside 0 to 1 ends the asking. */
  public static final int SAMPLES = 256;

  /** How far a sum of numbers of 32 bits may be from 1. */
  private static final double ROUNDING = 1e-4;

  /** As much for numbers that were rounded to 16 bits, half precision or bfloat16. */
  private static final double ROUNDING_OF_HALF = 2e-3;

  private static final int BITS_BEYOND_HALF = 0x1fff;

  /** Copies the lists. */
  public Recognition {
    notes = List.copyOf(notes);
    doubts = List.copyOf(doubts);
  }

  /**
   * Recognises a teacher, or every member of an ensemble by itself.
   *
   * @param kinds one for all, or one a member
   * @param samples batches of real samples, prepared as the teacher will get them
   * @param open makes a teacher of a source; it is closed here
   * @throws RanbikiException if answers are said to be probabilities and are not
   */
  public static Recognition of(
      TeacherSource source,
      List<AnswerKind> kinds,
      Loader samples,
      Function<TeacherSource, Teacher> open) {
    if (!(source instanceof TeacherSource.Ensemble ensemble)) {
      return one(source, kinds.get(0), samples, open);
    }
    List<TeacherSource> members = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    List<String> doubts = new ArrayList<>();
    for (int m = 0; m < ensemble.members().size(); m++) {
      AnswerKind kind = kinds.get(kinds.size() == 1 ? 0 : m);
      Recognition member = one(ensemble.members().get(m), kind, samples, open);
      members.add(member.source);
      notes.addAll(member.notes);
      doubts.addAll(member.doubts);
    }
    return new Recognition(
        new TeacherSource.Ensemble(members, ensemble.weights(), ensemble.combine()), notes, doubts);
  }

  private static Recognition one(
      TeacherSource source,
      AnswerKind kind,
      Loader samples,
      Function<TeacherSource, Teacher> open) {
    boolean ofClasses = samples.dataset().task() instanceof Task.Classes;
    if (kind == AnswerKind.LOGITS
        || kind == AnswerKind.EMBEDDING
        || kind == AnswerKind.AUTO && !ofClasses) {
      return new Recognition(source, List.of(), List.of());
    }
    Rows rows = new Rows();
    String title;
    try (Teacher teacher = open.apply(source);
        Epoch batches = samples.epoch(0)) {
      title = teacher.title();
      while (batches.hasNext() && rows.count < SAMPLES && rows.areWithin) {
        try (TensorScope scope = TensorScope.open("kind of answers")) {
          Batch batch = Batch.of(batches.next());
          float[] answers = teacher.signal(batch).logits().to(DType.FLOAT32).toFloats();
          int outside = rows.add(answers, batch.size());
          if (kind == AnswerKind.PROBABILITIES && outside >= 0) {
            int classes = answers.length / batch.size();
            throw ProbabilityTeacher.outside(
                title,
                samples.dataset().nameOf(batch.ids()[outside / classes]),
                answers[outside],
                outside % classes);
          }
        }
      }
    }
    if (kind == AnswerKind.PROBABILITIES) {
      return new Recognition(new TeacherSource.Probabilities(source), List.of(), List.of());
    }
    return rows.recognised(title, source);
  }

  /** Looks at answers, row by row. */
  private static final class Rows {
    private int count;
    private boolean areWithin = true;
    private double farthest = 1;

    /**
     * Adds some rows.
     *
     * @return where a finite number lies that is no probability; -1 if there is none
     */
    int add(float[] answers, int size) {
      int classes = answers.length / size;
      for (int row = 0; row < size; row++) {
        double sum = 0;
        int bits = 0;
        for (int i = row * classes; i < (row + 1) * classes; i++) {
          if (!Float.isFinite(answers[i])) {
            areWithin = false; // whoever asks next says so
            return -1;
          }
          if (ProbabilityTeacher.isOutside(answers[i])) {
            areWithin = false;
            return i;
          }
          sum += answers[i];
          bits |= Float.floatToRawIntBits(answers[i]);
        }
        boolean halved = (bits & BITS_BEYOND_HALF) == 0;
        boolean isOne = Math.abs(sum - 1) <= (halved ? ROUNDING_OF_HALF : ROUNDING);
        if (!isOne && Math.abs(sum - 1) > Math.abs(farthest - 1)) {
          farthest = sum;
        }
      }
      count += size;
      areWithin &= classes > 1; // of one class nothing can be told
      return -1;
    }

    Recognition recognised(String title, TeacherSource source) {
      if (!areWithin) {
        return new Recognition(source, List.of(), List.of());
      }
      if (farthest == 1) {
        return new Recognition(
            new TeacherSource.Probabilities(source),
            List.of(
                String.format(
                    Locale.ROOT,
                    "The teacher %s answers with probabilities: its rows for %d samples are 0 or"
                        + " more and sum to 1; their logarithms are taken for logits. If they are"
                        + " logits, say teacher.kind: logits.",
                    title,
                    count)),
            List.of());
      }
      return new Recognition(
          source,
          List.of(),
          List.of(
              String.format(
                  Locale.ROOT,
                  "All answers of the teacher %s to %d samples lie within 0 and 1, but a row sums"
                      + " to %.4g; they are taken for logits. Say teacher.kind: probabilities if"
                      + " they are, or else teacher.kind: logits.",
                  title,
                  count,
                  farthest)));
    }
  }
}
