package io.ranbiki.tables;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** The kinds of files, and how DuckDB is asked for the rows of one. */
enum FileKind {
  PARQUET("parquet", "Parquet files.", ".parquet"),
  CSV("csv-files", "CSV files with a header, as many as a pattern names.", ".csv"),
  JSONL("jsonl-files", "Files of a JSON object a line, as many as a pattern names.", ".json");

  private static final String ONE_LEVEL = ", hive_partitioning=false)";

  private final String word;
  private final String sentence;
  private final String ending;

  FileKind(String word, String sentence, String ending) {
    this.word = word;
    this.sentence = sentence;
    this.ending = ending;
  }

  /** The name in configurations. */
  String word() {
    return word;
  }

  String sentence() {
    return sentence;
  }

  /** A path, or if it is a folder a pattern of the files of this kind in it, packed ones too. */
  String pattern(Path path) {
    return Files.isDirectory(path) ? path + File.separator + "*" + ending + "*" : path.toString();
  }

  /** Whether a column may be missing in a file, and is then not known. */
  boolean mayLackColumns() {
    return this == JSONL;
  }

  /** A query of the columns of a file, of which CSV files have the names alone. */
  String describe(String file) {
    return "DESCRIBE SELECT * FROM "
        + (this == PARQUET
            ? "read_parquet(" + Sql.text(file) + ONE_LEVEL
            : "read_json(" + Sql.text(file) + ", format='newline_delimited', sample_size=-1)");
  }

  /**
   * The rows of a file.
   *
   * @param types the types of the columns that are read, by name, in the order of the file
   */
  String rows(String file, char delimiter, Map<String, String> types) {
    return switch (this) {
      case PARQUET -> "read_parquet(" + Sql.text(file) + ONE_LEVEL;
      case CSV ->
          "read_csv("
              + Sql.text(file)
              + ", auto_detect=false, header=true, quote='\"', escape='\"', delim="
              + Sql.text(String.valueOf(delimiter))
              + ", columns={"
              + list(types)
              + "}"
              + ONE_LEVEL;
      case JSONL ->
          "read_json("
              + Sql.text(file)
              + ", format='newline_delimited', columns={"
              + list(types)
              + "})";
    };
  }

  private static String list(Map<String, String> types) {
    return types.entrySet().stream()
        .map(column -> Sql.text(column.getKey()) + ": '" + column.getValue() + "'")
        .collect(Collectors.joining(", "));
  }

  /** The type as which a column is read that has another one in the file. */
  String typeRead(String type, boolean asNumber) {
    return switch (this) {
      case PARQUET -> type;
      case CSV -> asNumber ? "FLOAT" : "VARCHAR";
      case JSONL ->
          Sql.isNumber(type) && asNumber ? "DOUBLE" : type.equals("BOOLEAN") ? type : "VARCHAR";
    };
  }
}
