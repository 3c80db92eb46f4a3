package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.prepare.TokenizerTrainer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes tokenizers. */
@Command(
    name = "tokenizer",
    mixinStandardHelpOptions = true,
    subcommands = TokenizerCommand.Train.class,
    synopsisSubcommandLabel = "train",
    description = "Makes a tokenizer of texts: a tokenizer.json of Hugging Face's format.",
    footer = {
      "",
      "Example:",
      "  ranbiki tokenizer train --text text --size 4000 --to tokenizer.json train.csv"
    })
final class TokenizerCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Makes one of texts. */
  @Command(
      name = "train",
      mixinStandardHelpOptions = true,
      description = {
        "Makes a tokenizer whose pieces are the parts of words that stand most often in some texts,"
            + " for a student that is trained from scratch. A student that takes over vectors of a"
            + " teacher needs the teacher's tokenizer."
      },
      footer = {
        "",
        "Examples:",
        "  ranbiki tokenizer train --size 4000 --to tokenizer.json train.csv",
        "  ranbiki tokenizer train --text message --to tokenizer.json tickets.jsonl",
        "  ranbiki tokenizer train --method bpe --size 8000 --to tokenizer.json texts.txt"
      })
  static final class Train implements Runnable {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
        arity = "1..*",
        paramLabel = "FILE",
        description =
            "CSV or TSV files with a header, JSON lines, or other UTF-8 files with a text on every"
                + " line.")
    private List<Path> files = List.of();

    @Option(
        names = "--text",
        paramLabel = "COLUMN",
        description = "The column of the texts, or the field of JSON lines; 'text' if left out.")
    private Optional<String> column = Optional.empty();

    @Option(
        names = "--method",
        paramLabel = "METHOD",
        defaultValue = "wordpiece",
        description =
            "wordpiece, as BERT's, or bpe, of bytes, as GPT-2's; default: ${DEFAULT-VALUE}.")
    private TokenizerTrainer.Method method = TokenizerTrainer.Method.WORDPIECE;

    @Option(
        names = "--size",
        paramLabel = "N",
        defaultValue = "4000",
        description = "How many pieces there are to be; default: ${DEFAULT-VALUE}.")
    private int size;

    @Option(
        names = "--fewest",
        paramLabel = "N",
        defaultValue = "2",
        description = "How often a piece must stand in the texts; default: ${DEFAULT-VALUE}.")
    private int fewest;

    @Option(names = "--cased", description = "Keeps capitals and accents apart; bpe always does.")
    private boolean cased;

    @Option(
        names = "--to",
        required = true,
        paramLabel = "FILE",
        description = "The tokenizer.json to write; one that is there is replaced.")
    private Path target = Path.of("");

    @Override
    public void run() {
      if (fewest < 1) {
        throw RanbikiException.configuration("--fewest is %d, but must be 1 or more.", fewest);
      }
      TokenizerTrainer trainer =
          new TokenizerTrainer(method, size, !cased && method == TokenizerTrainer.Method.WORDPIECE);
      TextFiles texts = TextFiles.of(column);
      for (Path file : files) {
        texts.read(file, (place, key, sample) -> trainer.add(sample.get(0)));
      }
      Tokenizer tokenizer = trainer.train(fewest);
      AtomicFile.write(target, tokenizer.json());
      spec.commandLine().getOut().println(tokenizer + " in " + target);
    }
  }
}
