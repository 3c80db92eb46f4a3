package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.TestData;
import io.ranbiki.data.Views;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrincipalComponentsTest {

  /** Answers rows as they are. */
  private record Same(int classes) implements Teacher {
    @Override
    public Signal signal(Batch batch) {
      return Signal.of(batch.inputs());
    }

    @Override
    public String title() {
      return "same";
    }

    @Override
    public void close() {}
  }

  private static Loader rows(float[]... rows) {
    return new Loader(
        TestData.rows(rows.length, rows[0].length, index -> rows[index]),
        Loader.Options.inOrder(3),
        Normalization.none(),
        Views.none());
  }

  /** Around (1, 1), three along (0.6, 0.8) and one along (-0.8, 0.6): the axes of the ellipse. */
  @Test
  void theDirections_areThoseInWhichVectorsDifferMost() {
    Loader samples =
        rows(
            new float[] {2.8f, 3.4f},
            new float[] {-0.8f, -1.4f},
            new float[] {0.2f, 1.6f},
            new float[] {1.8f, 0.4f});
    float[] both = PrincipalComponents.of(new Same(2), samples, 2).rows();
    float[] expected = {0.6f, 0.8f, 0.8f, -0.6f};
    for (int i = 0; i < 4; i++) {
      assertThat(both[i]).isCloseTo(expected[i], within(1e-6f));
    }
    try (TensorScope scope = TensorScope.open("test")) {
      Teacher narrow =
          Teachers.narrowed(new Same(2), PrincipalComponents.of(new Same(2), samples, 1));
      Tensor vectors = Tensors.of(new float[] {3, 4, -1, 0}, 2, 2);
      Batch batch = new Batch(vectors, Tensors.of(new long[2], 2), new long[2], 0);
      assertThat(narrow.classes()).isEqualTo(1);
      assertThat(narrow.signal(batch).logits().toFloats()).containsExactly(1, -1);
    }
  }

  /** What makes a vector an eigenvector, of a covariance of 40 numbers. */
  @Test
  void theDirections_areEigenvectors_inTheOrderOfTheirEigenvalues() {
    int width = 40;
    Random random = new Random(1);
    double[] covariance = new double[width * width];
    for (int sample = 0; sample < 60; sample++) {
      double[] vector = random.doubles(width).toArray();
      for (int i = 0; i < width; i++) {
        for (int j = 0; j < width; j++) {
          covariance[i * width + j] += vector[i] * vector[j];
        }
      }
    }
    float[] rows = PrincipalComponents.ofCovariance(covariance.clone(), width, 12).rows();
    double before = Double.MAX_VALUE;
    for (int component = 0; component < 12; component++) {
      double[] product = new double[width];
      double value = 0;
      double length = 0;
      for (int i = 0; i < width; i++) {
        for (int j = 0; j < width; j++) {
          product[i] += covariance[i * width + j] * rows[component * width + j];
        }
        value += product[i] * rows[component * width + i];
        length += (double) rows[component * width + i] * rows[component * width + i];
      }
      assertThat(length).isCloseTo(1, within(1e-6));
      assertThat(value).isLessThanOrEqualTo(before);
      before = value;
      for (int i = 0; i < width; i++) {
        assertThat(product[i]).isCloseTo(value * rows[component * width + i], within(1e-3));
      }
    }
  }

  @Test
  void moreThanAVectorHas_isRefused() {
    Loader samples = rows(new float[] {1, 2}, new float[] {2, 1}, new float[] {0, 3});
    assertThatThrownBy(() -> PrincipalComponents.of(new Same(2), samples, 3))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "'teacher.pca' is 3, but must be at most the 2 numbers of a vector of same, and the 3 samples that it is found by.");
  }
}
