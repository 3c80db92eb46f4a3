package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.result.Cost;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CostTableTest {

  private static Cost.Latency time(Cost.Engine engine, double median) {
    return new Cost.Latency(
        engine, 1, 1, 100, median, median, median, median, median, median, false);
  }

  @Test
  void aModelThatIsNoSingleOnnxFile_isSaidToBeAskedHere() {
    Map<String, Cost> costs = new LinkedHashMap<>();
    // An encoder in ONNX Runtime with a head here is neither of the engines alone.
    costs.put("teacher", new Cost(1L, 4, null, null, null, List.of(time(Cost.Engine.LIBTORCH, 8))));
    costs.put(
        "student",
        new Cost(
            1L,
            4,
            9L,
            null,
            null,
            List.of(time(Cost.Engine.ONNXRUNTIME, 1), time(Cost.Engine.LIBTORCH, 2))));
    StringWriter out = new StringWriter();
    CostTable.remarks(costs, new PrintWriter(out, true));
    assertThat(out.toString().lines())
        .containsExactly(
            "Times: median of calls with one sample and one thread, in ONNX Runtime.",
            "In libtorch: student 2.00 ms.",
            "The teacher is no single ONNX file, so its time is that of asking it here.");
  }
}
