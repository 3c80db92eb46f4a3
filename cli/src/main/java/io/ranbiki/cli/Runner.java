package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Result;
import io.ranbiki.run.Experiment;
import io.ranbiki.run.Labelling;
import io.ranbiki.run.Progress;
import io.ranbiki.run.Resumption;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunFolder;
import io.ranbiki.run.RunListener;
import io.ranbiki.train.Interrupted;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** Carries out a run with progress on the terminal; a signal saves a checkpoint before it ends. */
final class Runner {

  private static final int INTERRUPTED = 130;

  private Runner() {}

  /** Carries out a run and shows what it found. */
  static int run(RunConfig config, RunFolder folder, CommandLine command) {
    return new Runner().carryOut(config, folder, Resumption.SAME, command, true);
  }

  /** Goes on with a run and shows what it found. */
  static int resume(
      RunConfig config, RunFolder folder, Resumption resumption, CommandLine command) {
    return new Runner().carryOut(config, folder, resumption, command, true);
  }

  /** Carries out a run that another one builds on, without showing what it found. */
  static int train(RunConfig config, RunFolder folder, CommandLine command) {
    return new Runner().carryOut(config, folder, Resumption.SAME, command, false);
  }

  /** Stores what the teacher of a run answers. */
  static int label(RunConfig config, RunFolder folder, CommandLine command) {
    Runner runner = new Runner();
    return runner.untilSignal(
        command,
        watcher -> {
          Labelling done = Labelling.of(config, folder, watcher, Interruption::asked);
          watcher.end();
          command
              .getOut()
              .printf(
                  Locale.ROOT,
                  "%,d answers were asked in %.1f s, %,d were there before; %s in %s%n",
                  done.asked(),
                  done.seconds(),
                  done.reused(),
                  Shown.bytes(done.bytes()),
                  done.file());
          return 0;
        });
  }

  private int carryOut(
      RunConfig config,
      RunFolder folder,
      Resumption resumption,
      CommandLine command,
      boolean showResult) {
    return untilSignal(
        command,
        watcher -> {
          Result result;
          try {
            result =
                new Experiment(config, folder, words(command), watcher, Interruption::asked)
                    .run(resumption);
          } catch (Interrupted e) {
            throw RanbikiException.io(
                "interrupted at step %d; a checkpoint was saved. Go on with: ranbiki resume %s",
                e.step(), folder.path());
          } catch (RanbikiException e) {
            boolean goesOn = e.kind() == RanbikiException.Kind.IO && Files.exists(folder.config());
            throw Interruption.asked() && goesOn ? goOn(e, folder) : e;
          }
          watcher.end();
          if (showResult) {
            ResultTable.print(result, command.getOut());
          }
          Path report = ReportCommand.write(List.of(folder.path()));
          if (showResult) {
            command.getOut().println("Everything about this run is in " + folder.path());
            command.getOut().println("Its report, for any browser: " + report);
          }
          return AcceptanceList.exitCode(
              Optional.ofNullable(result.acceptance()).stream().toList());
        });
  }

  /** The teacher was being asked when a signal came. */
  private static RanbikiException goOn(RanbikiException stopped, RunFolder folder) {
    return RanbikiException.io(
        "%s Go on with: ranbiki resume %s", stopped.getMessage(), folder.path());
  }

  /**
   * Works until the work is done or a signal asks to stop; then it says where it stopped.
   *
   * @param work gives the exit code
   */
  private int untilSignal(CommandLine command, ToIntFunction<Watcher> work) {
    Watcher watcher = new Watcher(TerminalProgress.create(), command.getErr());
    try (Interruption.Saving saving = Interruption.saving()) {
      int code = work.applyAsInt(watcher);
      watcher.end();
      if (!Interruption.asked()) {
        return code;
      }
      say("interrupted, but everything was done.", command);
    } catch (RanbikiException e) {
      if (!Interruption.asked()) {
        throw e;
      }
      watcher.end();
      say(e.getMessage(), command);
    } finally {
      watcher.end();
    }
    return INTERRUPTED;
  }

  private static void say(String how, CommandLine command) {
    if (Interruption.mayBeSaid()) {
      command.getErr().println(how);
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

  /** Shows a stage as one bar and every epoch as one line. */
  private static final class Watcher implements RunListener {

    private final Progress progress;
    private final PrintWriter err;
    private boolean open;

    Watcher(Progress progress, PrintWriter err) {
      this.progress = progress;
      this.err = err;
    }

    @Override
    public void stageStarted(String stage, long seed, long fromStep, long steps, int batch) {
      end();
      progress.start(
          String.format(Locale.ROOT, "%s (seed %d)", stage, seed),
          (steps - fromStep) * batch,
          "samples");
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
    }

    @Override
    public void examined(List<Finding> findings) {
      say(() -> DoctorCommand.printShort(findings, err));
    }

    @Override
    public void stepDone(long step, int samples) {
      progress.step(samples);
    }

    @Override
    public void epochDone(String stage, long seed, EpochRecord epoch) {
      StringBuilder terms = new StringBuilder();
      epoch.terms().forEach((n, v) -> terms.append(String.format(Locale.ROOT, "  %s %.4f", n, v)));
      String heldOut =
          heldOut("accuracy", epoch.validationAccuracy())
              + heldOut("agreement", epoch.validationAgreement());
      say(
          () ->
              err.printf(
                  Locale.ROOT,
                  "%s, seed %d, epoch %d:%s%s  %,.0f samples/s%n",
                  stage,
                  seed,
                  epoch.epoch(),
                  terms,
                  heldOut,
                  epoch.samplesPerSecond()));
    }

    private static String heldOut(String score, @Nullable Double share) {
      return share == null
          ? ""
          : String.format(Locale.ROOT, "  validation %s %.2f %%", score, 100 * share);
    }

    @Override
    public Optional<InstantSource> clock() {
      return Optional.of(InstantSource.system());
    }

    @Override
    public void note(String note) {
      say(() -> err.println("note: " + note));
    }

    private void say(Runnable print) {
      progress.aside(
          () -> {
            print.run();
            err.flush();
          });
    }

    void end() {
      if (open) {
        progress.done();
        open = false;
      }
    }
  }
}
