package io.ranbiki.cli;

import io.ranbiki.evaluate.Finding;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.run.RunListener;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * Shows on standard error what a run does: every training as one bar, every epoch as one line that
 * fits the screen. Where nobody watches, the first ten epochs have a line, then every tenth.
 */
final class Watcher implements RunListener {

  private static final int FIRST_EPOCHS = 10;

  private final Progress progress;
  private final PrintWriter err;
  private final Talk talk;
  private final OptionalInt columns;
  private boolean open;

  Watcher(CommandLine command) {
    this(
        command.getErr(),
        Main.talk(command),
        Main.talk(command) == Talk.QUIET ? OptionalInt.empty() : Screen.errors().columns());
  }

  /**
   * Shows what a run does.
   *
   * @param columns of the screen of a person who watches; empty if nobody does
   */
  Watcher(PrintWriter err, Talk talk, OptionalInt columns) {
    this.err = err;
    this.talk = talk;
    this.columns = columns;
    progress = talk == Talk.QUIET ? Progress.none() : TerminalProgress.create(columns);
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
  public void labellingStarted(String who, long samples) {
    end();
    progress.start(who, samples, "samples");
    open = true;
  }

  @Override
  public void labelled(long samples) {
    progress.step(samples);
  }

  @Override
  public void examined(List<Finding> findings) {
    say(
        () -> {
          if (talk == Talk.VERBOSE) {
            DoctorCommand.print(findings, err);
          } else {
            DoctorCommand.printShort(findings, err);
          }
        });
  }

  @Override
  public void stepDone(long step, int samples) {
    progress.step(samples);
  }

  @Override
  public void epochDone(String stage, long seed, EpochRecord epoch) {
    boolean few = epoch.epoch() <= FIRST_EPOCHS || epoch.epoch() % FIRST_EPOCHS == 0;
    if (talk == Talk.VERBOSE || columns.isPresent() || few) {
      say(() -> err.println(line(stage, seed, epoch)));
    }
  }

  /** What fits the screen: terms give way to their sum, and the rate goes first of all. */
  private String line(String stage, long seed, EpochRecord epoch) {
    String begin =
        String.format(Locale.ROOT, "%s, seed %d, epoch %d:", stage, seed, epoch.epoch())
            + heldOut("accuracy", epoch.validationAccuracy())
            + heldOut("agreement", epoch.validationAgreement())
            + score(epoch.validationScore());
    String terms =
        epoch.terms().entrySet().stream()
            .map(term -> String.format(Locale.ROOT, "  %s %.4f", term.getKey(), term.getValue()))
            .collect(Collectors.joining());
    String total = String.format(Locale.ROOT, "  total %.4f", epoch.total());
    String rate = String.format(Locale.ROOT, "  %,.0f samples/s", epoch.samplesPerSecond());
    int most = talk == Talk.VERBOSE ? Integer.MAX_VALUE : columns.orElse(Integer.MAX_VALUE);
    for (String end : List.of(terms + rate, terms, total + rate, total)) {
      if (begin.length() + end.length() <= most) {
        return begin + end;
      }
    }
    return begin;
  }

  private static String score(@Nullable Double score) {
    return score == null ? "" : String.format(Locale.ROOT, ", held out %.4f", score);
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

  /** The bar that is open, if any, is done. */
  void end() {
    if (open) {
      progress.done();
      open = false;
    }
  }
}
