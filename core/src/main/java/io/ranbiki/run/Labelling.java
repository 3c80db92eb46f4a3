package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Dataset;
import io.ranbiki.store.Store;
import io.ranbiki.teacher.Labeller;
import io.ranbiki.tensor.Engine;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Stores what the teacher of a distillation answers to every sample and view that the run trains
 * on, with any of its seeds: what the run would do itself before its first training. Answers to the
 * test set, and to samples held out without label, are stored as well, and not counted.
 *
 * @param file the folder of the answers, shared by all runs that need the same ones
 * @param bytes size of its files
 * @param asked answers that the teacher gave now
 * @param reused answers that were there before
 * @param seconds how long it took until these were there
 * @param exported files for others that hold the answers; null if none were wanted
 */
public record Labelling(
    Path file,
    long bytes,
    long asked,
    long reused,
    double seconds,
    AnswersExport.@Nullable Written exported) {

  /**
   * Asks for what is missing, as {@link #of(RunConfig, RunFolder, Optional, RunListener,
   * BooleanSupplier)}.
   */
  public static Labelling of(
      RunConfig config, RunFolder folder, RunListener listener, BooleanSupplier stop) {
    return of(config, folder, Optional.empty(), listener, stop);
  }

  /**
   * Asks for what is missing.
   *
   * @param folder of the run that will use the answers; it need not be there
   * @param export a file that is to hold the answers for others as well, CSV or JSONL; those to the
   *     test go into a file beside it
   * @param listener hears of the size before, and of the progress
   * @param stop asked after every batch: whether to stop
   * @throws RanbikiException if nobody teaches, teacher and data do not fit each other, the disk is
   *     too small, or it was asked to stop; what was answered is kept
   */
  public static Labelling of(
      RunConfig config,
      RunFolder folder,
      Optional<Path> export,
      RunListener listener,
      BooleanSupplier stop) {
    TeacherConfig teacherConfig = requireTeacher(config);
    if (config.data().hidesPieces()) {
      throw RanbikiException.configuration(
          "The task is masked-language, in which a teacher is asked while its student learns, and"
              + " nothing is stored. Begin with: ranbiki distill CONFIG");
    }
    Engine.setThreads(config.train().threads());
    long start = System.nanoTime();
    try (RunData data = RunData.open(config);
        AskedTeacher teacher =
            AskedTeacher.open(teacherConfig, data, folder.answers(), listener, stop)) {
      Experiment.requireAnswers(config, data, teacher);
      export.ifPresent(wanted -> AnswersExport.requirePossible(config, data, wanted));
      data.facts().forEach(listener::note);
      data.notes(config.seeds()).forEach(listener::note);
      int views = data.viewCount(config.train().options().epochs());
      Dataset samples = data.trainedOn(config.seeds());
      Path file = teacher.file(config.objective());
      Optional<Dataset> heldOut = data.agreedOn(config.seeds());
      teacher.requireStores(true, config.objective(), samples, heldOut, views);
      Labeller.Outcome outcome = teacher.store(config.objective(), samples, views);
      double seconds = (System.nanoTime() - start) / 1e9;
      teacher.storeTest();
      heldOut.ifPresent(teacher::storeHeldOut);
      data.readingNotes().forEach(listener::note);
      if (!teacher.usesStored(config.objective())) {
        listener.note(
            "This configuration asks its teacher for every batch; say teacher.answers: stored to use these answers.");
      }
      AnswersExport.Written exported =
          export.map(wanted -> AnswersExport.answers(config, data, teacher, wanted)).orElse(null);
      return new Labelling(
          file, Store.bytes(file), outcome.asked(), outcome.reused(), seconds, exported);
    }
  }

  /** The teacher of a run, which is a mistake not to have. */
  static TeacherConfig requireTeacher(RunConfig config) {
    return config
        .teacher()
        .orElseThrow(
            () ->
                RanbikiException.configuration(
                    "The configuration has no teacher to ask; give one under 'teacher'."));
  }
}
