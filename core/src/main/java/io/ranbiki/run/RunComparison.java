package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.evaluate.Gains;
import io.ranbiki.evaluate.PairedAccuracy;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.result.Gain;
import io.ranbiki.result.GoodEnough;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Holds finished runs against each other by the answers that they keep; asks no model. */
public final class RunComparison {

  private static final Pattern STUDENT = Pattern.compile("student-(\\d{1,18})\\.safetensors");

  private RunComparison() {}

  /** Whether a folder keeps answers of students. */
  public static boolean isRun(Path folder) {
    return Files.isDirectory(new RunFolder(folder).evaluation());
  }

  /** A run and the answers of its students, by seed. */
  private record Run(Path folder, Map<Long, Predictions> students) {

    List<Long> seeds() {
      return List.copyOf(students.keySet());
    }

    List<Predictions> of(List<Long> seeds) {
      return seeds.stream().map(students::get).toList();
    }
  }

  /**
   * Compares.
   *
   * @param folders run folders, the first one being what the others are held against
   * @param margin loss of accuracy against its own teacher that is good enough for a student, 0 to
   *     1; null to judge no file
   * @throws RanbikiException of kind configuration if the runs have other classes, test sets or
   *     seeds
   */
  public static MethodComparison of(List<Path> folders, @Nullable Double margin) {
    List<Run> runs = folders.stream().map(RunComparison::open).toList();
    Run first = runs.get(0);
    List<Gain> gains = new ArrayList<>();
    for (Run run : runs.subList(1, runs.size())) {
      requireSameClasses(first, run);
      List<Long> seeds = run.seeds().stream().filter(first.students()::containsKey).toList();
      if (seeds.isEmpty()) {
        throw RanbikiException.configuration(
            "Run %s has the seeds %s and run %s has %s; differences are taken seed by seed, so"
                + " train both with the same.",
            first.folder(), first.seeds(), run.folder(), run.seeds());
      }
      gains.add(
          Gains.of(
              first.folder().toString(), first.of(seeds), run.folder().toString(), run.of(seeds)));
    }
    List<Gain> judged = Gains.together(gains);
    List<MethodComparison.Method> methods = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      methods.add(
          new MethodComparison.Method(
              run.folder().toString(),
              run.seeds(),
              Gains.figure(run.students().values().stream().map(Predictions::accuracy).toList()),
              i == 0 ? null : judged.get(i - 1),
              margin == null ? null : goodEnough(run, margin)));
    }
    return new MethodComparison(methods);
  }

  private static @Nullable GoodEnough goodEnough(Run run, double margin) {
    long seed = run.seeds().get(0);
    Path teacher = new RunFolder(run.folder()).predictions(Result.TEACHER, seed);
    return Files.exists(teacher)
        ? PairedAccuracy.of(PredictionsFile.read(teacher), run.students().get(seed))
            .judge("its teacher", margin)
        : null;
  }

  private static Run open(Path folder) {
    Path evaluation = new RunFolder(folder).evaluation();
    Map<Long, Predictions> students = new TreeMap<>();
    if (Files.isDirectory(evaluation)) {
      try (Stream<Path> files = Files.list(evaluation)) {
        for (Path file : files.toList()) {
          Matcher name = STUDENT.matcher(file.getFileName().toString());
          if (name.matches()) {
            students.put(Long.parseLong(name.group(1)), PredictionsFile.read(file));
          }
        }
      } catch (IOException e) {
        throw new RanbikiException(
            RanbikiException.Kind.IO,
            "Cannot read " + evaluation + ": " + RunFolder.reason(e) + ".",
            e);
      }
    }
    if (students.isEmpty()) {
      throw RanbikiException.configuration(
          "Run %s keeps no answers of a student; wait until it has finished, or name a"
              + " configuration with --data to ask its model.",
          folder);
    }
    for (Predictions predictions : students.values()) {
      if (!predictions.isAnyLabelled()) {
        throw RanbikiException.configuration(
            "No test sample of run %s has a label; there is no accuracy to compare.", folder);
      }
    }
    return new Run(folder, new LinkedHashMap<>(students));
  }

  private static void requireSameClasses(Run first, Run other) {
    List<String> names = names(first);
    List<String> others = names(other);
    if (!names.equals(others)) {
      throw RanbikiException.configuration(
          "Run %s has the classes %s and run %s has %s; compare runs of the same classes.",
          first.folder(),
          Words.shorten(names.toString()),
          other.folder(),
          Words.shorten(others.toString()));
    }
    Predictions one = first.students().values().iterator().next();
    Predictions two = other.students().values().iterator().next();
    try {
      one.requireSameSamples(two);
    } catch (RanbikiException e) {
      throw RanbikiException.configuration(
          "Runs %s and %s were measured on different test sets; name a configuration with --data"
              + " to measure both on the same one.",
          first.folder(), other.folder());
    }
  }

  private static List<String> names(Run run) {
    return ModelFolder.readConfig(new RunFolder(run.folder()).model()).classNames();
  }
}
