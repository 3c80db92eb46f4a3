package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.InMemory;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Noise;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.Finding.Level;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Objective;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Tensors;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A teacher that learnt its samples by heart is noticed, one that understands them is not. */
class CertaintyCheckTest {

  private static final int SAMPLES = 160;
  private static final Dataset TRAINING = rows(1);
  private static final Dataset TEST = rows(2);
  private static final Dataset NEW = Splits.unlabelled(rows(3));
  private static Model memorising;
  private static Model clean;

  /** Three classes that overlap, so that the best answer is often unsure. */
  private static Dataset rows(long seed) {
    Random random = new Random(seed);
    float[] values = new float[4 * SAMPLES];
    int[] labels = new int[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      labels[i] = i % 3;
      for (int feature = 0; feature < 4; feature++) {
        values[4 * i + feature] =
            (feature == labels[i] ? 1 : 0) + (float) (0.7 * random.nextGaussian());
      }
    }
    return InMemory.rows(values, 4, labels, List.of("oak", "ash", "elm"));
  }

  @BeforeAll
  static void trainTeachers() {
    memorising = trained(256, 250);
    clean = trained(16, 12);
  }

  @AfterAll
  static void closeTeachers() {
    memorising.close();
    clean.close();
  }

  private static Model trained(int hidden, int epochs) {
    Map<String, Integer> options = Map.of("hidden", hidden, "layers", 1);
    Model model = Model.create(ModelSpec.of("mlp", List.of(4), 3, options), 1);
    new OfflineDistillation(
            Objective.of(new HardLabels(1)),
            new TrainOptions(epochs, new Optimizer.Adam(0.02), Schedule.of(new Schedule.Cosine(0))),
            1)
        .fit(model, null, loader(TRAINING, Views.none()));
    return model;
  }

  private static Loader loader(Dataset samples, Views views) {
    return new Loader(samples, Loader.Options.shuffled(32, 3), Normalization.none(), views);
  }

  private static Finding certainty(Model teacher, Loader training) {
    return certainty(new ModelTeacher(teacher, List.of()), training, loader(TEST, Views.none()));
  }

  private static Finding certainty(Teacher teacher, Loader training, Loader test) {
    return Doctor.certainty(teacher, training, teacher, test);
  }

  private static Loader plain(Dataset samples) {
    return loader(samples, Views.none());
  }

  @Test
  void memorisingTeacher_isWarnedOf_inWords() {
    Finding finding = certainty(memorising, plain(TRAINING));
    assertThat(finding.level()).isEqualTo(Level.WARNING);
    assertThat(finding.check()).isEqualTo("certainty");
    assertThat(finding.sentence())
        .matches(
            "The teacher's answers have a mean entropy of \\S+ nats \\(right on (9\\d\\.\\d|100\\.0)"
                + " % of 160\\) in the training, and of \\S+ \\(right on [67]\\d\\.\\d % of 160\\)"
                + " in the test: it knows by heart what it was trained on, and a teacher that is"
                + " certain of everything it was trained on has little to teach there beyond the"
                + " labels\\. Let it answer augmented views \\(data\\.augment\\), or samples that it"
                + " was not trained on \\(data\\.unlabelled\\)\\.");
  }

  @Test
  void teacherThatIsAsSureOfTheTest_isWell() {
    Finding finding = certainty(clean, plain(TRAINING));
    assertThat(finding.level()).as(finding.sentence()).isEqualTo(Level.OK);
    assertThat(finding.sentence()).contains("in the training, and of").doesNotContain("heart");
  }

  /** What the warning says to do. */
  @Test
  void augmentedViewsOrNewSamples_areTaughtWithDoubt() {
    Augmentations noise = new Augmentations(List.of(new Noise(0.7)));
    assertThat(certainty(memorising, loader(TRAINING, Views.fresh(noise, 0))).level())
        .isEqualTo(Level.OK);
    Finding unlabelled = certainty(memorising, plain(NEW));
    assertThat(unlabelled.level()).isEqualTo(Level.OK);
    assertThat(unlabelled.sentence()).containsOnlyOnce("right on"); // the test alone has labels
  }

  /** Answers two classes with a difference of logits that depends on the sample, and masks one. */
  private static Teacher answering(DoubleUnaryOperator differences, int[] asked) {
    return new Teacher() {
      @Override
      public Signal signal(Batch batch) {
        float[] logits = new float[3 * batch.size()];
        for (int i = 0; i < batch.size(); i++) {
          logits[3 * i] = (float) differences.applyAsDouble(asked[0]++);
          logits[3 * i + 2] = Float.NEGATIVE_INFINITY;
        }
        return Signal.of(Tensors.of(logits, batch.size(), 3));
      }

      @Override
      public int classes() {
        return 3;
      }

      @Override
      public String title() {
        return "stub";
      }

      @Override
      public void close() {}
    };
  }

  private static Finding stub(DoubleUnaryOperator differences) {
    return certainty(
        answering(differences, new int[1]), plain(NEW), plain(Splits.unlabelled(TEST)));
  }

  @Test
  void entropy_isThatOfTheClosedForm() {
    // p = 1/2 has ln 2 = 0.693 nats; logits that differ by ln 3 have p = 3/4 and 0.562.
    assertThat(stub(asked -> asked < SAMPLES ? 0 : Math.log(3)))
        .isEqualTo(
            new Finding(
                "certainty",
                Level.OK,
                "The teacher's answers have a mean entropy of 0.693 nats in the training, and of"
                    + " 0.562 in the test."));
  }

  /** It errs as often in the training, so it knows nothing by heart. */
  @Test
  void sureOfItsErrorsEverywhere_isNoReasonToWarn() {
    Teacher alwaysOak = answering(asked -> 20, new int[1]);
    assertThat(certainty(alwaysOak, plain(TRAINING), plain(TEST)).level()).isEqualTo(Level.OK);
  }

  @Test
  void oneDoubtfulTestSample_isNoReasonToWarn() {
    DoubleUnaryOperator sure = asked -> 20;
    assertThat(stub(sure).level()).isEqualTo(Level.OK);
    assertThat(stub(asked -> asked == SAMPLES + 3 ? 0 : 20).level()).isEqualTo(Level.OK);
    assertThat(stub(asked -> asked < SAMPLES || asked % 10 != 0 ? 20 : 0).level())
        .isEqualTo(Level.WARNING);
  }

  @Test
  void overfittedModerately_isNoReasonToWarn() {
    // Doubts of 0.02 and 0.01 in the training against 0.1 in the test.
    assertThat(stub(asked -> Math.log(asked < SAMPLES ? 49 : 9)).level()).isEqualTo(Level.OK);
    assertThat(stub(asked -> Math.log(asked < SAMPLES ? 99 : 9)).level()).isEqualTo(Level.WARNING);
  }

  @Test
  void answersThatAreNotFinite_areNamed() {
    Finding finding = stub(asked -> asked == SAMPLES + 3 ? Double.NaN : 1);
    assertThat(finding.isOfFiniteness()).isTrue();
    assertThat(finding.sentence()).contains("with NaN for class 0");
  }
}
