package io.ranbiki.nn;

import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;

/**
 * Normalises each channel over the batch (Ioffe and Szegedy 2015, arXiv:1502.03167): {@code [batch,
 * channels]} or {@code [batch, channels, height, width]}; PyTorch's BatchNorm1d and BatchNorm2d.
 * Parameters {@code weight} and {@code bias}, buffers {@code running_mean}, {@code running_var}
 * (all {@code [channels]}) and {@code num_batches_tracked}. A batch with a single value per
 * channel, which PyTorch refuses in training, becomes the bias and leaves the running statistics
 * alone.
 */
public final class BatchNorm extends Layer {

  private static final double MOMENTUM = 0.1;
  private static final double EPSILON = 1e-5;

  private final Tensor weight;
  private final Tensor bias;
  private final Tensor runningMean;
  private final Tensor runningVar;
  private final Tensor batches;

  /** Makes a layer with weight 1, bias 0, and running statistics of a standard normal. */
  public BatchNorm(long channels) {
    weight = parameter("weight", Tensors.ones(channels));
    bias = parameter("bias", Tensors.zeros(channels));
    runningMean = buffer("running_mean", Tensors.zeros(channels));
    runningVar = buffer("running_var", Tensors.ones(channels));
    batches = buffer("num_batches_tracked", Tensors.zeros(DType.INT64));
  }

  @Override
  protected String describe(Graph graph, String input) {
    return graph.add(
        new Operation.Normalisation(weight, bias, runningMean, runningVar, EPSILON), input);
  }

  @Override
  protected Tensor forward(Tensor input) {
    if (!isTraining()) {
      return normalised(input, runningMean, runningVar);
    }
    if (input.count() == input.size(1)) {
      // One value a channel has no variance: it would turn the running variance to NaN.
      return normalised(input, runningMean.copy(), runningVar.copy());
    }
    batches.addInPlace(Tensors.full(1, DType.INT64), 1);
    return normalised(input, runningMean, runningVar);
  }

  private Tensor normalised(Tensor input, Tensor mean, Tensor variance) {
    return Functional.batchNorm(
        input, weight, bias, mean, variance, isTraining(), MOMENTUM, EPSILON);
  }
}
