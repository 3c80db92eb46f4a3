package io.ranbiki.tensor;

import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Functions that PyTorch keeps in {@code torch.nn.functional}. Losses return a single number, the
 * mean over all elements or samples as PyTorch's default does.
 */
public final class Functional {

  /** Label that cross-entropy leaves out: a sample without a label. */
  public static final long IGNORE = -100;

  /**
   * Multiplications from which a linear layer runs as a convolution: well above small layers, which
   * gain nothing, and below a teacher's largest, whose step took half of the time.
   */
  private static final long LARGE_PRODUCT = 50_000_000;

  /** The least norm that {@link #normalize} divides by. */
  private static final double SHORTEST = 1e-12;

  private static final long MEAN = 1;
  private static final long NONE = 0;

  private Functional() {}

  /**
   * Convolution with zero padding.
   *
   * @param input {@code [batch, in, height, width]}
   * @param weight {@code [out, in / groups, kernel, kernel]}
   * @param bias {@code [out]}
   */
  public static Tensor conv2d(
      Tensor input,
      Tensor weight,
      @Nullable Tensor bias,
      long[] stride,
      long[] padding,
      long[] dilation,
      long groups) {
    return Convolutions.forward(input, weight, bias, stride, padding, dilation, groups);
  }

  /**
   * Transposed convolution.
   *
   * @param input {@code [batch, in, height, width]}
   * @param weight {@code [in, out, kernel, kernel]}
   */
  public static Tensor convTranspose2d(
      Tensor input, Tensor weight, @Nullable Tensor bias, long stride, long padding) {
    return Convolutions.transposed(input, weight, bias, stride, padding);
  }

  /**
   * {@code input * weight^T + bias}.
   *
   * @param input {@code [..., in]}
   * @param weight {@code [out, in]}
   * @param bias {@code [out]}
   */
  public static Tensor linear(Tensor input, Tensor weight, @Nullable Tensor bias) {
    if (isLarge(input, weight)) {
      Tensor rows = input.dim() == 2 ? input : input.reshape(-1, weight.size(1));
      Tensor output = linearAsConvolution(rows, weight, bias);
      return input.dim() == 2 ? output : output.reshape(outer(input, weight.size(0)));
    }
    return Native.tensor(
        "linear", () -> torch.linear(input.handle(), weight.handle(), Native.optional(bias)));
  }

  private static long[] outer(Tensor input, long last) {
    long[] shape = input.shape();
    shape[shape.length - 1] = last;
    return shape;
  }

  private static boolean isLarge(Tensor input, Tensor weight) {
    return input.dim() >= 2
        && weight.dim() == 2
        && input.size(-1) == weight.size(1)
        && !input.handle().is_cuda()
        && input.dtype() == DType.FLOAT32
        && input.count() * weight.size(0) >= LARGE_PRODUCT;
  }

  /**
   * One pixel per row: convolutions run in oneDNN on all threads, matrix products in OpenBLAS on
   * one.
   */
  private static Tensor linearAsConvolution(Tensor input, Tensor weight, @Nullable Tensor bias) {
    long rows = input.size(0);
    long in = input.size(1);
    long out = weight.size(0);
    long[] one = {1, 1};
    Tensor pixels = input.reshape(1, 1, rows, in).permute(0, 3, 1, 2);
    Tensor kernel = weight.reshape(out, in, 1, 1);
    Tensor product = conv2d(pixels, kernel, bias, one, new long[] {0, 0}, one, 1);
    return product.permute(0, 2, 3, 1).reshape(rows, out);
  }

  /** Largest value of each window. */
  public static Tensor maxPool2d(Tensor input, long kernel, long stride, long padding) {
    return Native.tensor(
        "max_pool2d",
        () ->
            torch.max_pool2d(
                input.handle(),
                new long[] {kernel, kernel},
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                false));
  }

  /** Mean of each window; {@code countPadding} says whether padded zeros count. */
  public static Tensor avgPool2d(
      Tensor input, long kernel, long stride, long padding, boolean countPadding) {
    return Native.tensor(
        "avg_pool2d",
        () ->
            torch.avg_pool2d(
                input.handle(),
                new long[] {kernel, kernel},
                new long[] {stride, stride},
                new long[] {padding, padding},
                false,
                countPadding,
                new LongOptional()));
  }

  /** Means of windows chosen so that the output is {@code [batch, channels, height, width]}. */
  public static Tensor adaptiveAvgPool2d(Tensor input, long height, long width) {
    return Native.tensor(
        "adaptive_avg_pool2d", () -> torch.adaptive_avg_pool2d(input.handle(), height, width));
  }

