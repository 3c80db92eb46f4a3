package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.tensor.Engine;
import io.ranbiki.train.Interrupted;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out trainings that do not depend on each other at the same time. Each has its share of
 * the threads, and so the bits that it has one after the other with so many threads. What they say
 * is heard one training after the other, in their order.
 */
final class SideBySide {

  /** One training. */
  @FunctionalInterface
  interface Training {

    /**
     * Carries it out.
     *
     * @param listener hears it in its turn
     * @param stop asked after every step: whether to save and stop
     */
    void carryOut(RunListener listener, BooleanSupplier stop);
  }

  private final BooleanSupplier stop;
  private final List<Training> trainings;
  private final Turns turns;
  private final AtomicBoolean failed = new AtomicBoolean();

  SideBySide(List<? extends Training> trainings, RunListener listener, BooleanSupplier stop) {
    this.trainings = List.copyOf(trainings);
    this.stop = stop;
    turns = new Turns(listener, trainings.size());
  }

  /**
   * How many trainings to carry out at the same time: as many as there are threads, or all if that
   * is not twice as many, since a core that waits for the last of them would lose more.
   *
   * @param trainings that do not depend on each other
   */
  static int worthwhile(int trainings, int threads) {
    if (threads == 1) {
      return 1;
    }
    return trainings < 2 * threads ? trainings : threads;
  }

  /**
   * Carries all out, or takes up what is left of them.
   *
   * @param lanes how many at the same time
   * @param threads for all of them together
   * @throws Interrupted if they were asked to stop
   * @throws RanbikiException the first failure in their order; the others were stopped
   */
  void run(int lanes, int threads) {
    ExecutorService workers = Executors.newFixedThreadPool(lanes, SideBySide::thread);
    List<Future<?>> running = new ArrayList<>();
    try {
      for (int i = 0; i < trainings.size(); i++) {
        int number = i;
        running.add(workers.submit(() -> train(number, Math.max(1, threads / lanes))));
      }
    } finally {
      workers.shutdown();
    }
    Throwable failure = null;
    for (Future<?> training : running) {
      Throwable ended = await(training);
      if (failure == null || failure instanceof Interrupted && ended != null) {
        failure = ended;
      }
    }
    Engine.setThreads(threads); // threads that start later take what was set last, by anybody
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "training");
    thread.setDaemon(true);
    return thread;
  }

  private void train(int number, int threads) {
    try {
      if (failed.get()) {
        return; // all end with that failure
      }
      Engine.setThreads(threads);
      trainings.get(number).carryOut(turns.of(number), this::stopped);
    } catch (RuntimeException | Error e) {
      failed.set(true);
      throw e;
    } finally {
      turns.ended(number);
    }
  }

  private boolean stopped() {
    return failed.get() || stop.getAsBoolean();
  }

  private static @Nullable Throwable await(Future<?> training) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          training.get();
          return null;
        } catch (InterruptedException e) {
          interrupted = true; // what the trainings use must stay until they have ended
        }
      }
    } catch (ExecutionException e) {
      return Objects.requireNonNull(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Lets trainings speak one after the other; what others say waits for their turn. */
  private static final class Turns {

    private final RunListener listener;
    private final List<Waiting> waiting = new ArrayList<>();
    private int turn;

    private static final class Waiting {
      private final List<Runnable> words = new ArrayList<>();
      private boolean ended;
      private long step;
      private int samples;
    }

    Turns(RunListener listener, int trainings) {
      this.listener = listener;
      for (int i = 0; i < trainings; i++) {
        waiting.add(new Waiting());
      }
    }

    private synchronized void say(int training, Runnable words) {
      if (training == turn) {
        words.run();
      } else {
        Waiting mine = waiting.get(training);
        mine.words.add(words);
      }
    }

    /** Steps that wait become one. */
    private synchronized void step(int training, long step, int samples) {
      if (training == turn) {
        listener.stepDone(step, samples);
        return;
      }
      Waiting mine = waiting.get(training);
      if (mine.samples == 0) {
        mine.words.add(
            () -> {
              listener.stepDone(mine.step, mine.samples);
              mine.samples = 0;
            });
      }
      mine.step = step;
      mine.samples += samples;
    }

    synchronized void ended(int training) {
      waiting.get(training).ended = true;
      while (turn < waiting.size() && waiting.get(turn).ended) {
        turn++;
        if (turn < waiting.size()) {
          waiting.get(turn).words.forEach(Runnable::run);
          waiting.get(turn).words.clear();
        }
      }
    }

    RunListener of(int training) {
      return new RunListener() {
        @Override
        public void stageStarted(String stage, long seed, long fromStep, long steps, int batch) {
          say(training, () -> listener.stageStarted(stage, seed, fromStep, steps, batch));
        }

        @Override
        public void labellingStarted(String who, long samples) {
          say(training, () -> listener.labellingStarted(who, samples));
        }

        @Override
        public void labelled(long samples) {
          say(training, () -> listener.labelled(samples));
        }

        @Override
        public void examined(List<Finding> findings) {
          say(training, () -> listener.examined(findings));
        }

        @Override
        public void stepDone(long step, int samples) {
          step(training, step, samples);
        }

        @Override
        public void epochDone(String stage, long seed, EpochRecord epoch) {
          say(training, () -> listener.epochDone(stage, seed, epoch));
        }

        @Override
        public Optional<InstantSource> clock() {
          return listener.clock();
        }

        @Override
        public void note(String note) {
          say(training, () -> listener.note(note));
        }
      };
    }
  }
}
