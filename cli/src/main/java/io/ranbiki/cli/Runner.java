package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.result.Result;
import io.ranbiki.run.AnswersExport;
import io.ranbiki.run.DryRun;
import io.ranbiki.run.EncoderConfig;
import io.ranbiki.run.Experiment;
import io.ranbiki.run.Labelling;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.Resumption;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunFolder;
import io.ranbiki.run.SizedRuns;
import io.ranbiki.train.Interrupted;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import picocli.CommandLine;

/** Carries out a run with progress on the terminal; a signal saves a checkpoint before it ends. */
final class Runner {

  private static final int INTERRUPTED = 130;

  /** How the result is shown. */
  enum Shows {
    TABLE,
    JSON,
    /** Not at all, because another run builds on this one. */
    NOTHING;

    static Shows json(boolean asked) {
      return asked ? JSON : TABLE;
    }
  }

  private Runner() {}

  /** Carries out a run in a folder of its own, or only checks it, and shows what it found. */
  static int begin(
      RunConfig config,
      RunArguments arguments,
      DryRunOption dryRun,
      CommandLine command,
      boolean json) {
    return dryRun.asked()
        ? check(config, arguments.folderToBe(config.name()), Resumption.SAME, command, json)
        : run(config, arguments.folder(config.name(), command.getErr()), command, Shows.json(json));
  }

  /** Carries out a run and shows what it found. */
  static int run(RunConfig config, RunFolder folder, CommandLine command, Shows shows) {
    return resume(config, folder, Resumption.SAME, command, shows);
  }

  /** Goes on with a run and shows what it found. */
  static int resume(
      RunConfig config, RunFolder folder, Resumption resumption, CommandLine command, Shows shows) {
    return new Runner().carryOut(config, folder, resumption, command, shows);
  }

  /** Checks what a run would do, shows it, and leaves no trace. */
  static int check(
      RunConfig config,
      RunFolder folder,
      Resumption resumption,
      CommandLine command,
      boolean json) {
    return new Runner()
        .untilSignal(
            command,
            watcher -> {
              DryRun plan =
                  new Experiment(config, folder, words(command), watcher, Interruption::asked)
                      .check(resumption);
              PrintWriter out = command.getOut();
              if (json) {
                out.print(ResultJson.text(plan));
              } else {
                plan.lines().forEach(out::println);
                out.println("Nothing was written.");
                Next.sayOther(command, command.getCommandName());
              }
              out.flush();
              return 0;
            });
  }

  /** Checks what students of several sizes would do, shows it, and leaves no trace. */
  static int checkCurve(RunConfig config, RunFolder folder, CommandLine command, boolean json) {
    SizedRuns runs = new SizedRuns(config, folder);
    return new Runner()
        .untilSignal(
            command,
            watcher -> {
              List<DryRun> plans = runs.check(words(command), watcher, Interruption::asked);
              PrintWriter out = command.getOut();
              if (json) {
                out.print(ResultJson.text(plans));
              } else {
                plans.forEach(plan -> plan.lines().forEach(out::println));
                out.println("Nothing was written.");
                Next.sayOther(command, command.getCommandName());
              }
              out.flush();
              return 0;
            });
  }

  /** Distils students of several sizes, or goes on with it, and shows the curve. */
  static int curve(
      RunConfig config,
      RunFolder folder,
      Resumption resumption,
      CommandLine command,
      boolean json) {
    SizedRuns runs = new SizedRuns(config, folder);
    return new Runner()
        .untilSignal(
            command,
            watcher -> {
              Result result =
                  resumable(
                      folder,
                      () -> runs.run(words(command), resumption, watcher, Interruption::asked));
              watcher.end();
              runs.folders().forEach(run -> ReportCommand.write(List.of(run)));
              Path report = ReportCommand.write(folder.report(), runs.folders());
              PrintWriter out = command.getOut();
              if (json) {
                out.print(json(folder, result));
                out.flush();
              } else {
                CurveTable.print(result, Objects.requireNonNull(result.curve()), out);
                out.println("Their report, for any browser: " + report);
                List<Object> words = new ArrayList<>(List.of("compare"));
                words.addAll(runs.folders());
                Next.say(out, words.toArray());
              }
              return 0;
            });
  }

