package io.ranbiki.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Provider;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Format;
import io.ranbiki.data.Pack;
import io.ranbiki.data.PackedFormat;
import io.ranbiki.data.Task;
import io.ranbiki.prepare.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One table in three kinds of files, each in two parts, against the same rows in one CSV file. */
class TablesTest {

  private static final int ROWS = 900;
  private static final int OF_FIRST = 400;

  private static final Pack.Listener NOBODY =
      new Pack.Listener() {
        @Override
        public void begins(String what, long total, String unit) {}

        @Override
        public void step(long count) {}

        @Override
        public void ends() {}

        @Override
        public boolean goesOn() {
          return true;
        }
      };

  @TempDir static Path folder;

  private static Connection duck;

  @BeforeAll
  static void writeTheTable() throws IOException, SQLException {
    duck = DriverManager.getConnection("jdbc:duckdb:");
    List<String> csv = new ArrayList<>();
    List<String> json = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      float width = (i * 37 % 1000) / 7f;
      double height = i % 11 - 5.25;
      String colour = i % 13 == 0 ? "" : i % 3 == 0 ? "deep \"red\", warm" : "青 " + i % 4;
      String key = "k" + i;
      String kind = i % 5 < 2 ? "cup" : "kettle";
      csv.add(
          String.join(
              ",",
              Float.toString(width),
              Double.toString(height),
              "\"" + colour.replace("\"", "\"\"") + "\"",
              Integer.toString(i % 7),
              key,
              kind));
      json.add(
          String.format(
              Locale.ROOT,
              "{\"kind\": \"%s\", \"width\": %s, \"height\": %s, %s\"count\": %d, \"name\":"
                  + " \"%s\"}",
              kind,
              width,
              height,
              colour.isEmpty() ? "" : "\"colour\": \"" + colour.replace("\"", "\\\"") + "\", ",
              i % 7,
              key));
    }
    String header = "width,height,colour,count,name,kind";
    write("all.csv", header, csv);
    write("part-1.csv", header, csv.subList(0, OF_FIRST));
    write("part-2.csv", header, csv.subList(OF_FIRST, ROWS));
    Files.write(folder.resolve("part-1.jsonl"), json.subList(0, OF_FIRST));
    Files.write(folder.resolve("part-2.jsonl"), json.subList(OF_FIRST, ROWS));
    String types =
        "{width: 'FLOAT', height: 'DOUBLE', colour: 'VARCHAR', count: 'INTEGER', name: 'VARCHAR',"
            + " kind: 'VARCHAR'}";
    run(
        "COPY (SELECT * FROM read_csv('%s/part-1.csv', header=true, quote='\"', escape='\"',"
            + " columns="
            + types
            + ")) TO '%s/part-1.parquet' (ROW_GROUP_SIZE 150)");
    // Columns in another order, and one more.
    run(
        "COPY (SELECT kind, colour, name, count, width, height, 1 AS more FROM"
            + " read_csv('%s/part-2.csv', header=true, quote='\"', escape='\"', columns="
            + types
            + ")) TO '%s/part-2.parquet' (ROW_GROUP_SIZE 150)");
  }

  @AfterAll
  static void close() throws SQLException {
    duck.close();
  }

  private static void write(String name, String header, List<String> rows) throws IOException {
    Files.write(folder.resolve(name), Stream.concat(Stream.of(header), rows.stream()).toList());
  }

  private static void run(String query) throws SQLException {
    try (Statement statement = duck.createStatement()) {
      statement.execute(query.replace("%s", folder.toString()));
    }
  }

  private static Format format(String keys) {
    return read("data: {" + keys + "}\n");
  }

  private static Format read(String yaml) {
    return ConfigDocument.parse("test.yaml", yaml, List.of(), Map.of())
        .bind(
            options ->
                options.map(
                    "data", "", data -> data.variant("format", "", Provider.all(Format.class))));
  }

  private static Format format(FileKind kind, String columns) {
    return files(kind, "part-*." + ending(kind), columns);
  }

  private static Format files(FileKind kind, String pattern, String columns) {
    String path = folder.resolve(pattern).toString();
    return format(
        "format: " + kind.word() + ", train: '" + path + "', test: '" + path + "', " + columns);
  }

  private static String ending(FileKind kind) {
    return kind.word().replace("-files", "");
  }

  private static Dataset csv(String columns) {
    Path file = folder.resolve("all.csv");
    return format("format: csv, train: " + file + ", test: " + file + ", " + columns).train();
  }

  private static float[] features(Dataset samples, int index) {
    return ((Values.Floats) samples.read(index).get("features")).data();
  }

  private static void refused(String message, FileKind kind, String pattern, String columns) {
    assertThatThrownBy(() -> files(kind, pattern, columns).train().close())
        .isInstanceOf(RanbikiException.class)
        .hasMessage(message.replace("%s", folder.toString()));
  }

  @ParameterizedTest
  @EnumSource
  void numbersAndCategories_areThoseOfTheCsvFile(FileKind kind) {
    String columns =
        "label: kind, key: name, numbers: [height, count], categories: colour, ignore: width";
    Format format = format(kind, columns);
    Dataset expected = csv(columns);
    try (Dataset train = format.train();
        Dataset test = format.test(train)) {
      assertThat(train.size()).isEqualTo(ROWS);
      assertThat(train.fingerprint()).isEqualTo(expected.fingerprint());
      assertThat(test.fingerprint()).isEqualTo(expected.fingerprint());
      assertThat(train.task()).isEqualTo(expected.task());
      assertThat(train.key(OF_FIRST)).isEqualTo("k" + OF_FIRST);
      assertThat(format.columns(train))
          .isPresent()
          .isEqualTo(format("format: csv, train: x, test: x, " + columns).columns(expected));
    }
  }

  @ParameterizedTest
  @EnumSource
  void features_areThoseOfTheCsvFile(FileKind kind) throws IOException, SQLException {
    // All other columns are features: the texts have to go.
    String narrow = "narrow-" + kind.word();
    Path file = folder.resolve(narrow + "." + ending(kind));
    switch (kind) {
      case PARQUET ->
          run(
              "COPY (SELECT width, height, count, kind FROM '%s/part-1.parquet') TO '"
                  + file
                  + "'");
      case CSV ->
          run(
              "COPY (SELECT width, height, count, kind FROM '%s/part-1.parquet') TO '"
                  + file
                  + "'");
      default ->
          Files.write(
              file,
              Files.readAllLines(folder.resolve("part-1.jsonl")).stream()
                  .map(
                      line ->
                          line.replaceAll("\"colour\": \".*\", \"count\"", "\"count\"")
                              .replaceAll(", \"name\": .*", "}"))
                  .toList());
    }
    Path other = folder.resolve("narrow.csv");
    Files.write(
        other,
        Files.readAllLines(folder.resolve("part-1.csv")).stream()
            .map(
                line ->
                    line.replaceAll(
                        "^([^,]*),([^,]*),.*,([^,]*),[^,]*,([^,]*)$",
                        kind == FileKind.JSONL ? "$4,$1,$2,$3" : "$1,$2,$3,$4"))
            .toList());
    try (Dataset expected =
            format("format: csv, label: kind, train: " + other + ", test: " + other).train();
        Dataset train = files(kind, file.getFileName().toString(), "label: kind").train()) {
      assertThat(train.fingerprint()).isEqualTo(expected.fingerprint());
      assertThat(features(train, 7)).hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void texts_areThoseOfTheCsvFile(FileKind kind) {
    try (Dataset expected = csv("text: name, label: count");
        Dataset train = format(kind, "text: name, label: count").train()) {
      assertThat(train.fingerprint()).isEqualTo(expected.fingerprint());
      assertThat(train.place(OF_FIRST)).contains("part-*");
    }
  }

  @ParameterizedTest
  @EnumSource
  void pairs_areThoseOfTheCsvFile(FileKind kind) {
    String columns = "text: [kind, name], label: count";
    try (Dataset expected = csv(columns);
        Dataset train = format(kind, columns).train();
        Dataset turned = format(kind, "text: [name, kind], label: count").train()) {
      assertThat(train.fingerprint())
          .isEqualTo(expected.fingerprint())
          .isNotEqualTo(turned.fingerprint());
      assertThat(train.read(OF_FIRST).get(Batch.TEXT))
          .isEqualTo(new Values.Pair("cup", "k" + OF_FIRST));
    }
  }

  @Test
  void aFolder_isAllFilesOfTheKindInIt() {
    try (Dataset train = files(FileKind.PARQUET, ".", "text: name, label: kind").train()) {
      assertThat(train.size()).isGreaterThanOrEqualTo(ROWS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none.parquet", "none-*.parquet"})
  void aPathOfNoFile_isRefused(String pattern) {
    refused(
        "There is no data file %s/"
            + pattern
            + ". Check the path; '*' stands for any part of a name.",
        FileKind.PARQUET,
        pattern,
        "label: kind");
  }

  @Test
  void aMissingColumn_isNamed() throws SQLException {
    assertThatThrownBy(() -> format(FileKind.PARQUET, "label: sort").train())
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining("part-*.parquet has no label column 'sort'; it must be one of ");
    run("COPY (SELECT 1.5 AS width, 'cup' AS kind) TO '%s/less-1.parquet'");
    run("COPY (SELECT 'cup' AS kind) TO '%s/less-2.parquet'");
    refused(
        "%s/less-2.parquet has no column 'width', which others have. Give all files the same"
            + " columns.",
        FileKind.PARQUET, "less-*.parquet", "label: kind");
  }

  @Test
  void aFileOfAnotherKindOrHalfOfOne_isRefused() throws IOException {
    Files.write(folder.resolve("csv.parquet"), Files.readAllBytes(folder.resolve("part-1.csv")));
    refused(
        "%s/csv.parquet cannot be read (No magic bytes found at end of file '%s/csv.parquet')."
            + " Check that it is whole, and of the kind that data.format says.",
        FileKind.PARQUET, "csv.parquet", "label: kind");
    byte[] whole = Files.readAllBytes(folder.resolve("part-1.parquet"));
    for (int i = 4; i < whole.length / 2; i++) {
      whole[i] ^= 0x55;
    }
    Files.write(folder.resolve("damaged.parquet"), whole);
    assertThatThrownBy(() -> files(FileKind.PARQUET, "damaged.parquet", "text: name").train())
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining("damaged.parquet");
  }

  @Test
  void rowsThatAreNone_areNamedByTheirLine() throws IOException {
    write("bad.csv", "a,b,kind", List.of("1,2,x", "3,4"));
    refused(
        "Line 3 of %s/bad.csv has 2 values, but the first line has 3. Repair the line.",
        FileKind.CSV, "bad.csv", "label: kind");
    write("bad.csv", "a,b,kind", List.of("1,2,x", "3,?,y"));
    refused(
        "Line 3 of %s/bad.csv has '?' in column b, but a feature must be a finite number. Repair or"
            + " remove the line.",
        FileKind.CSV, "bad.csv", "label: kind");
    write("bad.csv", "a,b,kind", List.of("1,2,\"x", "3,4,y"));
    refused(
        "Line 2 of %s/bad.csv opens a quote that is not closed. Close it, or double it within a"
            + " value.",
        FileKind.CSV, "bad.csv", "label: kind");
    Files.writeString(folder.resolve("bad.jsonl"), "{\"a\": 1, \"kind\": \"x\"}\n{\"a\": 2\n");
    refused(
        "%s/bad.jsonl cannot be read (Malformed JSON in file \"%s/bad.jsonl\", at byte 9 in line 3:"
            + " unexpected end of data). Check that it is whole, and of the kind that data.format"
            + " says.",
        FileKind.JSONL, "bad.jsonl", "label: kind");
  }

  @Test
  void aValueThatIsNotKnown_isNoFeature() throws SQLException {
    run("COPY (SELECT * FROM (VALUES (1.5, 'x'), (NULL, 'y')) t(a, kind)) TO '%s/empty.parquet'");
    refused(
        "Row 2 of %s/empty.parquet has '' in column a, but a feature must be a finite number."
            + " Repair or remove the line.",
        FileKind.PARQUET, "empty.parquet", "label: kind");
    run("COPY (SELECT [1.5, 2] AS a, 'x' AS kind) TO '%s/list.parquet'");
    refused(
        "The column 'a' of %s/list.parquet holds DECIMAL(11,1)[], but a feature must be a number."
            + " Give every number a column of its own, or leave the column out.",
        FileKind.PARQUET, "list.parquet", "label: kind");
  }

  @Test
  void yesAndNo_areOneAndZero() throws SQLException {
    run(
        "COPY (SELECT i % 2 = 0 AS even, i AS number, i > 2 AS large FROM range(4) t(i)) TO"
            + " '%s/bool.parquet'");
    try (Dataset train =
        files(FileKind.PARQUET, "bool.parquet", "label: [large], task: labels").train()) {
      assertThat(features(train, 0)).containsExactly(1, 0);
      assertThat(train.task().names()).containsExactly("large");
    }
  }

  @Test
  void rowsWithoutLabels_haveTheColumnsOfTraining() throws SQLException {
    run("COPY (SELECT count, height, width FROM '%s/part-1.parquet') TO '%s/open.parquet'");
    run("COPY (SELECT width, height, count, kind FROM '%s/part-1.parquet') TO '%s/own.parquet'");
    Format format =
        files(
            FileKind.PARQUET,
            "own.parquet",
            "label: kind, unlabelled: {files: " + folder.resolve("open.parquet") + "}");
    try (Dataset train = format.train();
        Dataset open = format.openUnlabelled(train)) {
      assertThat(open.isLabelled(0)).isFalse();
      assertThat(features(open, 5)).containsExactly(features(train, 5));
    }
  }

  @Test
  void nothingIsFetchedOrKept() throws Exception {
    try (Duck reader = Duck.open()) {
      List<String> settings = new ArrayList<>();
      reader.ask(
          "SELECT value FROM duckdb_settings() WHERE name IN ('autoinstall_known_extensions',"
              + " 'autoload_known_extensions', 'allow_community_extensions', 'temp_directory')",
          row -> settings.add(row.getString(1)));
      assertThat(settings).containsOnly("false", "").hasSize(4);
    }
    Path named = folder.resolve("x");
    assertThatThrownBy(
            () ->
                format("format: parquet, train: 'https://example.org/a.parquet', test: " + named)
                    .train())
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining("no data file");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(file -> file.getFileName().toString()).collect(Collectors.toSet()))
          .doesNotContainAnyElementsOf(Set.of("duckdb_temp_storage", ".tmp"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text: name, label: kind",
        "label: kind, numbers: [height, count], categories: colour, key: name, ignore: [width, more]"
      })
  void aPack_hasTheSamples_andNoticesAnotherFile(String columns) throws IOException, SQLException {
    Format format = files(FileKind.PARQUET, "pack-*.parquet", columns);
    run("COPY (SELECT *, 1 AS more FROM '%s/part-1.parquet') TO '%s/pack-1.parquet'");
    Path pack = folder.resolve("pack of " + columns.length());
    assertThat(Pack.make(pack, format, Optional.empty(), NOBODY)).isPresent();
    Format packed = PackedFormat.of(format, pack, Optional.empty(), PackedFormat.Order.EXACT);
    try (Dataset train = format.train();
        Dataset read = packed.train()) {
      assertThat(read.fingerprint()).isEqualTo(train.fingerprint());
      assertThat(packed.columns(read)).isEqualTo(format.columns(train));
    }
    assertThat(Pack.isCurrent(pack, format, Optional.empty())).isTrue();
    run("COPY (SELECT * FROM '%s/pack-1.parquet') TO '%s/pack-2.parquet'");
    assertThat(Pack.isCurrent(pack, format, Optional.empty())).isFalse();
    Files.delete(folder.resolve("pack-2.parquet"));
  }

  @Test
  void theGuide_canBePasted() throws IOException {
    String guide = Files.readString(Path.of("..", "docs", "data.md"));
    Matcher yaml =
        Pattern.compile("```yaml\n(data:\n  format: parquet.*?)```", Pattern.DOTALL).matcher(guide);
    assertThat(yaml.find()).isTrue();
    Format format = read(yaml.group(1));
    assertThat(format.name()).isEqualTo("parquet");
    assertThat(format.likelyTask()).isInstanceOf(Task.Numbers.class);
    for (FileKind kind : FileKind.values()) {
      assertThat(guide).contains("`" + kind.word() + "`");
    }
  }
}
