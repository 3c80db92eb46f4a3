package io.ranbiki.cli;

import io.ranbiki.result.Cost;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What models cost where they run. */
final class CostTable {

  private static final String BUSY = " busy";

  private CostTable() {}

  /** The time of a sample as it stands in a table of models. */
  static String time(@Nullable Double milliseconds, @Nullable Cost cost) {
    boolean busy = cost != null && cost.deployment().map(Cost.Latency::busy).orElse(false);
    return Shown.milliseconds(milliseconds) + (busy ? BUSY : "");
  }

  /** What must be known beside such times; nothing where none was measured. */
  static void remarks(Map<String, Cost> costs, PrintWriter out) {
    if (costs.values().stream().allMatch(cost -> cost.deployment().isEmpty())) {
      return;
    }
    String torch =
        costs.entrySet().stream()
            .filter(entry -> entry.getValue().onnxBytes() != null)
            .flatMap(
                entry ->
                    libtorch(entry.getValue())
                        .map(
                            time ->
                                entry.getKey()
                                    + " "
                                    + Shown.milliseconds(time.p50())
                                    + " ms"
                                    + busy(time))
                        .stream())
            .collect(Collectors.joining(", "));
    out.println("Times: median of calls with one sample and one thread, in ONNX Runtime.");
    if (!torch.isEmpty()) {
      out.println("In libtorch: " + torch + ".");
    }
    costs.forEach(
        (name, cost) -> {
          if (cost.onnxBytes() == null) {
            out.printf(
                Locale.ROOT,
                "The %s is no single ONNX file, so its time is that of asking it here.%n",
                name);
          }
        });
    if (costs.values().stream().flatMap(c -> c.latencies().stream()).anyMatch(Cost.Latency::busy)) {
      busyRemark(out);
    }
  }

  private static Optional<Cost.Latency> libtorch(Cost cost) {
    return cost.latencies().stream()
        .filter(time -> time.engine() == Cost.Engine.LIBTORCH)
        .findFirst();
  }

  private static String busy(Cost.Latency time) {
    return time.busy() ? BUSY : "";
  }

  private static void busyRemark(PrintWriter out) {
    out.println(
        "busy: the machine was busy, the two halves of these calls differ by more than a\n"
            + "tenth; measure again on a quiet one.");
  }

  /** Every latency, and what the models compute and keep. */
  static void print(Map<String, Cost> costs, Table.Format format, PrintWriter out) {
    Table sizes = new Table("model", "multiply-adds", "largest activation", "ONNX file");
    Table times = new Table("model", "engine", "threads", "batch", "p50 ms", "p95 ms", "p99 ms");
    costs.forEach(
        (name, cost) -> {
          Long onnx = cost.onnxBytes();
          sizes.add(
              name,
              Shown.count(cost.multiplyAdds()),
              Shown.count(cost.largestActivation()),
              onnx == null ? Shown.UNKNOWN : Shown.bytes(onnx));
          for (Cost.Latency time : cost.latencies()) {
            times.add(
                name,
                time.engine().title(),
                Integer.toString(time.threads()),
                Integer.toString(time.batch()),
                Shown.milliseconds(time.p50()) + busy(time),
                Shown.milliseconds(time.p95()),
                Shown.milliseconds(time.p99()));
          }
        });
    sizes.print(format, out);
    out.println();
    times.print(format, out);
    if (format == Table.Format.TEXT) {
      out.println("Times are of a call with its whole batch.");
      if (costs.values().stream()
          .flatMap(cost -> cost.latencies().stream())
          .anyMatch(Cost.Latency::busy)) {
        busyRemark(out);
      }
    }
  }
}
