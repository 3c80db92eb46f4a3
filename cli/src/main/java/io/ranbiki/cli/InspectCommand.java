package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.SafetensorsFile;
import io.ranbiki.evaluate.Costs;
import io.ranbiki.evaluate.Deployed;
import io.ranbiki.evaluate.Latency;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.result.Cost;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.RunFolder;
import io.ranbiki.store.Store;
import io.ranbiki.teacher.Layout;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherInfo;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a model or run holds. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "Shows what a run folder, a model folder or a file holds: safetensors, ONNX, TorchScript or"
            + " stored answers.",
    footer = {
      "",
      "Examples:",
      "  ranbiki inspect runs/fashion-basic",
      "  ranbiki inspect runs/fashion-basic/model",
      "  ranbiki inspect teacher.safetensors",
      "  ranbiki inspect teacher.onnx",
      "  ranbiki inspect runs/answers/0123456789abcdef.store",
      "  ranbiki inspect teacher.pt --trusted --input 1,28,28"
    })
final class InspectCommand implements Callable<Integer> {

  private static final String OURS = "ranbiki.";

  /** Somebody waits for it. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "PATH", description = "A folder or file.")
  private Path path = Path.of("");

  @Option(
      names = "--trusted",
      description = "Let a TorchScript file run: it is a program with your rights.")
  private boolean trusted;

  @Option(
      names = "--input",
      split = ",",
      paramLabel = "LENGTH",
      description =
          "Shape of one sample, to measure the time of a file that does not say it: 1,28,28.")
  private List<Integer> input = List.of();

  @Option(
      names = "--output",
      paramLabel = "NAME",
      description = "Which output of an ONNX file holds the logits.")
  private @Nullable String output;

  @Override
  public Integer call() {
    if (input.stream().anyMatch(length -> length < 1)) {
      throw new ParameterException(
          spec.commandLine(), "--input is " + input + "; every length must be 1 or more.");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (Files.isRegularFile(path)) {
      file(out);
    } else if (Files.isDirectory(path) && Store.exists(path)) {
      answers(Store.bytes(path), out);
    } else if (Files.isRegularFile(path.resolve(ModelFolder.CONFIG))) {
      model(path, out);
      next(ModelFolder.readConfig(path), out);
    } else if (Files.isRegularFile(path.resolve("config.yaml"))) {
      run(RunFolder.open(path), out);
    } else {
      throw RanbikiException.model(
          "%s is neither a run folder, nor a model folder, nor a file. Give a folder that train or"
              + " distill wrote, or a .safetensors, .onnx, .pt or .store file%s.",
          path,
          Files.exists(path.resolve("model.onnx"))
              ? ", such as " + path.resolve("model.onnx")
              : "");
    }
    out.flush();
    return 0;
  }

  private void next(ModelConfig model, PrintWriter out) {
    if (model.encoder() == null) {
      Next.predict(out, path, model.prepare());
    } else {
      Next.say(
          out, "distill STUDENT.yaml teacher.model=ENCODER", Next.quoted("teacher.head=" + path));
    }
  }

  private static void run(RunFolder run, PrintWriter out) {
    out.printf(Locale.ROOT, "run folder %s%n", run.path());
    boolean finished = Files.exists(run.result());
    if (finished) {
      ResultTable.print(ResultJson.read(run.result()), out);
    }
    if (Files.exists(run.model().resolve(ModelFolder.CONFIG))) {
      out.println();
      model(run.model(), out);
    }
    if (finished) {
      Next.export(out, run);
    } else {
      out.println("This run is not finished.");
      Next.say(out, "resume", run.path());
    }
  }

  private static void model(Path folder, PrintWriter out) {
    try (ModelFolder.Loaded loaded = ModelFolder.read(folder)) {
      Model model = loaded.model();
      ModelSpec is = model.spec();
      out.printf(Locale.ROOT, "model folder %s%n", folder);
      model.notes().forEach(note -> out.printf(Locale.ROOT, "  note: %s%n", note));
      out.printf(Locale.ROOT, "  architecture  %s%n", is.title());
      Prepare prepare = loaded.config().prepare();
      out.printf(
          Locale.ROOT,
          "  input         %s, %s%n",
          is.input(),
          prepare == null ? "normalization unknown" : prepare.words());
      out.printf(
          Locale.ROOT,
          "  %-13s %d %s%n",
          loaded.config().task().word(),
          is.classes(),
          loaded.config().names());
      out.printf(Locale.ROOT, "  labels seen   %s%n", words(ModelFolder.readLabelsSeen(folder)));
      out.printf(
          Locale.ROOT,
          "  parameters    %,d in %s%n",
          model.parameterCount(),
          Shown.bytes(model.byteCount()));
      out.printf(Locale.ROOT, "  time          %s%n", time(Deployed.of(loaded), 1, ""));
      out.println("  layers that can be tapped:");
      String line = "    " + column(28, model.module().modules().keySet()) + " %s%n";
      model
          .module()
          .modules()
          .forEach(
              (layer, module) -> {
                if (!layer.isEmpty()) {
                  out.printf(Locale.ROOT, line, layer, module.getClass().getSimpleName());
                }
              });
    }
    tensors(ModelFolder.weights(folder), out);
  }

  private static String words(LabelsSeen seen) {
    String known =
        seen.positions().entrySet().stream()
            .map(
                set ->
                    String.format(
                        Locale.ROOT,
                        "%,d of data %.16s",
                        set.getValue().cardinality(),
                        set.getKey()))
            .collect(Collectors.joining(", "));
    String others = known.isEmpty() ? "not known" : ", and others that are not known";
    return seen.complete() ? known.isEmpty() ? "none" : known : known + others;
  }

  private void file(PrintWriter out) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
    boolean index = name.endsWith(".safetensors.index.json");
    boolean ours = name.equals(ModelFolder.WEIGHTS) || index;
    if (ours && Files.exists(folder.resolve(ModelFolder.CONFIG))) {
      model(folder, out);
    } else if (name.endsWith(".safetensors") || index) {
      tensors(path, out);
    } else if (name.endsWith(ModelFolder.TOKENIZER)) {
      tokenizer(Tokenizer.read(path), out);
    } else if (name.endsWith(".store")) {
      answers(path.toFile().length(), out);
    } else {
      network(source(), out);
    }
  }

  private TeacherSource source() {
    TeacherSource source = TeacherSource.of(path, trusted, null);
    return source instanceof TeacherSource.Onnx file
        ? new TeacherSource.Onnx(
            file.file(), new OnnxOptions(output, Layout.FROM_SHAPE, 0).withPatience(PATIENCE))
        : source;
  }

  private void tokenizer(Tokenizer tokenizer, PrintWriter out) {
    out.printf(Locale.ROOT, "tokenizer %s%n", path);
    out.printf(Locale.ROOT, "  makes ids by  %s%n", tokenizer);
    out.printf(
        Locale.ROOT,
        "  of a text     %s%n",
        tokenizer.limit().isPresent()
            ? "at most " + tokenizer.limit().getAsInt() + " ids"
            : "as many ids as it has pieces");
  }

  private void answers(long bytes, PrintWriter out) {
    out.printf(Locale.ROOT, "stored answers %s, %s%n", path, Shown.bytes(bytes));
    Store.describe(path)
        .forEach(
            (name, value) ->
                out.printf(Locale.ROOT, "  %-14s %s%n", name, value.isEmpty() ? "none" : value));
  }

  private static void tensors(Path file, PrintWriter out) {
    SafetensorsFile read = Safetensors.read(file);
    out.printf(Locale.ROOT, "tensors of %s%n", file);
    String line = "  " + column(36, read.entries().keySet()) + " %-5s %s%n";
    read.entries()
        .forEach(
            (name, entry) ->
                out.printf(Locale.ROOT, line, name, entry.dtype(), Arrays.toString(entry.shape())));
  }

  /** The form of a column that is as wide as its longest name. */
  private static String column(int least, Collection<String> names) {
    return "%-" + names.stream().mapToInt(String::length).reduce(least, Math::max) + "s";
  }

