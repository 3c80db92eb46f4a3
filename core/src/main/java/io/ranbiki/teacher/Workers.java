package io.ranbiki.teacher;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Threads that do the same with each thing of a list; whoever asks is one of them. */
final class Workers implements AutoCloseable {

  /** What is done. */
  @FunctionalInterface
  interface Work<T, R> {

    /**
     * Does it with one thing.
     *
     * @param worker who does it, from 0
     */
    R with(int worker, T thing);
  }

  private final int count;
  private final @Nullable ExecutorService others;

  /**
   * Starts the threads that are needed beside the one that asks.
   *
   * @param count how many work, 1 or more
   */
  Workers(String name, int count) {
    this.count = count;
    others = count == 1 ? null : Executors.newFixedThreadPool(count - 1, work -> named(name, work));
  }

  private static Thread named(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Does all of it. Waits until nobody works any more, also when one fails or the thread is
   * interrupted, which it stays.
   *
   * @return what came of each, in their order
   */
  <T, R> List<R> all(List<T> things, Work<T, R> work) {
    AtomicInteger next = new AtomicInteger();
    List<@Nullable R> results = new ArrayList<>();
    things.forEach(thing -> results.add(null));
    List<Future<?>> working = new ArrayList<>();
    for (int worker = 1; others != null && worker < Math.min(count, things.size()); worker++) {
      int number = worker;
      working.add(others.submit(() -> work(number, things, work, next, results)));
    }
    try {
      work(0, things, work, next, results);
    } finally {
      next.set(things.size()); // after a failure nothing else is begun
      working.forEach(Workers::awaitEnd);
    }
    working.forEach(Workers::requireDone);
    return new ArrayList<>(results);
  }

  private static <T, R> void work(
      int worker, List<T> things, Work<T, R> work, AtomicInteger next, List<@Nullable R> results) {
    int index = next.getAndIncrement();
    while (index < things.size()) {
      results.set(index, work.with(worker, things.get(index))); // each index is one thread's
      index = next.getAndIncrement();
    }
  }

  private static void awaitEnd(Future<?> working) {
    boolean interrupted = false;
    while (!working.isDone()) {
      try {
        working.get();
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        break; // said afterwards
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void requireDone(Future<?> done) {
    boolean interrupted = Thread.interrupted();
    try {
      done.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    if (others != null) {
      others.shutdown();
    }
  }
}
