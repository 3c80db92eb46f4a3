package io.ranbiki.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional array with gradients, as in PyTorch: same names, same semantics, same layouts.
 *
 * <p>A tensor belongs to the innermost {@link TensorScope} of the thread that made it. Methods that
 * end in an underscore-free verb such as {@link #addInPlace} change the tensor itself and say so;
 * all others return a new one. A negative dimension counts from the end. Using a closed tensor
 * throws a {@link TensorException} that says so.
 */
public final class Tensor implements AutoCloseable {

  private static final AtomicLong LIVE = new AtomicLong();

  private org.bytedeco.pytorch.@Nullable Tensor handle;
  private @Nullable TensorScope scope;
  private String closedBy = "";
  private @Nullable GivenGradient given;

  Tensor(org.bytedeco.pytorch.Tensor handle) {
    this.handle = handle;
    LIVE.incrementAndGet();
    TensorScope innermost = TensorScope.innermost();
    if (innermost != null) {
      scope = innermost;
      innermost.own(this);
    }
  }

  /** A number whose gradient is known: {@link GivenGradient} says what the handle holds. */
  Tensor(org.bytedeco.pytorch.Tensor handle, GivenGradient given) {
    this(handle);
    this.given = given;
  }

  /**
   * How many tensors of this process are not closed: the same before and after a loop, or it leaks.
   */
  public static long live() {
    return LIVE.get();
  }

  /** For operations, which record on what they depend. */
  org.bytedeco.pytorch.Tensor handle() {
    return given == null ? open() : given.recorded(open());
  }

  private org.bytedeco.pytorch.Tensor open() {
    org.bytedeco.pytorch.Tensor open = handle;
    if (open == null) {
      throw new TensorException(
          "a tensor was used after it was closed by "
              + closedBy
              + "; keep() it if it must outlive that, or read its values before");
    }
    return open;
  }

  // ---- ownership

  /**
   * Takes this tensor out of its scope: whoever keeps a tensor closes it.
   *
   * @return this tensor
   */
  public Tensor keep() {
    if (scope != null) {
      handle = handle();
      given = null; // the tensors that it names stay behind
      handle.retainReference();
      scope = null;
    }
    return this;
  }

  /**
   * Puts a tensor that was kept, perhaps by another thread, into the innermost scope of this
   * thread, which then closes it.
   *
   * @return this tensor
   */
  public Tensor joinScope() {
    TensorScope innermost = TensorScope.innermost();
    if (innermost != null && scope == null) {
      adopt(innermost);
    }
    return this;
  }

  void adopt(TensorScope owner) {
    org.bytedeco.pytorch.Tensor open = open();
    owner.pointers().attach(open);
    if (open.referenceCount() > 1) {
      open.releaseReference(); // the one that keep() took
    }
    scope = owner;
    owner.own(this);
  }

  void scopeClosed(TensorScope closing) {
    if (scope == closing && handle != null) {
      handle = null;
      closedBy = "scope '" + closing.name() + "'";
      LIVE.decrementAndGet();
    }
  }

  /** Frees the memory now, unless another tensor shares it. Closing twice does nothing. */
  @Override
  public void close() {
    org.bytedeco.pytorch.Tensor open = handle;
    if (open != null) {
      handle = null;
      closedBy = "close()";
      LIVE.decrementAndGet();
      open.deallocate();
    }
  }

  /** Whether this tensor was closed, by itself or with its scope. */
  public boolean isClosed() {
    return handle == null;
  }

  // ---- what it is

  /** Length of every dimension; empty for a single number. */
  public long[] shape() {
    LongArrayRef sizes = handle().sizes();
    long[] shape = new long[(int) sizes.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = sizes.get(i);
    }
    return shape;
  }

  /** Length of one dimension. */
  public long size(int dimension) {
    return Native.value("size", () -> handle().size(dimension));
  }

  /** Number of dimensions. */
  public int dim() {
    return (int) handle().dim();
  }

  /** Number of elements. */
  public long count() {
    return handle().numel();
  }

  /** Size of all elements in bytes. */
  public long byteCount() {
    return handle().numel() * handle().element_size();
  }

  /** Type of the elements. */
  public DType dtype() {
    return DType.of(handle().scalar_type());
  }

  /** Where the elements lie. */
  public Device device() {
    org.bytedeco.pytorch.Tensor open = handle();
    return open.is_cuda() ? new Device(true, open.device().index()) : Device.CPU;
  }

  /** Whether the elements lie in the given order. */
  public boolean isContiguous(MemoryFormat format) {
    return handle().is_contiguous(format.format());
  }

  @Override
  public String toString() {
    return handle == null
        ? "Tensor[closed by " + closedBy + "]"
        : "Tensor" + Arrays.toString(shape()) + " " + dtype();
  }

  // ---- values

  /** The one value of a tensor with one element. */
  public double item() {
    double number = Native.value("item", () -> open().item_double());
    return given == null ? number : given.scale() * number;
  }

  /** All elements in row-major order, converted to 32-bit floating point. */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(count())];
    readable(DType.FLOAT32, plain -> plain.data_ptr_float().get(values));
    return values;
  }

  /** All elements in row-major order, converted to 64-bit floating point. */
  public double[] toDoubles() {
    double[] values = new double[Math.toIntExact(count())];
    readable(DType.FLOAT64, plain -> plain.data_ptr_double().get(values));
    return values;
  }

  /** All elements in row-major order, converted to 64-bit integers. */
  public long[] toLongs() {
    long[] values = new long[Math.toIntExact(count())];
    readable(DType.INT64, plain -> plain.data_ptr_long().get(values));
    return values;
  }

  /** The bytes of all elements in row-major order, as they lie in memory. */
  public byte[] toBytes() {
    try (TensorScope temporary = TensorScope.open("read values")) {
      org.bytedeco.pytorch.Tensor plain = handle().detach().cpu().contiguous();
      byte[] bytes = new byte[Math.toIntExact(plain.numel() * plain.element_size())];
      if (bytes.length > 0) {
        new org.bytedeco.javacpp.BytePointer(plain.data_ptr()).capacity(bytes.length).get(bytes);
      }
      return bytes;
    }
  }

  private void readable(
      DType type, java.util.function.Consumer<org.bytedeco.pytorch.Tensor> reader) {
    if (count() == 0) {
      return;
    }
    try (TensorScope temporary = TensorScope.open("read values")) {
      reader.accept(handle().detach().cpu().to(type.type()).contiguous());
    }
  }

  // ---- gradients

  /** Whether operations on this tensor are recorded for {@link #backward()}. */
  public boolean requiresGrad() {
    return given() != null || open().requires_grad();
  }

  /** What is known of the gradient; null if it is found by going back, as for most. */
  @Nullable GivenGradient given() {
    open(); // what it names was closed with this
    return given;
  }

  /** Records operations on this leaf tensor from now on, or stops it; returns this tensor. */
  public Tensor setRequiresGrad(boolean required) {
    Native.run("requires_grad", () -> handle().requires_grad_(required));
    return this;
  }

  /**
   * Adds the gradient of this single number to the {@link #grad()} of every leaf that led to it.
   */
  public void backward() {
    Native.run("backward", () -> handle().backward());
  }

  /** As {@link #backward()}, but what led here can be gone back through once more. */
  public void backwardKeepingGraph() {
    Native.run(
        "backward",
        () ->
            handle()
                .backward(
                    new org.bytedeco.pytorch.Tensor(),
                    new BoolOptional(true),
                    false,
                    new TensorArrayRefOptional()));
  }

  /** The gradient that was collected, shaped as this tensor; null if there is none. */
  public @Nullable Tensor grad() {
    org.bytedeco.pytorch.Tensor grad = handle().grad();
    return grad.defined() ? new Tensor(grad) : null;
  }

  /** Makes {@code grad} the tensor into which gradients are added from now on. */
  public void setGrad(Tensor grad) {
    Native.run("set grad", () -> handle().mutable_grad().put(grad.handle()));
  }

  /** Drops the gradient. */
  public void clearGrad() {
    Native.run("clear grad", () -> handle().mutable_grad().reset());
  }

  /** Replaces the memory of this tensor by that of another with the same type. */
  public void setData(Tensor data) {
    Native.run("set data", () -> handle().set_data(data.handle()));
  }

  /** The same values without their history: no gradient flows through. Shares the memory. */
  public Tensor detach() {
    return op("detach", () -> handle().detach());
  }

  // ---- arithmetic, element by element with broadcasting

  /** This plus {@code other}. */
  public Tensor add(Tensor other) {
    return op("add", () -> handle().add(other.handle()));
  }

  /** This plus {@code factor * other}. */
  public Tensor add(Tensor other, double factor) {
    return op("add", () -> handle().add(other.handle(), Native.scalar(factor)));
  }

  /** This plus a number. */
  public Tensor add(double number) {
    return op("add", () -> handle().add(Native.scalar(number)));
  }

  /** This minus {@code other}. */
  public Tensor sub(Tensor other) {
    return op("sub", () -> handle().sub(other.handle()));
  }

  /** This minus a number. */
  public Tensor sub(double number) {
    return op("sub", () -> handle().sub(Native.scalar(number)));
  }

  /** This times {@code other}. */
  public Tensor mul(Tensor other) {
    return op("mul", () -> handle().mul(other.handle()));
  }

  /** This times a number. */
  public Tensor mul(double number) {
    return op("mul", () -> handle().mul(Native.scalar(number)));
  }

  /** This divided by {@code other}. */
  public Tensor div(Tensor other) {
    return op("div", () -> handle().div(other.handle()));
  }

  /** This divided by a number. */
  public Tensor div(double number) {
    return op("div", () -> handle().div(Native.scalar(number)));
  }

  /** Minus this. */
  public Tensor neg() {
    return op("neg", () -> handle().neg());
  }

  /** Absolute value. */
  public Tensor abs() {
    return op("abs", () -> handle().abs());
  }

  /** This to a power. */
  public Tensor pow(double exponent) {
    return op("pow", () -> handle().pow(Native.scalar(exponent)));
  }

  /** Square root. */
  public Tensor sqrt() {
    return op("sqrt", () -> handle().sqrt());
  }

  /** e to this. */
  public Tensor exp() {
    return op("exp", () -> handle().exp());
  }

  /** Natural logarithm. */
  public Tensor log() {
    return op("log", () -> handle().log());
  }

  /** {@code max(this, 0)}. */
  public Tensor relu() {
    return op("relu", () -> handle().relu());
  }

  /** {@code 1 / (1 + e^-this)}. */
  public Tensor sigmoid() {
    return op("sigmoid", () -> handle().sigmoid());
  }

  /** Hyperbolic tangent. */
  public Tensor tanh() {
    return op("tanh", () -> handle().tanh());
  }

  /** This, but at least {@code min}. */
  public Tensor clampMin(double min) {
    return op("clamp_min", () -> handle().clamp_min(Native.scalar(min)));
  }

  /** This, but at least {@code min} and at most {@code max}. */
  public Tensor clamp(double min, double max) {
    return op(
        "clamp",
        () ->
            handle()
                .clamp(
                    new ScalarOptional(Native.scalar(min)),
                    new ScalarOptional(Native.scalar(max))));
  }

  /** The larger of this and {@code other}. */
  public Tensor maximum(Tensor other) {
    return op("maximum", () -> handle().maximum(other.handle()));
  }

  // ---- comparisons: BOOL tensors

  /** Where this equals {@code other}. */
  public Tensor eq(Tensor other) {
    return op("eq", () -> handle().eq(other.handle()));
  }

  /** Where this equals a number. */
  public Tensor eq(double number) {
    return op("eq", () -> handle().eq(Native.scalar(number)));
  }

  /** Where this differs from a number. */
  public Tensor ne(double number) {
    return op("ne", () -> handle().ne(Native.scalar(number)));
  }

  /** Where this is greater than {@code other}. */
  public Tensor gt(Tensor other) {
    return op("gt", () -> handle().gt(other.handle()));
  }

  /** Where this is greater than a number. */
  public Tensor gt(double number) {
    return op("gt", () -> handle().gt(Native.scalar(number)));
  }

  /** Where this is less than {@code other}. */
  public Tensor lt(Tensor other) {
    return op("lt", () -> handle().lt(other.handle()));
  }

  /** Where this is less than a number. */
  public Tensor lt(double number) {
    return op("lt", () -> handle().lt(Native.scalar(number)));
  }

  /** Where a BOOL tensor is false. */
  public Tensor not() {
    return op("not", () -> handle().logical_not());
  }

  /** Where the elements are that are not 0: {@code [found, dimensions]} INT64. */
  public Tensor nonzero() {
    return op("nonzero", () -> handle().nonzero());
  }

  /** Whether every element is neither NaN nor infinite. */
  public boolean isAllFinite() {
    try (TensorScope temporary = TensorScope.open("isfinite")) {
      return op("isfinite", () -> handle().isfinite().all()).item() != 0;
    }
  }

  /** This, with {@code number} where the BOOL mask is true. */
  public Tensor maskedFill(Tensor mask, double number) {
    return op("masked_fill", () -> handle().masked_fill(mask.handle(), Native.scalar(number)));
  }

  // ---- reductions

  /** Sum of all elements. */
  public Tensor sum() {
    return op("sum", () -> handle().sum());
  }

  /** Sum over the given dimensions, which stay with length 1. */
  public Tensor sumKeep(long... dimensions) {
    return op("sum", () -> handle().sum(dimensions, true, new ScalarTypeOptional()));
  }

  /** Sum over the given dimensions. */
  public Tensor sum(long... dimensions) {
    return op("sum", () -> handle().sum(dimensions, false, new ScalarTypeOptional()));
  }

  /** Mean of all elements. */
  public Tensor mean() {
    return op("mean", () -> handle().mean());
  }

  /** Mean over the given dimensions. */
  public Tensor mean(long... dimensions) {
    return op("mean", () -> handle().mean(dimensions, false, new ScalarTypeOptional()));
  }

  /** Mean over the given dimensions, which stay with length 1. */
  public Tensor meanKeep(long... dimensions) {
    return op("mean", () -> handle().mean(dimensions, true, new ScalarTypeOptional()));
  }

  /**
   * Standard deviation over one dimension, which stays with length 1.
   *
   * @param unbiased whether the sum of squares is divided by n - 1 instead of n
   */
  public Tensor stdKeep(long dimension, boolean unbiased) {
    return op("std", () -> handle().std(new long[] {dimension}, unbiased, true));
  }

  /** Largest element of each line along a dimension. */
  public Tensor amax(long dimension, boolean keepDimension) {
    return op("amax", () -> handle().amax(new long[] {dimension}, keepDimension));
  }

  /** Position of the largest element of each line along a dimension: INT64. */
  public Tensor argmax(long dimension) {
    return op("argmax", () -> handle().argmax(new LongOptional(dimension), false));
  }

  /** The k largest elements of each line along the last dimension, largest first, and where. */
  public TopK topk(long k) {
    return Native.value(
        "topk",
        () -> {
          T_TensorTensor_T both = handle().topk(k, -1, true, true);
          return new TopK(new Tensor(both.get0()), new Tensor(both.get1()));
        });
  }

  /**
   * The largest elements of each line.
   *
   * @param values largest first
   * @param indices where each stood, INT64
   */
  public record TopK(Tensor values, Tensor indices) {}

  /** Euclidean norm of all elements. */
  public Tensor norm() {
    return op("norm", () -> handle().norm());
  }

  /** Euclidean norm over one dimension, which stays with length 1; its gradient at 0 is 0. */
  public Tensor normKeep(long dimension) {
    return op(
        "norm",
        () -> handle().norm(new ScalarOptional(Native.scalar(2)), new long[] {dimension}, true));
  }

  /** {@code ln(sum(e^this))} over a dimension, which stays with length 1 if asked. */
  public Tensor logsumexp(long dimension, boolean keepDimension) {
    return op("logsumexp", () -> handle().logsumexp(new long[] {dimension}, keepDimension));
  }

  /** Softmax over a dimension. */
  public Tensor softmax(long dimension) {
    return op("softmax", () -> handle().softmax(dimension));
  }

  /** Logarithm of the softmax over a dimension. */
  public Tensor logSoftmax(long dimension) {
    return op("log_softmax", () -> handle().log_softmax(dimension));
  }

  // ---- products

  /** Matrix product; leading dimensions broadcast. */
  public Tensor matmul(Tensor other) {
    return op("matmul", () -> handle().matmul(other.handle()));
  }

  /** Two dimensions exchanged. */
  public Tensor transpose(long first, long second) {
    return op("transpose", () -> handle().transpose(first, second));
  }

  // ---- shape

  /** The same elements in another shape; one length may be -1. */
  public Tensor reshape(long... shape) {
    return op("reshape", () -> handle().reshape(shape));
  }

  /** Dimensions {@code first} to the last made one. */
  public Tensor flatten(long first) {
    return op("flatten", () -> handle().flatten(first, -1));
  }

  /** Dimensions in another order. */
  public Tensor permute(long... order) {
    return op("permute", () -> handle().permute(order));
  }

  /** A dimension of length 1 put in. */
  public Tensor unsqueeze(long dimension) {
    return op("unsqueeze", () -> handle().unsqueeze(dimension));
  }

  /** A dimension of length 1 taken out. */
  public Tensor squeeze(long dimension) {
    return op("squeeze", () -> handle().squeeze(dimension));
  }

  /** {@code length} entries of a dimension from {@code start} on; shares the memory. */
  public Tensor narrow(long dimension, long start, long length) {
    return op("narrow", () -> handle().narrow(dimension, start, length));
  }

  /** One entry of a dimension, which disappears; shares the memory. */
  public Tensor select(long dimension, long index) {
    return op("select", () -> handle().select(dimension, index));
  }

  /** The entries of a dimension that an INT64 vector names. */
  public Tensor indexSelect(long dimension, Tensor indices) {
    return op("index_select", () -> handle().index_select(dimension, indices.handle()));
  }

  /** Along a dimension, the elements that an INT64 tensor of the result's shape names. */
  public Tensor gather(long dimension, Tensor indices) {
    return op("gather", () -> handle().gather(dimension, indices.handle()));
  }

  /** This, with a number at the places along a dimension that an INT64 tensor names. */
  public Tensor scatter(long dimension, Tensor indices, double number) {
    return op(
        "scatter", () -> handle().scatter(dimension, indices.handle(), Native.scalar(number)));
  }

  /** Another view of the memory beneath this tensor, by shape, strides and offset in elements. */
  public Tensor asStrided(long[] shape, long[] strides, long offset) {
    return op("as_strided", () -> handle().as_strided(shape, strides, new LongOptional(offset)));
  }

  // ---- copies and conversions

  /** A copy with its own memory. */
  public Tensor copy() {
    return op("clone", () -> handle().clone());
  }

  /** A copy with its own memory, laid out as asked. */
  public Tensor copy(MemoryFormat format) {
    return op("clone", () -> handle().clone(new MemoryFormatOptional(format.format())));
  }

  /** This in row-major order: itself, or a copy. */
  public Tensor contiguous() {
    return op("contiguous", () -> handle().contiguous());
  }

  /** This with another element type: itself, or a copy. */
  public Tensor to(DType type) {
    return op("to", () -> handle().to(type.type()));
  }

  /** A copy with another element type, laid out as asked. */
  public Tensor copy(DType type, MemoryFormat format) {
    return op(
        "to",
        () -> handle().to(type.type(), false, true, new MemoryFormatOptional(format.format())));
  }

  /** This on another device: itself, or a copy. */
  public Tensor to(Device device) {
    return op("to " + device, () -> handle().to(device.handle(), handle().scalar_type()));
  }

  // ---- in place: no gradient is recorded

  /** Copies the values of {@code source}, converted, into this. */
  public void copyFrom(Tensor source) {
    inPlace("copy", () -> handle().copy_(source.handle()));
  }

  /** Copies the rows of {@code source} to the rows that an INT64 vector names. */
  public void copyRowsFrom(Tensor source, Tensor indices) {
    inPlace("index_copy", () -> handle().index_copy_(0, indices.handle(), source.handle()));
  }

  /** Adds {@code factor * other}. */
  public void addInPlace(Tensor other, double factor) {
    inPlace("add in place", () -> handle().add_(other.handle(), Native.scalar(factor, dtype())));
  }

  /** Multiplies by a number. */
  public void mulInPlace(double number) {
    inPlace("mul in place", () -> handle().mul_(Native.scalar(number)));
  }

  /** Divides by a number. */
  public void divInPlace(double number) {
    inPlace("div in place", () -> handle().div_(Native.scalar(number)));
  }

  /** Divides by the elements of {@code other}, which is broadcast to this. */
  public void divInPlace(Tensor other) {
    inPlace("div in place", () -> handle().div_(other.handle()));
  }

  /** Moves each element towards {@code end}: {@code this += weight * (end - this)}. */
  public void lerpInPlace(Tensor end, double weight) {
    inPlace("lerp in place", () -> handle().lerp_(end.handle(), Native.scalar(weight)));
  }

  /** Sets every element to a number. */
  public void fill(double number) {
    inPlace("fill", () -> handle().fill_(Native.scalar(number)));
  }

  /** Copies values in row-major order into this FLOAT32 tensor. */
  public void set(float[] values) {
    if (values.length != count() || dtype() != DType.FLOAT32 || !handle().is_contiguous()) {
      throw new TensorException(
          String.format(
              Locale.ROOT,
              "set: %d values do not fit %s; the tensor must be row-major FLOAT32 with as many elements",
              values.length,
              this));
    }
    handle().data_ptr_float().put(values);
  }

  private static void inPlace(String operation, Runnable call) {
    try (NoGrad noGrad = new NoGrad()) {
      Native.run(operation, call);
    }
  }

  private static Tensor op(String name, Supplier<org.bytedeco.pytorch.Tensor> call) {
    return Native.tensor(name, call);
  }
}
