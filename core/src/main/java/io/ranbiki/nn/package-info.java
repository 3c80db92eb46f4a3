/**
 * Neural-network modules with PyTorch's names, paths, layouts and initial values.
 *
 * <p>A {@link io.ranbiki.nn.Module} is a plain Java object that holds parameters, buffers and child
 * modules by name. A {@link io.ranbiki.nn.Layer} is a function of one tensor; a {@link
 * io.ranbiki.nn.Network} answers named inputs with a {@link io.ranbiki.nn.Signal}. {@link
 * io.ranbiki.nn.Taps} reads the output of any module inside a network by its path, such as {@code
 * features.2}. {@link io.ranbiki.nn.StateDict} copies weights in and out.
 *
 * <p>Modules own their tensors: closing a module closes them. Everything random in a module, its
 * initial weights and its dropout, draws from the generator it was built with.
 */
@NullMarked
package io.ranbiki.nn;

import org.jspecify.annotations.NullMarked;
