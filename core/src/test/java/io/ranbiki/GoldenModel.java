package io.ranbiki;

import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.StateDict;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Networks and images that the golden cases give by a formula instead of a weights file. */
public enum GoldenModel {
  /** Sines of the index. */
  SMOOTH {
    @Override
    double weight(long index, int tensor, long fanIn) {
      return StrictMath.sin(0.01 * index + 1.0 * tensor) / Math.sqrt(fanIn);
    }

    @Override
    double pixel(long index) {
      return StrictMath.sin(0.1 * index + 0.3);
    }
  },
  /** Fractional parts of a large multiple of a sine, scaled as He initialisation scales. */
  HASHED {
    @Override
    double weight(long index, int tensor, long fanIn) {
      return (2 * fraction(index, tensor) - 1) * Math.sqrt(6.0 / fanIn);
    }

    @Override
    double pixel(long index) {
      return fraction(index, 99);
    }

    private double fraction(long index, int tensor) {
      double hash = StrictMath.sin(12.9898 * index + 78.233 * tensor) * 43758.5453;
      return hash - Math.floor(hash);
    }
  };

  private static final int CLASSES = 10;
  private static final List<Integer> IMAGE = List.of(1, 28, 28);

  abstract double weight(long index, int tensor, long fanIn);

  abstract double pixel(long index);

  /** The formula of a case, by its option {@code family}. */
  public static GoldenModel of(Golden golden) {
    return golden.hyper("family").asText().equals("smooth") ? SMOOTH : HASHED;
  }

  /** A network for 28 x 28 images of one channel and 10 classes, filled by the formula. */
  public Model create(String architecture, Map<String, Integer> options) {
    Model model = Model.create(ModelSpec.of(architecture, IMAGE, CLASSES, options), 0);
    try (TensorScope scope = TensorScope.open("fill")) {
      Map<String, Tensor> values = new LinkedHashMap<>();
      long fanIn = 0;
      int number = 0;
      for (Map.Entry<String, Tensor> parameter : model.module().parameters().entrySet()) {
        long[] shape = parameter.getValue().shape();
        if (shape.length > 1) { // a bias has the fan-in of the weight before it
          fanIn = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
        }
        float[] filled = new float[(int) parameter.getValue().count()];
        for (int i = 0; i < filled.length; i++) {
          filled[i] = (float) weight(i, number, fanIn);
        }
        values.put(parameter.getKey(), Tensors.of(filled, shape));
        number++;
      }
      StateDict.load(model.module(), values, "the formula");
    }
    return model;
  }

  /** Images {@code [batch, 1, 28, 28]} by the formula. */
  public Tensor images(int batch) {
    float[] pixels = new float[batch * 28 * 28];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) pixel(i);
    }
    return Tensors.of(pixels, batch, 1, 28, 28);
  }
}
