package io.ranbiki.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Threads for the parts of a step, beside the one that asks them. All look out for each other a
 * moment before they sleep, since the parts are short: waking a thread took 0.06 to 0.13 ms, where
 * half of a small student's batch takes 1.6.
 */
final class Partners implements AutoCloseable {

  /**
   * Longer is of no use alone, and takes time from both beside a busy process: a small student was
   * trained there at 8,100 to 9,100 images/s with this, at 6,500 to 8,000 with 0.2 ms.
   */
  private static final long WATCH_NANOS = 60_000;

  private final List<ExecutorService> threads = new ArrayList<>();

  /** Starts no thread yet. */
  Partners(int count) {
    for (int i = 0; i < count; i++) {
      threads.add(
          new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new WatchedQueue(), Partners::thread));
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "part of a step");
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

  /** How many there are. */
  int count() {
    return threads.size();
  }

  /**
   * Runs tasks at the same time, the first on this thread and the others each on the same partner
   * whenever it is asked; all have ended when this returns or throws, so that what they use may be
   * freed.
   *
   * @param tasks one or more, and at most one more than there are partners
   */
  void together(List<Runnable> tasks) {
    List<Future<?>> others = new ArrayList<>();
    for (int i = 1; i < tasks.size(); i++) {
      others.add(threads.get(i - 1).submit(tasks.get(i)));
    }
    Throwable failure = null;
    try {
      tasks.get(0).run();
    } catch (RuntimeException | Error e) {
      failure = e;
    }
    for (Future<?> other : others) {
      Throwable theirs = await(other);
      failure = failure == null ? theirs : failure;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  /** What ended a task early; null if nothing did. */
  private static @Nullable Throwable await(Future<?> other) {
    long until = System.nanoTime() + WATCH_NANOS;
    while (!other.isDone() && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          other.get();
          return null;
        } catch (InterruptedException e) {
          interrupted = true; // it takes a moment, and what it uses must stay
        }
      }
    } catch (ExecutionException e) {
      return e.getCause();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    threads.forEach(ExecutorService::shutdown);
  }
}
