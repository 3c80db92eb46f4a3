package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The batches of an epoch with the teacher's answers, in order.
 *
 * <p>A live network is asked ahead: each of as many threads as libtorch would use answers whole
 * batches with one thread of its own, while this thread trains a student or writes with one. Nobody
 * waits for anybody in the middle of a batch, as the threads of one operation do.
 */
public final class AskedBatches implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AskedBatches.class);

  private final Epoch batches;
  private final Dataset samples;
  private final @Nullable Teacher teacher;
  private final int threads = Engine.threads();
  private final @Nullable ExecutorService workers;
  private final Deque<Asked> asked = new ArrayDeque<>();
  private @Nullable Answered prepared;

  /**
   * A batch and the teacher's answer to it.
   *
   * @param batch owned by the innermost scope
   * @param signal owned by it too; null if nobody teaches
   */
  public record Answered(Batch batch, @Nullable Signal signal) {}

  /** A batch and the teacher's answer that is on its way; both are kept until they are taken. */
  private record Asked(Batch batch, Future<Signal> answer) {}

  /**
   * Takes over the epoch and closes it; borrows the teacher.
   *
   * @param samples that the batches are of, for messages
   */
  public AskedBatches(Epoch batches, Dataset samples, @Nullable Teacher teacher) {
    this.batches = batches;
    this.samples = samples;
    this.teacher = teacher;
    if (teacher != null && teacher.isWorthAskingAhead() && threads > 1) {
      workers = Executors.newFixedThreadPool(threads, AskedBatches::worker);
      Engine.setThreads(1);
    } else {
      workers = null;
    }
  }

  private static Thread worker(Runnable task) {
    Thread thread =
        new Thread(
            () -> {
              Engine.setThreads(1);
              task.run();
            },
            "teacher");
    thread.setDaemon(true);
    return thread;
  }

  /** Whether there is another batch. */
  public boolean hasNext() {
    return prepared != null || !asked.isEmpty() || batches.hasNext();
  }

  /** Makes the next batch, if there is one, while somebody else is busy with the last one. */
  public void prepare() {
    if (prepared == null && hasNext()) {
      try (TensorScope scope = TensorScope.open("next batch")) {
        Answered next = next();
        tensors(next).forEach(Tensor::keep);
        prepared = next;
      }
    }
  }

  private static List<Tensor> tensors(Answered answered) {
    List<Tensor> tensors = new ArrayList<>(answered.batch().tensors());
    Signal signal = answered.signal();
    if (signal != null) {
      tensors.addAll(signal.tensors());
    }
    return tensors;
  }

  /**
   * A teacher's answer to a batch.
   *
   * @param samples that the batch is of, for messages
   * @throws RanbikiException if nobody can learn from it, see {@link FiniteAnswers}
   */
  public static Signal answer(Teacher teacher, Batch batch, Dataset samples) {
    Signal signal = teacher.signal(batch);
    FiniteAnswers.require("The teacher " + teacher.title(), signal.logits(), batch, samples);
    return signal;
  }

  /**
   * The next batch, in the innermost scope.
   *
   * @throws RanbikiException if nobody can learn from the teacher's answer
   */
  public Answered next() {
    Answered ready = prepared;
    if (ready != null) {
      prepared = null;
      tensors(ready).forEach(Tensor::joinScope);
      return ready;
    }
    if (workers == null || teacher == null) {
      Batch batch = Batch.of(batches.next());
      return new Answered(batch, teacher == null ? null : answer(teacher, batch, samples));
    }
    while (asked.size() <= threads && batches.hasNext()) {
      asked.add(ask(workers, teacher));
    }
    return take();
  }

  private Answered take() {
    Asked oldest = asked.remove();
    oldest.batch().tensors().forEach(Tensor::joinScope);
    Signal signal = await(oldest.answer());
    signal.tensors().forEach(Tensor::joinScope);
    return new Answered(oldest.batch(), signal);
  }

  private Asked ask(ExecutorService answering, Teacher of) {
    try (TensorScope scope = TensorScope.open("next batch")) {
      Batch batch = Batch.of(batches.next()); // copied here: the loader uses its arrays again
      batch.tensors().forEach(Tensor::keep);
      return new Asked(batch, answering.submit(() -> kept(of, batch)));
    }
  }

  private Signal kept(Teacher of, Batch batch) {
    try (TensorScope scope = TensorScope.open("teacher")) {
      Signal signal = answer(of, batch, samples);
      signal.tensors().forEach(Tensor::keep);
      return signal;
    }
  }

  private static Signal await(Future<Signal> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RanbikiException(
          RanbikiException.Kind.INTERNAL, "Interrupted while the teacher was asked.", e);
    }
  }

  @Override
  public void close() {
    if (prepared != null) {
      tensors(prepared).forEach(Tensor::close);
      prepared = null;
    }
    if (workers != null) {
      while (!asked.isEmpty()) {
        try (TensorScope scope = TensorScope.open("unused answers")) {
          take();
        } catch (RuntimeException e) {
          LOG.debug("the teacher failed again after the work had stopped", e);
        }
      }
      workers.shutdown();
      Engine.setThreads(threads);
    }
    batches.close();
  }
}
