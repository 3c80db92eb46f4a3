package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.result.EpochRecord;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much commands say, to whom, and what they say to type next. */
class TalkTest {

  @TempDir private Path temporary;
  private Path folder = Path.of("");
  private String teacher = "";
  private String student = "";

  @BeforeEach
  void write() throws IOException {
    folder = Files.createDirectory(temporary.resolve("with a blank"));
    Files.writeString(folder.resolve("train.csv"), "0.1,0.9,a\n0.8,0.3,b\n".repeat(12));
    Files.writeString(folder.resolve("test.csv"), "0.2,0.7,a\n0.9,0.1,b\n".repeat(4));
    String data = "data: {format: csv, folder: '%s', validation: 0}%n".formatted(folder);
    String train = "train: {epochs: 2, batch: 8, threads: 1}\nlatency: false\n";
    teacher = config("teacher", data + "model: {architecture: mlp, hidden: 8}\n" + train);
    student =
        config(
            "student",
            data
                + "doctor: false\nteacher: {model: %s}\n".formatted("nowhere")
                + "student: {architecture: mlp, hidden: 3}\n"
                + "objective: [{hard-labels: {weight: 0.3}}, {soft-targets: {temperature: 2}}]\n"
                + train);
  }

  private String config(String name, String text) throws IOException {
    Path file = folder.resolve(name + ".yaml");
    Files.writeString(file, "name: " + name + "\n" + text);
    return file.toString();
  }

  private String runs(String name) {
    return folder.resolve("runs").resolve(name).toString();
  }

  private Typed train(String name, String... more) {
    List<String> words =
        new ArrayList<>(List.of("train", teacher, "latency=false", "--run-dir", runs(name)));
    words.addAll(List.of(more));
    return succeeded(Typed.run(words.toArray(String[]::new)));
  }

  private static Typed succeeded(Typed typed) {
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    return typed;
  }

