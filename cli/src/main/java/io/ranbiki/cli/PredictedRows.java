package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.CsvFile;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Dataset;
import io.ranbiki.prepare.CellGaps;
import io.ranbiki.prepare.Columns;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.serve.Prediction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Asks a student about rows: those of a CSV file, and those that were typed. */
final class PredictedRows {

  private final Predictor student;
  private final boolean header;
  private final char delimiter;
  private final List<String> labels;
  private final Optional<String> key;

  /** Where columns have names; empty where a row is numbers in their order. */
  private final Optional<CellGaps> gaps;

  /** Takes the options of the command. */
  PredictedRows(
      Predictor student,
      boolean header,
      char delimiter,
      List<String> labels,
      Optional<String> key) {
    this.student = student;
    this.header = header;
    this.delimiter = delimiter;
    this.labels = labels;
    this.key = key;
    gaps = student.preparation().columns().map(CellGaps::new);
  }

  /**
   * A row of a file.
   *
   * @param name what it is called
   */
  record Answered(String name, Prediction prediction) {}

  /** Takes the rows of a file. */
  interface Each {
    /** Takes one at a place, and its answer, which may fail. */
    void row(String place, Supplier<Answered> answer);
  }

  /**
   * Answers one that was typed.
   *
   * @throws RanbikiException if the student takes no such row
   */
  Prediction typed(String row) {
    requireRows("'" + row + "'");
    List<String> cells = CsvFile.values("--row", row, delimiter);
    if (gaps.isPresent()) {
      return answer(named(cells), gaps.get());
    }
    float[] values = new float[cells.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Columns.number(cells.get(i));
      if (!Float.isFinite(values[i])) {
        throw RanbikiException.configuration(
            "The row has '%s', but the network takes %d numbers without names. Give them in the"
                + " order of the training.",
            cells.get(i), student.preparation().length());
      }
    }
    return student.answer().apply(student.preparation().apply(values));
  }

  private static Map<String, String> named(List<String> cells) {
    Map<String, String> named = new LinkedHashMap<>();
    for (String cell : cells) {
      int sign = cell.indexOf('=');
      if (sign < 0) {
        throw RanbikiException.configuration(
            "The row has '%s', but a cell is the name of its column, =, and its value. Name its"
                + " column, or quote a cell that holds a comma.",
            cell);
      }
      if (named.put(cell.substring(0, sign).strip(), cell.substring(sign + 1).strip()) != null) {
        throw RanbikiException.configuration(
            "The row names '%s' twice. Name every column once.", cell.substring(0, sign));
      }
    }
    return named;
  }

  /**
   * Asks about the rows of a CSV file.
   *
   * @throws RanbikiException if it cannot be read, or the student takes no such rows
   */
  void file(Path file, Each each) {
    requireRows(file.toString());
    if (gaps.isPresent()) {
      named(file, gaps.get(), each);
      return;
    }
    Preparation preparation = student.preparation();
    try (Dataset rows = read(file)) {
      int length = rows.shape()[0];
      if (length != preparation.length()) {
        throw RanbikiException.configuration(
            "%s has %d numbers in a row, but the network takes %d. Take its columns in their order;"
                + " one that is not for the network can be left out with --label.",
            file, length, preparation.length());
      }
      for (int index = 0; index < rows.size(); index++) {
        float[] values = rows.numbers(index);
        String name = key.isPresent() ? rows.key(index) : rows.place(index);
        each.row(name, () -> new Answered(name, student.answer().apply(preparation.apply(values))));
      }
    }
  }

  /** Rows whose columns are found by the names in the first line. */
  private void named(Path file, CellGaps counted, Each each) {
    List<String> names = new ArrayList<>();
    int[] number = {0};
    CsvFile.read(
        file,
        delimiter,
        (row, line) -> {
          if (names.isEmpty()) {
            names.addAll(row.texts());
            key.ifPresent(column -> requireKey(column, names, file));
            return true;
          }
          String place = String.format(Locale.ROOT, "row %d of %s", ++number[0], file);
          Map<String, String> cells = new LinkedHashMap<>();
          for (int i = 0; i < Math.min(names.size(), row.size()); i++) {
            cells.put(names.get(i), row.text(i));
          }
          String name = key.map(cells::get).orElse(place);
          each.row(place, () -> new Answered(name, answer(cells, counted)));
          return true;
        });
  }

  private static void requireKey(String column, List<String> names, Path file) {
    if (!names.contains(column)) {
      throw RanbikiException.configuration(
          "%s has no key column '%s'; it must be one of %s. Name another (--key).",
          file, column, names);
    }
  }

  private Prediction answer(Map<String, String> row, CellGaps counted) {
    Prediction prediction = student.answer().apply(student.preparation().apply(row));
    counted.add(row::get);
    return prediction;
  }

  /** What the rows lacked, in a sentence. */
  Optional<String> note() {
    return gaps.flatMap(counted -> counted.sentence("rows"));
  }

  private void requireRows(String what) {
    Preparation preparation = student.preparation();
    switch (preparation.input()) {
      case TEXT ->
          throw RanbikiException.configuration(
              "%s holds rows of numbers, but the network takes texts. Give it a .txt file with a"
                  + " text in each line, or --text.",
              what);
      case SOUND ->
          throw RanbikiException.configuration(
              "%s holds rows of numbers, but the network takes sounds. Give it WAV files.", what);
      case IMAGE ->
          throw RanbikiException.configuration(
              "%s holds rows of numbers, but the network takes images of %d x %d pixels. Give it"
                  + " PNG or JPEG files.",
              what, preparation.shape().get(2), preparation.shape().get(1));
      case VALUES, CELLS -> {
        // are rows
      }
    }
  }

  private Dataset read(Path file) {
    boolean named =
        Stream.concat(labels.stream(), key.stream()).anyMatch(name -> !name.matches("-?\\d+"));
    try {
      return CsvRows.withoutLabels(
          file,
          new CsvRows.Options(
              labels,
              CsvRows.Kind.AUTO,
              List.of(),
              key,
              header || named,
              delimiter,
              CsvRows.Mixed.NONE,
              List.of()));
    } catch (RanbikiException e) {
      // What is a key in a configuration is an option here.
      throw new RanbikiException(
          e.kind(),
          e.getMessage()
              .replace("say header: true", "say --header")
              .replace("say delimiter: ", "say --delimiter "),
          e);
    }
  }
}
