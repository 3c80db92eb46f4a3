package io.ranbiki.cli;

import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Result;
import io.ranbiki.run.Experiment;
import io.ranbiki.run.Progress;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunFolder;
import io.ranbiki.run.RunListener;
import io.ranbiki.train.Interrupted;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jline.utils.Signals;
import picocli.CommandLine;

/** Carries out a run with progress on the terminal; a signal saves a checkpoint before it ends. */
final class Runner {

  private static final int INTERRUPTED = 130;
  private static final long LONGEST_SAVE_SECONDS = 60;
  private static final Map<String, Integer> SECOND_SIGNAL = Map.of("INT", 130, "TERM", 143);

  private volatile boolean stop;
  private final CountDownLatch saved = new CountDownLatch(1);

  private Runner() {}

  /** Carries out a run and shows what it found. */
  static int run(RunConfig config, RunFolder folder, CommandLine command) {
    return new Runner().carryOut(config, folder, command, true);
  }

  /** Carries out a run that another one builds on, without showing what it found. */
  static int train(RunConfig config, RunFolder folder, CommandLine command) {
    return new Runner().carryOut(config, folder, command, false);
  }

  private int carryOut(
      RunConfig config, RunFolder folder, CommandLine command, boolean showResult) {
    Thread onSignal = new Thread(this::stopAndWait, "save on signal");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try {
      Result result = execute(config, folder, command);
      if (showResult) {
        ResultTable.print(result, command.getOut());
        command.getOut().println("Everything about this run is in " + folder.path());
      }
      return 0;
    } catch (Interrupted e) {
      command
          .getErr()
          .printf(
              "interrupted at step %d; a checkpoint was saved. Go on with: ranbiki resume %s%n",
              e.step(), folder.path());
      return INTERRUPTED;
    } catch (StoppedLabelling e) {
      command
          .getErr()
          .printf(
              "interrupted while the teacher answered; its answers are kept."
                  + " Go on with: ranbiki resume %s%n",
              folder.path());
      return INTERRUPTED;
    } finally {
      saved.countDown();
      if (!stop) {
        forget(onSignal);
      }
    }
  }

  private static void forget(Thread onSignal) {
    try {
      Runtime.getRuntime().removeShutdownHook(onSignal);
    } catch (IllegalStateException e) {
      // A signal came just now; the hook finds that nothing is left to save.
    }
  }

  private Result execute(RunConfig config, RunFolder folder, CommandLine command) {
    Watcher watcher =
        new Watcher(TerminalProgress.create(System.err), command.getErr(), () -> stop);
    try {
      return new Experiment(config, folder, words(command), watcher, () -> stop).run();
    } finally {
      watcher.end();
    }
  }

  private static List<String> words(CommandLine command) {
    CommandLine top = command;
    while (top.getParent() != null) {
      top = top.getParent();
    }
    List<String> words = new ArrayList<>(List.of(top.getCommandName()));
    words.addAll(top.getParseResult().originalArgs());
    return words;
  }

  /** Runs on a signal: the virtual machine waits for it before it ends with the signal's code. */
  private void stopAndWait() {
    stop = true;
    // From here on the virtual machine ignores further signals, and a person who sends one is in a
    // hurry. Nothing is half-written then either: checkpoints appear whole or not at all.
    SECOND_SIGNAL.forEach(
        (name, exitCode) -> Signals.register(name, () -> Runtime.getRuntime().halt(exitCode)));
    try {
      saved.await(LONGEST_SAVE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the labelling, which keeps what was answered. */
  private static final class StoppedLabelling extends RuntimeException {}

  /** Shows a stage as one bar and every epoch as one line. */
  private static final class Watcher implements RunListener {

    private final Progress progress;
    private final PrintWriter err;
    private final BooleanSupplier stop;
    private boolean open;

    Watcher(Progress progress, PrintWriter err, BooleanSupplier stop) {
      this.progress = progress;
      this.err = err;
      this.stop = stop;
    }

    @Override
    public void stageStarted(String stage, long seed, long fromStep, long steps, int batch) {
      end();
      progress.start("%s (seed %d)".formatted(stage, seed), (steps - fromStep) * batch, "samples");
      open = true;
    }

    @Override
    public void labellingStarted(long samples) {
      end();
      progress.start("teacher", samples, "samples");
      open = true;
    }

    @Override
    public void labelled(long samples) {
      progress.step(samples);
      if (stop.getAsBoolean()) {
        throw new StoppedLabelling();
      }
    }

    @Override
    public void stepDone(long step, int samples) {
      progress.step(samples);
    }

    @Override
    public void epochDone(String stage, long seed, EpochRecord epoch) {
      StringBuilder terms = new StringBuilder();
      epoch.terms().forEach((n, v) -> terms.append(String.format(Locale.ROOT, "  %s %.4f", n, v)));
      Double validation = epoch.validationAccuracy();
      err.printf(
          Locale.ROOT,
          "%s, seed %d, epoch %d:%s%s  %,.0f samples/s%n",
          stage,
          seed,
          epoch.epoch(),
          terms,
          validation == null
              ? ""
              : String.format(Locale.ROOT, "  validation %.2f %%", 100 * validation),
          epoch.samplesPerSecond());
    }

    @Override
    public void note(String note) {
      err.println("note: " + note);
    }

    void end() {
      if (open) {
        progress.done();
        open = false;
      }
    }
  }
}
