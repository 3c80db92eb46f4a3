package io.ranbiki.tensor;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * A source of random numbers with its own state: PyTorch's Mersenne Twister, so that the same seed
 * gives the same numbers as {@code torch.manual_seed} there. Everything random in a run draws from
 * a generator that the run's seed made; the global generator of libtorch is never used.
 *
 * <p>Not for use by two threads at once.
 */
public final class Generator implements AutoCloseable {

  private final org.bytedeco.pytorch.Generator generator;

  /** Makes a generator from a seed. */
  public Generator(long seed) {
    Engine.start();
    generator = torch.make_generator_cpu(seed);
    generator.retainReference(); // lives until closed, whatever scope is open
  }

  /** The state, to be restored with {@link #restore}. */
  public byte[] state() {
    try (PointerScope scope = new PointerScope()) {
      org.bytedeco.pytorch.Tensor state = generator.get_state();
      byte[] bytes = new byte[(int) state.numel()];
      state.data_ptr_byte().get(bytes);
      return bytes;
    }
  }

  /** Continues from a saved state: the same numbers follow as followed then. */
  public void restore(byte[] state) {
    Native.run(
        "restore random state",
        () -> {
          try (PointerScope scope = new PointerScope()) {
            org.bytedeco.pytorch.Tensor borrowed =
                torch.from_blob(
                    new BytePointer(state),
                    new long[] {state.length},
                    new TensorOptions(torch.ScalarType.Byte));
            generator.set_state(borrowed.clone());
          }
        });
  }

  /** A new FLOAT32 tensor of uniform numbers in [low, high). */
  public Tensor uniform(double low, double high, long... shape) {
    Tensor tensor = Tensors.empty(DType.FLOAT32, shape);
    Native.run("uniform", () -> tensor.handle().uniform_(low, high, optional()));
    return tensor;
  }

  /** A new FLOAT32 tensor of normal numbers. */
  public Tensor normal(double mean, double standardDeviation, long... shape) {
    Tensor tensor = Tensors.empty(DType.FLOAT32, shape);
    Native.run("normal", () -> tensor.handle().normal_(mean, standardDeviation, optional()));
    return tensor;
  }

  /** A new tensor like {@code like}, 1 with the given probability and else 0. */
  public Tensor bernoulli(Tensor like, double probability) {
    Tensor tensor = Native.tensor("bernoulli", () -> torch.empty_like(like.handle()));
    Native.run("bernoulli", () -> tensor.handle().bernoulli_(probability, optional()));
    return tensor;
  }

  private GeneratorOptional optional() {
    return new GeneratorOptional(generator);
  }

  @Override
  public void close() {
    generator.deallocate();
  }
}
