package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.InMemory;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.Finding.Level;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Classes are points on a sphere in 16 dimensions, samples lie around them, and the teacher takes
 * the nearest point: how often it is right follows from the noise, and it errs towards neighbours.
 */
class ClassOrderTest {

  private static final int LENGTH = 16;

  /** The teacher's number of the data's class. */
  private record Task(Dataset data, float[] points, int classes, IntUnaryOperator numbers) {

    static Task of(int classes, int each, double noise, long seed, IntUnaryOperator numbers) {
      Random random = new Random(seed);
      float[] points = new float[classes * LENGTH];
      for (int c = 0; c < classes; c++) {
        double square = 0;
        for (int i = 0; i < LENGTH; i++) {
          points[c * LENGTH + i] = (float) random.nextGaussian();
          square += points[c * LENGTH + i] * points[c * LENGTH + i];
        }
        for (int i = 0; i < LENGTH; i++) {
          points[c * LENGTH + i] /= (float) Math.sqrt(square);
        }
      }
      int size = classes * each;
      float[] rows = new float[size * LENGTH];
      int[] labels = new int[size];
      for (int s = 0; s < size; s++) {
        labels[s] = s % classes;
        for (int i = 0; i < LENGTH; i++) {
          rows[s * LENGTH + i] =
              points[labels[s] * LENGTH + i] + (float) (noise * random.nextGaussian());
        }
      }
      List<String> names = IntStream.range(0, classes).mapToObj(c -> "c" + c).toList();
      return new Task(InMemory.rows(rows, LENGTH, labels, names), points, classes, numbers);
    }

    List<Finding> examine() {
      float[] weights = new float[points.length];
      for (int c = 0; c < classes; c++) {
        System.arraycopy(points, c * LENGTH, weights, numbers.applyAsInt(c) * LENGTH, LENGTH);
      }
      Loader loader =
          new Loader(data, Loader.Options.shuffled(64, 3), Normalization.none(), Views.none());
      return AccuracyCheck.of(new Nearest(weights, classes), loader);
    }

    Finding order() {
      List<Finding> findings = examine();
      return findings.get(findings.size() - 1);
    }
  }

  private record Nearest(float[] weights, int classes) implements Teacher {
    @Override
    public Signal signal(Batch batch) {
      Tensor points = Tensors.of(weights, classes, LENGTH);
      return Signal.of(batch.inputs().matmul(points.transpose(0, 1)));
    }

    @Override
    public String title() {
      return "nearest point";
    }

    @Override
    public void close() {}
  }

  private static IntUnaryOperator exchanged(int one, int other) {
    return c -> c == one ? other : c == other ? one : c;
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 20, 0.14", "1000, 20, 0.17", "1000, 20, 0.21", "1000, 20, 0.27", "1000, 3, 0.21",
    "500, 20, 0.21", "392, 20, 0.2", "100, 4, 0.2", "77, 2, 0.2", "10, 30, 0.4"
  })
  void correctTeachers_areNotRefused(int classes, int each, double noise) {
    for (long seed = 1; seed <= 2; seed++) {
      assertThat(Task.of(classes, each, noise, seed, c -> c).examine())
          .as("seed %d", seed)
          .noneMatch(finding -> finding.level() == Level.FAULT);
    }
  }

  @ParameterizedTest
  @CsvSource({"77", "100", "150", "500", "1000"})
  void correctTeachers_withOneLabelAClass_areNotRefused(int classes) {
    for (double noise : new double[] {0.1, 0.2, 0.3}) {
      assertThat(Task.of(classes, 1, noise, classes, c -> c).examine())
          .noneMatch(finding -> finding.level() == Level.FAULT);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "10, 30, 0.2",
    "10, 8, 0.1",
    "77, 10, 0.2",
    "100, 20, 0.25",
    "500, 20, 0.2",
    "1000, 20, 0.14",
    "1000, 20, 0.21"
  })
  void twoExchangedClasses_areFound_andThoseAlone(int classes, int each, double noise) {
    Finding found = Task.of(classes, each, noise, 1, exchanged(3, 7)).order();
    assertThat(found.level()).isEqualTo(Level.FAULT);
    assertThat(found.sentence())
        .contains(
            " if its classes are renamed: its 3 is the data's 7 (c7), its 7 is the data's 3 (c3). Put");
  }

  @Test
  void largePermutations_areFound() {
    List<IntUnaryOperator> orders =
        List.of(c -> (c + 3) % 1000, c -> c < 500 ? (c + 7) % 500 : c, c -> c ^ 1);
    for (IntUnaryOperator order : orders) {
      Finding found = Task.of(1000, 20, 0.17, 2, order).order();
      assertThat(found.level()).isEqualTo(Level.FAULT);
      assertThat(found.check()).isEqualTo("class order");
    }
  }

  @Test
  void tooFewSamples_leaveItOpen_andSaySo() {
    assertThat(Task.of(40, 1, 0.02, 1, exchanged(3, 7)).order())
        .isEqualTo(
            new Finding(
                "class order",
                Level.WARNING,
                "Labelled samples are too few (2 of the classes in question) to tell whether some classes stand in another order or the teacher errs: perhaps its 3 is the data's 7 (c7), its 7 is the data's 3 (c3). Compare the names of these classes, or label more samples of them."));
  }

  @Test
  void classesWithoutASample_areCounted() {
    Task whole = Task.of(40, 1, 0.02, 1, c -> c);
    Dataset some = io.ranbiki.data.Splits.first(whole.data, 30);
    assertThat(new Task(some, whole.points, 40, whole.numbers).order())
        .isEqualTo(
            new Finding(
                "class order",
                Level.OK,
                "No other order of the classes fits the labels much better; nothing can be told of 10 of 40 classes, of which no labelled sample was looked at."));
  }

  @Test
  void fiftyThousandClasses_takeNoTable() {
    Task whole = Task.of(50_000, 1, 0.01, 1, c -> c);
    Dataset some = io.ranbiki.data.Splits.first(whole.data, 200);
    List<Finding> findings = new Task(some, whole.points, 50_000, whole.numbers).examine();
    assertThat(findings).allMatch(finding -> finding.level() == Level.OK);
  }
}
