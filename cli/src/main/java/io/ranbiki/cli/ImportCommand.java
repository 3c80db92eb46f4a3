package io.ranbiki.cli;

import io.ranbiki.run.OnnxImport;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a model folder of an ONNX file. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a model folder of an encoder of texts in an ONNX file, such as all-MiniLM-L6-v2: its"
          + " weights by the names that transformers gives them, and its tokenizer. A folder can be"
          + " trained, can teach its layers, and students can begin with some of them."
    },
    footer = {
      "",
      "Example:",
      "  ranbiki import models/minilm/model.onnx --to models/minilm-folder"
    })
final class ImportCommand implements Runnable {

  /** The poolings of an encoder of texts. */
  private enum Pooling {
    MEAN,
    CLS,
    MAX
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "An ONNX file that PyTorch exported.")
  private Path file = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FOLDER",
      description = "The folder to make; it must not be there yet.")
  private Path folder = Path.of("");

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "Its tokenizer; default: the tokenizer.json beside it.")
  private Optional<Path> tokenizer = Optional.empty();

  @Option(
      names = "--pooling",
      paramLabel = "POOLING",
      defaultValue = "mean",
      description =
          "How one vector is made of those of a text's ids: mean, cls or max; default:"
              + " ${DEFAULT-VALUE}.")
  private Pooling pooling = Pooling.MEAN;

  @Override
  public void run() {
    OnnxImport.Imported imported =
        OnnxImport.run(
            file,
            tokenizer.orElseGet(() -> file.resolveSibling("tokenizer.json")),
            pooling.name().toLowerCase(Locale.ROOT),
            folder);
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s: %s, %,.0f parameters. Its vectors differ from those of the file by %.1g of the"
                + " largest number.%n",
            folder,
            imported.spec().title(),
            imported.spec().parameters(),
            imported.difference());
  }
}
