package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.report.Report;
import io.ranbiki.result.Curve;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.run.FinishedRuns;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.RunComparison;
import io.ranbiki.run.RunFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes finished runs as a page. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes a finished run as a page that opens offline in any browser: whether the student is"
          + " good enough, what it gained, what got worse, what it costs, and how to make it again."
          + " A run writes its report when it is done; this writes it again.",
      "",
      "Several runs make one page that holds them against the first."
    },
    footer = {
      "",
      "Examples:",
      "  ranbiki report runs/fashion-basic",
      "  ranbiki report runs/soft-targets runs/hints --output methods.html",
      "  ranbiki report runs/fashion-basic --charts charts"
    })
final class ReportCommand implements Callable<Integer> {

  /** What a page of ours has near its beginning. */
  private static final String MARK = "<meta name=\"generator\" content=\"Ranbiki\">";

  private static final int HEAD = 1_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "1..*", paramLabel = "RUN", description = "Folders of finished runs.")
  private List<Path> runs = List.of();

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Where the page is written; default: report.html in the run folder, for several runs"
              + " comparison.html beside the first one.")
  private Optional<Path> output = Optional.empty();

  @Option(
      names = "--charts",
      paramLabel = "DIR",
      description = "Write the charts as SVG files, too.")
  private Optional<Path> charts = Optional.empty();

  @Override
  public Integer call() {
    Report report = report(runs);
    Path page = output.orElseGet(() -> usual(runs));
    requireReplaceable(page);
    String html = report.html();
    Map<String, String> pictures = charts.isPresent() ? report.charts() : Map.of();
    charts.ifPresent(RunFolder::makeFolder);
    write(page, html);
    pictures.forEach((name, svg) -> write(charts.orElseThrow().resolve(name), svg));
    spec.commandLine().getOut().println("The report is " + page);
    return 0;
  }

  /** Writes the report of runs that have just finished where it is looked for; gives its file. */
  static Path write(List<Path> runs) {
    return write(usual(runs), runs);
  }

  /** Writes the report of runs that have just finished; gives its file. */
  static Path write(Path page, List<Path> runs) {
    write(page, report(runs).html());
    return page;
  }

  private static Report report(List<Path> given) {
    List<Path> runs = given.stream().flatMap(ReportCommand::sizes).toList();
    List<FinishedRun> finished = runs.stream().map(FinishedRuns::read).toList();
    return runs.size() == 1
        ? Report.of(finished.get(0))
        : Report.of(finished, RunComparison.of(runs, null));
  }

  /** The runs of a curve stand for it. */
  private static Stream<Path> sizes(Path run) {
    Path result = new RunFolder(run).result();
    Curve curve = Files.exists(result) ? ResultJson.read(result).curve() : null;
    return curve == null
        ? Stream.of(run)
        : curve.points().stream().map(point -> run.toAbsolutePath().resolveSibling(point.run()));
  }

  private static Path usual(List<Path> runs) {
    Path first = runs.get(0);
    return runs.size() == 1
        ? new RunFolder(first).report()
        : first.resolveSibling("comparison.html");
  }

  /** A slip of the pen must not cost a file that somebody wrote. */
  private static void requireReplaceable(Path page) {
    if (!Files.exists(page)) {
      return;
    }
    try (InputStream in = Files.newInputStream(page)) {
      if (new String(in.readNBytes(HEAD), StandardCharsets.UTF_8).contains(MARK)) {
        return;
      }
    } catch (IOException e) {
      // Said below: what cannot be read is none of ours.
    }
    throw RanbikiException.io(
        "'%s' is there and is no report of ranbiki; choose another file with --output.", page);
  }

  private static void write(Path file, String text) {
    AtomicFile.write(file, text);
  }
}
