package io.ranbiki.nn;

import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Modules in a row, each fed with the output of the one before; named {@code 0}, {@code 1}, ...
 * Where no gradient is recorded and no tap is inside, an output is freed as soon as the next module
 * has read it: a network that only answers needs the memory of two layers. Where no tap is inside,
 * a ReLU waits until the largest values of windows have been taken: outputs and gradients are the
 * same bits, and fewer elements go through it.
 */
public final class Sequential extends Module {

  private final List<Module> modules;
  private final List<Module> reluLast;

  /** Makes a row of modules, which it then owns. */
  public Sequential(Module... modules) {
    this.modules = List.of(modules);
    for (int i = 0; i < modules.length; i++) {
      child(Integer.toString(i), modules[i]);
    }
    reluLast = reluLast(this.modules);
  }

  private static List<Module> reluLast(List<Module> modules) {
    List<Module> order = new ArrayList<>(modules);
    for (int i = 1; i < order.size(); i++) {
      if (order.get(i) instanceof Pool pool
          && pool.takesLargest()
          && order.get(i - 1) instanceof Activation activation
          && activation.isRelu()) {
        Collections.swap(order, i - 1, i);
      }
    }
    return order;
  }

  @Override
  protected boolean isSampleWise() {
    return true;
  }

  @Override
  protected String describe(Graph graph, String input) {
    String output = input;
    for (Module module : modules) {
      output = graph.apply(module, output);
    }
    return output;
  }

  @Override
  protected Tensor forward(Tensor input) {
    boolean watched = isTappedInside();
    Tensor output = input;
    for (Module module : watched ? modules : reluLast) {
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
