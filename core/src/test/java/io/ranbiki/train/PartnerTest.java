package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartnerTest {

  private static final Runnable NOTHING = () -> {};

  private final Partner partner = new Partner(1);

  @AfterEach
  void close() {
    partner.close();
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
  void tasks_runAtTheSameTime() {
    CountDownLatch here = new CountDownLatch(1);
    CountDownLatch there = new CountDownLatch(1);
    String answer =
        partner.beside(
            () -> {
              there.countDown();
              await(here);
              return Thread.currentThread().getName();
            },
            () -> {
              here.countDown();
              await(there);
            });
    assertThat(answer).isEqualTo("half of a step");
  }

  @Test
  void partnerThatFellAsleep_isWoken() {
    for (int round = 0; round < 3; round++) {
      assertThat(partner.<Integer>beside(() -> 1, NOTHING)).isEqualTo(1);
      sleep(20);
    }
  }

  @Test
  void failureHere_isThrownAfterThePartnersTaskHasEnded() {
    AtomicBoolean ended = new AtomicBoolean();
    assertThatThrownBy(
            () ->
                partner.beside(
                    () -> {
                      sleep(50);
                      ended.set(true);
                      return 1;
                    },
                    () -> {
                      throw new IllegalStateException("here");
                    }))
        .hasMessage("here");
    assertThat(ended).isTrue();
  }

  @Test
  void failureThere_isThrownHere() {
    assertThatThrownBy(
            () ->
                partner.beside(
                    () -> {
                      throw RanbikiException.io("there");
                    },
                    NOTHING))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("there");
    assertThatThrownBy(
            () ->
                partner.beside(
                    () -> {
                      throw new IOException("unexpected");
                    },
                    NOTHING))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("half of a step failed")
        .hasRootCauseMessage("unexpected");
  }

  @Test
  void interrupt_isKeptUntilBothHaveEnded() {
    AtomicBoolean ended = new AtomicBoolean();
    partner.beside(
        () -> {
          sleep(50);
          ended.set(true);
          return 1;
        },
        () -> Thread.currentThread().interrupt());
    assertThat(ended).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }
}
