package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartnersTest {

  private static final Runnable NOTHING = () -> {};

  private final Partners partners = new Partners(2);

  @AfterEach
  void close() {
    partners.close();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tasks_runAtTheSameTime_theFirstOnTheThreadThatAsks() {
    CountDownLatch all = new CountDownLatch(3);
    List<String> names = Collections.synchronizedList(new ArrayList<>(List.of("", "", "")));
    List<Runnable> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int task = i;
      tasks.add(
          () -> {
            all.countDown();
            await(all);
            names.set(task, Thread.currentThread().getName());
          });
    }
    partners.together(tasks);
    assertThat(names)
        .containsExactly(Thread.currentThread().getName(), "part of a step", "part of a step");
  }

  @Test
  void partnerThatFellAsleep_isWoken() {
    for (int round = 0; round < 3; round++) {
      AtomicBoolean done = new AtomicBoolean();
      partners.together(List.of(NOTHING, () -> done.set(true)));
      assertThat(done).isTrue();
      sleep(20);
    }
  }

  @Test
  void failureHere_isThrownAfterTheOthersHaveEnded() {
    AtomicBoolean ended = new AtomicBoolean();
    Runnable failing =
        () -> {
          throw new IllegalStateException("here");
        };
    Runnable slow =
        () -> {
          sleep(50);
          ended.set(true);
        };
    assertThatThrownBy(() -> partners.together(List.of(failing, NOTHING, slow))).hasMessage("here");
    assertThat(ended).isTrue();
  }

  @Test
  void failureThere_isThrownHere() {
    Runnable failing =
        () -> {
          throw RanbikiException.io("there");
        };
    assertThatThrownBy(() -> partners.together(List.of(NOTHING, NOTHING, failing)))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("there");
    Runnable broken =
        () -> {
          throw new StackOverflowError("deep");
        };
    assertThatThrownBy(() -> partners.together(List.of(NOTHING, broken)))
        .isInstanceOf(StackOverflowError.class);
  }

  @Test
  void interrupt_isKeptUntilAllHaveEnded() {
    AtomicBoolean ended = new AtomicBoolean();
    Runnable slow =
        () -> {
          sleep(50);
          ended.set(true);
        };
    partners.together(List.of(() -> Thread.currentThread().interrupt(), slow));
    assertThat(ended).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }
}
