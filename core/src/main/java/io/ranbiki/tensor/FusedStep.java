package io.ranbiki.tensor;

import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * One of libtorch's fused optimiser kernels, with the tensors that it changes: one pass over the
 * memory for a whole update, the same kernels as PyTorch's {@code fused=True}. The binding has no
 * Java name for them, so that they are reached through a script of one line each, compiled once;
 * its arguments are made once too, since making them took longer than a small update.
 *
 * <p>Shares its tensors with who gave them; they may be closed before this or after.
 */
public final class FusedStep implements AutoCloseable {

  private static final String SCRIPT =
      """
      def one(a: Tensor):
          return [a]
      def none():
          a: List[Tensor] = []
          return a
      def adam(lr: float, n: float, s: Tensor, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], x: List[Tensor], l: List[Tensor], b1: float, b2: float, wd: float, eps: float, amsgrad: bool):
          s.fill_(n)
          torch._fused_adam_(p, g, m, v, x, l, lr=lr, beta1=b1, beta2=b2, weight_decay=wd, eps=eps, amsgrad=amsgrad, maximize=False)
      def adamw(lr: float, n: float, s: Tensor, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], x: List[Tensor], l: List[Tensor], b1: float, b2: float, wd: float, eps: float, amsgrad: bool):
          s.fill_(n)
          torch._fused_adamw_(p, g, m, v, x, l, lr=lr, beta1=b1, beta2=b2, weight_decay=wd, eps=eps, amsgrad=amsgrad, maximize=False)
      def sgd(lr: float, n: float, p: List[Tensor], g: List[Tensor], b: List[Tensor], wd: float, momentum: float, dampening: float, nesterov: bool):
          torch._fused_sgd_(p, g, b, weight_decay=wd, momentum=momentum, lr=lr, dampening=dampening, nesterov=nesterov, maximize=False, is_first_step=n == 1.0)
      """;

  private static final int LEARNING_RATE = 0;
  private static final int STEP = 1;

  private static @Nullable CompilationUnit unit;

  private final String name;
  private final Function function;
  private final IValueVector arguments;

  private FusedStep(String name, IValue... constants) {
    this.name = name;
    function = function(name);
    function.retainReference();
    IValue[] all = new IValue[constants.length + 2];
    all[LEARNING_RATE] = new IValue(0.0);
    all[STEP] = new IValue(0.0);
    System.arraycopy(constants, 0, all, 2, constants.length);
    arguments = new IValueVector(all);
    arguments.retainReference();
  }

  /**
   * Steps of Adam (Kingma and Ba 2014, arXiv:1412.6980) or AdamW (Loshchilov and Hutter 2017,
   * arXiv:1711.05101), in place, as PyTorch computes them.
   *
   * @param parameters one-dimensional
   * @param gradients of the same length
   * @param mean running mean of the gradients, updated
   * @param square running mean of their squares, updated
   * @param maxSquare largest {@code square} so far, updated; with {@code amsgrad} only, else null
   * @param decoupled true for AdamW: weight decay apart from the gradient
   */
  public static FusedStep adam(
      Tensor parameters,
      Tensor gradients,
      Tensor mean,
      Tensor square,
      @Nullable Tensor maxSquare,
      AdamSettings settings,
      boolean decoupled) {
    try (TensorScope scope = TensorScope.open("prepare adam")) {
      Tensor step = Tensors.scalar(0);
      return new FusedStep(
          decoupled ? "adamw" : "adam",
          new IValue(step.handle()),
          list(parameters),
          list(gradients),
          list(mean),
          list(square),
          list(maxSquare),
          list(step),
          new IValue(settings.meanDecay()),
          new IValue(settings.squareDecay()),
          new IValue(settings.weightDecay()),
          new IValue(settings.epsilon()),
          new IValue(settings.amsgrad()));
    }
  }

  /**
   * Numbers of Adam that stay the same from step to step.
   *
   * @param meanDecay share of the old running mean that stays
   * @param squareDecay share of the old running mean of squares that stays
   * @param weightDecay share of the weights that is taken off
   * @param epsilon added to the root of the squares
   * @param amsgrad whether the largest squares so far divide
   */
  public record AdamSettings(
      double meanDecay, double squareDecay, double weightDecay, double epsilon, boolean amsgrad) {}

  /**
   * Steps of stochastic gradient descent with momentum, in place, as PyTorch computes them.
   *
   * @param momentumBuffer running sum of gradients, filled by the first step and updated by the
   *     others; null if momentum is 0
   */
  public static FusedStep sgd(
      Tensor parameters, Tensor gradients, @Nullable Tensor momentumBuffer, SgdSettings settings) {
    try (TensorScope scope = TensorScope.open("prepare sgd")) {
      return new FusedStep(
          "sgd",
          list(parameters),
          list(gradients),
          list(momentumBuffer),
          new IValue(settings.weightDecay()),
          new IValue(settings.momentum()),
          new IValue(settings.dampening()),
          new IValue(settings.nesterov()));
    }
  }

  /**
   * Numbers of stochastic gradient descent that stay the same from step to step.
   *
   * @param weightDecay share of the weights added to the gradient
   * @param momentum share of the buffer that stays
   * @param dampening share of the gradient that the buffer leaves out
   * @param nesterov whether the gradient looks ahead
   */
  public record SgdSettings(
      double weightDecay, double momentum, double dampening, boolean nesterov) {}

  /**
   * Changes the parameters by their gradients.
   *
   * @param step number of this step, from 1
   */
  public void take(double learningRate, long step) {
    try (TensorScope scope = TensorScope.open(name);
        NoGrad noGrad = new NoGrad()) {
      Native.run(
          name,
          () -> {
            arguments.put(LEARNING_RATE, new IValue(learningRate));
            arguments.put(STEP, new IValue((double) step));
            function.apply(arguments);
          });
    }
  }

  /**
   * A list of one tensor or none; lists made inside a script are optimised away with their writes.
   */
  private static IValue list(@Nullable Tensor tensor) {
    return tensor == null
        ? function("none").apply(new IValueVector())
        : function("one").apply(new IValueVector(new IValue(tensor.handle())));
  }

  private static Function function(String name) {
    return unit().find_function(new QualifiedName(name));
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

  @Override
  public void close() {
    arguments.deallocate();
  }
}
