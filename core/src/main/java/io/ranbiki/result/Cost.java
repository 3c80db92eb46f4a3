package io.ranbiki.result;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a model costs where it runs.
 *
 * @param parameters number of trained values; {@code null} if not known, as of a file that holds
 *     trees
 * @param bytes size of its weights as 32-bit numbers, or of the file of others that it is
 * @param onnxBytes size of the ONNX file that was measured; {@code null} where there is none
 * @param multiplyAdds multiplications that are added up for one sample, in convolutions and linear
 *     layers; {@code null} where the layers are not known
 * @param largestActivation values of the largest tensor that a layer gives for one sample; {@code
 *     null} where the layers are not known
 * @param latencies how long calls took, by engine, threads and batch; may be empty
 */
public record Cost(
    @Nullable Long parameters,
    long bytes,
    @Nullable Long onnxBytes,
    @Nullable Long multiplyAdds,
    @Nullable Long largestActivation,
    List<Latency> latencies) {

  /** Copies the list and checks the ranges. */
  public Cost {
    notNegative("parameters", parameters);
    Check.notNegative("bytes", bytes);
    notNegative("onnx-bytes", onnxBytes);
    notNegative("multiply-adds", multiplyAdds);
    notNegative("largest-activation", largestActivation);
    latencies = List.copyOf(Check.present("latencies", latencies));
  }

  private static void notNegative(String name, @Nullable Long value) {
    if (value != null) {
      Check.notNegative(name, value);
    }
  }

  /**
   * The figure to expect in a service: one sample a call, one thread, ONNX Runtime where the model
   * has an ONNX form; empty if nothing was measured.
   */
  public Optional<Latency> deployment() {
    return latencies.stream()
        .filter(latency -> latency.threads() == 1 && latency.batch() == 1)
        .min(Comparator.comparing(Latency::engine));
  }

  /** What runs a model; the one for services first. */
  public enum Engine {
    /** ONNX Runtime, with the exported file. */
    ONNXRUNTIME("ONNX Runtime"),
    /** libtorch, in which it was trained. */
    LIBTORCH("libtorch");

    private final String title;

    Engine(String title) {
      this.title = title;
    }

    /** The name as its makers write it. */
    public String title() {
      return title;
    }

    /** The word in files: {@code onnxruntime}, {@code libtorch}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How long a call takes, with a whole batch, in milliseconds.
   *
   * @param engine what ran the model
   * @param threads that worked on a call, 1 or more
   * @param batch samples of a call, 1 or more
   * @param calls how many were measured, 1 or more
   * @param minimum the shortest, above 0
   * @param p50 half of the calls took at most this
   * @param p95 95 in 100 took at most this
   * @param p99 99 in 100 took at most this
   * @param lowP95 {@code p95} of one half of the calls, the first or the second: the smaller one
   * @param highP95 {@code p95} of the other half
   * @param busy whether the figures are not to be trusted: the medians of the first and the second
   *     half of the calls differ by more than a tenth, as where other programs take the processor
   */
  public record Latency(
      Engine engine,
      int threads,
      int batch,
      long calls,
      double minimum,
      double p50,
      double p95,
      double p99,
      double lowP95,
      double highP95,
      boolean busy) {

    /** Checks the ranges and the order. */
    public Latency {
      Check.present("engine", engine);
      if (threads < 1 || batch < 1 || calls < 1) {
        throw new IllegalArgumentException(
            "threads, batch and calls must be 1 or more, but are "
                + List.of(threads, batch, calls));
      }
      Check.positive("minimum", minimum);
      Check.positive("low-p95", lowP95);
      Check.finite("p99", p99);
      if (!(minimum <= p50 && p50 <= p95 && p95 <= p99)) {
        throw new IllegalArgumentException(
            "minimum, p50, p95 and p99 must not fall, but are " + List.of(minimum, p50, p95, p99));
      }
      if (!(lowP95 <= highP95)) {
        throw new IllegalArgumentException(
            "low-p95 must be at most high-p95, but is " + lowP95 + " and not " + highP95);
      }
    }
  }
}
