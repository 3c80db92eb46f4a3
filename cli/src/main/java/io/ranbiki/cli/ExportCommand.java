package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport.WeightType;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.evaluate.Metric;
import io.ranbiki.run.Export;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunData;
import io.ranbiki.run.StudentFolder;
import io.ranbiki.tensor.Engine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a student out of its run. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Writes a student as an ONNX file, which runs in a service without Ranbiki, or as a model"
            + " folder. An ONNX file is asked about real samples first, and gets its name only if it"
            + " answers as the student does.",
    footer = {
      "",
      "Examples:",
      "  ranbiki export runs/fashion-basic --to onnx",
      "  ranbiki export runs/fashion-basic --to onnx --weights int8",
      "  ranbiki export runs/fashion-basic/model --to onnx --data my.yaml",
      "  ranbiki export runs/fashion-basic --to folder --output student"
    })
final class ExportCommand implements Callable<Integer> {

  private static final String ONNX_ALONE =
      "--weights, --raw, --probabilities, --data, --unchecked and --force are for --to onnx";

  /** What comes out. */
  private enum Form {
    ONNX,
    FOLDER
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "RUN|MODEL",
      description = "A run folder, or a model folder.")
  private Path path = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FORM",
      description = "onnx, or folder: config.json, model.safetensors and README.md.")
  private Form form = Form.ONNX;

  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      description =
          "float32; float16, half the size; or int8, a quarter, with arithmetic in 8 bits. Default:"
              + " float32.")
  private Optional<WeightType> weights = Optional.empty();

  @Option(
      names = "--raw",
      description = "Leave the normalization out; inputs must then be normalized.")
  private boolean raw;

  @Option(names = "--probabilities", description = "Add a second output: probabilities.")
  private boolean probabilities;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Which of a run's students; default: the first.")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "CONFIG",
      description = "A configuration whose data the file is asked about; default: the run's own.")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--output",
      paramLabel = "PATH",
      description = "What to write; default: model.onnx in the folder of the model.")
  private Optional<Path> output = Optional.empty();

  @Option(names = "--replace", description = "Replace the file if it exists.")
  private boolean replace;

  @Option(names = "--unchecked", description = "Ask the file nothing, and mark it as unchecked.")
  private boolean unchecked;

  @Option(
      names = "--force",
      description = "Write int8 weights even if they lose more than 0.5 points.")
  private boolean force;

  @Override
  public Integer call() {
    boolean onnxAlone =
        raw || probabilities || unchecked || force || weights.isPresent() || data.isPresent();
    if (form == Form.FOLDER && onnxAlone) {
      throw new ParameterException(spec.commandLine(), ONNX_ALONE);
    }
    if (unchecked && data.isPresent()) {
      throw new ParameterException(
          spec.commandLine(),
          "--unchecked asks about no samples, so --data has no meaning with it.");
    }
    StudentFolder student = StudentFolder.find(path, seed);
    PrintWriter out = spec.commandLine().getOut();
    if (form == Form.FOLDER) {
      folder(student, out);
    } else {
      onnx(student, out);
    }
    out.flush();
    return 0;
  }

  private void folder(StudentFolder student, PrintWriter out) {
    Path target =
        output.orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(), "--to folder needs a folder to write: --output PATH."));
    requireNewOrEmpty(target);
    ModelFolder.copy(student.folder(), target).ifPresent(this::note);
    out.printf(Locale.ROOT, "wrote %s%n", target);
  }

  private void requireNewOrEmpty(Path folder) {
    boolean free = !Files.exists(folder);
    if (Files.isDirectory(folder)) {
      try (Stream<Path> entries = Files.list(folder)) {
        free = entries.findAny().isEmpty();
      } catch (IOException e) {
        throw RanbikiException.io("Cannot read the folder %s. Choose another.", folder);
      }
    }
    if (!free && !(replace && Files.isRegularFile(folder.resolve(ModelFolder.CONFIG)))) {
      throw RanbikiException.io(
          "%s exists and is not empty. Choose another folder with --output%s.",
          folder,
          Files.isRegularFile(folder.resolve(ModelFolder.CONFIG))
              ? ", or replace the model in it with --replace"
              : "");
    }
  }

  private void onnx(StudentFolder student, PrintWriter out) {
    WeightType type = weights.orElse(WeightType.FLOAT32);
    Path file = output.orElseGet(() -> student.folder().resolve(defaultName(type)));
    requireFree(file);
    Export export = new Export(student, new Export.Request(type, raw, probabilities, force), file);
    if (unchecked) {
      export.unchecked();
      out.printf(Locale.ROOT, "wrote %s, which nobody has checked%n", file);
      return;
    }
    RunConfig config =
        data.map(name -> RunConfigReader.any(ConfigDocument.read(name, List.of(), System.getenv())))
            .or(student::config)
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "There are no samples to ask the file about, since %s is a model folder by"
                            + " itself. Name a configuration with --data, or write it unchecked"
                            + " with --unchecked.",
                        path));
    Engine.setThreads(config.train().threads());
    try (RunData samples = RunData.open(config)) {
      Export.Checked checked = export.checked(samples, this::note);
      samples.readingNotes().forEach(this::note);
      print(checked, out);
      out.printf(Locale.ROOT, "wrote %s%n", file);
      Next.predict(out, file, ModelFolder.readConfig(student.folder()).prepare());
    }
  }

  private static String defaultName(WeightType type) {
    return type == WeightType.FLOAT32 ? "model.onnx" : "model." + type.word() + ".onnx";
  }

  /** Before anything is computed. */
  private void requireFree(Path file) {
    if (Files.isDirectory(file)) {
      throw RanbikiException.io("%s is a folder. Give --output the name of a file.", file);
    }
    if (Files.exists(file) && !replace) {
      throw RanbikiException.io(
          "%s exists already. Choose another name with --output, or replace it with --replace.",
          file);
    }
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    if (!Files.isDirectory(folder)) {
      throw RanbikiException.io(
          "There is no folder %s to write into. Make it, or choose another with --output.", folder);
    }
  }

  private void print(Export.Checked checked, PrintWriter out) {
    Metric metric = checked.metric();
    List<String> columns = new ArrayList<>(List.of("", "engine", "size", metric.name()));
    if (metric.isShare()) {
      columns.add(metric.name().equals("accuracy") ? "same class" : "same labels");
    }
    columns.add("ms");
    Table table = new Table(columns.toArray(String[]::new));
    for (Export.Form each : checked.forms()) {
      boolean first = each.equals(checked.forms().get(0));
      List<String> row =
          new ArrayList<>(
              List.of(
                  each.name(),
                  first ? "libtorch" : "ONNX Runtime",
                  Shown.bytes(each.bytes()),
                  metric.isShare() ? Shown.percent(each.score(), 2) : Shown.figure(each.score())));
      if (metric.isShare()) {
        row.add(first ? Shown.UNKNOWN : Shown.percent(each.same(), 2));
      }
      row.add(CostTable.time(milliseconds(each), each.cost()));
      table.add(row.toArray(String[]::new));
    }
    table.print(Table.Format.TEXT, out);
    out.printf(
        Locale.ROOT,
        "largest difference %.2g, at answers up to %.3g, over %,d samples%n",
        checked.parity().largestDifference(),
        checked.parity().largestLogit(),
        checked.parity().samples());
    int forms = checked.forms().size();
    if (forms == 3 && weights.orElseThrow() == WeightType.INT8) {
      if (milliseconds(checked.forms().get(2)) > milliseconds(checked.forms().get(1))) {
        note(
            "Weights in int8 are slower than float32 here; they pay for networks with more work in a layer.");
      }
    }
  }

  private static double milliseconds(Export.Form form) {
    return form.cost().deployment().orElseThrow().p50();
  }

  private void note(String sentence) {
    spec.commandLine().getErr().println("note: " + sentence);
  }
}