  /** Every file below the folder with its content. */
  private Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.toList()) {
        files.put(
            folder.relativize(file).toString(),
            Files.isDirectory(file)
                ? ""
                : new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return files;
  }

  @Test
  void quiet_saysTheResultAndErrorsAlone() {
    assertThat(train("usual", "train.epochs=12").err())
        .contains("epoch 10:")
        .doesNotContain("epoch 11:");
    assertThat(train("verbose", "-v", "train.epochs=12").err())
        .contains("epoch 11:  hard-labels 0.");
    Typed quiet = train("quiet", "--quiet");
    assertThat(quiet.err()).isEmpty();
    assertThat(quiet.out()).contains("accuracy").contains("Next: ranbiki ");

    Typed wrong = Typed.run("-q", "train", runs("nothing.yaml"));
    assertThat(wrong.exitCode()).isEqualTo(3);
    assertThat(wrong.err()).startsWith("error: ");
    Typed both = Typed.run("train", teacher, "-q", "-v");
    assertThat(both.exitCode()).isEqualTo(2);
    assertThat(both.err()).startsWith("error: --quiet and --verbose exclude each other; give one.");
  }

  @Test
  void json_isAllThatStandsOnStandardOutput() {
    Typed typed = train("json", "--json");
    Path run = Path.of(runs("json"));
    assertThat(typed.out())
        .isEqualTo(Runner.json(new RunFolder(run), ResultJson.read(run.resolve("result.json"))));
    assertThat(typed.out()).startsWith("{").contains("\"folder\" : \"" + run + "\"");

    String model = "teacher.model=" + run.resolve("model");
    Typed label = succeeded(Typed.run("label", student, model, "--run-dir", runs("s"), "--json"));
    assertThat(label.out()).startsWith("{").contains("\"asked\" : 24").endsWith("}\n");
  }

  @Test
  void dryRun_checksAndWritesNothing_andWhatItProposesWorks() throws IOException {
    train("t");
    String model = "teacher.model=" + runs("t") + "/model";
    Map<String, String> before = files();
    Typed dry =
        succeeded(Typed.run("distill", student, model, "--run-dir", runs("s"), "--dry-run"));
    assertThat(files()).isEqualTo(before);
    assertThat(dry.out().lines())
        .anyMatch(line -> line.endsWith("a run would begin"))
        .contains("  data     24 training samples of 2 classes, 24 with a label")
        .contains("  student  mlp(hidden=3, layers=2), 29 parameters")
        .contains("  steps    6 in 2 epochs, for the student of each seed")
        .contains("  trained  scratch, decisions, student; seed 1");
    assertThat(dry.out().lines().skip(1).limit(7))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));

    Typed wrong = Typed.run("distill", student, "--dry-run", "--run-dir", runs("s"));
    assertThat(wrong.exitCode()).isEqualTo(4);
    assertThat(files()).isEqualTo(before);

    succeeded(follow(dry, Map.of()));
    assertThat(Path.of(runs("s"), "result.json")).exists();
    before = files();
    Typed resume =
        succeeded(Typed.run("resume", runs("s"), "train.epochs=4", "--dry-run", "--json"));
    assertThat(resume.out()).contains("\"begun\" : true", "\"epochs\" : 4");
    assertThat(files()).isEqualTo(before);
  }

  /** Types what the last line of a command proposes, as a shell takes it. */
  private static Typed follow(Typed typed, Map<String, String> placeholders, String... more) {
    List<String> lines = typed.out().lines().toList();
    String last = lines.get(lines.size() - 1);
    assertThat(last).startsWith("Next: ranbiki ");
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    for (char c : (last.substring("Next: ranbiki ".length()) + " ").toCharArray()) {
      if (c == '\'') {
        quoted = !quoted;
      } else if (c == ' ' && !quoted) {
        words.add(placeholders.getOrDefault(word.toString(), word.toString()));
        word.setLength(0);
      } else {
        word.append(c);
      }
    }
    words.addAll(List.of(more));
    return Typed.run(words.toArray(String[]::new));
  }

  @Test
  void lastLine_saysWhatToTypeNext_andThatWorks() throws IOException {
    Typed trained = train("t");
    Typed distilled =
        succeeded(follow(trained, Map.of("STUDENT.yaml", student), "--run-dir", runs("s")));
    Files.writeString(folder.resolve("rows.csv"), "0.1,0.9\n0.8,0.3\n");
    Map<String, String> input = Map.of("INPUT", folder.resolve("rows.csv").toString());
    Typed exported = succeeded(follow(distilled, Map.of()));
    assertThat(succeeded(follow(exported, input)).out().lines()).hasSize(2);
    succeeded(follow(succeeded(Typed.run("compare", runs("s"))), Map.of()));
    Typed inspected = succeeded(Typed.run("inspect", runs("s") + "/model"));
    Typed predicted = succeeded(follow(inspected, input));
    assertThat(predicted.out().lines()).hasSize(2);
  }

  @Test
  void runThatIsNotFinished_isToBeGoneOnWith() throws IOException {
    train("t");
    Files.delete(Path.of(runs("t"), "result.json"));
    succeeded(follow(succeeded(Typed.run("inspect", runs("t"))), Map.of()));
    assertThat(Path.of(runs("t"), "result.json")).exists();
  }

  @Test
  void planAndProbe_proposeToCheckWhatWasPasted() {
    train("t");
    String model = "teacher.model=" + runs("t") + "/model";
    for (String verb : List.of("plan", "probe")) {
      Typed typed = succeeded(Typed.run(verb, student, model));
      assertThat(typed.out().strip())
          .endsWith("Next: ranbiki doctor '" + student + "' '" + model + "'");
    }
  }

  @Test
  void labelAndDoctor_proposeTheDistillationThatTheyWereGiven() {
    train("t");
    String model = "teacher.model=" + runs("t") + "/model";
    Typed label = succeeded(Typed.run("label", student, model, "--run-dir", runs("s"), "-q"));
    assertThat(label.out().strip())
        .endsWith(
            "Next: ranbiki distill '"
                + student
                + "' '"
                + model
                + "' '--run-dir="
                + runs("s")
                + "'");
    succeeded(follow(label, Map.of()));
    assertThat(Path.of(runs("s"), "result.json")).exists();
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 60, 80, 1000})
  void epochs_fitTheScreen(int columns) {
    StringWriter err = new StringWriter();
    Watcher watcher = new Watcher(new PrintWriter(err, true), Talk.USUAL, OptionalInt.of(columns));
    Map<String, Double> terms = new LinkedHashMap<>();
    terms.put("hard-labels", 0.5);
    terms.put("variational-information", 12.25);
    watcher.epochDone("student", 1, new EpochRecord(3, terms, 1.5, 0.9, null, 2, 15_000, 0.1));
    String line = err.toString().strip();
    assertThat(line).startsWith("student, seed 1, epoch 3:  validation accuracy 90.00 %");
    if (columns == 1000) {
      assertThat(line)
          .endsWith("  hard-labels 0.5000  variational-information 12.2500  15,000 samples/s");
    } else if (columns > 20) {
      assertThat(line).hasSizeLessThanOrEqualTo(columns);
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void completion_isAScriptThatCompletes() throws Exception {
    Path script = folder.resolve("completion");
    Files.writeString(script, succeeded(Typed.run("completion")).out());
    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                "source \"$0\"; COMP_WORDS=(ranbiki dis); COMP_CWORD=1; _complete_ranbiki;"
                    + " echo \"${COMPREPLY[@]}\"",
                script.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
        .isEqualTo("distill");
    assertThat(bash.waitFor()).isZero();
  }
}
