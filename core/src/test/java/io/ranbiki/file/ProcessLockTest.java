package io.ranbiki.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLockTest {

  @TempDir private Path folder;

  /** Another process: takes the lock, says so, and keeps it until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      Optional<ProcessLock> lock = ProcessLock.take(Path.of(arguments[0]));
      System.out.println(lock.isPresent() ? "taken" : "refused");
      System.in.read();
    }
  }

  private static Process start(Path file) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return process;
  }

  @Test
  void lockOfAnotherProcess_isRefusedAndNamesIt_untilThatIsKilled() throws Exception {
    Path file = folder.resolve(".lock");
    Process holder = start(file);
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("taken");
      assertThat(ProcessLock.take(file)).isEmpty();
      assertThat(ProcessLock.take(folder.resolve("../" + folder.getFileName() + "/.lock")))
          .isEmpty();
      assertThat(ProcessLock.holder(file))
          .matches("process " + holder.pid() + " since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
    } finally {
      holder.destroyForcibly();
      assertThat(holder.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(file).exists();
    try (ProcessLock lock = ProcessLock.take(file).orElseThrow()) {
      assertThat(file).hasContent(Long.toString(ProcessHandle.current().pid()));
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void ofManyThreads_oneHasTheLockAtATime() throws Exception {
    Path file = folder.resolve(".lock");
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger taken = new AtomicInteger();
    Thread[] threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          new Thread(
              () -> {
                while (taken.get() < 100) {
                  try (ProcessLock lock = ProcessLock.take(file).orElse(null)) {
                    if (lock != null) {
                      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                      taken.incrementAndGet();
                      inside.decrementAndGet();
                    }
                  } catch (IOException e) {
                    most.set(99);
                  }
                }
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most).hasValue(1);
    assertThat(file).doesNotExist();
  }

  @Test
  void missingFolder_isAnError() {
    org.assertj.core.api.Assertions.assertThatIOException()
        .isThrownBy(() -> ProcessLock.take(folder.resolve("none/.lock")));
    assertThat(Files.exists(folder.resolve("none"))).isFalse();
  }
}
