package io.ranbiki.tensor;

/**
 * An operation that cannot be done with the tensors it was given: shapes that do not fit, a tensor
 * that was closed, an unknown device. The message is one sentence without native frames.
 */
public final class TensorException extends RuntimeException {

  /** Makes an exception with a message of one sentence. */
  public TensorException(String message) {
    super(message);
  }

  TensorException(String message, Throwable cause) {
    super(message, cause);
  }
}
