package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Answer;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.StateDict;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A network with its weights. Convolutions are laid out channels last, which runs up to twice as
 * fast on a CPU; weights are saved in PyTorch's order all the same.
 *
 * <p>A model owns its tensors; whoever built it closes it.
 */
public final class Model implements AutoCloseable {

  private final ModelSpec spec;
  private final Generator generator;
  private final Network module;
  private final @Nullable Function<Generator, Network> builder;
  private List<String> notes = List.of();

  private Model(
      ModelSpec spec,
      Generator generator,
      Network module,
      @Nullable Function<Generator, Network> builder) {
    this.spec = spec;
    this.generator = generator;
    this.module = module;
    this.builder = builder;
    module.to(MemoryFormat.CHANNELS_LAST);
  }

  /**
   * Builds a network with initial values from a seed. Networks whose layers keep PyTorch's default
   * initial values get the very values that PyTorch gives after {@code torch.manual_seed(seed)}.
   *
   * @throws RanbikiException if it is larger than the memory
   */
  public static Model create(ModelSpec spec, long seed) {
    spec.requireRoom(Kind.CONFIGURATION);
    Architecture architecture = spec.make();
    boolean plain = spec.unit().equals(Normalization.none());
    return of(
        spec,
        seed,
        random -> {
          Network network = architecture.build(spec.inputs(), spec.classes(), random);
          return plain ? network : Network.inUnits(network, spec.unit());
        });
  }

  /**
   * A network of your own, built from a seed: it can be copied, so all strategies take it.
   *
   * @param spec says what it is, under a name of yours
   * @param builder gives another network of the same kind at each call; everything random in it
   *     draws from the generator, which the model owns
   */
  public static Model of(ModelSpec spec, long seed, Function<Generator, Network> builder) {
    Generator generator = new Generator(seed);
    try {
      return new Model(spec, generator, builder.apply(generator), builder);
    } catch (RuntimeException e) {
      generator.close();
      throw e;
    }
  }

  /**
   * A network of your own as it is. It cannot be copied, which the doctor and some strategies need:
   * {@link #of(ModelSpec, long, Function)} makes one that can.
   *
   * @param spec says what it is, under a name of yours
   * @param network owned by the model from now on
   */
  public static Model of(ModelSpec spec, Network network) {
    return new Model(spec, new Generator(0), network, null);
  }

  /**
   * Takes over values by name, as {@link StateDict#load} does.
   *
   * @param source where they come from, for messages
   * @throws RanbikiException if they do not fit; nothing is changed then
   */
  public void load(Map<String, Tensor> values, String source) {
    notes = StateDict.load(module, values, source);
  }

  /** What a user should know of how the values were read, in sentences; mostly nothing. */
  public List<String> notes() {
    return notes;
  }

  /**
   * A second model with the same values, whose dropout starts from a seed of its own.
   *
   * @throws RanbikiException if the network was given as it is
   */
  public Model copy(long seed) {
    if (builder == null) {
      throw RanbikiException.configuration(
          "The network %s was given as it is and cannot be copied, which is needed here. Make its"
              + " model by Model.of(spec, seed, generator -> network).",
          spec.title());
    }
    Model copy = of(spec, seed, builder);
    StateDict.copy(module, copy.module);
    return copy;
  }

  /** Whether {@link #copy} can make a second one. */
  public boolean canBeCopied() {
    return builder != null;
  }

  /**
   * Answers the fields of a batch that the network takes.
   *
   * @throws RanbikiException if the batch lacks one of them, or the network answers with another
   *     number of classes than its specification says
   */
  public Signal answer(Batch batch) {
    Signal signal = module.answer(batch.inputs(module.inputs()));
    if (signal.outputs().get(Signal.LOGITS) instanceof Answer.Full logits
        && logits.values().size(-1) != spec.classes()) {
      throw RanbikiException.configuration(
          "The network %s answers with %d numbers, but its specification says %d classes. Build its"
              + " last layer for these.",
          spec.title(), logits.values().size(-1), spec.classes());
    }
    return signal;
  }

  /** Logits {@code [batch, classes]} of a network of a single input {@code [batch, ...input]}. */
  public Tensor apply(Tensor input) {
    return module.answer(Map.of(module.inputs().get(0).name(), input)).logits();
  }

  /** Which network this is. */
  public ModelSpec spec() {
    return spec;
  }

  /** The network itself. */
  public Network module() {
    return module;
  }

  /** The source of this model's dropout masks. */
  public Generator generator() {
    return generator;
  }

  /** Number of values in all parameters. */
  public long parameterCount() {
    return module.parameterCount();
  }

  /** Size of all parameters and buffers in bytes, as a weights file holds them. */
  public long byteCount() {
    return module.state().values().stream().mapToLong(Tensor::byteCount).sum();
  }

  @Override
  public void close() {
    module.close();
    generator.close();
  }
}
