package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How an ONNX file is used.
 *
 * @param output name of the output that holds the logits; null for the only one that can
 * @param layout order of an image's lengths in the input
 * @param threads that share one batch, 1 or more; 0 for as many as libtorch uses
 * @param patience how long an answer may take for each sample of a question, where a loop in the
 *     file could go on without end
 */
public record OnnxOptions(@Nullable String output, Layout layout, int threads, Duration patience) {

  private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);

  /** Everything found from the file. */
  public static final OnnxOptions STANDARD = new OnnxOptions(null, Layout.FROM_SHAPE, 0);

  /** With half a minute for each sample. */
  public OnnxOptions(@Nullable String output, Layout layout, int threads) {
    this(output, layout, threads, HALF_A_MINUTE);
  }

  /** Checks the threads. */
  public OnnxOptions {
    if (threads < 0 || threads > 1024) {
      throw RanbikiException.configuration(
          "threads of an ONNX teacher are %d and must be 0 to 1024; 0 takes as many as libtorch",
          threads);
    }
  }
}
