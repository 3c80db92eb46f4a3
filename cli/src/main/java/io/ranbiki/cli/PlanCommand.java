package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunData;
import io.ranbiki.run.TeacherConfig;
import io.ranbiki.strategy.AssistantPlan;
import io.ranbiki.teacher.TeacherInfo;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Proposes assistants for a progressive distillation. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description =
        "Proposes assistants between the teacher and the student of a configuration, each smaller"
            + " than the one above it by the same factor, and prints the strategy to paste.",
    footer = {
      "",
      "Examples:",
      "  ranbiki plan examples/fashion-mnist/basic.yaml",
      "  ranbiki plan examples/fashion-mnist/basic.yaml --assistants 3"
    })
final class PlanCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "CONFIG", description = "The YAML file of a distillation.")
  private Path config = Path.of("");

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the file: student.hidden=32.")
  private List<String> overrides = List.of();

  @Option(
      names = "--assistants",
      paramLabel = "N",
      defaultValue = "2",
      description = "How many; default: ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--teacher-parameters",
      paramLabel = "N",
      description = "Number of the teacher's parameters, if its files do not say it.")
  private Optional<Long> teacherParameters = Optional.empty();

  /** A network of the chain. */
  private record Link(String role, String title, long parameters) {}

  @Override
  public Integer call() {
    if (count < 1) {
      throw new ParameterException(
          spec.commandLine(), "--assistants is " + count + ", but must be 1 or more.");
    }
    RunConfig run = RunConfigReader.distillation(document());
    TeacherSource source = run.teacher().map(TeacherConfig::source).orElseThrow();
    TeacherInfo teacher = Teachers.describe(source);
    Long known = teacherParameters.isPresent() ? teacherParameters.get() : teacher.parameters();
    long largest = known == null ? 0 : known;
    if (largest < 1) {
      throw RanbikiException.configuration(
          "The files of teacher %s do not say how many parameters it has; give their number with --teacher-parameters.",
          source.title());
    }
    ModelSpec student = student(run);
    AssistantPlan plan = AssistantPlan.between(largest, student, count);
    List<Link> chain = new ArrayList<>(List.of(new Link("teacher", teacher.kind(), largest)));
    plan.assistants().forEach(assistant -> chain.add(link("assistant", assistant)));
    chain.add(link("student", student));
    PrintWriter out = spec.commandLine().getOut();
    table(chain, out);
    if (plan.assistants().size() < count) {
      out.printf(
          Locale.ROOT,
          "%nOnly %d of %d assistants differ from each other, the teacher and the student.%n",
          plan.assistants().size(),
          count);
    }
    paste(plan, out);
    out.println();
    Next.sayOther(spec.commandLine(), "doctor");
    return 0;
  }

  /** The configuration without its strategy, which need not be there yet. */
  private ConfigDocument document() {
    List<String> all = new ArrayList<>(overrides);
    all.add("strategy=offline");
    return ConfigDocument.read(config, all, System.getenv());
  }

  private static ModelSpec student(RunConfig run) {
    try (RunData data = RunData.open(run)) {
      return ModelSpec.of(
          run.student().architecture(), data.shape(), data.classes(), run.student().options());
    }
  }

  private static Link link(String role, ModelSpec model) {
    return new Link(role, model.title(), AssistantPlan.parameters(model));
  }

  private static void table(List<Link> chain, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%-10s %-32s %14s %18s%n",
        "role",
        "architecture",
        "parameters",
        "to the one above");
    for (int i = 0; i < chain.size(); i++) {
      Link link = chain.get(i);
      String ratio =
          i == 0
              ? "-"
              : String.format(
                  Locale.ROOT,
                  "1 : %.2f",
                  (double) chain.get(i - 1).parameters() / link.parameters());
      out.printf(
          Locale.ROOT,
          "%-10s %-32s %,14d %18s%n",
          link.role(),
          link.title(),
          link.parameters(),
          ratio);
    }
  }

  private static void paste(AssistantPlan plan, PrintWriter out) {
    out.printf(Locale.ROOT, "%nTo paste into the configuration:%n%n");
    out.printf(Locale.ROOT, "strategy:%n  progressive:%n    assistants:%n");
    for (ModelSpec assistant : plan.assistants()) {
      StringBuilder options = new StringBuilder();
      assistant.options().forEach((name, value) -> options.append(", " + name + ": " + value));
      out.printf(Locale.ROOT, "      - {architecture: %s%s}%n", assistant.architecture(), options);
    }
  }
}
