package io.ranbiki.cli;

import io.ranbiki.run.ConfigDocument;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows a whole distillation on embedded data. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Trains a teacher, a student from labels alone and a distilled student on digits that are"
            + " drawn by the program, in about a minute.",
    footer = {"", "Example:", "  ranbiki demo --seed 2"})
final class DemoCommand implements Callable<Integer> {

  private static final String SETTING =
      """
      Setting: 10,000 drawn digits. The teacher learns from all 10,000 labels. The students see
      1,000 labels: one learns from those alone, the other also from the teacher's soft targets
      for all 10,000 images. Both start from the same weights and take the same number of steps.
      """;

  @Spec private CommandSpec spec = CommandSpec.create();

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

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(SETTING);
    out.flush();
    Path folder = runDir.orElseGet(DemoCommand::freeFolder);
    RunFolder teacher = RunFolder.create(folder.resolve("teacher"));
    RunFolder student = RunFolder.create(folder.resolve("student"));
    int code =
        Runner.train(
            RunConfigReader.training(document("demo-teacher.yaml", teacher)),
            teacher,
            spec.commandLine());
    return code != 0
        ? code
        : Runner.run(
            RunConfigReader.distillation(document("demo-basic.yaml", teacher)),
            student,
            spec.commandLine());
  }

  private ConfigDocument document(String name, RunFolder teacher) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("DEMO_TEACHER", teacher.model().toAbsolutePath().toString());
    try (InputStream in = DemoCommand.class.getResourceAsStream(name)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return ConfigDocument.parse(name, text, List.of("seed=" + seed), environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path freeFolder() {
    Path first = RunFolder.named("demo");
    Path free = first;
    for (int number = 2; Files.exists(free); number++) {
      free = first.resolveSibling("demo-" + number);
    }
    return free;
  }
}
