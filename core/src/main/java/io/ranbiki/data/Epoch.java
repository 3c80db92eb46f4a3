package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one epoch in their order, made ahead by threads of its own. Meant for one
 * consumer. What goes wrong in a thread is thrown by {@link #next()} in place of the batch. Close
 * it to stop the threads; a thread ends after the sample it is at.
 */
public final class Epoch implements Iterator<HostBatch>, AutoCloseable {

  /** Makes one batch. */
  interface Maker {
    /**
     * Makes it.
     *
     * @param used a batch that nobody reads any more, whose arrays may be overwritten
     */
    HostBatch make(int batch, @Nullable HostBatch used, Cancelled cancelled);
  }

  /** Tells a maker that nobody waits for its batch any more. */
  interface Cancelled {
    boolean now();
  }

  private record Made(@Nullable HostBatch batch, @Nullable Throwable failure) {}

  private final Maker maker;
  private final int end;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  // All below is guarded by this object's monitor.
  private final @Nullable Made[] ready;
  private final ArrayDeque<HostBatch> buffers = new ArrayDeque<>();
  private int nextToMake;
  private int nextToGive;
  private @Nullable HostBatch lent;

  Epoch(Maker maker, int from, int end, int threads, int prefetch) {
    this.maker = maker;
    this.end = end;
    this.ready = new Made[prefetch];
    this.nextToMake = from;
    this.nextToGive = from;
    for (int i = 0; i < Math.min(threads, end - from); i++) {
      Thread thread = new Thread(this::work, "ranbiki-loader-" + i);
      thread.setDaemon(true);
      this.threads.add(thread);
      thread.start();
    }
  }

  /** The number of the batch that {@link #next()} will give, counted from the epoch's first. */
  public synchronized int position() {
    return nextToGive;
  }

  @Override
  public synchronized boolean hasNext() {
    return !closed && nextToGive < end;
  }

  /**
   * The next batch. Its arrays are valid until this is called again.
   *
   * @throws RanbikiException if a sample of the batch cannot be read
   */
  @Override
  public synchronized HostBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the epoch is over or closed");
    }
    if (lent != null) {
      buffers.push(lent);
      lent = null;
    }
    int slot = nextToGive % ready.length;
    Made made = ready[slot];
    while (made == null) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RanbikiException(
            RanbikiException.Kind.IO, "Waiting for a batch was interrupted. Start again.", e);
      }
      if (closed) {
        throw new NoSuchElementException("the epoch was closed");
      }
      made = ready[slot];
    }
    ready[slot] = null;
    nextToGive++;
    if (nextToMake - nextToGive <= ready.length / 2) {
      notifyAll(); // for several batches at once: to wake a maker takes as long as a small one
    }
    if (made.batch() != null) {
      lent = made.batch();
      return made.batch();
    }
    closed = true;
    if (made.failure() instanceof Error error) {
      throw error;
    }
    throw made.failure() instanceof RuntimeException failure
        ? failure
        : new IllegalStateException(made.failure());
  }

  private void work() {
    while (true) {
      int batch;
      @Nullable HostBatch used;
      synchronized (this) {
        try {
          while (!closed && nextToMake < end && nextToMake - nextToGive >= ready.length) {
            wait();
          }
        } catch (InterruptedException e) {
          closed = true; // nobody but a shutdown interrupts these threads
          notifyAll();
          return;
        }
        if (closed || nextToMake >= end) {
          return;
        }
        batch = nextToMake++;
        used = buffers.poll();
      }
      Made made;
      try {
        made = new Made(maker.make(batch, used, () -> closed), null);
      } catch (Throwable failure) {
        made = new Made(null, failure);
      }
      synchronized (this) {
        ready[batch % ready.length] = made;
        notifyAll();
      }
    }
  }

  /** Stops the threads and waits for them; does nothing the second time. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    // Threads are not interrupted: that would close the file that a streamed dataset reads.
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
