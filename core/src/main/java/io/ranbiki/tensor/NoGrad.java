package io.ranbiki.tensor;

import org.bytedeco.pytorch.NoGradGuard;

/** Until closed, operations of this thread record nothing for gradients. Nests. */
public final class NoGrad implements AutoCloseable {

  private final NoGradGuard guard;

  /** Stops recording on this thread. */
  public NoGrad() {
    Engine.start();
    guard = new NoGradGuard();
  }

  /** Records again as before. */
  @Override
  public void close() {
    guard.deallocate();
  }
}
