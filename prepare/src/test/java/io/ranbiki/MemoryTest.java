package io.ranbiki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MemoryTest {

  private static final long MB = 1 << 20;
  private static final Memory SMALL = new Memory(512 * MB, 400 * MB, 8192 * MB, 6000 * MB);

  @Test
  void whatFits_isNotRefused() {
    assertThatCode(
            () -> {
              SMALL.requireHeapFor(Kind.MODEL, 400.0 * MB, "It", "Use less");
              SMALL.requireMachineFor(Kind.MODEL, 6000.0 * MB, "It", "Use less");
            })
        .doesNotThrowAnyException();
  }

  @Test
  void moreThanJavaHas_isRefused_withTheOptionThatRaisesIt() {
    assertThatThrownBy(
            () -> SMALL.requireHeapFor(Kind.MODEL, 1024.0 * MB, "The table", "Use fewer rows"))
        .hasMessage(
            "The table needs 1.0 GB of memory or more, but Java may use 512 MB, of which 400 MB"
                + " are free. Use fewer rows, or give Java more: JAVA_OPTS=-Xmx2g.")
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MODEL));
  }

  @Test
  void moreThanTheMachineHas_isNotPromisedByAnOption() {
    assertThatThrownBy(
            () -> SMALL.requireHeapFor(Kind.MODEL, 0x1p80, "The table", "Use fewer rows"))
        .hasMessage(
            "The table needs 1,125,899,906,842,624.0 GB of memory or more, but Java may use"
                + " 512 MB, of which 400 MB are free. Use fewer rows.");
    assertThatThrownBy(
            () -> SMALL.requireMachineFor(Kind.MODEL, 7000.0 * MB, "The network", "Use less"))
        .hasMessage(
            "The network needs 6.8 GB of memory or more, but this machine has 8.0 GB, of which 5.9"
                + " GB are free. Use less.");
  }

  @Test
  void memoryThatRanOut_isASentence() {
    assertThat(SMALL.sentence(new OutOfMemoryError("Java heap space"), "reading x", "Use less"))
        .isEqualTo(
            "Java ran out of the 512 MB of memory that it may use while reading x. Use less, or"
                + " give Java more: JAVA_OPTS=-Xmx1g.");
    assertThat(
            SMALL.sentence(new Memory.Exhausted("matmul could not have 40.0 GB"), "training", "No"))
        .isEqualTo(
            "Memory ran out while training: matmul could not have 40.0 GB, and this machine has"
                + " 8.0 GB, of which 5.9 GB are free. No.");
    assertThat(
            SMALL.sentence(
                new OutOfMemoryError("unable to create native thread: possibly out of memory"),
                "training",
                "No"))
        .isEqualTo(
            "The system refused another thread while training. Use fewer threads (train.threads).");
  }

  @Test
  void watching_turnsTheErrorIntoTheSentence_andLeavesOthersAlone() {
    RanbikiException ours = RanbikiException.model("Ours.");
    assertThatThrownBy(
            () ->
                Memory.watch(
                    Kind.MODEL,
                    "trying",
                    "Use less",
                    () -> {
                      throw new OutOfMemoryError("Java heap space");
                    }))
        .hasMessageStartingWith("Java ran out of the ")
        .hasMessageContaining(" of memory that it may use while trying. Use less");
    assertThatThrownBy(
            () ->
                Memory.watch(
                    Kind.MODEL,
                    "trying",
                    "Use less",
                    () -> {
                      throw ours;
                    }))
        .isSameAs(ours);
  }

  @Test
  void now_isWhatTheSystemSays() {
    Memory now = Memory.now();
    assertThat(now.heap()).isEqualTo(Runtime.getRuntime().maxMemory());
    assertThat(now.heapFree()).isPositive().isLessThan(now.heap());
    assertThat(now.machine()).isGreaterThan(1L << 30);
    if (Files.exists(Path.of("/proc/meminfo"))) {
      assertThat(now.machineFree()).isPositive();
    }
  }
}
