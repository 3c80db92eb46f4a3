package io.ranbiki.train;

import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Collection;
import java.util.List;

/**
 * All trained weights as one vector, and their gradients as another. Each parameter becomes a view
 * into the vectors, in its own layout, so that an optimiser step, a gradient norm or a checkpoint
 * is one operation instead of one per layer.
 *
 * <p>The parameters stay usable after this is closed.
 */
final class FlatParameters implements AutoCloseable {

  private final List<Tensor> parameters;
  private final Tensor values;
  private final Tensor gradients;

  FlatParameters(Collection<Tensor> trained) {
    parameters = List.copyOf(trained);
    long count = parameters.stream().mapToLong(Tensor::count).sum();
    try (TensorScope scope = TensorScope.open("flatten parameters");
        NoGrad noGrad = new NoGrad()) {
      values = Tensors.empty(DType.FLOAT32, count).keep();
      gradients = Tensors.zeros(count).keep();
      long offset = 0;
      for (Tensor parameter : parameters) {
        Tensor place = view(values, offset, parameter);
        place.copyFrom(parameter.detach());
        parameter.setData(place);
        parameter.setGrad(view(gradients, offset, parameter));
        offset += parameter.count();
      }
    }
  }

  /** A stretch of a vector, shaped and laid out as the parameter: channels last for kernels. */
  private static Tensor view(Tensor vector, long offset, Tensor like) {
    long[] shape = like.shape();
    long[] strides = new long[shape.length];
    int[] order = shape.length == 4 ? new int[] {1, 3, 2, 0} : lastToFirst(shape.length);
    long stride = 1;
    for (int dimension : order) {
      strides[dimension] = stride;
      stride *= shape[dimension];
    }
    return vector.asStrided(shape, strides, offset);
  }

  private static int[] lastToFirst(int dimensions) {
    int[] order = new int[dimensions];
    for (int i = 0; i < dimensions; i++) {
      order[i] = dimensions - 1 - i;
    }
    return order;
  }

  /** All weights. */
  Tensor values() {
    return values;
  }

  /** All gradients; backward passes add into them. */
  Tensor gradients() {
    return gradients;
  }

  @Override
  public void close() {
    parameters.stream().filter(parameter -> !parameter.isClosed()).forEach(Tensor::clearGrad);
    values.close();
    gradients.close();
  }
}
