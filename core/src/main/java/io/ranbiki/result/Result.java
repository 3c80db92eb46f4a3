package io.ranbiki.result;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run did and found: the whole of {@code result.json}, documented in {@code
 * docs/result-schema.md}.
 *
 * @param schema version of the layout, 1 to {@link #SCHEMA}
 * @param name name of the run
 * @param command the command that ran, such as {@code distill}
 * @param seconds wall time of the run, 0 or more
 * @param models figures by role, in the order in which they are shown: {@link #TEACHER}, {@link
 *     #SCRATCH} (a student from labels alone), {@link #DECISIONS} (one from the teacher's bare
 *     decisions), {@link #UNTRAINED} (one as it was before its training), {@link #STUDENT}
 * @param retention student accuracy over teacher accuracy, above 0; {@code null} without both
 * @param compression teacher parameters over student parameters, above 0; {@code null} without
 *     both, or where the teacher's number is not known
 * @param history one record an epoch of the student, in order
 * @param seeds figures over several seeds; {@code null} if one seed ran
 * @param verdict one sentence: gained, lost, or no difference that the seeds can show; {@code null}
 *     if there was nothing to compare with
 * @param evidence what the answers to the test samples show; {@code null} in schema 1, and where no
 *     test sample has a label
 * @param cost by role, what the teacher and the first seed's student cost where they run; {@code
 *     null} where it was not measured
 * @param acceptance whether the first seed's student keeps the limits that were set; {@code null}
 *     without limits
 * @param curve students of several sizes; {@code null} but for the command {@code curve}
 * @param scores what the metrics of the task say of every model; {@code null} in older files, and
 *     where no test sample has a label
 */
public record Result(
    int schema,
    String name,
    String command,
    double seconds,
    Map<String, ModelFigures> models,
    @Nullable Double retention,
    @Nullable Double compression,
    List<EpochRecord> history,
    @Nullable SeedFigures seeds,
    @Nullable String verdict,
    @Nullable Evidence evidence,
    @Nullable Map<String, Cost> cost,
    @Nullable Acceptance acceptance,
    @Nullable Curve curve,
    @Nullable Scores scores) {

  /** The version of the layout that this library writes; it reads those before as well. */
  public static final int SCHEMA = 2;

  /** The role of the model that teaches. */
  public static final String TEACHER = "teacher";

  /** The role of the student that learnt from labels alone. */
  public static final String SCRATCH = "scratch";

  /** The role of the student that learnt from the teacher's bare decisions. */
  public static final String DECISIONS = "decisions";

  /** The role of the student as it was before its training, where no label could teach it. */
  public static final String UNTRAINED = "untrained";

  /** The role of the model that the run was about. */
  public static final String STUDENT = "student";

  /** Copies, and checks ranges and the order of epochs. */
  public Result {
    if (schema < 1 || schema > SCHEMA) {
      throw new IllegalArgumentException("schema must be 1 to " + SCHEMA + ", but is " + schema);
    }
    Check.text("name", name);
    Check.text("command", command);
    Check.notNegative("seconds", seconds);
    models = Check.ordered("models", models);
    Check.positive("retention", retention);
    Check.positive("compression", compression);
    history = List.copyOf(Check.present("history", history));
    for (int i = 1; i < history.size(); i++) {
      if (history.get(i).epoch() <= history.get(i - 1).epoch()) {
        throw new IllegalArgumentException(
            "history must be in the order of epochs, but epoch "
                + history.get(i).epoch()
                + " follows "
                + history.get(i - 1).epoch());
      }
    }
    if (verdict != null) {
      Check.text("verdict", verdict);
    }
    cost = cost == null ? null : Check.ordered("cost", cost);
  }

  /** The result of one seed with nothing to compare, at the current schema. */
  public static Result of(
      String name,
      String command,
      double seconds,
      Map<String, ModelFigures> models,
      List<EpochRecord> history) {
    return of(name, command, seconds, models, history, null, null);
  }

  /** A result at the current schema; what its figures say together is worked out here. */
  public static Result of(
      String name,
      String command,
      double seconds,
      Map<String, ModelFigures> models,
      List<EpochRecord> history,
      @Nullable SeedFigures seeds,
      @Nullable Evidence evidence) {
    return new Result(
        SCHEMA,
        name,
        command,
        seconds,
        models,
        retention(models),
        compression(models),
        history,
        seeds,
        evidence == null ? null : verdict(evidence.gains()),
        evidence,
        null,
        null,
        null,
        null);
  }

  /** This result with what was measured and judged once everything was trained. */
  public Result with(@Nullable Map<String, Cost> measured, @Nullable Acceptance judged) {
    return new Result(
        schema,
        name,
        command,
        seconds,
        models,
        retention,
        compression,
        history,
        seeds,
        verdict,
        evidence,
        measured,
        judged,
        curve,
        scores);
  }

  /** This result with students of several sizes. */
  public Result with(Curve sizes) {
    return new Result(
        schema,
        name,
        command,
        seconds,
        models,
        retention,
        compression,
        history,
        seeds,
        verdict,
        evidence,
        cost,
        acceptance,
        sizes,
        scores);
  }

  /**
   * This result with what the metrics of the task say; the verdict is theirs if accuracy has none.
   */
  public Result with(@Nullable Scores found) {
    return new Result(
        schema,
        name,
        command,
        seconds,
        models,
        retention,
        compression,
        history,
        seeds,
        verdict == null && found != null ? verdict(found) : verdict,
        evidence,
        cost,
        acceptance,
        curve,
        found);
  }

  private static @Nullable String verdict(Scores scores) {
    return scores.gains().stream()
        .filter(
            gain ->
                (gain.from().equals(SCRATCH) || gain.from().equals(UNTRAINED))
                    && gain.to().equals(STUDENT))
        .findFirst()
        .map(
            gain ->
                Verdict.sentence(
                    gain,
                    scores.decides(),
                    gain.from().equals(SCRATCH) ? "labels alone" : "the untrained student"))
        .orElse(null);
  }

  private static @Nullable String verdict(List<Gain> gains) {
    return gains.stream()
        .filter(gain -> gain.from().equals(SCRATCH) && gain.to().equals(STUDENT))
        .findFirst()
        .map(gain -> Verdict.sentence(gain, "labels alone"))
        .orElse(null);
  }

  private static @Nullable Double retention(Map<String, ModelFigures> models) {
    ModelFigures teacher = models.get(TEACHER);
    ModelFigures student = models.get(STUDENT);
    if (teacher == null || student == null) {
      return null;
    }
    Double of = teacher.accuracy();
    Double kept = student.accuracy();
    return of == null || kept == null || of == 0 || kept == 0 ? null : (Double) (kept / of);
  }

  private static @Nullable Double compression(Map<String, ModelFigures> models) {
    ModelFigures teacher = models.get(TEACHER);
    ModelFigures student = models.get(STUDENT);
    Long of = teacher == null ? null : teacher.parameters();
    Long kept = student == null ? null : student.parameters();
    return of == null || kept == null || of == 0 || kept == 0
        ? null
        : (Double) ((double) of / kept);
  }
}
