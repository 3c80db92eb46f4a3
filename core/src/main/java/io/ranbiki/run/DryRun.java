package io.ranbiki.run;

import io.ranbiki.model.ModelSpec;
import io.ranbiki.result.Result;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a run would do, of which everything was checked that can be before training.
 *
 * @param folder of the run
 * @param begun whether a run was begun there, which would go on
 * @param trainingSamples of the first seed, with or without label
 * @param labelled how many of them have one
 * @param heldOut samples that judge epochs, of the first seed
 * @param testSamples all that models are measured on
 * @param task what an answer is, such as {@code classes}
 * @param classes how many; for another task, how many numbers an answer has
 * @param student the network
 * @param studentParameters how many values are trained
 * @param teacherParameters of the teacher; {@code null} without one, or if its files do not say
 * @param answers the most that a teacher is asked for; 0 without one, or if it is asked batch by
 *     batch
 * @param arms what is trained with every seed, by role
 * @param seeds the seeds
 * @param epochs of the student
 * @param steps of the student, in all
 */
public record DryRun(
    String folder,
    boolean begun,
    int trainingSamples,
    int labelled,
    int heldOut,
    int testSamples,
    String task,
    int classes,
    String student,
    long studentParameters,
    @Nullable Long teacherParameters,
    long answers,
    List<String> arms,
    List<Long> seeds,
    int epochs,
    long steps) {

  /** Copies the lists. */
  public DryRun {
    arms = List.copyOf(arms);
    seeds = List.copyOf(seeds);
  }

  static DryRun of(
      RunConfig config, RunFolder folder, RunData data, @Nullable AskedTeacher teacher) {
    SeedSplit split = data.split(config.seeds().get(0));
    ModelSpec student = Networks.spec(config.student(), data);
    int epochs = config.train().options().epochs();
    boolean stored = teacher != null && teacher.usesStored(config.objective());
    int batches = data.trainLoader(split, config.train().batch(), config.seeds().get(0)).batches();
    return new DryRun(
        folder.path().toString(),
        Files.exists(folder.config()),
        split.train().size(),
        split.labelled().size(),
        split.validation().or(split::agreement).map(held -> held.size()).orElse(0),
        data.test().size(),
        data.task().word(),
        data.classes(),
        student.title(),
        (long) student.parameters(),
        teacher == null ? null : teacher.parameterCount(),
        stored ? (long) data.trainedOn(config.seeds()).size() * data.viewCount(epochs) : 0,
        arms(config),
        config.seeds(),
        epochs,
        (long) batches * epochs);
  }

  private static List<String> arms(RunConfig config) {
    List<String> arms = new ArrayList<>();
    if (config.compare().scratch()) {
      arms.add(Result.SCRATCH);
    }
    if (config.compare().own().isPresent()) {
      arms.add(Arms.OWN);
    }
    if (config.compare().decisions()) {
      arms.add(Result.DECISIONS);
    }
    arms.add(config.isDistillation() ? Stage.STUDENT : "model");
    return arms;
  }

  /** The same in words, for a person: a few lines of at most 80 characters where names allow it. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        folder + (begun ? ": a run that was begun there would go on" : ": a run would begin"));
    lines.add(line("data", "%,d training samples%s", trainingSamples, taught()));
    lines.add(line("", "%,d more judge epochs, %,d are the test", heldOut, testSamples));
    if (teacherParameters != null) {
      lines.add(line("teacher", "%,d parameters", teacherParameters));
    }
    if (answers > 0) {
      lines.add(line("answers", "%,d, of which those not stored yet are asked", answers));
    }
    lines.add(line("student", "%s, %,d parameters", student, studentParameters));
    lines.add(line("steps", "%,d in %d epochs, for the student of each seed", steps, epochs));
    lines.add(
        line(
            "trained",
            "%s; seed%s %s",
            String.join(", ", arms),
            seeds.size() == 1 ? "" : "s",
            seeds.stream().map(String::valueOf).collect(Collectors.joining(", "))));
    return lines;
  }

  private String taught() {
    return switch (task) {
      case "embedding" -> String.format(Locale.ROOT, ", each for a vector of %,d numbers", classes);
      case "numbers" ->
          String.format(
              Locale.ROOT,
              classes == 1 ? " of %d number, %,d with it" : " of %d numbers, %,d with them",
              classes,
              labelled);
      default -> String.format(Locale.ROOT, " of %d classes, %,d with a label", classes, labelled);
    };
  }

  private static String line(String name, String format, Object... values) {
    return String.format(Locale.ROOT, "  %-8s ", name) + String.format(Locale.ROOT, format, values);
  }
}
