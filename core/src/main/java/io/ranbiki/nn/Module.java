package io.ranbiki.nn;

import io.ranbiki.tensor.Device;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A part of a network: parameters, buffers and child modules that have names. Paths join names by
 * dots, as in PyTorch: {@code classifier.1.weight}. What it computes is not said here: a {@link
 * Layer} is a function of one tensor, a {@link Network} answers named inputs, and others have
 * methods of their own, which pass what they give through {@link #shown}.
 *
 * <p>To write one, pass children, parameters and buffers to {@link #child}, {@link #parameter} and
 * {@link #buffer} in the constructor, in PyTorch's order.
 */
public abstract class Module implements AutoCloseable {

  private final Map<String, Module> children = new LinkedHashMap<>();
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private boolean training = true;
  private @Nullable Consumer<Tensor> tap;

  /** Shows an output to the tap on this module, if there is one; gives it back. */
  protected final Tensor shown(Tensor output) {
    if (tap != null) {
      tap.accept(output);
    }
    return output;
  }

  /**
   * Whether the output for a sample follows from that sample and the parameters alone, in training
   * too: then a batch may be computed in parts. To be overridden with false where the other samples
   * of a batch or chance have a say; whoever has buffers is taken for one that does.
   */
  protected boolean isSampleWise() {
    return buffers.isEmpty();
  }

  /** Whether {@link #isSampleWise} holds for this module and all that are inside. */
  public final boolean treatsSamplesAlone() {
    return modules().values().stream().allMatch(Module::isSampleWise);
  }

  final void setTap(@Nullable Consumer<Tensor> newTap) {
    tap = newTap;
  }

  final boolean isTapped() {
    return tap != null;
  }

  /** Whether there is a tap on this module or on one inside it. */
  final boolean isTappedInside() {
    if (isTapped()) {
      return true;
    }
    for (Module module : children.values()) {
      if (module.isTappedInside()) {
        return true;
      }
    }
    return false;
  }

  // ---- for constructors

  /** Adds a child module, which this module then owns; under no name, it stands at this path. */
  protected final <M extends Module> M child(String name, M module) {
    children.put(name, module);
    return module;
  }

  /** Adds a tensor that training changes; this module owns it from now on. */
  protected final Tensor parameter(String name, Tensor tensor) {
    parameters.put(name, tensor.keep().setRequiresGrad(true));
    return tensor;
  }

  /** Adds a tensor that is saved but not trained; this module owns it from now on. */
  protected final Tensor buffer(String name, Tensor tensor) {
    buffers.put(name, tensor.keep());
    return tensor;
  }

  // ---- what is inside

  /** All modules by path, this one first under the empty path, parents before children. */
  public final Map<String, Module> modules() {
    Map<String, Module> found = new LinkedHashMap<>();
    walk("", found::put);
    return found;
  }

  /** All parameters by path, in PyTorch's order. */
  public final Map<String, Tensor> parameters() {
    Map<String, Tensor> found = new LinkedHashMap<>();
    walk("", (path, module) -> module.parameters.forEach((n, t) -> found.put(join(path, n), t)));
    return found;
  }

  /** All parameters and buffers by path, in the order of PyTorch's {@code state_dict()}. */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> found = new LinkedHashMap<>();
    walk(
        "",
        (path, module) -> {
          module.parameters.forEach((n, t) -> found.put(join(path, n), t));
          module.buffers.forEach((n, t) -> found.put(join(path, n), t));
        });
    return found;
  }

  /** Number of values in all parameters. */
  public final long parameterCount() {
    return parameters().values().stream().mapToLong(Tensor::count).sum();
  }

  private void walk(String path, BiConsumer<String, Module> visitor) {
    visitor.accept(path, this);
    children.forEach((name, module) -> module.walk(join(path, name), visitor));
  }

  private static String join(String path, String name) {
    return path.isEmpty() || name.isEmpty() ? path + name : path + "." + name;
  }

  // ---- modes

  /** Training mode: dropout drops, batch normalisation uses and updates batch statistics. */
  public final void train() {
    walk("", (path, module) -> module.training = true);
  }

  /** Evaluation mode: the same input always gives the same output. */
  public final void eval() {
    walk("", (path, module) -> module.training = false);
  }

  /** Whether this module is in training mode. */
  public final boolean isTraining() {
    return training;
  }

  /** Evaluation mode, and no parameter is trained any more: what a teacher must be. */
  public final void freeze() {
    eval();
    parameters().values().forEach(parameter -> parameter.setRequiresGrad(false));
  }

  /** Whether no parameter is trained and every module is in evaluation mode. */
  public final boolean isFrozen() {
    return modules().values().stream().noneMatch(Module::isTraining)
        && parameters().values().stream().noneMatch(Tensor::requiresGrad);
  }

  /** Lays out the weights of convolutions in the given order; inputs must be laid out likewise. */
  public final void to(MemoryFormat format) {
    replace(tensor -> tensor.dim() == 4 ? tensor.copy(format) : tensor);
  }

  /** Moves parameters and buffers to a device; inputs must lie there too. */
  public final void to(Device device) {
    replace(tensor -> tensor.to(device));
  }

  private void replace(java.util.function.UnaryOperator<Tensor> conversion) {
    try (TensorScope scope = TensorScope.open("convert a module");
        NoGrad noGrad = new NoGrad()) {
      for (Tensor tensor : state().values()) {
        Tensor converted = conversion.apply(tensor.detach());
        tensor.setData(converted);
      }
    }
  }

  /** Closes the tensors of this module and its children. */
  @Override
  public final void close() {
    state().values().forEach(Tensor::close);
  }
}
