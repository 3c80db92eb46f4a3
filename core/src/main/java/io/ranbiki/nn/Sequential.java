package io.ranbiki.nn;

import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * Modules in a row, each fed with the output of the one before; named {@code 0}, {@code 1}, ...
 * Where no gradient is recorded and no tap is inside, an output is freed as soon as the next module
 * has read it: a network that only answers needs the memory of two layers.
 */
public final class Sequential extends Module {

  private final List<Module> modules;

  /** Makes a row of modules, which it then owns. */
  public Sequential(Module... modules) {
    this.modules = List.of(modules);
    for (int i = 0; i < modules.length; i++) {
      child(Integer.toString(i), modules[i]);
    }
  }

  @Override
  protected Tensor forward(Tensor input) {
    boolean watched = isTappedInside();
    Tensor output = input;
    for (Module module : modules) {
      Tensor before = output;
      output = module.apply(before);
      boolean handedOn = before == input || before == output; // as dropout does when it is off
      if (!watched && !handedOn && !output.requiresGrad()) {
        before.close();
      }
    }
    return output;
  }
}
