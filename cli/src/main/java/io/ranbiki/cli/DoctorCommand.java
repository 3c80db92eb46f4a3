package io.ranbiki.cli;

import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.evaluate.Finding.Level;
import io.ranbiki.run.Diagnosis;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks at a distillation without carrying it out. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description =
        "Checks a distillation for what would silently ruin it, as distill does before it begins."
            + " Exit code 3 if there is a fault.",
    footer = {"", "Example:", "  ranbiki doctor examples/fashion-mnist/basic.yaml"})
final class DoctorCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RunArguments arguments = new RunArguments();
  @Mixin private JsonOption json = new JsonOption();

  @Override
  public Integer call() {
    RunConfig config = RunConfigReader.distillation(arguments.document());
    List<Finding> findings = Diagnosis.of(config, arguments.folderToBe(config.name()));
    PrintWriter out = spec.commandLine().getOut();
    boolean sound = count(findings, Level.FAULT) == 0;
    if (json.json()) {
      out.print(ResultJson.text(findings));
    } else {
      print(findings, out);
      if (sound) {
        Next.sayOther(spec.commandLine(), "distill");
      }
    }
    out.flush();
    return sound ? 0 : Kind.CONFIGURATION.exitCode();
  }

  static void print(List<Finding> findings, PrintWriter out) {
    findings.forEach(
        finding ->
            out.printf(
                Locale.ROOT, "%-8s %s: %s%n", word(finding), finding.check(), finding.sentence()));
  }

  private static String word(Finding finding) {
    return finding.level() == Level.OK ? "ok" : finding.level().name().toLowerCase(Locale.ROOT);
  }

  private static long count(List<Finding> findings, Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }

  /** What a run says of it: the warnings and a count; a fault ends the run with its sentence. */
  static void printShort(List<Finding> findings, PrintWriter err) {
    findings.stream()
        .filter(finding -> finding.level() == Level.WARNING)
        .forEach(
            f -> err.printf(Locale.ROOT, "doctor: warning: %s: %s%n", f.check(), f.sentence()));
    err.printf(
        Locale.ROOT,
        "doctor: %d of %d checks are well; 'ranbiki doctor CONFIG' shows all%n",
        count(findings, Level.OK),
        findings.size());
  }
}