  /** Largest values of windows chosen so that the output is {@code [batch, channels, h, w]}. */
  public static Tensor adaptiveMaxPool2d(Tensor input, long height, long width) {
    return Native.tensor(
        "adaptive_max_pool2d",
        () -> torch.adaptive_max_pool2d(input.handle(), height, width).get0());
  }

  /** Values repeated so that the output is {@code [batch, channels, height, width]}. */
  public static Tensor upsampleNearest2d(Tensor input, long height, long width) {
    return Native.tensor(
        "upsample_nearest2d", () -> torch.upsample_nearest2d(input.handle(), height, width));
  }

  /**
   * Batch normalisation; in training, the running statistics are updated in place.
   *
   * @param momentum weight of the new batch in the running statistics
   */
  public static Tensor batchNorm(
      Tensor input,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      Tensor runningMean,
      Tensor runningVar,
      boolean training,
      double momentum,
      double epsilon) {
    return Native.tensor(
        "batch_norm",
        () ->
            torch.batch_norm(
                input.handle(),
                Native.optional(weight),
                Native.optional(bias),
                Native.optional(runningMean),
                Native.optional(runningVar),
                training,
                momentum,
                epsilon,
                false));
  }

  /** Normalisation over the last dimensions, of the given shape. */
  public static Tensor layerNorm(
      Tensor input, long[] shape, @Nullable Tensor weight, @Nullable Tensor bias, double epsilon) {
    return Native.tensor(
        "layer_norm",
        () ->
            torch.layer_norm(
                input.handle(),
                shape,
                Native.optional(weight),
                Native.optional(bias),
                epsilon,
                false));
  }

  /** {@code x} where positive, else {@code slope * x}. */
  public static Tensor leakyRelu(Tensor input, double slope) {
    return Native.tensor("leaky_relu", () -> torch.leaky_relu(input.handle(), new Scalar(slope)));
  }

  /** Gaussian error linear unit, with the exact error function. */
  public static Tensor gelu(Tensor input) {
    return Native.tensor("gelu", () -> torch.gelu(input.handle()));
  }

  /** {@code x * sigmoid(x)}. */
  public static Tensor silu(Tensor input) {
    return Native.tensor("silu", () -> torch.silu(input.handle()));
  }

  /** {@code ln(1 + e^x)}. */
  public static Tensor softplus(Tensor input) {
    return Native.tensor("softplus", () -> torch.softplus(input.handle()));
  }

  /** {@code ln(sigmoid(x))}. */
  public static Tensor logSigmoid(Tensor input) {
    return Native.tensor("log_sigmoid", () -> torch.log_sigmoid(input.handle()));
  }

  /**
   * Divides by the Euclidean norm along a dimension; a vector of zeros stays one. As PyTorch's
   * {@code normalize}.
   */
  public static Tensor normalize(Tensor input, long dimension) {
    return input.div(input.normKeep(dimension).clampMin(SHORTEST));
  }

  /**
   * Mean negative log-likelihood of the labels, in nats; samples labelled {@link #IGNORE} do not
   * count. NaN if no sample counts.
   *
   * @param logits {@code [batch, classes]}
   * @param labels {@code [batch]} INT64
   * @param labelSmoothing share of the target spread evenly over all classes, 0 to 1
   */
  public static Tensor crossEntropy(Tensor logits, Tensor labels, double labelSmoothing) {
    return Native.tensor(
        "cross_entropy",
        () ->
            torch.cross_entropy_loss(
                logits.handle(),
                labels.handle(),
                new org.bytedeco.pytorch.TensorOptional(),
                MEAN,
                IGNORE,
                labelSmoothing));
  }

  /**
   * {@code T^2 * KL(softmax(target / T) || softmax(logits / T))}, summed over classes, mean over
   * the batch, in nats. Its gradient for the logits is {@code T / batch * (softmax(logits / T) -
   * softmax(target / T))}; there is none for the target. A class that the target gives the logit
   * -infinity has the probability 0 and adds nothing, as in PyTorch's {@code kl_div} of
   * probabilities.
   *
   * @param logits {@code [batch, classes]}
   * @param target logits of the same shape
   * @param temperature T, above 0
   */
  public static Tensor softTargetLoss(Tensor logits, Tensor target, double temperature) {
    boolean recording = GradMode.is_enabled() && logits.requiresGrad();
    try (NoGrad noGrad = new NoGrad()) {
      return Native.value(
          "soft_target_loss",
          () -> {
            Scalar divisor = Native.scalar(temperature);
            var logInput = logits.handle().div(divisor).log_softmax(1);
            var logTarget = target.handle().div(divisor).log_softmax(1);
            var softTarget = logTarget.exp();
            var divergence = logTarget.sub_(logInput).mul_(softTarget);
            var sum = divergence.sum();
            if (!Double.isFinite(sum.item_double())) {
              sum =
                  divergence.masked_fill_(softTarget.eq(Native.scalar(0)), Native.scalar(0)).sum();
            }
            double scale = temperature * temperature / logits.size(0);
            if (!recording) {
              return new Tensor(sum.mul_(Native.scalar(scale)));
            }
            var slope = logInput.exp_().sub_(softTarget);
            double slopeScale = scale / temperature;
            return new Tensor(sum, new GivenGradient(scale, share(logits), slope, slopeScale));
          });
    }
  }

