package io.ranbiki.cli;

import io.ranbiki.run.RunFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows whole distillations on data that are there. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Trains teachers and students in a minute or two, on digits that are drawn by the program or"
          + " on questions to a bank:",
      "  basic     soft targets",
      "  text      soft targets for questions, from a sentence encoder and few labels",
      "  features  soft targets, and hints from two layers of the teacher",
      "  advanced  self-distillation, an ensemble of teachers, a chain of assistants"
    },
    footer = {
      "",
      "Examples:",
      "  ranbiki demo",
      "  ranbiki demo text",
      "  ranbiki demo features",
      "  ranbiki demo advanced --seed 2"
    })
final class DemoCommand implements Callable<Integer> {

  /** What is shown. */
  enum Kind {
    BASIC("demo"),
    TEXT("demo-text"),
    FEATURES("demo-features"),
    ADVANCED("demo-advanced");

    private final String folder;

    Kind(String folder) {
      this.folder = folder;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "WHAT",
      defaultValue = "basic",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Kind kind = Kind.BASIC;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of weights, batches and the choice of labels; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description = "Where everything is written; default: runs/demo, runs/demo-2, ...")
  private Optional<Path> runDir = Optional.empty();

  @Mixin private JsonOption json = new JsonOption();

  @Override
  public Integer call() {
    // First, since what it lacks is to be said before anything is made.
    Optional<DemoTexts> texts =
        kind == Kind.TEXT ? Optional.of(DemoTexts.here(this::note)) : Optional.empty();
    Path folder = runDir.orElseGet(() -> RunFolder.free(kind.folder));
    Demo demo = new Demo(folder, seed, spec.commandLine(), json.json(), List.of());
    PrintWriter out = spec.commandLine().getOut();
    return switch (kind) {
      case BASIC -> demo.basic(out);
      case TEXT -> demo.text(texts.orElseThrow(), out);
      case FEATURES -> demo.features(out);
      case ADVANCED -> demo.advanced(out);
    };
  }

  private void note(String sentence) {
    if (Main.talk(spec.commandLine()) != Talk.QUIET) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("note: " + sentence);
      err.flush();
    }
  }
}
