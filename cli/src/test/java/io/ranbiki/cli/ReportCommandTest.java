package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on six rows of one number, which take milliseconds. */
class ReportCommandTest {

  @TempDir static Path folder;

  @BeforeAll
  static void train() throws IOException {
    rows("rows", "oak", "ash");
    rows("others", "oak", "ash");
    Files.writeString(folder.resolve("others/test.csv"), "0.3,oak\n0.7,ash\n0.8,ash\n");
    rows("fish", "carp", "pike");
    for (String run : List.of("rows", "others", "fish")) {
      assertThat(train(run, run, "seed=1").out())
          .contains(
              "Its report, for any browser: "
                  + folder.resolve(run).resolve("run/report.html")
                  + "\n");
    }
    train("rows", "twin", "seed=1", "model.hidden=3");
  }

  private static void rows(String name, String low, String high) throws IOException {
    Path rows = Files.createDirectories(folder.resolve(name));
    String text = "0.1,%1$s\n0.2,%1$s\n0.3,%1$s\n0.7,%2$s\n0.8,%2$s\n0.9,%2$s\n";
    Files.writeString(rows.resolve("train.csv"), text.formatted(low, high));
    Files.writeString(rows.resolve("test.csv"), text.formatted(low, high));
    Files.writeString(
        rows.resolve("run.yaml"),
        """
        name: %s
        data: {format: csv, folder: "%s"}
        model: {architecture: mlp, hidden: 2}
        train: {epochs: 2, threads: 1}
        latency: false
        """
            .formatted(name, rows));
  }

  private static Typed train(String rows, String to, String... overrides) {
    Typed typed =
        Typed.run(
            Stream.concat(
                    Stream.of(
                        "train",
                        folder.resolve(rows).resolve("run.yaml").toString(),
                        "--run-dir",
                        run(to)),
                    Stream.of(overrides))
                .toArray(String[]::new));
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    return typed;
  }

  private static String run(String name) {
    return folder.resolve(name).resolve("run").toString();
  }

  private static void assertRefused(Typed typed, int code, String message) {
    assertThat(typed.err()).isEqualTo("error: " + message + "\n");
    assertThat(typed.exitCode()).isEqualTo(code);
    assertThat(typed.out()).isEmpty();
  }

  @Test
  void theReportOfARun_isWrittenAgainToTheSameBytes() throws IOException {
    Path page = folder.resolve("rows/run/report.html");
    byte[] before = Files.readAllBytes(page);
    Files.delete(page);
    Typed typed = Typed.run("report", run("rows"));
    assertThat(typed.out()).isEqualTo("The report is " + page + "\n");
    assertThat(typed.exitCode()).isZero();
    assertThat(Files.readAllBytes(page)).isEqualTo(before);
  }

  @Test
  void severalRuns_makeOnePageBesideTheFirst() throws IOException {
    Path page = folder.resolve("rows/comparison.html");
    Typed typed = Typed.run("report", run("rows"), run("twin"));
    assertThat(typed.out()).isEqualTo("The report is " + page + "\n");
    assertThat(Files.readString(page)).contains("Comparison of 2 runs");
  }

  @Test
  void charts_areFilesOfTheirOwn() throws IOException {
    Path charts = folder.resolve("new/charts");
    Path page = folder.resolve("page.html");
    Typed typed =
        Typed.run(
            "report", run("rows"), "--output", page.toString(), "--charts", charts.toString());
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    assertThat(page).exists();
    try (Stream<Path> files = Files.list(charts)) {
      assertThat(files.map(file -> file.getFileName().toString())).contains("figure-terms.svg");
    }
  }

  @Test
  void aFileThatIsNoReport_isNotReplaced() throws IOException {
    Path notes = Files.writeString(folder.resolve("notes.html"), "<h1>mine</h1>");
    assertRefused(
        Typed.run("report", run("rows"), "--output", notes.toString()),
        6,
        "'" + notes + "' is there and is no report of ranbiki; choose another file with --output.");
    assertThat(notes).hasContent("<h1>mine</h1>");
    // The advice.
    Path other = folder.resolve("other.html");
    for (int time = 0; time < 2; time++) {
      assertThat(Typed.run("report", run("rows"), "--output", other.toString()).exitCode())
          .isZero();
    }
  }

  @Test
  void chartsWhereAFileIs_areRefused_andNoPageIsWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    Path page = folder.resolve("unwritten.html");
    assertRefused(
        Typed.run("report", run("rows"), "--output", page.toString(), "--charts", file.toString()),
        6,
        "Cannot make the folder '" + file + "': '" + file + "' is a file.");
    assertThat(page).doesNotExist();
  }

  @Test
  void aRunThatIsNotThere_isRefused() {
    String missing = folder.resolve("missing").toString();
    assertRefused(
        Typed.run("report", missing),
        6,
        "There is no run folder '" + missing + "'; check the path.");
  }

  @Test
  void runsOfOtherTestSets_areRefused() {
    Path page = folder.resolve("mixed.html");
    assertRefused(
        Typed.run("report", run("rows"), run("others"), "--output", page.toString()),
        3,
        "Runs %s and %s were measured on different test sets; measure both on the same one by 'ranbiki compare' with --data."
            .formatted(run("rows"), run("others")));
    assertThat(page).doesNotExist();
  }

  @Test
  void runsOfOtherClasses_areRefused() {
    assertRefused(
        Typed.run("report", run("rows"), run("fish")),
        3,
        "Run %s has the classes [ash, oak] and run %s has [carp, pike]; compare runs of the same classes."
            .formatted(run("rows"), run("fish")));
  }
}