  /** A network that other software made. */
  private void network(TeacherSource source, PrintWriter out) {
    TeacherInfo info = Teachers.describe(source);
    out.printf(Locale.ROOT, "%s file %s%n", info.kind(), path);
    ports("input", info.inputs(), out);
    ports("output", info.outputs(), out);
    out.printf(
        Locale.ROOT,
        "  parameters    %s in %s%n",
        info.parameters() == null
            ? "unknown, since the file does not say their number,"
            : Shown.count(info.parameters()),
        Shown.bytes(info.bytes()));
    if (source instanceof TeacherSource.Onnx onnx) {
      metadata(OnnxFile.read(onnx.file()), out);
    }
    out.printf(Locale.ROOT, "  time          %s%n", time(source));
    out.println("  layers that can be tapped:" + (info.layers().isEmpty() ? " none" : ""));
    info.layers().forEach(layer -> out.println("    " + layer));
  }

  /** What an exported student carries about itself. */
  private static void metadata(OnnxFile file, PrintWriter out) {
    Map<String, String> metadata = new HashMap<>(file.info().metadata());
    file.preparation() // with all pieces of its tokenizer
        .filter(preparation -> preparation.tokenize().isPresent())
        .ifPresent(
            preparation -> metadata.put(OnnxExport.PREPARATION, Prepare.of(preparation).words()));
    metadata.keySet().stream()
        .filter(key -> key.startsWith(OURS))
        .sorted()
        .forEach(
            key ->
                out.printf(
                    Locale.ROOT,
                    "  %-13s %s%n",
                    key.substring(OURS.length()),
                    Objects.requireNonNull(metadata.get(key)).replace("\n", ", ")));
  }

