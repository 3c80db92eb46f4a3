package io.ranbiki.strategy;

import static io.ranbiki.strategy.Classroom.LARGE;
import static io.ranbiki.strategy.Classroom.LAYERS;
import static io.ranbiki.strategy.Classroom.LOGITS;
import static io.ranbiki.strategy.Classroom.NARROW;
import static io.ranbiki.strategy.Classroom.NORMALISED;
import static io.ranbiki.strategy.Classroom.SMALL;
import static io.ranbiki.strategy.Classroom.assertSameBits;
import static io.ranbiki.strategy.Classroom.loader;
import static io.ranbiki.strategy.Classroom.models;
import static io.ranbiki.strategy.Classroom.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.strategy.BornAgain.Ancestors;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.train.Checkpoints;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.Interrupted;
import io.ranbiki.train.TrainOptions;
import io.ranbiki.train.TrainingListener;
import io.ranbiki.train.Watch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every strategy: no leak, the same bits again, the same bits after a stop. */
class StrategyContractTest {

  private static final int EPOCHS = 3;
  private static final TrainOptions OPTIONS = options(EPOCHS);
  private static final Past SNAPSHOT = new Past.Snapshot(1);
  private static final Past.Average AVERAGE = new Past.Average(0.5);

  /** A training of some networks: 3 epochs of 2 steps with dropout, shuffling, views, momentum. */
  private record Case(String name, List<ModelSpec> specs, Training training) {
    @Override
    public String toString() {
      return name;
    }
  }

  private interface Training {
    void fit(List<Model> models, Loader loader, Watch watch);
  }

  static Stream<Case> resumable() {
    return Stream.of(
        new Case(
            "self, snapshot",
            List.of(LARGE),
            (models, loader, watch) ->
                new SelfDistillation(LAYERS, OPTIONS, 1, SNAPSHOT)
                    .fit(models.get(0), loader, watch)),
        new Case(
            "self, average",
            List.of(NORMALISED),
            (models, loader, watch) ->
                new SelfDistillation(LOGITS, OPTIONS, 1, AVERAGE)
                    .fit(models.get(0), loader, watch)),
        new Case(
            "mutual",
            List.of(LARGE, SMALL, NARROW),
            (models, loader, watch) ->
                new MutualLearning(LAYERS, OPTIONS, 1).fit(models, loader, watch)),
        new Case(
            "online, ensemble",
            List.of(NORMALISED, SMALL),
            (models, loader, watch) ->
                new OnlineDistillation(LOGITS, OPTIONS, 1, new OnlineTeacher.Ensemble())
                    .fit(models, loader, watch)),
        new Case(
            "online, average",
            List.of(NORMALISED, LARGE),
            (models, loader, watch) ->
                new OnlineDistillation(LOGITS, OPTIONS, 1, new OnlineTeacher.Average(AVERAGE))
                    .fit(models, loader, watch)));
  }

  static Stream<Case> all() {
    Stream<Case> chains =
        Stream.of(
            new Case(
                "born-again, last",
                List.of(LARGE, LARGE),
                (models, loader, watch) ->
                    new BornAgain(LAYERS, OPTIONS, 1, Ancestors.LAST).fit(models, loader)),
            new Case(
                "born-again, all",
                List.of(NORMALISED, NORMALISED, NORMALISED),
                (models, loader, watch) ->
                    new BornAgain(LOGITS, OPTIONS, 1, Ancestors.ALL).fit(models, loader)),
            new Case(
                "progressive",
                List.of(LARGE, SMALL, NARROW),
                (models, loader, watch) -> {
                  try (Teacher teacher = new ModelTeacher(models.get(0), LAYERS.teacherLayers())) {
                    new ProgressiveDistillation(LAYERS, OPTIONS, 1)
                        .fit(teacher, models.subList(1, 3), loader);
                  }
                }));
    return Stream.concat(resumable(), chains);
  }

  @BeforeEach
  void oneThread() {
    Engine.setThreads(1);
  }

  /** All weights of all networks afterwards, and what was reported. */
  private record Trained(Map<String, float[]> bits, List<EpochStats> reported) {}

  private static Trained train(Case of, @Nullable Checkpoints checkpoints, BooleanSupplier stop) {
    List<EpochStats> reported = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void epochDone(EpochStats stats) {
            reported.add(stats);
          }

          @Override
          public void peerEpochDone(int peer, EpochStats stats) {
            reported.add(stats);
          }
        };
    List<Model> models = models(of.specs().toArray(ModelSpec[]::new));
    try {
      of.training().fit(models, loader(8, 4), new Watch(model -> 0.5, checkpoints, stop, listener));
      Map<String, float[]> bits = new LinkedHashMap<>();
      for (int i = 0; i < models.size(); i++) {
        String prefix = i + ".";
        Classroom.bits(models.get(i)).forEach((name, values) -> bits.put(prefix + name, values));
      }
      return new Trained(bits, reported);
    } finally {
      Classroom.close(models);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void theSameSeed_givesTheSameBits_andNothingLeaks(Case of) {
    long before = Tensor.live();
    Trained once = train(of, null, () -> false);
    assertThat(Tensor.live()).isEqualTo(before);
    assertSameBits(train(of, null, () -> false).bits(), once.bits());
  }

  @ParameterizedTest
  @MethodSource("resumable")
  void stoppedAtAnyStepAndResumed_givesTheSameBits(Case of, @TempDir Path folder) {
    Trained straight = train(of, null, () -> false);
    long before = Tensor.live();
    for (int stopAt = 1; stopAt < 2 * EPOCHS; stopAt++) {
      Checkpoints checkpoints = new Checkpoints(folder.resolve("stop-" + stopAt));
      int after = stopAt;
      AtomicInteger steps = new AtomicInteger();
      Interrupted stopped =
          catchThrowableOfType(
              Interrupted.class,
              () -> train(of, checkpoints, () -> steps.incrementAndGet() == after));
      assertThat(stopped.step()).isEqualTo(stopAt);
      Trained resumed = train(of, checkpoints, () -> false);
      assertSameBits(resumed.bits(), straight.bits());
      List<EpochStats> expected = straight.reported();
      assertThat(resumed.reported())
          .as("stopped after step %d", stopAt)
          .usingRecursiveComparison()
          .ignoringFields("seconds", "samplesPerSecond")
          .isEqualTo(
              expected.subList(expected.size() - resumed.reported().size(), expected.size()));
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void aFinishedTraining_isNotTrainedAgain(@TempDir Path folder) {
    Case mutual = resumable().filter(of -> of.name().equals("mutual")).findFirst().orElseThrow();
    Checkpoints checkpoints = new Checkpoints(folder);
    Trained once = train(mutual, checkpoints, () -> false);
    Trained again = train(mutual, checkpoints, () -> false);
    assertSameBits(again.bits(), once.bits());
    assertThat(again.reported()).isEmpty();
  }
}
