/**
 * Tensors and the native engine beneath them. This is the only room that names libtorch.
 *
 * <p><b>Ownership.</b> A tensor belongs to the innermost {@link io.ranbiki.tensor.TensorScope} that
 * is open on its thread and dies with it. {@link io.ranbiki.tensor.Tensor#keep()} takes it out of
 * the scope; whoever keeps a tensor closes it. A tensor made while no scope is open belongs to its
 * maker. Methods never close their arguments.
 *
 * <p><b>One scope a step.</b> Only Java numbers should leave a training step:
 *
 * <pre>{@code
 * try (TensorScope step = TensorScope.open("step")) {
 *   Tensor logits = student.apply(batch.inputs()); // [batch, classes]
 *   Tensor loss = Functional.crossEntropy(logits, batch.labels(), 0);
 *   loss.backward();
 *   total += loss.item();
 * }
 * }</pre>
 *
 * <p><b>Where to look.</b> {@link io.ranbiki.tensor.Tensors} makes tensors, {@link
 * io.ranbiki.tensor.Tensor} has the methods of PyTorch's tensor, {@link
 * io.ranbiki.tensor.Functional} what PyTorch keeps in {@code torch.nn.functional}, {@link
 * io.ranbiki.tensor.Generator} random numbers, {@link io.ranbiki.tensor.Engine} threads and
 * devices. Operations that libtorch refuses throw {@link io.ranbiki.tensor.TensorException} with
 * one clean sentence.
 */
@NullMarked
package io.ranbiki.tensor;

import org.jspecify.annotations.NullMarked;
