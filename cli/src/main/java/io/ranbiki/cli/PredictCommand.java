package io.ranbiki.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.serve.Prediction;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a student. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description =
        "Gives the classes or labels of images, sounds, rows or texts, and how likely they are, or"
            + " the numbers or vectors that a student of these gives. An input that cannot be used"
            + " is named, and the others are answered all the same; the exit code is then that of"
            + " the first such input.",
    footer = {
      "",
      "Examples:",
      "  ranbiki predict runs/my-student picture.png",
      "  ranbiki predict student.onnx folder-of-images --top 3",
      "  ranbiki predict runs/my-student/model rows.csv --header --json",
      "  ranbiki predict runs/my-student rows.csv --key parcel --label price",
      "  ranbiki predict runs/my-student --row age=39,job=clerk",
      "  ranbiki predict runs/my-student --text \"Where is my card?\"",
      "  ranbiki predict runs/my-student tickets.jsonl --column message --key id",
      "  ranbiki predict runs/my-pairs --text \"Where is my card?\" --text \"On its way.\""
    })
final class PredictCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A run folder, a model folder, or an ONNX file that export wrote.")
  private Path model = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "INPUT",
      description =
          "PNG or JPEG images, WAV files, folders of them, CSV files of rows of numbers, packed by"
              + " gzip or not, or of texts: CSV, TSV, JSON lines, or .txt with a text in each line.")
  private List<Path> inputs = List.of();

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description =
          "A text; may be given repeatedly. For a student of pairs, two of them are a sample.")
  private List<String> texts = List.of();

  @Option(
      names = "--pairs",
      description =
          "Two --text are a sample, for a folder of transformers, which takes single texts as well.")
  private boolean pairs;

  @Option(
      names = "--row",
      paramLabel = "ROW",
      description =
          "A row: its cells by the names of their columns, or numbers in their order; may be given"
              + " repeatedly. Quote a cell that holds a comma.")
  private List<String> rows = List.of();

  @Option(
      names = "--top",
      paramLabel = "K",
      description =
          "How many classes or labels to name: 1 class, or the labels that hold, or all with"
              + " --json.")
  private @Nullable Integer top;

  @Option(names = "--json", description = "Write one line of JSON for every sample.")
  private boolean json;

  @Option(
      names = "--header",
      description =
          "The first line of a CSV file names its columns; so it is where a column is named.")
  private boolean header;

  @Option(
      names = "--delimiter",
      paramLabel = "CHARACTER",
      description = "What stands between the values of a CSV file: a comma, or say which.")
  private String delimiter = ",";

  @Option(
      names = "--label",
      split = ",",
      paramLabel = "COLUMN",
      description =
          "Columns of a CSV file that are not for the network: their names, or positions from 0,"
              + " or -1 for the last.")
  private List<String> labels = List.of();

  @Option(
      names = "--column",
      paramLabel = "COLUMN",
      description =
          "The column of the texts in CSV or TSV files with a header, or the field in JSON lines:"
              + " 'text' if left out; for a student of pairs, give it twice.")
  private List<String> columns = List.of();

  @Option(
      names = "--key",
      paramLabel = "COLUMN",
      description = "The column of a file that says what its rows are called.")
  private Optional<String> key = Optional.empty();

  private int failure;

  @Override
  public Integer call() {
    if (top != null && top < 1) {
      throw new ParameterException(spec.commandLine(), "--top is " + top + "; give 1 or more.");
    }
    if (delimiter().length() != 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--delimiter is '" + delimiter + "'; give one character, or \\t for a tab.");
    }
    if (inputs.isEmpty() && texts.isEmpty() && rows.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "Missing required parameter: name an INPUT, or give a --text or a --row.");
    }
    try (Predictor student = Predictor.open(model)) {
      boolean isOfNumbers =
          student.task() == Prediction.Task.NUMBERS || student.task() == Prediction.Task.EMBEDDING;
      if (top != null && isOfNumbers) {
        throw new ParameterException(
            spec.commandLine(),
            "--top is for classes and labels, but the student answers "
                + (student.task() == Prediction.Task.NUMBERS ? "numbers" : "vectors")
                + "; leave it out.");
      }
      answerTexts(student);
      PredictedRows asked = new PredictedRows(student, header, delimiter().charAt(0), labels, key);
      for (String row : rows) {
        orFailure(row, () -> print(row, asked.typed(row)));
      }
      for (Path input : inputs) {
        orFailure(input.toString(), () -> answer(student, input, asked));
      }
      asked.note().ifPresent(note -> spec.commandLine().getErr().println("note: " + note));
    }
    spec.commandLine().getOut().flush();
    return failure;
  }

  private void answerTexts(Predictor student) {
    if (!pairs && !student.takesPairsAlone()) {
      for (String text : texts) {
        orFailure(text, () -> print(text, student.text().apply(text)));
      }
      return;
    }
    if (texts.size() % 2 == 1) {
      throw new ParameterException(
          spec.commandLine(),
          "A sample is a pair of texts, but --text is given "
              + texts.size()
              + (texts.size() == 1 ? " time" : " times")
              + "; give two for each pair.");
    }
    for (int i = 0; i < texts.size(); i += 2) {
      String first = texts.get(i);
      String second = texts.get(i + 1);
      String both = first + " | " + second;
      orFailure(both, () -> print(both, student.pair().apply(first, second)));
    }
  }

  private String delimiter() {
    return delimiter.equals("\\t") ? "\t" : delimiter;
  }

  private void answer(Predictor student, Path input, PredictedRows asked) {
    if (!Files.exists(input)) {
      throw RanbikiException.configuration("There is no file or folder %s. Check the path.", input);
    }
    String name = input.toString().toLowerCase(Locale.ROOT);
    if (Files.isDirectory(input)) {
      for (Path image : images(input)) {
        orFailure(image.toString(), () -> image(student, image));
      }
    } else if (name.endsWith(".txt")
        || student.preparation().tokenize().isPresent() && TextFiles.isOne(input)) {
      texts(student, input);
    } else if (name.endsWith(".csv") || name.endsWith(".csv.gz")) {
      asked.file(
          input,
          (place, answer) ->
              orFailure(
                  place,
                  () -> {
                    PredictedRows.Answered row = answer.get();
                    print(row.name(), row.prediction());
                  }));
    } else {
      image(student, input);
    }
  }

  private static List<Path> images(Path folder) {
    List<Path> images;
    try (Stream<Path> files = Files.walk(folder)) {
      images =
          files
              .filter(
                  file ->
                      file.toString()
                          .toLowerCase(Locale.ROOT)
                          .matches(".*\\.(png|jpe?g|bmp|gif|webp|wav)"))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
    } catch (IOException | UncheckedIOException e) {
      throw RanbikiException.io(
          "The folder %s cannot be read (%s). Check its permissions.", folder, e.getMessage());
    }
    if (images.isEmpty()) {
      throw RanbikiException.configuration(
          "The folder %s holds no file that ends in .png, .jpg, .jpeg, .bmp, .gif, .webp or .wav."
              + " Put some into it, or name another.",
          folder);
    }
    return images;
  }

  private void texts(Predictor student, Path file) {
    List<String> named = columns.isEmpty() ? List.of(TextFiles.USUAL) : columns;
    if (named.size() > 2) {
      throw new ParameterException(
          spec.commandLine(),
          "--column names "
              + named.size()
              + " columns; name that of the text, or the two of a pair.");
    }
    new TextFiles("--column", named, key, delimiter().charAt(0))
        .read(
            file,
            (place, called, texts) ->
                orFailure(
                    called.orElse(place),
                    () ->
                        print(
                            called.orElse(String.join(" | ", texts)),
                            texts.size() == 1
                                ? student.text().apply(texts.get(0))
                                : student.pair().apply(texts.get(0), texts.get(1)))));
  }

  private void image(Predictor student, Path image) {
    print(image.toString(), student.answer().apply(student.preparation().apply(image)));
  }

  /** Does what may fail for one input, so that the others can go on. */
  private void orFailure(String input, Runnable work) {
    try {
      work.run();
    } catch (RanbikiException e) {
      if (e.kind() != Kind.CONFIGURATION && e.kind() != Kind.IO) {
        throw e;
      }
      PrintWriter err = spec.commandLine().getErr();
      int code = ErrorPrinter.print(e, err, false);
      failure = failure == 0 ? code : failure;
      if (json) {
        print(JSON.createObjectNode().put("input", input).put("error", e.getMessage()));
      }
    }
  }

  private void print(String input, Prediction prediction) {
    if (json) {
      print(line(input, prediction));
    } else {
      spec.commandLine().getOut().println(input + ": " + words(prediction));
    }
  }

  private ObjectNode line(String input, Prediction prediction) {
    ObjectNode line = JSON.createObjectNode().put("input", input);
    switch (prediction.task()) {
      case CLASSES -> line.put("class", prediction.name());
      case LABELS -> {
        ArrayNode labels = line.putArray("labels");
        prediction.labels().forEach(each -> labels.add(each.name()));
      }
      case NUMBERS -> {
        ObjectNode numbers = line.putObject("numbers");
        prediction.numbers().forEach(numbers::put);
        return line;
      }
      case EMBEDDING -> {
        ArrayNode vector = line.putArray("vector");
        for (float number : prediction.vector()) {
          vector.add(number);
        }
        return line;
      }
    }
    ObjectNode probabilities = line.putObject("probabilities");
    prediction
        .top(top != null ? top : Integer.MAX_VALUE)
        .forEach(each -> probabilities.put(each.name(), each.probability()));
    return line;
  }

  private String words(Prediction prediction) {
    return switch (prediction.task()) {
      case CLASSES -> words(prediction.top(top != null ? top : 1));
      case LABELS -> {
        List<Prediction.Scored> said = top != null ? prediction.top(top) : prediction.labels();
        yield said.isEmpty() ? "none; likeliest " + words(prediction.top(1)) : words(said);
      }
      case NUMBERS ->
          prediction.numbers().entrySet().stream()
              .map(each -> each.getKey() + " " + Shown.figure(each.getValue()))
              .collect(Collectors.joining(", "));
      case EMBEDDING -> prediction.toString();
    };
  }

  private static String words(List<Prediction.Scored> scored) {
    return scored.stream()
        .map(each -> String.format(Locale.ROOT, "%s (%.3f)", each.name(), each.probability()))
        .collect(Collectors.joining(", "));
  }

  private void print(ObjectNode line) {
    try {
      spec.commandLine().getOut().println(JSON.writeValueAsString(line));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e); // a tree of texts and numbers is written as it is
    }
  }
}
