package io.ranbiki.evaluate;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Linear centred kernel alignment: how similar two layers see the same samples, whatever their
 * width, their scale and any rotation of their channels.
 *
 * <p>For features {@code X [samples, p]} and {@code Y [samples, q]} with Gram matrices {@code K = X
 * Xᵀ} and {@code L = Y Yᵀ}: {@code CKA = HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L))}: 1 for layers
 * that are equal up to rotation and scale, about 0 for unrelated ones. NaN if a layer is constant.
 *
 * <p>Source: Kornblith et al. 2019, "Similarity of Neural Network Representations Revisited",
 * arXiv:1905.00414, section 3. Deviation, with Nguyen, Raghu and Kornblith 2021, arXiv:2010.15327,
 * equation 3: HSIC is estimated without bias and averaged over batches, so that few samples of wide
 * layers do not look similar by chance, and one batch is in memory at a time. Values may therefore
 * lie slightly below 0.
 */
public final class LinearCka {

  private static final int FEWEST = 4;

  private final Map<String, Map<String, Double>> across = new LinkedHashMap<>();
  private final Map<String, Double> firstAlone = new LinkedHashMap<>();
  private final Map<String, Double> secondAlone = new LinkedHashMap<>();

  /** The alignment of two layers {@code [samples, ...]}, 4 samples or more, from one batch. */
  public static double of(Tensor first, Tensor second) {
    LinearCka cka = new LinearCka();
    cka.add(Map.of("first", first), Map.of("second", second));
    return cka.between("first", "second");
  }

  /**
   * Adds what two networks make of one batch.
   *
   * @param first outputs {@code [batch, ...]} by layer, the same layers every time; 4 samples or
   *     more
   * @param second outputs of the other network for the same samples
   */
  public void add(Map<String, Tensor> first, Map<String, Tensor> second) {
    Map<String, double[]> ours = centredGrams(first);
    Map<String, double[]> theirs = centredGrams(second);
    ours.forEach((a, k) -> firstAlone.merge(a, product(k, k), Double::sum));
    theirs.forEach((b, l) -> secondAlone.merge(b, product(l, l), Double::sum));
    ours.forEach(
        (a, k) -> {
          Map<String, Double> row = across.computeIfAbsent(a, layer -> new LinkedHashMap<>());
          theirs.forEach((b, l) -> row.merge(b, product(k, l), Double::sum));
        });
  }

  /** The alignment of a layer of the first network with one of the second. */
  public double between(String first, String second) {
    return Objects.requireNonNull(Objects.requireNonNull(across.get(first)).get(second))
        / Math.sqrt(
            Objects.requireNonNull(firstAlone.get(first))
                * Objects.requireNonNull(secondAlone.get(second)));
  }

  private static Map<String, double[]> centredGrams(Map<String, Tensor> features) {
    Map<String, double[]> grams = new LinkedHashMap<>();
    features.forEach((layer, feature) -> grams.put(layer, centredGram(feature)));
    return grams;
  }

  /**
   * The Gram matrix without its diagonal, its rows and columns brought to sum 0. The product of two
   * such matrices, entry by entry, is the unbiased HSIC times {@code n (n - 3)}, a factor that
   * cancels.
   */
  private static double[] centredGram(Tensor feature) {
    int n = Math.toIntExact(feature.size(0));
    if (n < FEWEST) {
      throw RanbikiException.configuration(
          "%d samples are too few to compare layers; use batches of %d or more.", n, FEWEST);
    }
    double[] gram;
    try (TensorScope scope = TensorScope.open("gram matrix")) {
      Tensor rows = feature.detach().reshape(n, -1);
      Tensor centred = rows.sub(rows.meanKeep(0));
      gram = centred.matmul(centred.transpose(0, 1)).toDoubles();
    }
    double[] sums = new double[n];
    double total = 0;
    for (int i = 0; i < n; i++) {
      gram[i * n + i] = 0;
      for (int j = 0; j < n; j++) {
        sums[i] += gram[i * n + j];
      }
      total += sums[i];
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        if (i != j) {
          gram[i * n + j] += total / ((n - 1.0) * (n - 2.0)) - (sums[i] + sums[j]) / (n - 2.0);
        }
      }
    }
    return gram;
  }

  private static double product(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }
}