  private static void ports(String title, List<String> ports, PrintWriter out) {
    if (ports.isEmpty()) {
      out.printf(Locale.ROOT, "  %-12s  the file does not say%n", title);
    }
    ports.forEach(port -> out.printf(Locale.ROOT, "  %-12s  %s%n", title, port));
  }

  /** The median of a call by its samples, in the engine that a service would use. */
  private static String time(Deployed model, int batch, String what) {
    Cost.Latency call =
        Objects.requireNonNull(
                Costs.of(
                        Map.of("model", model),
                        List.of(new Costs.Setting(1, batch)),
                        Latency.Protocol.GLANCE,
                        System::nanoTime)
                    .get("model"))
            .latencies()
            .get(0);
    return String.format(
        Locale.ROOT,
        "%s ms a sample%s, in %s with one thread%s",
        Shown.milliseconds(call.p50() / batch),
        what,
        call.engine().title(),
        call.busy() ? "; the machine was busy" : "");
  }

  /** A file that cannot be asked can be looked into all the same. */
  private String time(TeacherSource source) {
    List<Integer> sample = input.isEmpty() ? source.input() : input;
    if (sample.isEmpty()) {
      return source instanceof TeacherSource.Onnx file
              && OnnxFile.read(file.file()).preparation().flatMap(Preparation::tokenize).isPresent()
          ? "not measured, since a text may have any length; 'inspect' of its run measures it"
          : "not measured, since the file does not say the shape of a sample; give it with --input";
    }
    int batch = source.smallestBatch();
    long start = System.nanoTime();
    try (Teacher teacher = Teachers.open(source, sample, 0, List.of())) {
      String what =
          String.format(Locale.ROOT, " of %s, %d classes", sample, teacher.classes())
              + (batch == 1
                  ? ""
                  : String.format(Locale.ROOT, ", asked %d at once, as the file fixes it", batch));
      Deployed model = Deployed.of(source, teacher, sample, Teachers.prepare(source));
      return time(model, batch, what);
    } catch (RanbikiException e) {
      if (source instanceof TeacherSource.Onnx file
          && OnnxFile.read(file.file()).loops()
          && System.nanoTime() - start >= PATIENCE.toNanos()) {
        throw e; // it may have no end, so it is no model
      }
      return "not measured: " + e.getMessage();
    }
  }
}
