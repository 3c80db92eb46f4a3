package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Task;
import io.ranbiki.evaluate.Doctor;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.evaluate.Finding.Level;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.result.SeenByTeacher;
import io.ranbiki.teacher.Recognition;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.tensor.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Shows the doctor the distillation that a file describes, with its first seed. */
public final class Diagnosis {

  private static final int ACCURACY_BATCH = 64;

  /** Test samples of which the doctor asks how sure the teacher is. */
  private static final int CERTAINTY = 256;

  private Diagnosis() {}

  /**
   * Opens data and teacher, and examines.
   *
   * @param folder of the run; it need not be there, but stored answers lie beside it
   * @throws RanbikiException if nobody teaches, or data, teacher or student cannot be opened
   */
  public static List<Finding> of(RunConfig config, RunFolder folder) {
    return of(config, folder, StepTrial::of);
  }

  /** Tries a training step; gives what that showed, or nothing. */
  @FunctionalInterface
  interface Trial {
    Optional<Finding> of(TriedStep step, BooleanSupplier stop);
  }

  /** The same with another way to try a step than a process of its own. */
  static List<Finding> of(RunConfig config, RunFolder folder, Trial trial) {
    TeacherConfig teacherConfig = Labelling.requireTeacher(config);
    Engine.setThreads(config.train().threads());
    try (RunData data = RunData.open(config);
        AskedTeacher teacher =
            AskedTeacher.open(
                teacherConfig, data, folder.answers(), RunListener.NONE, () -> false)) {
      Experiment.requireAnswers(config, data, teacher);
      List<Finding> findings = new ArrayList<>(kind(teacher.recognition()));
      findings.addAll(of(config, data, teacher, trial, () -> false));
      // A run says the rest as notes of its own.
      findings.add(labelsSeen(config, data, teacher));
      Stream.concat(data.notes(config.seeds()).stream(), data.readingNotes().stream())
          .forEach(note -> findings.add(new Finding("samples", Level.WARNING, note)));
      data.facts().forEach(fact -> findings.add(new Finding("vocabulary", Level.OK, fact)));
      return findings;
    }
  }

  /** What a run says in notes, too. */
  static Finding labelsSeen(RunConfig config, RunData data, AskedTeacher teacher) {
    SeenByTeacher seen = TeacherLabels.count(teacher, data, config.seeds());
    List<String> notes = TeacherLabels.notes(teacher.labelsSeen(), seen);
    return new Finding(
        "labels seen",
        seen.sentence().isPresent() ? Level.WARNING : Level.OK,
        notes.isEmpty()
            ? "The teacher was trained on no label of a sample that counts as unlabelled here, or"
                + " of the test."
            : String.join(" ", notes));
  }

  /** What a run says in notes. */
  static List<Finding> kind(Recognition recognition) {
    String check = "kind of answers";
    List<Finding> findings = new ArrayList<>();
    recognition.doubts().forEach(s -> findings.add(new Finding(check, Level.WARNING, s)));
    recognition.notes().forEach(s -> findings.add(new Finding(check, Level.OK, s)));
    if (findings.isEmpty()) {
      findings.add(new Finding(check, Level.OK, words(recognition.source())));
    }
    return findings;
  }

  private static String words(TeacherSource source) {
    if (source instanceof TeacherSource.Given given) {
      return "The answers are " + given.kind() + " of a file, as teacher.kind says.";
    }
    if (source instanceof TeacherSource.Embedding) {
      return "The answers are vectors, as teacher.kind says.";
    }
    boolean some =
        source instanceof TeacherSource.Ensemble ensemble
            ? ensemble.members().stream().anyMatch(TeacherSource.Probabilities.class::isInstance)
            : source instanceof TeacherSource.Probabilities;
    return some
        ? "The answers are probabilities, as teacher.kind says; their logarithms are taken for"
            + " logits."
        : "The answers are logits.";
  }

  /**
   * Examines.
   *
   * @param stop asked while a step is tried: whether to give that up
   */
  static List<Finding> of(
      RunConfig config, RunData data, AskedTeacher teacher, BooleanSupplier stop) {
    return of(config, data, teacher, StepTrial::of, stop);
  }

  private static List<Finding> of(
      RunConfig config, RunData data, AskedTeacher teacher, Trial trial, BooleanSupplier stop) {
    Experiment.requireFits(config, data);
    long seed = config.seeds().get(0);
    Objective objective = config.objective();
    SeedSplit split = data.split(seed);
    int epochs = config.train().options().epochs();
    Loader loader = data.trainLoader(split, config.train().batch(), seed).also(teacher.prepare());
    Loader labelled =
        data.plainLoader(split.labelled(), ACCURACY_BATCH, seed).also(teacher.prepare());
    List<Finding> findings = new ArrayList<>();
    try (Teacher live = teacher.live(objective);
        Model student = Networks.initial(config.student(), data, seed)) {
      boolean stored = teacher.usesStored(objective);
      TriedStep step = TriedStep.of(config, data, loader, live, stored);
      Optional<Finding> tried = trial.of(step, stop);
      if (tried.filter(StepTrial::isFatal).isPresent()) {
        return List.of(tried.get()); // the other checks would meet the same end
      }
      tried.ifPresent(findings::add);
      Model own = teacher.model();
      findings.addAll(
          new Doctor(
                  student,
                  live,
                  own == null ? null : own.module(),
                  objective,
                  loader,
                  labelled,
                  epochs)
              .examine());
      if (findings.stream().anyMatch(Finding::isOfFiniteness)) {
        return findings;
      }
      if (!teacher.isGiven()) {
        findings.add(Doctor.preprocessing(teacher.prepare(), data.prepare()));
      }
      if (teacher.crossFitted() > 0) {
        return findings; // the teachers together are not those who answer what they have not seen
      }
      if (data.task() instanceof Task.Classes && teacher.answersTest()) {
        findings.add(certainty(data, teacher, live, loader));
      }
      if (stored) {
        findings.add(
            Doctor.storedAnswers(
                teacher.file(objective),
                teacher.key(objective),
                split.train(),
                data.viewCount(epochs),
                live));
      }
    }
    return findings;
  }

  private static Finding certainty(
      RunData data, AskedTeacher teacher, Teacher live, Loader training) {
    Loader test =
        data.evaluationLoader(Splits.spread(data.test(), CERTAINTY)).also(teacher.prepare());
    if (!teacher.isGiven()) {
      return Doctor.certainty(live, training, live, test);
    }
    try (Teacher ofTest = teacher.ofTest()) {
      return Doctor.certainty(live, training, ofTest, test);
    }
  }

  /**
   * Refuses a distillation that would be ruined.
   *
   * @throws RanbikiException with every fault
   */
  static void requireSound(List<Finding> findings) {
    findings.stream()
        .filter(Finding::isOfFiniteness)
        .findFirst()
        .ifPresent(
            finding -> {
              throw RanbikiException.model("%s", finding.sentence());
            });
    String faults =
        findings.stream()
            .filter(finding -> finding.level() == Level.FAULT)
            .map(Finding::sentence)
            .collect(Collectors.joining(" "));
    if (findings.stream().anyMatch(StepTrial::isFatal)) {
      throw RanbikiException.configuration("The doctor stops this distillation: %s", faults);
    }
    if (!faults.isEmpty()) {
      throw RanbikiException.configuration(
          "The doctor stops this distillation: %s To go on all the same, say doctor: false.",
          faults);
    }
  }
}
