package io.ranbiki.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Owns the tensors that are made while it is the innermost open scope of its thread, and frees them
 * all when it closes, also after an exception. Scopes nest; each is closed on the thread that
 * opened it, innermost first.
 */
public final class TensorScope implements AutoCloseable {

  private static final ThreadLocal<@Nullable TensorScope> INNERMOST = new ThreadLocal<>();

  private final String name;
  private final @Nullable TensorScope outer;
  private final Thread thread = Thread.currentThread();
  private final List<Tensor> tensors = new ArrayList<>();
  private final PointerScope pointers;
  private boolean closed;

  private TensorScope(String name) {
    this.name = name;
    this.outer = INNERMOST.get();
    Engine.start();
    this.pointers = new PointerScope();
  }

  /**
   * Opens a scope inside the innermost one.
   *
   * @param name what the scope is for, such as {@code step}: error messages say it
   */
  public static TensorScope open(String name) {
    TensorScope scope = new TensorScope(name);
    INNERMOST.set(scope);
    return scope;
  }

  static @Nullable TensorScope innermost() {
    return INNERMOST.get();
  }

  void own(Tensor tensor) {
    tensors.add(tensor);
  }

  String name() {
    return name;
  }

  /**
   * Moves a tensor of this scope to the scope around it (or out of all scopes, if there is none),
   * so that a method can work in a scope of its own and return one result.
   *
   * @return the same tensor
   */
  public Tensor passOut(Tensor tensor) {
    tensor.keep();
    if (outer != null) {
      tensor.adopt(outer);
    }
    return tensor;
  }

  PointerScope pointers() {
    return pointers;
  }

  /**
   * Frees every tensor of this scope.
   *
   * @throws IllegalStateException if called on another thread, or before an inner scope was closed
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "scope '%s' was opened on thread '%s' and must be closed there, not on '%s'",
              name,
              thread.getName(),
              Thread.currentThread().getName()));
    }
    TensorScope innermost = INNERMOST.get();
    if (innermost != this) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "scope '%s' cannot close before the scope inside it, '%s'",
              name,
              innermost == null ? "?" : innermost.name));
    }
    closed = true;
    if (outer == null) {
      INNERMOST.remove();
    } else {
      INNERMOST.set(outer);
    }
    for (Tensor tensor : tensors) {
      tensor.scopeClosed(this);
    }
    tensors.clear();
    pointers.close();
  }
}
