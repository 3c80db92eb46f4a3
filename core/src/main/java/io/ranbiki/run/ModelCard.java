package io.ranbiki.run;

import io.ranbiki.Version;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.data.Task;
import io.ranbiki.result.Interval;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Quality;
import io.ranbiki.result.SeenByTeacher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The text that goes with a model: what it is, what it scored on which data, what it is fed, and
 * what it does not know. Its front matter is what the Hugging Face hub reads.
 *
 * @param run that it was trained in
 * @param role what it was in the run, such as {@code student} or {@code assistant-1}
 * @param seed of its training
 * @param trainedOn how many samples it saw in training
 * @param testData SHA-256 of the test samples
 * @param model network, normalization and classes
 * @param figures its size
 * @param quality of its answers to the test samples; null if none of these has a label, or the task
 *     is not one of classes
 * @param scores of its answers to the test samples by metric, the one that decides first, for any
 *     task; empty if none of these has a label
 * @param teacher figures of who taught it; null without a frozen teacher
 * @param seen what the teacher had seen before; null without a frozen teacher
 */
record ModelCard(
    RunConfig run,
    String role,
    long seed,
    int trainedOn,
    String testData,
    ModelConfig model,
    ModelFigures figures,
    @Nullable Quality quality,
    Map<String, Double> scores,
    @Nullable ModelFigures teacher,
    @Nullable SeenByTeacher seen) {

  /** More are looked up in config.json. */
  private static final int MOST_CLASSES = 100;

  private static final double DECIMALS = 1e6;

  /** The card, in Markdown. */
  String text() {
    List<String> parts = new ArrayList<>();
    parts.add("---\n" + YamlWriter.literally(frontMatter()) + "---");
    parts.add("# " + plain(run.name()) + (role.equals(Stage.STUDENT) ? "" : ": " + plain(role)));
    parts.add(whatItIs());
    parts.add("## Data");
    parts.add(data());
    parts.add("## Figures");
    parts.add(
        quality != null
            ? figuresOf(quality)
            : scores.isEmpty() ? "No test sample had a label." : figuresOf(scores));
    parts.add("## Input");
    parts.add(input());
    parts.add("## " + answers());
    parts.add(names());
    parts.add("## Use");
    parts.add(use());
    parts.add("## Limits");
    parts.add(limits());
    parts.add("## Origin");
    parts.add(origin());
    return String.join("\n\n", parts) + "\n";
  }

  private String answers() {
    if (isOfVectors()) {
      return "Vectors";
    }
    if (isOfPieces()) {
      return "Pieces";
    }
    return isOfNumbers() ? "Numbers" : isOfLabels() ? "Labels" : "Classes";
  }

  private Map<String, Object> frontMatter() {
    String task = hubTask();
    Map<String, Object> front = new LinkedHashMap<>();
    run.license().ifPresent(license -> front.put("license", license));
    front.put("library_name", "ranbiki");
    if (!task.isEmpty()) {
      front.put("pipeline_tag", task);
    }
    front.put(
        "tags",
        run.isDistillation() ? List.of("knowledge-distillation", "ranbiki") : List.of("ranbiki"));
    if (quality != null || !scores.isEmpty()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("task", Map.of("type", task.isEmpty() ? "other" : task));
      Map<String, Object> dataset = new LinkedHashMap<>();
      dataset.put("type", run.data().format().name());
      dataset.put("name", run.data().format().title() + ", test part");
      dataset.put("revision", testData);
      result.put("dataset", dataset);
      result.put("metrics", quality != null ? metrics(quality) : metrics(scores));
      Map<String, Object> index = new LinkedHashMap<>();
      index.put("name", run.name());
      index.put("results", List.of(result));
      front.put("model-index", List.of(index));
    }
    return front;
  }

  /** Empty for what the hub has no word for: numbers of images or texts. */
  private String hubTask() {
    if (isOfVectors()) {
      return isOfTexts() ? "sentence-similarity" : "feature-extraction";
    }
    if (isOfPieces()) {
      return "fill-mask";
    }
    String input = isOfImages() ? "image" : isOfTexts() ? "text" : "tabular";
    if (isOfNumbers()) {
      return input.equals("tabular") ? "tabular-regression" : "";
    }
    return input + "-classification";
  }

  private static List<Map<String, Object>> metrics(Map<String, Double> scores) {
    List<Map<String, Object>> metrics = new ArrayList<>();
    scores.forEach((name, value) -> metrics.add(metric(name, name, value)));
    return metrics;
  }

  private static List<Map<String, Object>> metrics(Quality quality) {
    List<Map<String, Object>> metrics = new ArrayList<>();
    Map<String, Object> accuracy = metric("accuracy", "Accuracy", quality.accuracy().value());
    accuracy.put(
        "args",
        Map.of(
            "interval-95-percent",
            List.of(rounded(quality.accuracy().low()), rounded(quality.accuracy().high()))));
    metrics.add(accuracy);
    metrics.add(metric("f1", "F1, macro", quality.macroF1()));
    metrics.add(
        metric(
            "expected_calibration_error",
            "Expected calibration error, 15 bins",
            quality.expectedCalibrationError()));
    metrics.add(metric("brier_score", "Brier score, 0 to 2", quality.brier()));
    if (quality.negativeLogLikelihood() != null) {
      metrics.add(
          metric(
              "negative_log_likelihood",
              "Negative log-likelihood, nats",
              quality.negativeLogLikelihood()));
    }
    return metrics;
  }

  private static Map<String, Object> metric(String type, String name, double value) {
    Map<String, Object> metric = new LinkedHashMap<>();
    metric.put("type", type);
    metric.put("name", name);
    metric.put("value", rounded(value));
    return metric;
  }

  private static double rounded(double value) {
    return Math.round(value * DECIMALS) / DECIMALS;
  }

  private boolean isOfImages() {
    return model.spec().input().size() == 3;
  }

  private boolean isOfTexts() {
    return model.encoder() != null
        || model.prepare() != null && model.prepare().tokenize().isPresent();
  }

  private boolean isOfLabels() {
    return model.task() instanceof Task.Labels;
  }

  private boolean isOfVectors() {
    return model.task() instanceof Task.Embedding;
  }

  private boolean isOfPieces() {
    return model.task() instanceof Task.MaskedLanguage;
  }

  private boolean isOfNumbers() {
    return model.task() instanceof Task.Numbers;
  }

  private String whatItIs() {
    String is =
        String.format(
            Locale.ROOT,
            "A `%s` with %s (%,d bytes of weights), which %s.",
            model.spec().title(),
            parameters(figures),
            figures.bytes(),
            whatItDoes(model.spec().classes()));
    Double taught = teacher == null ? null : teacher.accuracy();
    if (teacher != null && taught != null) {
      is +=
          String.format(
              Locale.ROOT,
              " It was distilled from a teacher with %s, which is right on %.2f %% of the same"
                  + (isOfPieces() ? " hidden pieces." : " test samples."),
              parameters(teacher),
              100 * taught);
    }
    return is;
  }

  private String whatItDoes(int answers) {
    if (isOfVectors()) {
      return String.format(Locale.ROOT, "makes a vector of %d numbers of a text", answers);
    }
    if (isOfPieces()) {
      return String.format(
          Locale.ROOT, "guesses pieces that are hidden of a text, each one of %,d", answers);
    }
    String what =
        isOfNumbers()
            ? "predicts %d number%s"
            : isOfLabels()
                ? "says of %d label%s which hold, each by itself"
                : "tells %d classes apart";
    return String.format(Locale.ROOT, what, answers, answers == 1 ? "" : "s");
  }

  private String data() {
    String kept =
        run.data()
            .labelled()
            .map(labelled -> String.format(Locale.ROOT, ", of which %,d had a label", labelled))
            .orElse("");
    return String.format(
        Locale.ROOT,
        "Trained on %,d samples of the training part of %s%s (format `%s`).",
        trainedOn,
        plain(run.data().format().title()),
        kept,
        run.data().format().name());
  }

  private static String parameters(ModelFigures figures) {
    Long count = figures.parameters();
    return count == null
        ? "an unknown number of parameters"
        : String.format(Locale.ROOT, "%,d parameters", count);
  }

  private String figuresOf(Map<String, Double> scores) {
    StringBuilder table =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "On the %s of the test part of %s%s\n\n| metric | value |\n|---|---|\n",
                isOfPieces()
                    ? "hidden pieces of the texts"
                    : isOfVectors() ? "samples" : "labelled samples",
                plain(run.data().format().title()),
                isOfVectors()
                    ? ", against the teacher's vectors; `nearest-neighbour` is the share of those"
                        + " of a known class whose nearest training sample is of it."
                    : isOfNumbers()
                        ? "; errors are in the unit of the data."
                        : isOfPieces()
                            ? ", 15 % of all, the same for every model; `cross-entropy` is in nats."
                            : "."));
    scores.forEach(
        (name, value) -> table.append(String.format(Locale.ROOT, "| %s | %.5g |\n", name, value)));
    return table.toString().stripTrailing();
  }

  private String figuresOf(Quality measured) {
    StringBuilder table =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "On the %,d labelled samples of the test part of %s. Intervals are of 95 %%,"
                    + " samples being the unit: how far other test samples of the same kind would"
                    + " move the figure.\n\n"
                    + "| metric | value | interval |\n"
                    + "|---|---|---|\n",
                measured.samples(),
                plain(run.data().format().title())));
    row(table, "accuracy", "%.2f %%", 100, measured.accuracy());
    row(table, "F1, mean over classes", "%.4f", measured.macroF1());
    row(table, "top-5 accuracy", "%.4f", measured.topFive());
    row(table, "negative log-likelihood, nats", "%.4f", measured.negativeLogLikelihood());
    row(table, "Brier score, 0 to 2", "%.4f", measured.brier());
    row(table, "expected calibration error, 15 bins", "%.4f", measured.expectedCalibrationError());
    row(
        table,
        "calibration error without what chance brings",
        "%.4f",
        1,
        measured.calibrationError());
    row(table, "same class as the teacher", "%.4f", measured.agreement());
    return table.toString().stripTrailing();
  }

  private static void row(StringBuilder table, String name, String format, @Nullable Double value) {
    if (value != null) {
      table.append(String.format(Locale.ROOT, "| %s | " + format + " | |\n", name, value));
    }
  }

  private static void row(
      StringBuilder table, String name, String format, double unit, @Nullable Interval interval) {
    if (interval != null) {
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | " + format + " | " + format + " to " + format + " |\n",
              name,
              unit * interval.value(),
              unit * interval.low(),
              unit * interval.high()));
    }
  }

  private String input() {
    List<Integer> shape = model.spec().input();
    String lengths = shape.stream().map(String::valueOf).collect(Collectors.joining(" x "));
    String what;
    if (isOfTexts()) {
      what =
          model.encoder() != null
              ? "The vector of a text, as its encoder makes it."
              : "A text; what is behind the most ids that `config.json` allows (`at-most`) is cut.";
    } else if (!isOfImages()) {
      what =
          String.format(
              Locale.ROOT,
              "A row of %d numbers, in the order of the columns of the training file.",
              shape.get(0));
    } else {
      what =
          String.format(
              Locale.ROOT,
              "An image as an array of %s: channels (%s), rows, columns. Pixels are divided by 255,"
                  + " to lie between 0 and 1.",
              lengths,
              shape.get(0) == 1 ? "grey" : "red, green, blue");
    }
    return what + normalization();
  }

  private String normalization() {
    if (model.normalization() == null || isOfTexts()) {
      return "";
    }
    float[] mean = model.normalization().mean();
    float[] std = model.normalization().std();
    if (mean.length == 0) {
      return " Nothing else is done to them.";
    }
    String each = isOfImages() ? "channel" : "column";
    return String.format(
        Locale.ROOT,
        " Then the mean is subtracted and the result divided by the standard deviation, %s: mean"
            + " %s, standard deviation %s.",
        mean.length == 1 ? "the same for every " + each : each + " by " + each,
        numbers(mean),
        numbers(std));
  }

  private static String numbers(float[] values) {
    List<String> texts = new ArrayList<>();
    for (float value : values) {
      texts.add(Float.toString(value));
    }
    return String.join(", ", texts);
  }

  private String names() {
    List<String> names = model.names();
    if (isOfVectors()) {
      return "Texts of like meaning have vectors that point alike. Compare them by cosine: a file"
          + " that `export` writes gives vectors of length 1, of which that is the product.";
    }
    if (isOfPieces()) {
      return "Those of `tokenizer.json`, in the order of their ids. `[MASK]`, or `<mask>`, stands in"
          + " the text for each piece that is to be guessed.";
    }
    if (names.isEmpty()) {
      return "Their names are not known; the answer is a number from 0.";
    }
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < Math.min(names.size(), MOST_CLASSES); i++) {
      list.append(i).append(". ").append(plain(names.get(i))).append('\n');
    }
    if (names.size() > MOST_CLASSES) {
      list.append(
          String.format(
              Locale.ROOT,
              "\nand %d more; all are in `config.json`, in the order of the answers.",
              names.size() - MOST_CLASSES));
    }
    return list.toString().stripTrailing();
  }

  private String use() {
    String input = isOfImages() ? "a PNG or JPEG image" : isOfTexts() ? "a `--text`" : "a CSV file";
    String sample =
        isOfImages()
            ? "Path.of(\"picture.png\")"
            : isOfTexts()
                ? "\"a text\""
                : String.format(Locale.ROOT, "new float[] {/* %d */}", model.spec().input().get(0));
    if (isOfVectors()) {
      return """
      From the command line: `./ranbiki predict FOLDER --text "a text" --json`, with this folder.

      In Java, with `io.ranbiki:ranbiki-serve`, after `./ranbiki export FOLDER --to onnx --output student.onnx`:

      ```java
      Student student = Student.load(Path.of("student.onnx"));
      float[] vector = student.embed("a text");
      ```\
      """;
    }
    if (isOfPieces()) {
      return """
      As the beginning of a network that classifies texts or makes vectors of them: in a configuration, `student: {from: {teacher: FOLDER}}`, with this folder.

      As a folder that other libraries open: `./ranbiki export FOLDER --to folder --output NEW`, then in Python:

      ```python
      from transformers import AutoModelForMaskedLM, AutoTokenizer

      model = AutoModelForMaskedLM.from_pretrained("NEW")
      tokenizer = AutoTokenizer.from_pretrained("NEW")
      ```\
      """;
    }
    String answer =
        isOfNumbers()
            ? "prediction.numbers()"
            : isOfLabels()
                ? "prediction.labels()"
                : "prediction.name() + \", \" + prediction.probability()";
    return String.format(
        Locale.ROOT,
        """
        From the command line: `./ranbiki predict FOLDER INPUT`, with this folder and %s.

        In Java, with `io.ranbiki:ranbiki-serve`, after `./ranbiki export FOLDER --to onnx --output student.onnx`:

        ```java
        Student student = Student.load(Path.of("student.onnx"));
        Prediction prediction = student.predict(%s);
        System.out.println(%s);
        ```\
        """,
        input,
        sample,
        answer);
  }

  private String limits() {
    List<String> limits = new ArrayList<>();
    limits.add(
        isOfVectors()
            ? "It gives a vector for every text, also for one that is like none of its training,"
                + " and follows its teacher in what it takes for alike."
            : isOfPieces()
                ? "It guesses what was usual in the texts that it learned from, with their faults."
                : isOfNumbers()
                    ? "It gives a number for every input, also for one that is like none of its"
                        + " training."
                    : isOfLabels()
                        ? "It says that a label holds from a probability of one half on, also of an"
                            + " input that is like none of its training."
                        : "It takes every input for one of the classes above, also one that shows none"
                            + " of them.");
    limits.add(
        "The figures hold for samples like those of the test part, and for nothing else; nobody has"
            + " looked at how it does on groups within them.");
    limits.add("They are those of one seed; another seed gives another network.");
    if (seen != null) {
      seen.sentence().ifPresent(limits::add);
    }
    if (run.license().isEmpty()) {
      limits.add(
          "No licence was given, neither here nor for the data; ask those who made it before you"
              + " pass it on. (`license: apache-2.0` in the configuration of a run sets one.)");
    }
    return limits.stream().map(limit -> "- " + limit).collect(Collectors.joining("\n"));
  }

  private String origin() {
    return String.format(
        Locale.ROOT,
        "Made by Ranbiki %s in the run %s with seed %d. The `config.yaml` of the run repeats it;"
            + " SHA-256 of the test samples: `%s`.",
        Version.text(),
        plain(run.name()),
        seed,
        testData);
  }

  /** Names are anybody's: shown as they are, whatever Markdown or HTML would make of them. */
  private static String plain(String name) {
    return name.replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}]+", " ")
        .replaceAll("([\\\\`*_{}\\[\\]()|~&<>]|^[-+#=])", "\\\\$1")
        .replaceAll("^(\\d+)([.)])", "$1\\\\$2");
  }
}
