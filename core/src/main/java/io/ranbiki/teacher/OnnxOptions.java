package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an ONNX file is used.
 *
 * @param output name of the output that holds the logits; null for the only one that can
 * @param layout order of an image's lengths in the input
 * @param threads that work on one batch, 1 or more; 0 for as many as libtorch uses
 * @param inParts whether each of them answers a part of the batch, and they do not share it: faster
 *     for batches, slower for a sample by itself
 * @param ports what of a text an input is given, by the name of the input, where their names differ
 * @param patience how long an answer may take for each sample of a question, where a loop in the
 *     file could go on without end
 */
public record OnnxOptions(
    @Nullable String output,
    Layout layout,
    Map<String, String> ports,
    int threads,
    boolean inParts,
    Duration patience) {

  private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);

  /** Everything found from the file. */
  public static final OnnxOptions STANDARD = new OnnxOptions(null, Layout.FROM_SHAPE, 0);

  /** With half a minute for each sample. */
  public OnnxOptions(@Nullable String output, Layout layout, int threads) {
    this(output, layout, Map.of(), threads, false, HALF_A_MINUTE);
  }

  /** The same with so many threads that share a batch. */
  public OnnxOptions withThreads(int others) {
    return new OnnxOptions(output, layout, ports, others, false, patience);
  }

  /** The same, but each thread answers a part of a batch. */
  public OnnxOptions withParts() {
    return new OnnxOptions(output, layout, ports, threads, true, patience);
  }

  /** The same with another patience. */
  public OnnxOptions withPatience(Duration other) {
    return new OnnxOptions(output, layout, ports, threads, inParts, other);
  }

  /** The same with what inputs are given. */
  public OnnxOptions withPorts(Map<String, String> others) {
    return new OnnxOptions(output, layout, others, threads, inParts, patience);
  }

  /** Copies the ports and checks the threads. */
  public OnnxOptions {
    ports = Map.copyOf(ports);
    if (threads < 0 || threads > 1024) {
      throw RanbikiException.configuration(
          "The threads of an ONNX teacher are %d, but must be 0 to 1024; 0 takes as many as libtorch.",
          threads);
    }
  }
}
