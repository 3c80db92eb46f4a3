package io.ranbiki.tensor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.named_module_iterator;
import org.bytedeco.pytorch.named_module_list;
import org.bytedeco.pytorch.parameter_iterator;
import org.bytedeco.pytorch.parameter_list;
import org.jspecify.annotations.Nullable;

/**
 * A network in a TorchScript file, run by libtorch. The file is a program: loading and running it
 * runs whatever its maker wrote, so load only what is trusted.
 *
 * <p>Owns native memory; whoever loads one closes it.
 */
public final class ScriptModule implements AutoCloseable {

  private final JitModule module;
  private @Nullable ScriptTaps taps;
  private boolean closed;

  private ScriptModule(JitModule module) {
    this.module = module;
  }

  /**
   * Loads a file that {@code torch.jit.save} wrote, in evaluation mode and without gradients.
   *
   * @throws TensorException if it cannot be loaded
   */
  public static ScriptModule load(Path file) {
    try (TensorScope scope = TensorScope.open("load TorchScript")) {
      JitModule module = Native.value("libtorch", () -> torch.load(file.toString()));
      Native.run("libtorch", () -> prepare(module));
      module.retainReference();
      return new ScriptModule(module);
    }
  }

  /**
   * Weights of convolutions are laid out channels last, as batches of images are: up to twice as
   * fast on a CPU.
   */
  private static void prepare(JitModule module) {
    module.eval();
    parameter_list parameters = module.parameters();
    parameter_iterator end = parameters.end();
    for (parameter_iterator at = parameters.begin(); at.notEquals(end); at.increment()) {
      org.bytedeco.pytorch.Tensor parameter = at.multiply();
      parameter.requires_grad_(false);
      if (parameter.dim() == 4) {
        parameter.set_data(
            parameter.clone(new MemoryFormatOptional(MemoryFormat.CHANNELS_LAST.format())));
      }
    }
  }

  /** Paths of the modules inside, such as {@code features.2}; parents before children. */
  public List<String> paths() {
    try (TensorScope scope = TensorScope.open("list modules")) {
      List<String> paths = new ArrayList<>();
      named_module_list modules = open().named_modules();
      named_module_iterator end = modules.end();
      for (named_module_iterator at = modules.begin(); at.notEquals(end); at.increment()) {
        org.bytedeco.javacpp.BytePointer name = at.multiply().name();
        if (name != null && !name.getString().isEmpty()) { // the root has none
          paths.add(name.getString());
        }
      }
      return paths;
    }
  }

  /** Number of values in all parameters; 0 if freezing made them constants. */
  public long parameterCount() {
    try (TensorScope scope = TensorScope.open("count parameters")) {
      long count = 0;
      parameter_list parameters = open().parameters();
      parameter_iterator end = parameters.end();
      for (parameter_iterator at = parameters.begin(); at.notEquals(end); at.increment()) {
        count += at.multiply().numel();
      }
      return count;
    }
  }

  /**
   * Chooses the modules whose outputs {@link #run} gives from now on.
   *
   * @param paths among {@link #paths()}
   * @return the paths that cannot be read, because {@code forward} does not call the module or
   *     calls it under a condition or in a loop; if there are any, nothing has changed
   */
  public List<String> tap(Collection<String> paths) {
    if (paths.isEmpty()) {
      return List.of();
    }
    ScriptTaps opened = ScriptTaps.open(open(), List.copyOf(paths));
    if (opened.missing().isEmpty()) {
      taps = opened;
    } else {
      opened.close();
    }
    return opened.missing();
  }

  /**
   * Runs {@code forward} of one tensor.
   *
   * @return the output, then those of the tapped modules in the order of {@link #tap}; null in the
   *     place of one that is not a tensor
   * @throws TensorException if the network refuses the input
   */
  public List<@Nullable Tensor> run(Tensor input) {
    ScriptTaps opened = taps;
    try (TensorScope scope = TensorScope.open("TorchScript")) {
      List<IValue> values =
          Native.value(
              "libtorch",
              () ->
                  opened == null
                      ? List.of(open().forward(new IValueVector(new IValue(input.handle()))))
                      : opened.run(open(), input.handle()));
      List<@Nullable Tensor> outputs = new ArrayList<>();
      for (IValue value : values) {
        outputs.add(value.isTensor() ? scope.passOut(tensor(value)) : null);
      }
      return outputs;
    }
  }

  /** A handle of its own: the one in the value would dangle with it. */
  private static Tensor tensor(IValue value) {
    return new Tensor(value.toTensor().detach());
  }

  private JitModule open() {
    if (closed) {
      throw new TensorException("a TorchScript network was used after it was closed");
    }
    return module;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (taps != null) {
        taps.close();
      }
      module.releaseReference();
    }
  }
}
