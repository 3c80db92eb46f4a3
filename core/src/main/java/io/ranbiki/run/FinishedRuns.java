package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.evaluate.Calibration;
import io.ranbiki.evaluate.Metrics;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.result.Changes;
import io.ranbiki.result.ConfidenceBin;
import io.ranbiki.result.Disagreement;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Evidence;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.Origin;
import io.ranbiki.result.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads what a report shows of a run; asks no model. */
public final class FinishedRuns {

  private FinishedRuns() {}

  /**
   * Reads a run.
   *
   * @throws RanbikiException if there is no such run, if it has not finished, or if one of its
   *     files is damaged or of a newer version
   */
  public static FinishedRun read(Path folder) {
    RunFolder run = RunFolder.open(folder);
    if (!Files.exists(run.result())) {
      throw RanbikiException.configuration(
          "Run %s has no result; wait until it has finished, or go on with it by 'ranbiki resume"
              + " %s'.",
          folder, folder);
    }
    Result result = ResultJson.read(run.result());
    Optional<Environment> environment = Environment.read(run.environment());
    Origin origin = environment.map(Environment::origin).orElse(null);
    OptionalLong first = Environment.firstSeed(result, environment);
    Evidence evidence = result.evidence();
    List<String> classes =
        Files.isDirectory(run.model()) ? ModelFolder.readConfig(run.model()).names() : List.of();
    Map<String, List<EpochRecord>> epochs =
        first.isPresent() && Files.exists(run.metrics())
            ? MetricsLog.epochs(run.metrics(), first.getAsLong())
            : Map.of();
    if (evidence == null || first.isEmpty() || !Files.isDirectory(run.evaluation())) {
      return new FinishedRun(
          folder.toString(), result, origin, classes, epochs, Map.of(), Map.of(), Map.of());
    }
    Map<String, Predictions> answers = answers(run, result, evidence, first.getAsLong());
    return new FinishedRun(
        folder.toString(),
        result,
        origin,
        classes,
        epochs,
        confidence(answers),
        moved(answers, evidence, classes),
        pictures(run, evidence));
  }

  private static Map<String, Predictions> answers(
      RunFolder run, Result result, Evidence evidence, long seed) {
    Map<String, Predictions> answers = new LinkedHashMap<>();
    for (String role : evidence.models().keySet()) {
      Path file = run.predictions(role, seed);
      if (Files.exists(file)) {
        Predictions predictions = PredictionsFile.read(file);
        Double found = Objects.requireNonNull(result.models().get(role)).accuracy();
        if (found == null || found != predictions.accuracy()) {
          throw RunComparison.notOfResult(run.path());
        }
        answers.put(role, predictions);
      }
    }
    return answers;
  }

  private static Map<String, List<ConfidenceBin>> confidence(Map<String, Predictions> answers) {
    Map<String, List<ConfidenceBin>> confidence = new LinkedHashMap<>();
    answers.forEach((role, each) -> confidence.put(role, Calibration.bins(each)));
    return confidence;
  }

  private static Map<String, List<Changes.Confusion>> moved(
      Map<String, Predictions> answers, Evidence evidence, List<String> classes) {
    Map<String, List<Changes.Confusion>> moved = new LinkedHashMap<>();
    Predictions student = answers.get(Result.STUDENT);
    for (Changes change : evidence.changes()) {
      Predictions before = answers.get(change.from());
      if (student != null && before != null && classes.size() == student.classes()) {
        moved.put(change.from(), Metrics.moved(before, student, classes));
      }
    }
    return moved;
  }

  private static Map<String, byte[]> pictures(RunFolder run, Evidence evidence) {
    Map<String, byte[]> pictures = new LinkedHashMap<>();
    for (Disagreement each : evidence.disagreements()) {
      String name = each.picture();
      if (name != null) {
        Thumbnail.read(run.evaluation(), name).ifPresent(png -> pictures.put(name, png));
      }
    }
    return pictures;
  }
}
