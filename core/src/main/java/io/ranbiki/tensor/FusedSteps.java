package io.ranbiki.tensor;

import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * libtorch's fused optimiser kernels: one pass over the memory for a whole update, the same kernels
 * as PyTorch's {@code fused=True}. The binding has no Java name for them, so that they are reached
 * through a script of one line each, compiled once.
 */
public final class FusedSteps {

  private static final String SCRIPT =
      """
      def one(a: Tensor):
          return [a]
      def none():
          a: List[Tensor] = []
          return a
      def adam(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], x: List[Tensor], s: List[Tensor], lr: float, b1: float, b2: float, wd: float, eps: float, amsgrad: bool):
          torch._fused_adam_(p, g, m, v, x, s, lr=lr, beta1=b1, beta2=b2, weight_decay=wd, eps=eps, amsgrad=amsgrad, maximize=False)
      def adamw(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], x: List[Tensor], s: List[Tensor], lr: float, b1: float, b2: float, wd: float, eps: float, amsgrad: bool):
          torch._fused_adamw_(p, g, m, v, x, s, lr=lr, beta1=b1, beta2=b2, weight_decay=wd, eps=eps, amsgrad=amsgrad, maximize=False)
      def sgd(p: List[Tensor], g: List[Tensor], b: List[Tensor], lr: float, wd: float, momentum: float, dampening: float, nesterov: bool, first: bool):
          torch._fused_sgd_(p, g, b, weight_decay=wd, momentum=momentum, lr=lr, dampening=dampening, nesterov=nesterov, maximize=False, is_first_step=first)
      """;

  private static @Nullable CompilationUnit unit;

  private FusedSteps() {}

  /**
   * One step of Adam (Kingma and Ba 2014, arXiv:1412.6980) or AdamW (Loshchilov and Hutter 2017,
   * arXiv:1711.05101), in place, as PyTorch computes them.
   *
   * @param parameters one-dimensional
   * @param gradients of the same length
   * @param mean running mean of the gradients, updated
   * @param square running mean of their squares, updated
   * @param maxSquare largest {@code square} so far, updated; with {@code amsgrad} only, else null
   * @param step number of this step, from 1: a FLOAT32 number
   * @param decoupled true for AdamW: weight decay apart from the gradient
   */
  public static void adam(
      Tensor parameters,
      Tensor gradients,
      Tensor mean,
      Tensor square,
      @Nullable Tensor maxSquare,
      Tensor step,
      AdamSettings settings,
      boolean decoupled) {
    call(
        decoupled ? "adamw" : "adam",
        list(parameters),
        list(gradients),
        list(mean),
        list(square),
        list(maxSquare),
        list(step),
        new IValue(settings.learningRate()),
        new IValue(settings.meanDecay()),
        new IValue(settings.squareDecay()),
        new IValue(settings.weightDecay()),
        new IValue(settings.epsilon()),
        new IValue(settings.amsgrad()));
  }

  /**
   * Numbers of a step of Adam.
   *
   * @param learningRate of this step
   * @param meanDecay share of the old running mean that stays
   * @param squareDecay share of the old running mean of squares that stays
   * @param weightDecay share of the weights that is taken off
   * @param epsilon added to the root of the squares
   * @param amsgrad whether the largest squares so far divide
   */
  public record AdamSettings(
      double learningRate,
      double meanDecay,
      double squareDecay,
      double weightDecay,
      double epsilon,
      boolean amsgrad) {}

  /**
   * One step of stochastic gradient descent with momentum, in place, as PyTorch computes it.
   *
   * @param momentumBuffer running sum of gradients, updated; null if momentum is 0
   * @param first whether this is the first step, which fills the buffer
   */
  public static void sgd(
      Tensor parameters,
      Tensor gradients,
      @Nullable Tensor momentumBuffer,
      SgdSettings settings,
      boolean first) {
    call(
        "sgd",
        list(parameters),
        list(gradients),
        list(momentumBuffer),
        new IValue(settings.learningRate()),
        new IValue(settings.weightDecay()),
        new IValue(settings.momentum()),
        new IValue(settings.dampening()),
        new IValue(settings.nesterov()),
        new IValue(first));
  }

  /**
   * Numbers of a step of stochastic gradient descent.
   *
   * @param learningRate of this step
   * @param weightDecay share of the weights added to the gradient
   * @param momentum share of the buffer that stays
   * @param dampening share of the gradient that the buffer leaves out
   * @param nesterov whether the gradient looks ahead
   */
  public record SgdSettings(
      double learningRate,
      double weightDecay,
      double momentum,
      double dampening,
      boolean nesterov) {}

  /**
   * A list of one tensor or none; lists made inside a script are optimised away with their writes.
   */
  private static IValue list(@Nullable Tensor tensor) {
    if (tensor == null) {
      return unit().find_function(new QualifiedName("none")).apply(new IValueVector());
    }
    IValueVector argument = new IValueVector(new IValue(tensor.handle()));
    return unit().find_function(new QualifiedName("one")).apply(argument);
  }

  private static void call(String name, IValue... arguments) {
    try (TensorScope scope = TensorScope.open(name);
        NoGrad noGrad = new NoGrad()) {
      Native.run(
          name,
          () -> {
            Function function = unit().find_function(new QualifiedName(name));
            function.apply(new IValueVector(arguments));
          });
    }
  }

  private static synchronized CompilationUnit unit() {
    CompilationUnit compiled = unit;
    if (compiled == null) {
      compiled = torch.compile(SCRIPT);
      compiled.retainReference();
      unit = compiled;
    }
    return compiled;
  }
}
