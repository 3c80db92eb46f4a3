package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The directions in which vectors differ most, onto which longer vectors are laid to become shorter
 * ones: the eigenvectors of their covariance with the largest eigenvalues. Vectors are not centred
 * before they are laid onto them, as sentence-transformers does it, so that cosines change little.
 */
public final class PrincipalComponents {

  private static final double NEGLIGIBLE = 1e-12;
  private static final int SWEEPS = 60;

  private final float[] components;
  private final int width;
  private final int count;

  private PrincipalComponents(float[] components, int width, int count) {
    this.components = components;
    this.width = width;
    this.count = count;
  }

  /**
   * Finds those of a teacher's answers.
   *
   * @param samples that it is asked about
   * @param count how many, the length of the shorter vectors
   * @throws RanbikiException if there are fewer samples, or vectors are no longer
   */
  public static PrincipalComponents of(Teacher teacher, Loader samples, int count) {
    int width = teacher.classes();
    int asked = samples.dataset().size();
    if (count > width || count > asked) {
      throw RanbikiException.configuration(
          "'teacher.pca' is %d, but must be at most the %d numbers of a vector of %s, and the %d samples"
              + " that it is found by.",
          count, width, teacher.title(), asked);
    }
    double[] sum = new double[width];
    double[] products = new double[width * width];
    try (Epoch epoch = samples.epoch(0)) {
      while (epoch.hasNext()) {
        try (TensorScope scope = TensorScope.open("principal components")) {
          Batch batch = Batch.of(epoch.next());
          Tensor vectors = teacher.signal(batch).logits().to(DType.FLOAT64);
          add(vectors.sum(0).toDoubles(), sum);
          add(vectors.transpose(0, 1).matmul(vectors).toDoubles(), products);
        }
      }
    }
    return ofSums(sum, products, asked, count);
  }

  /**
   * Finds those of some vectors.
   *
   * @param vectors {@code [number, width]}
   * @param count how many, at most {@code width}
   */
  static PrincipalComponents of(Tensor vectors, int count) {
    try (TensorScope scope = TensorScope.open("principal components")) {
      Tensor exact = vectors.to(DType.FLOAT64);
      double[] products = exact.transpose(0, 1).matmul(exact).toDoubles();
      return ofSums(exact.sum(0).toDoubles(), products, vectors.size(0), count);
    }
  }

  /** Those of vectors of which the sum is known, and that of their products with themselves. */
  private static PrincipalComponents ofSums(
      double[] sum, double[] products, long number, int count) {
    int width = sum.length;
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        products[i * width + j] =
            products[i * width + j] / number - sum[i] / number * (sum[j] / number);
      }
    }
    return ofCovariance(products, width, count);
  }

  private static void add(double[] some, double[] all) {
    for (int i = 0; i < all.length; i++) {
      all[i] += some[i];
    }
  }

  /**
   * Those of a covariance, by Jacobi's rotations; the number that is largest in each is positive.
   *
   * @param covariance {@code [width, width]}, symmetric; is changed
   */
  static PrincipalComponents ofCovariance(double[] covariance, int width, int count) {
    double[] vectors = new double[width * width]; // a row each
    for (int i = 0; i < width; i++) {
      vectors[i * width + i] = 1;
    }
    for (int sweep = 0; sweep < SWEEPS && isMixed(covariance, width); sweep++) {
      for (int p = 0; p < width; p++) {
        for (int q = p + 1; q < width; q++) {
          rotate(covariance, vectors, width, p, q);
        }
      }
    }
    int[] order =
        IntStream.range(0, width)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -covariance[i * width + i]))
            .mapToInt(Integer::intValue)
            .toArray();
    float[] components = new float[count * width];
    for (int i = 0; i < count; i++) {
      double largest = 0;
      for (int j = 0; j < width; j++) {
        double number = vectors[order[i] * width + j];
        largest = Math.abs(number) > Math.abs(largest) ? number : largest;
      }
      for (int j = 0; j < width; j++) {
        components[i * width + j] = (float) (Math.signum(largest) * vectors[order[i] * width + j]);
      }
    }
    return new PrincipalComponents(components, width, count);
  }

  private static boolean isMixed(double[] matrix, int width) {
    double beside = 0;
    double diagonal = 0;
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        double square = matrix[i * width + j] * matrix[i * width + j];
        diagonal += i == j ? square : 0;
        beside += i == j ? 0 : square;
      }
    }
    return beside > NEGLIGIBLE * NEGLIGIBLE * diagonal;
  }

  /** Makes the elements {@code (p, q)} and {@code (q, p)} 0. */
  private static void rotate(double[] a, double[] vectors, int width, int p, int q) {
    double apq = a[p * width + q];
    if (Math.abs(apq) <= NEGLIGIBLE * Math.sqrt(Math.abs(a[p * width + p] * a[q * width + q]))) {
      return;
    }
    double theta = (a[q * width + q] - a[p * width + p]) / (2 * apq);
    double t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    double c = 1 / Math.sqrt(t * t + 1);
    double s = t * c;
    for (int i = 0; i < width; i++) { // rows
      double first = a[p * width + i];
      double second = a[q * width + i];
      a[p * width + i] = c * first - s * second;
      a[q * width + i] = s * first + c * second;
      double one = vectors[p * width + i];
      double other = vectors[q * width + i];
      vectors[p * width + i] = c * one - s * other;
      vectors[q * width + i] = s * one + c * other;
    }
    for (int i = 0; i < width; i++) { // columns
      double first = a[i * width + p];
      double second = a[i * width + q];
      a[i * width + p] = c * first - s * second;
      a[i * width + q] = s * first + c * second;
    }
  }

  /**
   * Those that were found before.
   *
   * @param rows as {@link #rows} gave them
   * @param count how many
   */
  public static PrincipalComponents of(float[] rows, int count) {
    return new PrincipalComponents(rows.clone(), rows.length / count, count);
  }

  /** The shorter vectors of {@code [batch, width]}: {@code [batch, count]}. */
  Tensor of(Tensor vectors) {
    Tensor matrix = Tensors.of(components, count, width).to(vectors.device());
    return vectors.matmul(matrix.transpose(0, 1));
  }

  /** How many numbers the shorter vectors have. */
  public int count() {
    return count;
  }

  /** The directions, one a row of {@code [count, width]}. */
  public float[] rows() {
    return components.clone();
  }
}