  /** A handle of its own to a tensor with its history: it outlives the other. */
  private static org.bytedeco.pytorch.Tensor share(Tensor tensor) {
    return new org.bytedeco.pytorch.Tensor(tensor.handle());
  }

  /** Mean squared difference. */
  public static Tensor mseLoss(Tensor input, Tensor target) {
    return Native.tensor("mse_loss", () -> torch.mse_loss(input.handle(), target.handle(), MEAN));
  }

  /** Mean absolute difference. */
  public static Tensor l1Loss(Tensor input, Tensor target) {
    return Native.tensor("l1_loss", () -> torch.l1_loss(input.handle(), target.handle(), MEAN));
  }

  /** Mean Huber loss: quadratic below {@code delta}, linear beyond. */
  public static Tensor huberLoss(Tensor input, Tensor target, double delta) {
    return Native.tensor(
        "huber_loss", () -> torch.huber_loss(input.handle(), target.handle(), MEAN, delta));
  }

  /** Mean Huber loss divided by {@code threshold}. */
  public static Tensor smoothL1Loss(Tensor input, Tensor target, double threshold) {
    return Native.tensor(
        "smooth_l1_loss",
        () -> torch.smooth_l1_loss(input.handle(), target.handle(), MEAN, threshold));
  }

  /** Binary cross-entropy of each element, in nats, between sigmoid(logits) and targets. */
  public static Tensor binaryCrossEntropyWithLogits(Tensor logits, Tensor targets) {
    return Native.tensor(
        "binary_cross_entropy_with_logits",
        () ->
            torch.binary_cross_entropy_with_logits(
                logits.handle(),
                targets.handle(),
                new org.bytedeco.pytorch.TensorOptional(),
                new org.bytedeco.pytorch.TensorOptional(),
                NONE));
  }

  /**
   * What each position of a text reads from all others: {@code softmax(query * key^T / sqrt(width))
   * * value}. Always in FLOAT32: on processors, bfloat16 took 14 times as long here.
   *
   * @param query {@code [batch, heads, positions, width]}, as are keys and values
   * @param mask true where a position may be read, {@code [batch, 1, 1, positions]}
   */
  public static Tensor attention(Tensor query, Tensor key, Tensor value, Tensor mask) {
    try (Autocast.Pause pause = new Autocast.Pause()) {
      Tensor q = query.to(DType.FLOAT32);
      Tensor k = key.to(DType.FLOAT32);
      Tensor v = value.to(DType.FLOAT32);
      return Native.tensor(
          "scaled_dot_product_attention",
          () ->
              torch.scaled_dot_product_attention(
                  q.handle(),
                  k.handle(),
                  v.handle(),
                  Native.optional(mask),
                  0,
                  false,
                  new org.bytedeco.pytorch.DoubleOptional(),
                  false));
    }
  }

  /**
   * By what {@link #attention} reads, before softmax: {@code query * key^T / sqrt(width)}, {@code
   * [batch, heads, positions, positions]}. Always in FLOAT32.
   *
   * @param query {@code [batch, heads, positions, width]}, as are keys
   */
  public static Tensor attentionScores(Tensor query, Tensor key) {
    try (Autocast.Pause pause = new Autocast.Pause()) {
      Tensor q = query.to(DType.FLOAT32);
      Tensor k = key.to(DType.FLOAT32);
      return q.matmul(k.transpose(2, 3)).div(Math.sqrt(q.size(3)));
    }
  }

  /**
   * Rows of a table.
   *
   * @param weight {@code [rows, width]}
   * @param indices INT64
   */
  public static Tensor embedding(Tensor weight, Tensor indices) {
    return Native.tensor("embedding", () -> torch.embedding(weight.handle(), indices.handle()));
  }

  /**
   * Sets each element to 0 with a probability and divides the others by what is left of 1, as
   * PyTorch does.
   */
  public static Tensor dropout(Tensor input, double probability, Generator generator) {
    if (probability == 0) {
      return input;
    }
    Tensor mask = generator.bernoulli(input.detach(), 1 - probability);
    mask.mulInPlace(1 / (1 - probability));
    return input.mul(mask);
  }
}
