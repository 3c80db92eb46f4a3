package io.ranbiki.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Tries out whether the system grants threads. The library that libtorch takes its threads from
 * ends the whole process, with a line of its own, where it is refused one.
 */
final class Threads {

  private static final int SMALL_STACK = 1 << 16;

  private static int granted = Runtime.getRuntime().availableProcessors();

  private Threads() {}

  /**
   * Checks a number of threads, if it is larger than any before.
   *
   * @throws OutOfMemoryError if the system refuses so many
   */
  static synchronized void require(int threads) {
    if (threads <= granted) {
      return;
    }
    CountDownLatch allThere = new CountDownLatch(1);
    List<Thread> started = new ArrayList<>();
    try {
      for (int i = 1; i < threads; i++) {
        Thread thread = new Thread(null, () -> await(allThere), "thread on trial", SMALL_STACK);
        thread.setDaemon(true);
        thread.start();
        started.add(thread);
      }
    } finally {
      allThere.countDown();
      for (Thread thread : started) {
        join(thread);
      }
    }
    granted = threads;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
