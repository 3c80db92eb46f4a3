package io.ranbiki.tables;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.TableRow;
import io.ranbiki.data.TableSource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The rows of all files that a path names, in the order of the files' names and of the rows within.
 * Columns are those of the first file, or of all where a file may lack some, and are found by name:
 * a file may have them in any order, and more.
 */
final class DuckTable implements TableSource {

  /** What is read of a column. */
  enum Use {
    TEXT,
    NUMBER,
    NOTHING
  }

  private final FileKind kind;
  private final Path path;
  private final CsvRows.Options options;
  private final List<String> files;
  private final List<String> columns;

  private DuckTable(
      FileKind kind, Path path, CsvRows.Options options, List<String> files, List<String> columns) {
    this.kind = kind;
    this.path = path;
    this.options = options;
    this.files = files;
    this.columns = columns;
  }

  /**
   * Finds the files and their columns.
   *
   * @param path of a file, of a folder of files, or a pattern such as {@code rows/part-*.parquet}
   * @throws RanbikiException if there is no file, or it cannot be read
   */
  static DuckTable open(FileKind kind, Path path, CsvRows.Options options) {
    try (Duck duck = Duck.open()) {
      List<String> files = duck.files(kind, path);
      if (files.isEmpty()) {
        throw RanbikiException.configuration(
            "There is no data file %s. Check the path; '*' stands for any part of a name.",
            kind.pattern(path));
      }
      Set<String> names = new LinkedHashSet<>();
      for (String file : kind.mayLackColumns() ? files : files.subList(0, 1)) {
        names.addAll(duck.columns(kind, file, options.delimiter()).keySet());
      }
      return new DuckTable(kind, path, options, files, List.copyOf(names));
    }
  }

  /** The same files with other columns, as training rows have them. */
  DuckTable withColumns(List<String> others) {
    return new DuckTable(kind, path, options, files, others);
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public void read(Consumer<TableRow> rows) {
    Use[] uses = uses();
    try (Duck duck = Duck.open()) {
      for (String file : files) {
        read(duck, file, uses, rows);
      }
    }
  }

  private void read(Duck duck, String file, Use[] uses, Consumer<TableRow> rows) {
    Map<String, String> types = types(duck, file, uses);
    String selected =
        IntStream.range(0, uses.length)
            .mapToObj(column -> selected(column, uses[column], types))
            .collect(Collectors.joining(", "));
    boolean[] direct = new boolean[uses.length];
    for (int i = 0; i < direct.length; i++) {
      direct[i] = uses[i] == Use.NUMBER && !"VARCHAR".equals(types.get(columns.get(i)));
    }
    boolean padded = kind == FileKind.CSV;
    long[] number = {0};
    duck.read(
        selected,
        kind.rows(file, options.delimiter(), types),
        file,
        result -> rows.accept(new DuckRow(result, direct, padded, ++number[0], file)));
  }

  /** As what the columns of a file are read, by name, in the file's order. */
  private Map<String, String> types(Duck duck, String file, Use[] uses) {
    Map<String, String> types = new LinkedHashMap<>();
    duck.columns(kind, file, options.delimiter())
        .forEach(
            (name, type) -> {
              int column = columns.indexOf(name);
              Use use = column < 0 ? Use.NOTHING : uses[column];
              if (use == Use.NUMBER && Sql.isNested(type)) {
                throw RanbikiException.configuration(
                    "The column '%s' of %s holds %s, but a feature must be a number. Give every"
                        + " number a column of its own, or leave the column out.",
                    name, file, type);
              }
              types.put(name, kind.typeRead(type, use == Use.NUMBER));
            });
    for (int i = 0; i < uses.length; i++) {
      if (uses[i] == Use.NOTHING || types.containsKey(columns.get(i))) {
        continue;
      }
      if (!kind.mayLackColumns()) {
        throw RanbikiException.configuration(
            "%s has no column '%s', which others have. Give all files the same columns.",
            file, columns.get(i));
      }
      types.put(columns.get(i), "VARCHAR");
    }
    return types;
  }

  private String selected(int column, Use use, Map<String, String> types) {
    String name = Sql.name(columns.get(column));
    if (use == Use.NOTHING) {
      return "NULL";
    }
    boolean yesOrNo = "BOOLEAN".equals(types.get(columns.get(column)));
    return yesOrNo ? "CAST(" + name + " AS TINYINT)" : name;
  }

  /** Which columns hold what, once it is known that those with a name are there. */
  private Use[] uses() {
    Use[] uses = new Use[columns.size()];
    List<String> features =
        Stream.of(options.mixed().numbers(), options.mixed().categories())
            .flatMap(List::stream)
            .toList();
    boolean others = features.isEmpty() && options.text().isEmpty();
    Arrays.fill(uses, others ? Use.NUMBER : Use.NOTHING);
    Stream.of(
            options.labels().stream(),
            options.text().stream(),
            options.key().stream(),
            features.stream())
        .flatMap(names -> names)
        .forEach(name -> uses[index(name)] = Use.TEXT);
    return uses;
  }

  /** Whether a column is one of the truth. */
  boolean isLabel(String name) {
    return options.labels().stream().anyMatch(label -> columns.get(index(label)).equals(name));
  }

  /** Of a name, or a position from 0 with -1 for the last. */
  private int index(String column) {
    int named = columns.indexOf(column);
    if (named >= 0) {
      return named;
    }
    int position = Integer.parseInt(column);
    return position < 0 ? columns.size() - 1 : position;
  }
}
