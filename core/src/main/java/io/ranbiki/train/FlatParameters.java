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
  private final boolean twin;

  FlatParameters(Collection<Tensor> trained) {
    this(List.copyOf(trained), Tensors.empty(DType.FLOAT32, count(trained)).keep(), false);
  }

  private FlatParameters(List<Tensor> trained, Tensor values, boolean twin) {
    this.parameters = trained;
    this.values = values;
    this.twin = twin;
    try (TensorScope scope = TensorScope.open("flatten parameters");
        NoGrad noGrad = new NoGrad()) {
      gradients = Tensors.zeros(count(trained)).keep();
      long offset = 0;
      for (Tensor parameter : parameters) {
        Tensor place = view(values, offset, parameter);
        if (!twin) {
          place.copyFrom(parameter.detach());
        }
        parameter.setData(place);
        parameter.setGrad(view(gradients, offset, parameter));
        offset += parameter.count();
      }
    }
  }

  /**
   * Gives the parameters of a second network these weights, and gradients of their own where these
   * are trained. To be closed before this.
   *
   * @param others of the same shapes in the same order
   */
  FlatParameters twin(Collection<Tensor> others) {
    List<Tensor> twins = List.copyOf(others);
    for (int i = 0; i < twins.size(); i++) {
      twins.get(i).setRequiresGrad(parameters.get(i).requiresGrad());
    }
    return new FlatParameters(twins, values, true);
  }

  private static long count(Collection<Tensor> tensors) {
    return tensors.stream().mapToLong(Tensor::count).sum();
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
    if (!twin) {
      values.close();
    }
    gradients.close();
  }
}
