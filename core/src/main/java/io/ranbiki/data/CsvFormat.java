package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Words;
import io.ranbiki.prepare.Columns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Rows: two files, plain or packed by gzip: see {@link CsvRows}.
 *
 * @param files {@code folder}, or {@code train} and {@code test}
 * @param trainFile the rows to train on
 * @param testFile the rows of the test
 * @param rows how they are to be read, without class names
 * @param unlabelled the folder of a {@code train.csv} without a column of the truth
 */
public record CsvFormat(
    Map<String, Path> files,
    Path trainFile,
    Path testFile,
    CsvRows.Options rows,
    Optional<Unlabelled<Path>> unlabelled)
    implements Format {

  private static final Pattern POSITION = Pattern.compile("-?\\d+");

  static CsvFormat read(Options options) {
    return options.either("train", CsvFormat::ofFiles, CsvFormat::ofFolder);
  }

  private static CsvFormat ofFiles(Options options) {
    Path train = options.path("train", "File of the rows to train on");
    Path test = options.path("test", "File of the rows of the test");
    Map<String, Path> files = new LinkedHashMap<>();
    files.put("train", train);
    files.put("test", test);
    return of(options, files, train, test);
  }

  private static CsvFormat ofFolder(Options options) {
    Path folder = Unlabelled.folder(options);
    return of(
        options,
        Unlabelled.folders(folder, Optional.empty()),
        inFolder(folder, Part.TRAIN),
        inFolder(folder, Part.TEST));
  }

  /** The file with values between commas, or, if that is not there, the one with tabs. */
  private static Path inFolder(Path folder, Part part) {
    Path commas = folder.resolve(part + ".csv");
    Path tabs = folder.resolve(part + ".tsv");
    return Sources.plainOrPacked(commas).isEmpty() && Sources.plainOrPacked(tabs).isPresent()
        ? tabs
        : commas;
  }

  private static CsvFormat of(Options options, Map<String, Path> labelled, Path train, Path test) {
    CsvRows.Options rows = rows(options);
    Optional<Unlabelled<Path>> unlabelled = Unlabelled.read(options, Unlabelled::folder);
    Map<String, Path> files = new LinkedHashMap<>(labelled);
    unlabelled.ifPresent(other -> files.put("unlabelled.folder", other.place()));
    return new CsvFormat(files, train, test, rows, unlabelled);
  }

  private static CsvRows.Options rows(Options options) {
    CsvRows.Options columns = columns(options);
    // Whoever names a column has named columns.
    boolean named =
        Stream.of(
                columns.labels().stream(),
                columns.text().stream(),
                columns.key().stream(),
                columns.mixed().numbers().stream(),
                columns.mixed().categories().stream(),
                columns.mixed().ignored().stream())
            .flatMap(names -> names)
            .anyMatch(column -> !POSITION.matcher(column).matches());
    boolean header =
        options
            .optionalBool(
                "header", "Whether the first row names the columns; true where a column is named")
            .orElseGet(() -> options.settle("header", named));
    return columns.withHeader(header).withDelimiter(readDelimiter(options));
  }

  /** Reads what stands between two values. */
  public static char readDelimiter(Options options) {
    return options.value("delimiter", ",", "What stands between two values", CsvFormat::delimiter);
  }

  /** Reads which columns hold what, of a table whose columns have names. */
  public static CsvRows.Options columns(Options options) {
    List<String> labels =
        options
            .optionalValue(
                "label",
                "Columns of the truth, by name or position from 0; the last one if left out",
                node -> node.oneOrMore(ConfigNode::string))
            .orElse(List.of("-1"));
    CsvRows.Kind kind =
        options.word("task", CsvRows.Kind.AUTO, "What the columns of the truth hold");
    List<String> text =
        columns(
            options,
            "text",
            "The column of a text, or the two of a pair, which is then all that a sample has");
    requireTexts(options, text);
    if (kind == CsvRows.Kind.MASKED_LANGUAGE && text.isEmpty()) {
      options.mistake(
          "hides pieces of texts (task: masked-language), but names no column of them; say which"
              + " one it is (text).");
    }
    Optional<String> key = options.optionalString("key", "The column of what people call a row");
    List<String> numbers =
        columns(options, "numbers", "Columns of numbers, where others hold categories");
    List<String> categories =
        columns(options, "categories", "Columns of categories, such as words");
    List<String> ignored =
        columns(options, "ignore", "Columns that are left out, where others are named");
    CsvRows.Mixed mixed = new CsvRows.Mixed(numbers, categories, ignored);
    if (mixed.isUsed() ? !text.isEmpty() : !ignored.isEmpty()) {
      options.mistake(
          mixed.isUsed()
              ? "names a 'text', which is all that a sample has, and columns of 'numbers' or"
                  + " 'categories'; leave one of them out."
              : "names columns to 'ignore', but neither 'numbers' nor 'categories'; name the"
                  + " columns that are to be used.");
    }
    return new CsvRows.Options(labels, kind, text, key, true, ',', mixed, List.of());
  }

  /** Of a sample. */
  static void requireTexts(Options options, List<String> text) {
    if (text.size() > 2 || text.stream().distinct().count() < text.size()) {
      options.mistake(
          "text", "must name one text or two different ones of a pair, but is " + text + ".");
    }
  }

  private static List<String> columns(Options options, String key, String sentence) {
    return options
        .optionalValue(key, sentence, node -> node.oneOrMore(ConfigNode::string))
        .orElse(List.of());
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
  public List<Path> sources() {
    List<Path> sources =
        new ArrayList<>(List.of(Sources.there(trainFile), Sources.there(testFile)));
    unlabelled.ifPresent(set -> sources.add(Sources.there(inFolder(set.place(), Part.TRAIN))));
    return sources;
  }

  @Override
  public Task likelyTask() {
    return rows.likelyTask();
  }

  @Override
  public Dataset train() {
    return train(SampleSink.memory());
  }

  @Override
  public Dataset train(SampleSink sink) {
    return CsvRows.read(CsvRows.found(trainFile), rows, sink);
  }

  @Override
  public Dataset test(Dataset trained) {
    return test(trained, SampleSink.memory());
  }

  @Override
  public Dataset test(Dataset trained, SampleSink sink) {
    requireSameColumns("the test", testFile, rows);
    return CsvRows.read(CsvRows.found(testFile), rows.withTask(trained.task()), sink);
  }

  /**
   * How columns of numbers and categories become numbers, fitted on training rows; empty where all
   * columns hold numbers.
   */
  @Override
  public Optional<Columns> columns(Dataset trained) {
    return rows.mixed().fit(trained);
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    return openUnlabelled(train, SampleSink.memory());
  }

  @Override
  public Dataset openUnlabelled(Dataset train, SampleSink sink) {
    Path other = unlabelled.orElseThrow().place();
    CsvRows.Options without = rows.withLabel("");
    Path file = inFolder(other, Part.TRAIN);
    requireSameColumns("the samples without labels", file, without);
    return CsvRows.read(CsvRows.found(file), without, sink);
  }

  /** Columns are taken by their place, so those of two files could be mixed up in silence. */
  private void requireSameColumns(String other, Path file, CsvRows.Options options) {
    if (rows.mixed().isUsed()) {
      return; // taken by name
    }
    List<String> wanted = CsvRows.features(CsvRows.found(trainFile), rows);
    List<String> found = CsvRows.features(CsvRows.found(file), options);
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
