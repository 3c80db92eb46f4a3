package io.ranbiki.nn;

import io.ranbiki.tensor.Tensor;
import java.util.List;

/** Modules in a row, each fed with the output of the one before; named {@code 0}, {@code 1}, ... */
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
    Tensor output = input;
    for (Module module : modules) {
      output = module.apply(output);
    }
    return output;
  }
}
