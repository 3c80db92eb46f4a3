package io.ranbiki.run;

import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Runs on a few rows of numbers, which take milliseconds and come out the same by hand. */
final class TinyRuns {

  private TinyRuns() {}

  /** 80 rows to train on and 60 to test on: three kinds of trees that overlap. */
  static Path rows(Path folder) throws IOException {
    Random random = new Random(7);
    Files.createDirectories(folder);
    for (String part : List.of("train", "test")) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < (part.equals("train") ? 80 : 60); i++) {
        int tree = i % 3;
        for (int feature = 0; feature < 4; feature++) {
          double middle = feature == tree ? 1 : 0;
          text.append(String.format(Locale.ROOT, "%.4f,", middle + 0.7 * random.nextGaussian()));
        }
        text.append(List.of("oak", "ash", "elm").get(tree)).append('\n');
      }
      Files.writeString(folder.resolve(part + ".csv"), text);
    }
    return folder;
  }

  /** Trains a model of its own on the rows and gives its folder. */
  static Path teacher(Path rows, Path runs) {
    String text =
        """
        name: teacher
        latency: false
        data: {format: csv, folder: "%s", validation: 0}
        model: {architecture: mlp, hidden: 32, layers: 1}
        train: {epochs: 20, batch: 16, threads: 1, optimizer: {adam: {learning-rate: 0.02}}}
        """
            .formatted(rows);
    RunFolder folder = RunFolder.create(runs.resolve("teacher"));
    RunConfig config =
        RunConfigReader.training(ConfigDocument.parse("t.yaml", text, List.of(), Map.of()));
    new Experiment(config, folder, List.of(), RunListener.NONE, () -> false).run();
    return folder.model();
  }

  /** A distillation into a small network on the rows. */
  static RunConfig distillation(Path rows, String more, String... overrides) {
    String text =
        """
        name: tiny
        latency: false
        doctor: false
        data: {format: csv, folder: "%s", augment: [{noise: {std: 0.3}}], validation: 0}
        student: {architecture: mlp, hidden: 4, layers: 1}
        objective: [{hard-labels: {weight: 0.2}}, {soft-targets: {weight: 0.8, temperature: 2}}]
        train: {epochs: 3, batch: 16, threads: 1, optimizer: {sgd: {learning-rate: 0.2}}}
        """
            .formatted(rows);
    return RunConfigReader.distillation(
        ConfigDocument.parse("a.yaml", text + more, List.of(overrides), Map.of()));
  }

  /** What a run does to a student that is taught, by hand. */
  static void fit(
      RunConfig config, RunData data, Model student, @Nullable Teacher teacher, long seed) {
    SeedSplit split = data.split(seed);
    int batch = config.train().batch();
    Loader loader =
        teacher == null
            ? data.labelsAloneLoader(split, batch, seed)
            : data.trainLoader(split, batch, seed);
    new OfflineDistillation(
            teacher == null ? config.objective().labelsAlone() : config.objective(),
            config.train().options(),
            seed)
        .fit(student, teacher, loader);
  }

  static Model open(Path folder) {
    return ModelFolder.read(folder).model();
  }
}
