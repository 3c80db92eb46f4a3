package io.ranbiki.train;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Engine;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A second thread for the parts of a step. Both threads look out for each other a moment before
 * they sleep, since the parts are short: waking a thread took 0.06 to 0.13 ms, where half of a
 * small student's batch takes 1.6.
 */
final class Partner implements AutoCloseable {

  /**
   * Longer is of no use alone, and takes time from both beside a busy process: a small student was
   * trained there at 8,100 to 9,100 images/s with this, at 6,500 to 8,000 with 0.2 ms.
   */
  private static final long WATCH_NANOS = 60_000;

  private final ExecutorService thread;

  /** Starts no thread yet; gives its operations so many threads of libtorch. */
  Partner(int threads) {
    thread =
        new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new WatchedQueue(), task -> thread(task, threads));
  }

  private static Thread thread(Runnable task, int threads) {
    Thread thread =
        new Thread(
            () -> {
              Engine.setThreads(threads);
              task.run();
            },
            "half of a step");
    thread.setDaemon(true);
    return thread;
  }

  private static final class WatchedQueue extends LinkedBlockingQueue<Runnable> {

    private static final long serialVersionUID = 1;

    @Override
    public Runnable take() throws InterruptedException {
      long until = System.nanoTime() + WATCH_NANOS;
      Runnable task = poll();
      while (task == null && System.nanoTime() < until) {
        Thread.onSpinWait();
        task = poll();
      }
      return task == null ? super.take() : task;
    }
  }

  /**
   * Runs two tasks at the same time; both have ended when this returns or throws, so that what they
   * use may be freed.
   *
   * @return what the partner's task returned
   */
  <T> T beside(Callable<T> there, Runnable here) {
    Future<T> other = thread.submit(there);
    T result;
    try {
      here.run();
    } finally {
      result = await(other);
    }
    return result;
  }

  private static <T> T await(Future<T> other) {
    long until = System.nanoTime() + WATCH_NANOS;
    while (!other.isDone() && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return other.get();
        } catch (InterruptedException e) {
          interrupted = true; // it takes a moment, and what it uses must stay
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new RanbikiException(
              RanbikiException.Kind.INTERNAL,
              "half of a step failed",
              Objects.requireNonNull(e.getCause()));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
