package io.ranbiki.cli;

import io.ranbiki.Memory;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Format;
import io.ranbiki.data.Pack;
import io.ranbiki.data.PackedFormat;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Brings samples into a form that is read from disk without being held in memory. */
@Command(
    name = "pack",
    mixinStandardHelpOptions = true,
    description = {
      "Reads all samples of a configuration once and writes them into a folder from which runs read"
          + " them without holding them in memory: data.packed, or packs/<name>. Runs on it have"
          + " the same results, to the bit."
    },
    footer = {
      "",
      "Examples:",
      "  ranbiki pack examples/tables/letter.yaml",
      "  ranbiki pack student.yaml data.packed=/scratch/birds"
    })
final class PackCommand implements Callable<Integer> {

  private static final Path PACKS = Path.of("packs");
  private static final int INTERRUPTED = 1; // unless the signal's own exit code comes first

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "CONFIG", description = "The YAML file of a run.")
  private Path config = Path.of("");

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the file: data.packed=packs/birds.")
  private List<String> overrides = List.of();

  @Override
  public Integer call() {
    RunConfig run = RunConfigReader.any(ConfigDocument.read(config, overrides, System.getenv()));
    Format format = run.data().format();
    boolean named = format instanceof PackedFormat;
    Path folder = format instanceof PackedFormat pack ? pack.folder() : PACKS.resolve(run.name());
    Format files = format instanceof PackedFormat pack ? pack.source() : format;
    PrintWriter out = spec.commandLine().getOut();
    if (Pack.isCurrent(folder, files, run.data().outOfScope())) {
      out.println(folder + " holds the samples as they are now; nothing is to be done.");
    } else {
      Optional<Pack.Made> made = make(folder, files, run.data().outOfScope());
      if (made.isEmpty()) {
        return INTERRUPTED;
      }
      out.printf(
          Locale.ROOT,
          "%,d samples in %s, %s%n",
          made.get().samples(),
          folder,
          Memory.text(made.get().bytes()));
    }
    if (named) {
      Next.sayOther(spec.commandLine(), verb(run));
    } else {
      Next.say(out, verb(run), config, "data.packed=" + folder);
    }
    return 0;
  }

  private static String verb(RunConfig run) {
    return run.resolved().containsKey("model") ? "train" : "distill";
  }

  private Optional<Pack.Made> make(Path folder, Format files, Optional<String> outOfScope) {
    boolean quiet = Main.talk(spec.commandLine()) == Talk.QUIET;
    Progress progress =
        quiet ? Progress.none() : TerminalProgress.create(Screen.errors().columns());
    try (Interruption.Saving saving = Interruption.saving()) {
      Optional<Pack.Made> made = Pack.make(folder, files, outOfScope, new Shower(progress));
      if (made.isEmpty() && Interruption.mayBeSaid()) {
        Main.top(spec.commandLine())
            .getErr()
            .println("interrupted; no pack was made, and nothing is left of it.");
      }
      return made;
    }
  }

  /** Shows how far it is. */
  private record Shower(Progress progress) implements Pack.Listener {

    @Override
    public void begins(String what, long total, String unit) {
      progress.start(what, total, unit);
    }

    @Override
    public void step(long count) {
      progress.step(count);
    }

    @Override
    public void ends() {
      progress.done();
    }

    @Override
    public boolean goesOn() {
      return !Interruption.asked();
    }
  }
}
