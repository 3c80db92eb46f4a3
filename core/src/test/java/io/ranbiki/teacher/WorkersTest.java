package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {

  private static final List<Integer> THINGS = IntStream.range(0, 500).boxed().toList();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void results_areInTheOrderOfTheThings(int count) {
    try (Workers workers = new Workers("test", count)) {
      for (int round = 0; round < 3; round++) {
        assertThat(workers.all(THINGS, (worker, thing) -> thing + 1))
            .isEqualTo(IntStream.range(1, 501).boxed().toList());
      }
      assertThat(workers.all(List.of(), (worker, thing) -> thing)).isEmpty();
      assertThat(workers.all(List.of(7), (worker, thing) -> worker)).containsExactly(0);
    }
  }

  @Test
  void workers_workAtTheSameTime_eachUnderItsNumber() {
    CyclicBarrier both = new CyclicBarrier(2);
    Set<Integer> numbers = ConcurrentHashMap.newKeySet();
    try (Workers workers = new Workers("test", 2)) {
      workers.all(
          List.of(1, 2),
          (worker, thing) -> {
            try {
              both.await();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
            return numbers.add(worker);
          });
    }
    assertThat(numbers).containsExactlyInAnyOrder(0, 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void failure_isPassedOn_andEndsTheWork(int count) {
    Set<Integer> done = ConcurrentHashMap.newKeySet();
    try (Workers workers = new Workers("test", count)) {
      assertThatThrownBy(
              () ->
                  workers.all(
                      THINGS,
                      (worker, thing) -> {
                        if (thing >= 20) {
                          throw new IllegalArgumentException("no more");
                        }
                        return done.add(thing);
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("no more");
      assertThat(done).hasSize(20);
      assertThat(workers.all(List.of(1, 2, 3), (worker, thing) -> thing)).hasSize(3);
    }
  }

  @Test
  void interruptedThread_staysSo_andHasItsResults() {
    try (Workers workers = new Workers("test", 2)) {
      Thread.currentThread().interrupt();
      assertThat(workers.all(THINGS, (worker, thing) -> thing)).isEqualTo(THINGS);
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
