package io.ranbiki.strategy;

import static io.ranbiki.strategy.Classroom.LABELS;
import static io.ranbiki.strategy.Classroom.LARGE;
import static io.ranbiki.strategy.Classroom.LAYERS;
import static io.ranbiki.strategy.Classroom.LOGITS;
import static io.ranbiki.strategy.Classroom.NARROW;
import static io.ranbiki.strategy.Classroom.NORMALISED;
import static io.ranbiki.strategy.Classroom.SMALL;
import static io.ranbiki.strategy.Classroom.assertSameBits;
import static io.ranbiki.strategy.Classroom.bits;
import static io.ranbiki.strategy.Classroom.loader;
import static io.ranbiki.strategy.Classroom.models;
import static io.ranbiki.strategy.Classroom.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.Objective;
import io.ranbiki.strategy.BornAgain.Ancestors;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.EnsembleTeacher;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.train.EpochStats;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Born-again and progressive distillation: one network after the other. */
class ChainsTest {

  private final Loader loader = loader(12, 4);

  @BeforeEach
  void oneThread() {
    Engine.setThreads(1);
  }

  private void fit(Objective objective, Model student, Teacher teacher) {
    new OfflineDistillation(objective, options(2), 1).fit(student, teacher, loader);
  }

  @Test
  void aGeneration_isTaughtByTheOneBefore_whichStaysAsItWas() {
    List<Model> generations = models(SMALL, SMALL, SMALL);
    List<Model> expected = models(SMALL, SMALL, SMALL);
    List<List<EpochStats>> history =
        new BornAgain(LAYERS, options(2), 1, Ancestors.LAST).fit(generations, loader);
    fit(LABELS, expected.get(0), null);
    for (int i = 1; i < 3; i++) {
      try (Teacher teacher = new ModelTeacher(expected.get(i - 1), LAYERS.teacherLayers())) {
        fit(LAYERS, expected.get(i), teacher);
      }
    }
    for (int i = 0; i < 3; i++) {
      assertSameBits(bits(generations.get(i)), bits(expected.get(i)));
    }
    assertThat(history).hasSize(3);
    assertThat(history.get(0).get(0).terms()).containsOnlyKeys("hard-labels");
    assertThat(history.get(2).get(1).terms())
        .containsOnlyKeys("hard-labels", "soft-targets", "hint");
    Classroom.close(generations);
    Classroom.close(expected);
  }

  @Test
  void allGenerations_teachTheNextByTheMeanOfTheirLogits() {
    List<Model> generations = models(NORMALISED, SMALL, NARROW);
    List<Model> expected = models(NORMALISED, SMALL, NARROW);
    new BornAgain(LOGITS, options(2), 1, Ancestors.ALL).fit(generations, loader);
    fit(LABELS, expected.get(0), null);
    for (int i = 1; i < 3; i++) {
      List<ModelTeacher> before =
          expected.subList(0, i).stream().map(m -> new ModelTeacher(m, List.of())).toList();
      try (Teacher teacher = EnsembleTeacher.ofEqual(before, new Combine.Logits())) {
        fit(LOGITS, expected.get(i), teacher);
      }
    }
    for (int i = 0; i < 3; i++) {
      assertSameBits(bits(generations.get(i)), bits(expected.get(i)));
    }
    Classroom.close(generations);
    Classroom.close(expected);
  }

  @Test
  void aModelOfTheChain_isTaughtByTheOneBefore_whichStaysAsItWas() {
    List<Model> chain = models(LARGE, SMALL, NARROW, SMALL);
    List<Model> expected = models(LARGE, SMALL, NARROW, SMALL);
    Map<String, float[]> before = bits(chain.get(0));
    try (Teacher teacher = new ModelTeacher(chain.get(0), LAYERS.teacherLayers())) {
      new ProgressiveDistillation(LAYERS, options(2), 1).fit(teacher, chain.subList(1, 4), loader);
    }
    for (int i = 1; i < 4; i++) {
      try (Teacher teacher = new ModelTeacher(expected.get(i - 1), LAYERS.teacherLayers())) {
        fit(LAYERS, expected.get(i), teacher);
      }
    }
    assertSameBits(bits(chain.get(0)), before);
    for (int i = 0; i < 4; i++) {
      assertSameBits(bits(chain.get(i)), bits(expected.get(i)));
    }
    Classroom.close(chain);
    Classroom.close(expected);
  }

