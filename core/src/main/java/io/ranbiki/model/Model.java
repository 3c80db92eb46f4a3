package io.ranbiki.model;

import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.StateDict;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import java.util.List;
import java.util.Map;

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
  private List<String> notes = List.of();

  private Model(ModelSpec spec, Generator generator, Network module) {
    this.spec = spec;
    this.generator = generator;
    this.module = module;
  }

  /**
   * Builds a network with initial values from a seed. Networks whose layers keep PyTorch's default
   * initial values get the very values that PyTorch gives after {@code torch.manual_seed(seed)}.
   *
   * @throws io.ranbiki.RanbikiException if it is larger than the memory
   */
  public static Model create(ModelSpec spec, long seed) {
    spec.requireRoom(Kind.CONFIGURATION);
    Generator generator = new Generator(seed);
    Network module = spec.make().build(spec.inputs(), spec.classes(), generator);
    module.to(MemoryFormat.CHANNELS_LAST);
    return new Model(spec, generator, module);
  }

  /**
   * Takes over values by name, as {@link StateDict#load} does.
   *
   * @param source where they come from, for messages
   * @throws io.ranbiki.RanbikiException if they do not fit; nothing is changed then
   */
  public void load(Map<String, Tensor> values, String source) {
    notes = StateDict.load(module, values, source);
  }

  /** What a user should know of how the values were read, in sentences; mostly nothing. */
  public List<String> notes() {
    return notes;
  }

  /** A second model with the same values, whose dropout starts from a seed of its own. */
  public Model copy(long seed) {
    Model copy = create(spec, seed);
    StateDict.copy(module, copy.module);
    return copy;
  }

  /**
   * Answers the fields of a batch that the network takes.
   *
   * @throws io.ranbiki.RanbikiException if the batch lacks one of them
   */
  public Signal answer(Batch batch) {
    return module.answer(batch.inputs(module.inputs()));
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
