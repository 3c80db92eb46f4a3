package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.result.Cost;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On a clock that only calls move. */
class LatencyTest {

  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;

  private long now = 17;
  private final List<String> order = new ArrayList<>();

  /** The n-th call, from 0, takes so many nanoseconds. */
  private Latency.Subject subject(String name, IntToLongFunction nanos) {
    int[] calls = {0};
    return new Latency.Subject(
        Cost.Engine.ONNXRUNTIME,
        1,
        32,
        () -> {
          order.add(name);
          now += nanos.applyAsLong(calls[0]++);
        });
  }

  private List<Cost.Latency> measured(Latency.Protocol protocol, Latency.Subject... subjects) {
    return Latency.of(List.of(subjects), protocol, () -> now);
  }

  @Test
  void percentiles_areThoseOfTheCalls() {
    Cost.Latency latency =
        measured(Latency.Protocol.WHOLE, subject("a", n -> (1_000 + n % 1_000) * MICRO)).get(0);

    assertThat(latency.engine()).isEqualTo(Cost.Engine.ONNXRUNTIME);
    assertThat(latency.threads()).isEqualTo(1);
    assertThat(latency.batch()).isEqualTo(32);
    assertThat(latency.calls()).isBetween(1_000L, 1_450L); // 2 s of 1.5 ms, and a last block
    assertThat(latency.minimum()).isEqualTo(1);
    assertThat(latency.p50()).isCloseTo(1.5, within(0.15));
    assertThat(latency.p95()).isCloseTo(1.95, within(0.03));
    assertThat(latency.p99()).isCloseTo(1.99, within(0.01));
  }

  @Test
  void warmUp_doesNotCount() {
    Cost.Latency fast =
        measured(Latency.Protocol.WHOLE, subject("a", n -> n < 500 ? 9 * MILLI : MILLI)).get(0);
    assertThat(fast.p99()).isCloseTo(9, within(0.01)); // 0.5 s are over after 56 calls
    order.clear();
    Cost.Latency warm =
        measured(Latency.Protocol.WHOLE, subject("a", n -> n < 50 ? 9 * MILLI : MILLI)).get(0);
    assertThat(warm.p99()).isCloseTo(1, within(0.001));
    assertThat(order).hasSize((int) warm.calls() + 100); // 450 ms, and 50 ms more
  }

  @Test
  void models_takeTurnsForTheSameTime() {
    List<Cost.Latency> both =
        measured(
            Latency.Protocol.WHOLE, subject("fast", n -> 20 * MICRO), subject("slow", n -> MILLI));

    assertThat(both.get(0).calls()).isBetween(100_000L, 110_000L);
    assertThat(both.get(1).calls()).isBetween(2_000L, 2_100L);
    // After the warm-up of 25,000 and 500 calls: 50 ms each, in blocks of at least 50 calls.
    List<String> turns = order.subList(25_500, order.size());
    assertThat(turns.subList(0, 2_500)).containsOnly("fast");
    assertThat(turns.subList(2_500, 2_550)).containsOnly("slow");
    assertThat(turns.subList(2_550, 5_050)).containsOnly("fast");
    assertThat(turns.subList(turns.size() - 50, turns.size())).containsOnly("slow");
  }

  @ParameterizedTest
  @CsvSource({"1.05, false", "0.96, false", "1.2, true", "0.8, true"})
  void halvesThatDiffer_tellABusyMachine(double later, boolean busy) {
    // Of 2 s, the first after 500 calls of warm-up; then calls take another time.
    int turn = 500 + 1_000;
    Cost.Latency latency =
        measured(
                Latency.Protocol.WHOLE,
                subject("a", n -> n < turn ? MILLI : (long) (later * MILLI)))
            .get(0);

    assertThat(latency.busy()).isEqualTo(busy);
    assertThat(latency.lowP95()).isCloseTo(Math.min(1, later), within(0.001));
    assertThat(latency.highP95()).isCloseTo(Math.max(1, later), within(0.001));
  }

  @Test
  void slowModel_isNotMeasuredPastTheEnd() {
    List<Cost.Latency> both =
        measured(
            Latency.Protocol.SHORT, subject("slow", n -> 1_500 * MILLI), subject("a", n -> MILLI));

    assertThat(both.get(0).calls()).isEqualTo(3);
    assertThat(both.get(0).p50()).isCloseTo(1_500, within(2.0));
    assertThat(both.get(1).calls()).isGreaterThanOrEqualTo(2);
    assertThat(now).isLessThan(8_000 * MILLI);
  }

  @Test
  void callsFasterThanTheClock_areCountedAsOneTick() {
    Cost.Latency latency =
        measured(Latency.Protocol.GLANCE, subject("a", n -> n % 2 == 0 ? 0 : MICRO)).get(0);

    assertThat(latency.calls()).isEqualTo(100);
    assertThat(latency.minimum()).isEqualTo(1e-6);
  }
}
