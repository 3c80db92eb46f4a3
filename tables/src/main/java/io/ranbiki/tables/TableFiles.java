package io.ranbiki.tables;

import io.ranbiki.config.Options;
import io.ranbiki.data.CsvFormat;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Format;
import io.ranbiki.data.SampleSink;
import io.ranbiki.data.Task;
import io.ranbiki.data.Unlabelled;
import io.ranbiki.prepare.Columns;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tables in files of one kind: each path is that of a file, of a folder of files, or a pattern of
 * their names. What columns hold is said as for a CSV file.
 *
 * @param kind of the files
 * @param files {@code train}, {@code test} and {@code unlabelled.files}
 * @param rows how they are to be read, without class names
 * @param unlabelled the rows without a column of the truth
 */
record TableFiles(
    FileKind kind,
    Map<String, Path> files,
    CsvRows.Options rows,
    Optional<Unlabelled<Path>> unlabelled)
    implements Format {

  private static final String TRAIN = "train";
  private static final String TEST = "test";

  static TableFiles read(Options options, FileKind kind) {
    Map<String, Path> files = new LinkedHashMap<>();
    files.put(
        TRAIN, options.path(TRAIN, "Files of the rows to train on: a file, a folder or a pattern"));
    files.put(TEST, options.path(TEST, "Files of the rows of the test"));
    CsvRows.Options columns = CsvFormat.columns(options);
    CsvRows.Options rows =
        kind == FileKind.CSV ? columns.withDelimiter(CsvFormat.readDelimiter(options)) : columns;
    Optional<Unlabelled<Path>> unlabelled =
        Unlabelled.read(options, set -> set.path("files", "Files of the rows without labels"));
    unlabelled.ifPresent(set -> files.put("unlabelled.files", set.place()));
    return new TableFiles(kind, files, rows, unlabelled);
  }

  @Override
  public String name() {
    return kind.word();
  }

  /** The files that each path names now; the path itself if there is none. */
  @Override
  public List<Path> sources() {
    try (Duck duck = Duck.open()) {
      return files.values().stream().flatMap(path -> found(duck, path)).toList();
    }
  }

  private Stream<Path> found(Duck duck, Path path) {
    List<String> found = duck.files(kind, path);
    return found.isEmpty() ? Stream.of(path) : found.stream().map(Path::of);
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
    return CsvRows.read(open(TRAIN, rows), rows, sink);
  }

  @Override
  public Dataset test(Dataset train) {
    return test(train, SampleSink.memory());
  }

  @Override
  public Dataset test(Dataset train, SampleSink sink) {
    CsvRows.Options given = rows.withTask(train.task());
    return CsvRows.read(open(TEST, given).withColumns(open(TRAIN, rows).columns()), given, sink);
  }

  @Override
  public Optional<Columns> columns(Dataset train) {
    return rows.mixed().fit(train);
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    return openUnlabelled(train, SampleSink.memory());
  }

  @Override
  public Dataset openUnlabelled(Dataset train, SampleSink sink) {
    CsvRows.Options without = rows.withLabel("");
    DuckTable trained = open(TRAIN, rows);
    List<String> others =
        trained.columns().stream().filter(name -> !trained.isLabel(name)).toList();
    return CsvRows.read(open("unlabelled.files", without).withColumns(others), without, sink);
  }

  private DuckTable open(String key, CsvRows.Options options) {
    Path path = files.get(key);
    if (path == null) {
      throw new IllegalArgumentException("There is no " + key);
    }
    return DuckTable.open(kind, path, options);
  }
}
