package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Words;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Rows: {@code train.csv} and {@code test.csv}, plain or packed by gzip: see {@link CsvRows}.
 *
 * @param folder where these files are
 * @param rows how they are to be read, without class names
 * @param unlabelled the folder of a {@code train.csv} without a column of the truth
 */
public record CsvFormat(Path folder, CsvRows.Options rows, Optional<Unlabelled<Path>> unlabelled)
    implements Format {

  private static final Pattern POSITION = Pattern.compile("-?\\d+");

  static CsvFormat read(Options options) {
    return new CsvFormat(
        Unlabelled.folder(options), rows(options), Unlabelled.read(options, Unlabelled::folder));
  }

  private static CsvRows.Options rows(Options options) {
    List<String> labels =
        options
            .optionalValue(
                "label",
                "Columns of the truth, by name or position from 0; the last one if left out",
                node -> node.oneOrMore(ConfigNode::string))
            .orElse(List.of("-1"));
    CsvRows.Kind kind =
        options.word("task", CsvRows.Kind.AUTO, "What the columns of the truth hold");
    Optional<String> text =
        options.optionalString("text", "The column of a text, which is then all that a sample has");
    Optional<String> key = options.optionalString("key", "The column of what people call a row");
    // Whoever names a column has named columns.
    boolean named =
        Stream.of(labels.stream(), text.stream(), key.stream())
            .flatMap(columns -> columns)
            .anyMatch(column -> !POSITION.matcher(column).matches());
    boolean header =
        options
            .optionalBool(
                "header", "Whether the first row names the columns; true where a column is named")
            .orElseGet(() -> options.settle("header", named));
    char delimiter =
        options.value("delimiter", ",", "What stands between two values", CsvFormat::delimiter);
    return new CsvRows.Options(labels, kind, text, key, header, delimiter, List.of());
  }

  private static char delimiter(ConfigNode node) {
    String text = node.string();
    if (text.equals("\\t")) {
      return '\t'; // without quotes, as a shell leaves it
    }
    if (text.length() != 1) {
      node.mistake(
          "must be one character, such as \",\", \";\" or \"\\t\", but is '"
              + Words.shorten(text)
              + "'.");
      return ',';
    }
    return text.charAt(0);
  }

  @Override
  public String name() {
    return "csv";
  }

  @Override
  public Map<String, Path> files() {
    return Unlabelled.folders(folder, unlabelled);
  }

  @Override
  public Task likelyTask() {
    return switch (rows.kind()) {
      case CLASSES -> new Task.Classes(List.of());
      case LABELS -> new Task.Labels(List.of());
      case NUMBERS -> new Task.Numbers(List.of());
      case AUTO ->
          rows.labels().size() > 1 ? new Task.Labels(List.of()) : new Task.Classes(List.of());
    };
  }

  @Override
  public Dataset train() {
    return CsvRows.folder(folder, Part.TRAIN, rows);
  }

  @Override
  public Dataset test(Dataset train) {
    requireSameColumns("the test", folder, Part.TEST, rows);
    return CsvRows.folder(folder, Part.TEST, rows.withTask(train.task()));
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    Path other = unlabelled.orElseThrow().place();
    CsvRows.Options without = rows.withLabel("");
    requireSameColumns("the samples without labels", other, Part.TRAIN, without);
    return CsvRows.folder(other, Part.TRAIN, without);
  }

  /** Columns are taken by their place, so those of two files could be mixed up in silence. */
  private void requireSameColumns(
      String other, Path otherFolder, Part part, CsvRows.Options options) {
    List<String> wanted = CsvRows.features(folder, Part.TRAIN, rows);
    List<String> found = CsvRows.features(otherFolder, part, options);
    for (int i = 0; i < wanted.size() && wanted.size() == found.size(); i++) {
      if (!wanted.get(i).equals(found.get(i))) {
        throw RanbikiException.configuration(
            "Feature %d is '%s' in training, but '%s' in %s; %s.",
            i,
            Words.shorten(wanted.get(i)),
            Words.shorten(found.get(i)),
            other,
            advice(isNumber(wanted.get(i)), isNumber(found.get(i))));
      }
    }
  }

  /** What to do about names that differ, by whether they are values that were taken for names. */
  private static String advice(boolean values, boolean others) {
    if (values != others) {
      return "begin both files with the names of the columns, or neither";
    }
    return values
        ? "leave 'header' out: the first lines hold values"
        : "bring the columns into one order";
  }

  private static boolean isNumber(String text) {
    try {
      Double.parseDouble(text);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