  @Test
  void samplesWithoutLabels_areLearntFromWhoWasBefore() {
    Loader unlabelled = loader(Splits.unlabelled(Classroom.images(8)), 4);
    List<Model> models = models(LARGE, SMALL, NARROW, SMALL, NARROW);
    List<List<EpochStats>> chain;
    try (Teacher teacher = new ModelTeacher(models.get(0), List.of())) {
      chain =
          new ProgressiveDistillation(LOGITS, options(1), 1)
              .fit(teacher, models.subList(1, 3), unlabelled);
    }
    List<List<EpochStats>> generations =
        new BornAgain(LOGITS, options(1), 1, Ancestors.LAST).fit(models.subList(3, 5), unlabelled);
    assertThat(generations.get(0).get(0).total()).isZero();
    for (EpochStats stats :
        List.of(chain.get(0).get(0), chain.get(1).get(0), generations.get(1).get(0))) {
      assertThat((double) stats.terms().get("hard-labels")).isZero();
      assertThat(stats.terms().get("soft-targets")).isPositive();
    }
    Classroom.close(models);
  }

  /** Nothing may have been trained, and nothing be left behind. */
  private static void refused(List<Model> models, ThrowingCallable training, String message) {
    long before = Tensor.live();
    List<Map<String, float[]>> weights = models.stream().map(Classroom::bits).toList();
    assertThatThrownBy(training).isInstanceOf(RanbikiException.class).hasMessage(message);
    assertThat(Tensor.live()).isEqualTo(before);
    for (int i = 0; i < models.size(); i++) {
      assertSameBits(bits(models.get(i)), weights.get(i));
    }
  }

  @Test
  void generationsThatCannotTeachTheNext_areRefusedBeforeTheFirstIsTrained() {
    ModelSpec more = ModelSpec.of("student-cnn", Classroom.IMAGE, 5);
    List<Model> models = models(SMALL, SMALL, more, NORMALISED);
    Model first = models.get(0);
    BornAgain logits = new BornAgain(LOGITS, options(1), 1, Ancestors.ALL);
    BornAgain layers = new BornAgain(LAYERS, options(1), 1, Ancestors.LAST);
    refused(
        models,
        () -> logits.fit(List.of(first), loader),
        "1 generations: the second is the first to be taught; give 2 or more.");
    refused(
        models,
        () -> logits.fit(List.of(first, models.get(1), first), loader),
        "The generation 3 is the same network as one before it, and would teach itself; give each a network of its own.");
    refused(
        models,
        () -> logits.fit(models, loader),
        "The generation 1, student-cnn, answers 4 classes and the generation 3, student-cnn, answers 5; all must have the same classes.");
    refused(
        models,
        () -> layers.fit(List.of(first, models.get(1), models.get(3)), loader),
        "The student resnet(depth=8, width=4) has no module 'features.1'; the nearest paths are 'layer1', 'layer1.0', 'layer2.0'.");
    assertThatThrownBy(() -> new BornAgain(LAYERS, options(1), 1, Ancestors.ALL))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "All generations together give logits, and not the layers [features.1] that the objective reads; let the last one teach alone.");
    assertThatThrownBy(() -> new BornAgain(LABELS, options(1), 1, Ancestors.LAST))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Born-again distillation would teach nothing, because no term of the objective compares with a teacher; add soft-targets.");
    Classroom.close(models);
  }

  @Test
  void chainsThatBreak_areRefusedBeforeTheFirstIsTrained() {
    ModelSpec more = ModelSpec.of("student-cnn", Classroom.IMAGE, 5);
    List<Model> models = models(LARGE, SMALL, NARROW, NORMALISED, more);
    ProgressiveDistillation layers = new ProgressiveDistillation(LAYERS, options(1), 1);
    try (Teacher teacher = new ModelTeacher(models.get(0), LAYERS.teacherLayers())) {
      refused(
          models,
          () -> layers.fit(teacher, List.of(), loader),
          "The chain has no student; give the assistants, largest first, and the student at the end.");
      refused(
          models,
          () -> layers.fit(teacher, List.of(models.get(1), models.get(1)), loader),
          "The model 2 is the same network as one before it, and would teach itself; give each a network of its own.");
      refused(
          models,
          () -> layers.fit(teacher, List.of(models.get(1), models.get(4)), loader),
          "The model 1, student-cnn, answers 4 classes and the model 2, student-cnn, answers 5; all must have the same classes.");
      refused(
          models,
          () -> layers.fit(teacher, List.of(models.get(4)), loader),
          "The teacher teacher-cnn answers 4 classes and the student student-cnn answers 5; they must be trained on the same classes.");
      refused(
          models,
          () -> layers.fit(teacher, List.of(models.get(1), models.get(2), models.get(3)), loader),
          "The student resnet(depth=8, width=4) has no module 'features.1'; the nearest paths are 'layer1', 'layer1.0', 'layer2.0'.");
      refused(
          models,
          () -> layers.fit(teacher, List.of(models.get(1), models.get(0)), loader),
          "The student teacher-cnn is frozen, as every network is that has taught; train a new one, or a copy of it.");
    }
    assertThatThrownBy(() -> new ProgressiveDistillation(LABELS, options(1), 1))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Progressive distillation would teach nothing, because no term of the objective compares with a teacher; add soft-targets.");
    Classroom.close(models);
  }
}