  /** Stores what the teacher of a run answers. */
  static int label(
      RunConfig config,
      RunFolder folder,
      Optional<Path> export,
      CommandLine command,
      boolean json) {
    Runner runner = new Runner();
    return runner.untilSignal(
        command,
        watcher -> {
          Labelling done = Labelling.of(config, folder, export, watcher, Interruption::asked);
          watcher.end();
          if (json) {
            command.getOut().print(ResultJson.text(done));
            command.getOut().flush();
            return 0;
          }
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
          if (done.exported() != null) {
            exported(done.exported(), command.getOut());
          }
          Next.sayOther(command, "distill");
          return 0;
        });
  }

  private static void exported(AnswersExport.Written files, PrintWriter out) {
    boolean test = files.testRows() > 0;
    out.printf(
        Locale.ROOT,
        "%,d of them are also in %s%s%n",
        files.rows(),
        files.file(),
        test
            ? String.format(
                Locale.ROOT, ", and %,d to the test in %s", files.testRows(), files.testFile())
            : "");
    out.printf(
        Locale.ROOT,
        "To teach from these: teacher: {from: %s%s, kind: %s}%n",
        files.file(),
        test ? ", test: " + files.testFile() : "",
        files.kind());
  }

  private int carryOut(
      RunConfig config, RunFolder folder, Resumption resumption, CommandLine command, Shows shows) {
    return untilSignal(
        command,
        watcher -> {
          Result result =
              resumable(
                  folder,
                  () ->
                      new Experiment(config, folder, words(command), watcher, Interruption::asked)
                          .run(resumption));
          watcher.end();
          if (shows == Shows.TABLE) {
            ResultTable.print(result, command.getOut());
          }
          Path report = ReportCommand.write(List.of(folder.path()));
          if (shows == Shows.TABLE) {
            last(folder, report, config, command.getOut());
          } else if (shows == Shows.JSON) {
            command.getOut().print(json(folder, result));
            command.getOut().flush();
          }
          return AcceptanceList.exitCode(
              Optional.ofNullable(result.acceptance()).stream().toList());
        });
  }

  private static void last(RunFolder folder, Path report, RunConfig config, PrintWriter out) {
    config
        .student()
        .encoder()
        .ifPresent(
            encoder ->
                out.println(
                    "Size and time are those of the head alone; its encoder, "
                        + encoder.path()
                        + ", comes with it."));
    out.println("Everything about this run is in " + folder.path());
    out.println("Its report, for any browser: " + report);
    if (config.isDistillation()) {
      Next.export(out, folder);
    } else {
      Optional<EncoderConfig> encoder = config.student().encoder();
      String model = "teacher.model=" + encoder.map(EncoderConfig::path).orElse(folder.model());
      String head = encoder.isPresent() ? " " + Next.quoted("teacher.head=" + folder.model()) : "";
      Next.say(out, "distill STUDENT.yaml", Next.quoted(model) + head);
    }
  }

  /** A result with the place of its run, for programs. */
  static String json(RunFolder folder, Result result) {
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("folder", folder.path().toString());
    found.put("result", result);
    return ResultJson.text(found);
  }

  /** Says how to go on with work that a signal stopped. */
  private static Result resumable(RunFolder folder, Supplier<Result> work) {
    try {
      return work.get();
    } catch (Interrupted e) {
      throw RanbikiException.io(
          "Interrupted at step %d; a checkpoint was saved. Go on with: ranbiki resume %s",
          e.step(), folder.path());
    } catch (RanbikiException e) {
      boolean goesOn = e.kind() == RanbikiException.Kind.IO && Files.exists(folder.config());
      throw Interruption.asked() && goesOn ? goOn(e, folder) : e;
    }
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
    Watcher watcher = new Watcher(command);
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
      Main.top(command).getErr().println(how);
    }
  }

  private static List<String> words(CommandLine command) {
    CommandLine top = Main.top(command);
    List<String> words = new ArrayList<>(List.of(top.getCommandName()));
    words.addAll(top.getParseResult().originalArgs());
    return words;
  }
}
