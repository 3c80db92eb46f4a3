package io.ranbiki.tensor;

import io.ranbiki.Memory;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.Nullable;

/** The border to libtorch: every call passes here, so that every error leaves as one sentence. */
final class Native {

  private static final String NO_REASON = "it gave no reason";

  /** What libtorch and the C++ library say when memory is short, or a size is past all counting. */
  private static final Pattern NO_MEMORY =
      Pattern.compile(
          "can't allocate memory|not enough memory|bad_alloc|bad_array_new_length"
              + "|Storage size calculation overflowed|integer multiplication overflow");

  private static final Pattern BYTES = Pattern.compile("allocate (\\d+) bytes");

  private Native() {}

  /** Runs an operation that makes a tensor; the result belongs to the innermost scope. */
  static Tensor tensor(String operation, Supplier<org.bytedeco.pytorch.Tensor> call) {
    return new Tensor(value(operation, call));
  }

  /** Runs an operation that makes anything else. */
  static <T> T value(String operation, Supplier<T> call) {
    try {
      return call.get();
    } catch (TensorException e) {
      throw e;
    } catch (RuntimeException e) {
      String sentence = sentence(e.getMessage());
      if (NO_MEMORY.matcher(sentence).find()) {
        throw new Memory.Exhausted(operation + " could not have " + memory(sentence));
      }
      throw new TensorException(operation + ": " + sentence, e);
    }
  }

  /** How much memory an operation asked for, if its error says so. */
  private static String memory(String sentence) {
    Matcher bytes = BYTES.matcher(sentence);
    return bytes.find() ? Memory.text(Double.parseDouble(bytes.group(1))) : "what it needs";
  }

  /** Runs an operation for its effect. */
  static void run(String operation, Runnable call) {
    value(
        operation,
        () -> {
          call.run();
          return true;
        });
  }

  /** The first sentence of a message from libtorch, without frames and source positions. */
  static String sentence(@Nullable String message) {
    if (message == null) {
      return NO_REASON;
    }
    int end = message.indexOf("\nException raised from ");
    String text = end >= 0 ? message.substring(0, end) : message;
    int script = text.lastIndexOf("RuntimeError: ");
    text = script >= 0 ? text.substring(script + "RuntimeError: ".length()) : text;
    int line = text.indexOf('\n');
    String first = line >= 0 ? text.substring(0, line) : text;
    String cleaned = first.replaceFirst("^\\[[^\\]]*]\\s*", "").trim();
    return cleaned.isEmpty() ? NO_REASON : cleaned;
  }

  static Scalar scalar(double value) {
    return new Scalar(value);
  }

  /** A factor for arithmetic in place: libtorch takes no 1.0 for a tensor of integers, only 1. */
  static Scalar scalar(double value, DType type) {
    boolean integers = type == DType.INT64 || type == DType.INT32 || type == DType.UINT8;
    return integers && value == Math.rint(value) ? new Scalar((long) value) : new Scalar(value);
  }

  static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor.handle());
  }

  static TensorVector vector(Iterable<Tensor> tensors) {
    TensorVector vector = new TensorVector();
    for (Tensor tensor : tensors) {
      vector.push_back(tensor.handle());
    }
    return vector;
  }
}
