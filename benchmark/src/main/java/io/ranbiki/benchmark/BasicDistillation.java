package io.ranbiki.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Idx;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Part;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.Labeller;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.StoredTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Engine;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Basic distillation on Fashion-MNIST: a teacher, a student from labels alone and a distilled
 * student, with the seconds of every epoch as one JSON object on the last line. Stages, sizes and
 * output are those of the PyTorch program that it is measured against.
 */
@Command(name = "basic-distillation")
final class BasicDistillation implements Callable<Integer> {

  private static final List<Integer> IMAGE = List.of(1, 28, 28);
  private static final int CLASSES = 10;

  @Option(names = "--data", required = true)
  private Path data = Path.of("");

  @Option(names = "--limit", defaultValue = "60000")
  private int limit;

  @Option(names = "--threads", defaultValue = "2")
  private int threads;

  @Option(names = "--epochs", defaultValue = "10")
  private int epochs;

  @Option(names = "--batch", defaultValue = "32")
  private int batch;

  @Option(names = "--teacher-epochs", defaultValue = "5")
  private int teacherEpochs;

  @Option(names = "--teacher-batch", defaultValue = "64")
  private int teacherBatch;

  @Option(names = "--cache", description = "Ask the teacher once and store its answers.")
  private boolean cache;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new BasicDistillation()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    Engine.setThreads(threads);
    Dataset train = Splits.first(Idx.folder(data, Part.TRAIN), limit);
    Map<String, Object> result = new LinkedHashMap<>();
    try (Model teacher = Model.create(ModelSpec.of("teacher-cnn", IMAGE, CLASSES), 0)) {
      Objective labels = Objective.of(new HardLabels(1));
      if (teacherEpochs > 0) {
        result.put(
            "teacher_epoch_seconds",
            fit(teacher, null, labels, train, teacherEpochs, teacherBatch));
      }
      try (ModelTeacher live = new ModelTeacher(teacher, List.of())) {
        result.put("scratch_epoch_seconds", student(null, labels, train));
        Objective seed = Objective.of(new HardLabels(0.3), new SoftTargets(0.7, 4));
        if (cache) {
          Path file = Files.createTempDirectory("answers").resolve("answers.store");
          StoreKey key =
              StoreKey.of(
                  "benchmark",
                  train.fingerprint(),
                  normalization(),
                  Views.none().augmentations(),
                  0,
                  CLASSES);
          long start = System.nanoTime();
          new Labeller(live, Labeller.Options.views(1), Labeller.Listener.NONE)
              .label(file, key, train);
          result.put("label_seconds", (System.nanoTime() - start) / 1e9);
          try (Teacher stored = StoredTeacher.open(file, key)) {
            result.put("kd_epoch_seconds", student(stored, seed, train));
          }
        } else {
          result.put("kd_epoch_seconds", student(live, seed, train));
        }
      }
    }
    System.out.println(new ObjectMapper().writeValueAsString(result));
    return 0;
  }

  private List<Double> student(@Nullable Teacher teacher, Objective objective, Dataset train) {
    try (Model student = Model.create(ModelSpec.of("student-cnn", IMAGE, CLASSES), 1)) {
      return fit(student, teacher, objective, train, epochs, batch);
    }
  }

  private static List<Double> fit(
      Model model,
      @Nullable Teacher teacher,
      Objective objective,
      Dataset train,
      int epochs,
      int batch) {
    Loader loader =
        new Loader(train, Loader.Options.shuffled(batch, 1), normalization(), Views.none());
    TrainOptions options =
        new TrainOptions(epochs, new Optimizer.Adam(0.001), Schedule.of(new Schedule.Step(5, 0.1)));
    return new OfflineDistillation(objective, options, 1)
        .fit(model, teacher, loader).stream().map(EpochStats::seconds).toList();
  }

  private static Normalization normalization() {
    return new Normalization(new float[] {0.2860f}, new float[] {0.3530f});
  }
}
