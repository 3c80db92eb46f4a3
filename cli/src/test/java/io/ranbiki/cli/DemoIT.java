package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The demonstrations, made small: what they print and leave, not how good it is. */
class DemoIT {

  private static final List<String> SMALL = List.of("data.size=600", "data.labelled=300");
  private static final List<String> SHORT =
      List.of("data.size=600", "data.labelled=300", "train.epochs=3");

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
  void basicAndFeatures_compareTeacherLabelsAloneAndDistilled() {
    for (String kind : List.of("basic", "features")) {
      Demo demo = demo(folder.resolve(kind), SHORT);
      assertThat(
              kind.equals("basic") ? demo.basic(command.getOut()) : demo.features(command.getOut()))
          .isZero();
      assertThat(out.toString())
          .startsWith("Setting: ")
          .containsPattern("\nteacher +\\d+\\.\\d\\d %")
          .containsPattern("\nlabels alone +\\d+\\.\\d\\d %")
          .containsPattern("\ndistilled +\\d+\\.\\d\\d %")
          .contains("One seed: ");
      fitsEightyColumns();
      leaves(kind + "/teacher", kind + "/student");
      out.getBuffer().setLength(0);
    }
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
