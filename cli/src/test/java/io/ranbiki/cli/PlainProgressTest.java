package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PlainProgressTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong(-5_000_000_000L);
  private final Progress progress =
      new PlainProgress(
          new PrintStream(bytes, true, StandardCharsets.UTF_8), clock::get, Duration.ofSeconds(5));

  private void step(double seconds, long n) {
    clock.addAndGet((long) (seconds * 1e9));
    progress.step(n);
  }

  private String[] lines() {
    return bytes.toString(StandardCharsets.UTF_8).split(System.lineSeparator());
  }

  @Test
  void knownTotal_showsShareRateAndTimeLeft() {
    progress.start("epoch 1/10", 60_000, "images");
    step(4, 400);
    step(1, 200);
    step(4.9, 1);
    step(0.1, 599);
    step(30, 3_600);
    step(39.9, 4_788);
    step(0.1, 12);
    progress.done();

    assertThat(lines())
        .containsExactly(
            "epoch 1/10: 600/60,000 images (1 %), 120 images/s, 8 min 15 s left",
            "epoch 1/10: 1,200/60,000 images (2 %), 120 images/s, 8 min 10 s left",
            "epoch 1/10: 4,800/60,000 images (8 %), 120 images/s, 7 min 40 s left",
            "epoch 1/10: 9,600/60,000 images (16 %), 120 images/s, 7 min 0 s left",
            "epoch 1/10: 9,600 images in 1 min 20 s, 120 images/s");
  }

  @Test
  void unknownTotal_showsCountAndRate() {
    progress.start("label", 0, "files");
    step(6, 3);
    progress.done();

    assertThat(lines())
        .containsExactly("label: 3 files, 0.5 files/s", "label: 3 files in 6.0 s, 0.5 files/s");
  }

  @Test
  void taskThatTakesNoTime_isOneLine() {
    progress.start("quick", 1, "files");
    progress.step(1);
    progress.done();

    assertThat(lines()).containsExactly("quick: 1 files in 0.0 s");
  }

  @Test
  void moreStepsThanExpected_leaveNoNegativeTime() {
    progress.start("long", 10, "files");
    step(5, 20);

    assertThat(lines()).containsExactly("long: 20/10 files (200 %), 4.0 files/s, 0.0 s left");
  }

  @Test
  void hours_areShownWithMinutes() {
    assertThat(PlainProgress.duration(3725)).isEqualTo("1 h 2 min");
  }
}
