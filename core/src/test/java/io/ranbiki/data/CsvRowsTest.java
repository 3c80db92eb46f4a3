package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.CsvRows.Kind;
import io.ranbiki.data.CsvRows.Options;
import io.ranbiki.prepare.Columns;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Values;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvRowsTest {

  @TempDir Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("rows.csv"), text);
  }

  private static float[] row(Dataset data, int index) {
    float[] row = data.numbers(index);
    return row;
  }

  @Test
  void lastColumn_isTheLabelByDefault() throws IOException {
    Dataset data = CsvRows.read(write("1,2.5,10\n-3,4e2,9\r\n\n5,6,10\n"), Options.defaults());

    assertThat(data.size()).isEqualTo(3);
    assertThat(data.shape()).containsExactly(2);
    assertThat(data.task().names()).as("ordered by value").containsExactly("9", "10");
    assertThat(data.stratum(0)).isEqualTo(1);
    assertThat(data.id(2)).isEqualTo(2);
    assertThat(row(data, 1)).containsExactly(-3, 400);
  }

  @Test
  void labelColumn_isFoundByNameOrPosition() throws IOException {
    Path file = write("\uFEFFkind,a,b\nx, 1 ,2\n\"y\"\"z\",3,4\n");
    Options named = Options.defaults().withHeader(true).withLabel("kind");
    Dataset data = CsvRows.read(file, named);

    assertThat(data.task().names()).containsExactly("x", "y\"z");
    assertThat(row(data, 0)).containsExactly(1, 2);
    assertThat(CsvRows.read(file, named.withLabel("0")).fingerprint())
        .isEqualTo(data.fingerprint());
  }

  @Test
  void noLabelColumn_givesUnlabelledRows() throws IOException {
    Dataset data = CsvRows.read(write("1;2\n3;4\n"), new Options("", false, ';', List.of()));
    assertThat(data.shape()).containsExactly(2);
    assertThat(data.task().width()).isZero();
    assertThat(data.stratum(1)).isEqualTo(Dataset.UNLABELLED);
  }

  @Test
  void packedFile_givesTheSameDataset() throws IOException {
    String text = "1,2,0\n3,4,1\n";
    Path packed = folder.resolve("rows.csv.gz");
    Files.write(packed, IdxTest.packed(text.getBytes(StandardCharsets.UTF_8)));
    assertThat(CsvRows.read(packed, Options.defaults()).fingerprint())
        .isEqualTo(CsvRows.read(write(text), Options.defaults()).fingerprint());
  }

  @Test
  void classesOfAnotherFile_keepTheirNumbers() throws IOException {
    Options options = Options.defaults().withClassNames(List.of("a", "b", "c"));
    assertThat(CsvRows.read(write("1,c\n"), options).stratum(0)).isEqualTo(2);
    Path file = write("1,a\n2,d\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, options),
        "Row 2 of "
            + file
            + " has the label 'd', which is not one of the classes [a, b, c]. Give training rows of"
            + " this class, too, or remove the row; if another column holds the class, name it"
            + " (data.label).");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "1e39", "", "x", "1f", "0x1p3", "?"})
  void valueThatIsNoFiniteNumber_isRefused(String value) throws IOException {
    Path file = write("1,2,0\n3," + value + ",1\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()),
        "Line 2 of "
            + file
            + " has '"
            + value
            + "' in column 1, but a feature must be a finite"
            + " number. Repair or remove the line.");
  }

  @Test
  void forgottenHeader_isSuggested() throws IOException {
    Path file = write("a,b,kind\n1,2,0\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()),
        "has 'a' in column 0",
        "If the first line names the columns, say header: true.");
  }

  @Test
  void rowsOfDifferentLength_areRefused() throws IOException {
    Path file = write("1,2,0\n3,1\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()),
        "Line 2 of " + file + " has 2 values, but the first line has 3. Repair the line.");
  }

  @Test
  void headerOfOneColumn_hasAnotherDelimiter() throws IOException {
    Path file = write("x;y;kind\n1;2;p\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, new CsvRows.Options("kind", true, ',', List.of())),
        file
            + " has one column alone, 'x;y;kind', and so no label column 'kind'. If another"
            + " character stands between the values, say delimiter: \";\".");
  }

  @Test
  void emptyFiles_areRefused() throws IOException {
    Path file = write("");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()),
        file + " has no rows. Check that it is the right file.");
    write("a,b\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults().withHeader(true)),
        file + " has no rows below its header.");
    Refusal.ofConfiguration(
        () -> CsvRows.read(folder.resolve("none.csv"), Options.defaults()),
        "none.csv does not exist. Check the path.");
  }

  @Test
  void unknownLabelColumn_namesTheColumns() throws IOException {
    Path file = write("a,b\n1,2\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults().withHeader(true).withLabel("c")),
        "has no label column 'c'; it must be one of [a, b], or 0 to 1 or -1 for the last.");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults().withLabel("2")),
        "has no label column '2'; it must be 0 to 1");
  }

  @Test
  void noLabelAtAllOrASingleColumn_isRefused() throws IOException {
    Path file = write("1,\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()), "No row of " + file + " has a label in '1'.");
    write("1;2\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()),
        "has 1 column, so no feature remains beside the label. If another character stands between"
            + " the values, say delimiter: \";\".");
  }

  @Test
  void brokenText_isRefused() throws IOException {
    Path file = write("1,\"2\n3,4\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()),
        file + " is not a CSV file: the quote in line 1 is open or misplaced.");
    Files.write(file, new byte[] {'1', ',', (byte) 0xff, (byte) 0xfe, '\n'});
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()),
        "Line 1 of " + file + " is not UTF-8 text. Save the file as UTF-8.");
  }

  @Test
  void labelsThatAreDecimals_areOrderedByValue() throws IOException {
    Path file = write("1,10.0\n2,0.0\n3,2.0\n");
    assertThat(CsvRows.read(file, Options.defaults()).task().names())
        .containsExactly("0.0", "2.0", "10.0");
    write("1,-1\n2,1\n3,01\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()),
        file + " has the labels '01' and '1', which are one number. Write them alike.");
  }

  @Test
  void labels_areKeptInNfc() throws IOException {
    Path file = write("1,e\u0301\n2,\u00e9\n");
    Dataset data = CsvRows.read(file, Options.defaults());
    assertThat(data.task().names()).containsExactly("\u00e9");
    Options given = Options.defaults().withClassNames(List.of("e\u0301", "x"));
    assertThat(CsvRows.read(file, given).stratum(1)).isZero();
    Refusal.ofConfiguration(
        () -> Options.defaults().withClassNames(List.of("e\u0301", "\u00e9")),
        "The class '\u00e9' is named twice.");
  }

  @Test
  void adviceAboutDelimiterHeaderAndDecimals_leadsToAReadableFile() throws IOException {
    Path file = write("a;b;kind\n1,5;2;x\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()),
        file
            + " has 1 column, so no feature remains beside the label. If another character stands"
            + " between the values, say delimiter: \";\".");
    Options semicolon = Options.defaults().withDelimiter(';');
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, semicolon),
        "has 'a' in column 0",
        "If the first line names the columns, say header: true.");
    Options header = semicolon.withHeader(true);
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, header),
        "has '1,5' in column a, but a feature must be a finite number. Write decimal numbers with"
            + " a point.");
    assertThat(row(CsvRows.read(write("a;b;kind\n1.5;2;x\n"), header), 0)).containsExactly(1.5f, 2);
    Refusal.ofConfiguration(
        () -> CsvRows.read(write("7,2;3,4,0\n"), Options.defaults()),
        "has '2;3' in column 1",
        "say delimiter: \";\".");
    write("1\t2\t0\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()), "say delimiter: \"\\t\".");
    assertThat(row(CsvRows.read(file, Options.defaults().withDelimiter('\t')), 0))
        .containsExactly(1, 2);
    write("1,2,0,\n3,4,1,\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults()),
        "No row of "
            + file
            + " has a label in '3'. Name what holds the class (data.label), or remove the ','"
            + " that ends every line.");
    assertThat(CsvRows.read(write("1,2,0\n3,4,1\n"), Options.defaults()).size()).isEqualTo(2);
  }

  @Test
  void partsOfAFolder_areFoundPlainOrPacked_andBothOnlyIfTheyHoldTheSame() throws IOException {
    byte[] text = "1,2,0\n3,4,1\n".getBytes(StandardCharsets.UTF_8);
    Path packed = folder.resolve("train.csv.gz");
    Path plain = folder.resolve("train.csv");
    Files.write(packed, IdxTest.packed(text));
    Options options = Options.defaults();
    String fingerprint =
        CsvRows.read(CsvRows.found(folder.resolve("train.csv")), options).fingerprint();
    Files.write(plain, text);
    assertThat(CsvRows.read(CsvRows.found(folder.resolve("train.csv")), options).fingerprint())
        .isEqualTo(fingerprint);
    for (String newer : List.of("1,2,0\n3,4,1\n5,6,1\n", "1,2,0\n3,9,1\n", "1,2,0\n")) {
      Files.writeString(plain, newer);
      Refusal.ofConfiguration(
          () -> CsvRows.read(CsvRows.found(folder.resolve("train.csv")), options),
          plain + " and " + packed + " hold different data. Remove the one that is out of date.");
    }
    Files.delete(packed);
    assertThat(CsvRows.read(CsvRows.found(folder.resolve("train.csv")), options).size())
        .isEqualTo(1);
    Refusal.ofConfiguration(
        () -> CsvRows.read(CsvRows.found(folder.resolve("test.csv")), options),
        "The data file " + folder.resolve("test.csv") + " does not exist.");
  }

  @Test
  void classNamedTwice_isRefused() {
    Refusal.ofConfiguration(
        () -> Options.defaults().withClassNames(List.of("a", "b", "a")),
        "The class 'a' is named twice.");
  }

  @Test
  void damagedFiles_areRefused() throws IOException {
    StringBuilder text = new StringBuilder("a,b,\"long name\",kind\n");
    for (int i = 0; i < 12; i++) {
      text.append(i).append(",0.5,-1e3,").append(i % 3).append('\n');
    }
    byte[] whole = text.toString().getBytes(StandardCharsets.UTF_8);
    Options options = Options.defaults().withHeader(true);
    int refused =
        Damage.refusals(
            whole, folder.resolve("damaged"), 400, 3, file -> CsvRows.read(file, options));
    assertThat(refused).isGreaterThan(100);
  }

  // ---- texts, keys, several labels, numbers

  @Test
  void texts_areOneColumn_quotedAndInAnyScript_andOthersAreLeftOut() throws IOException {
    Path file =
        write("id,text,more,kind\n7,\"a, \"\"b\"\"\nc\",x,say\n9,\u84B8\u7559 \u00e9,y,ask\n");
    Options options = Options.defaults().withHeader(true).withText("text").withLabel("kind");
    Dataset data = CsvRows.read(file, options.withKey("id"));
    assertThat(data.fields()).containsExactly(new Field("text", Field.Kind.TEXT, List.of()));
    assertThat(data.task()).isEqualTo(new Task.Classes(List.of("ask", "say")));
    assertThat(data.read(0).get("text")).isEqualTo(new Values.Text("a, \"b\"\nc"));
    assertThat(data.read(1).get("text")).isEqualTo(new Values.Text("\u84B8\u7559 \u00e9"));
    assertThat(data.stratum(0)).isEqualTo(1);
    assertThat(data.key(1)).isEqualTo("9");
    assertThat(CsvRows.read(file, options).key(1)).as("without a column").isEqualTo("2");
    assertThat(CsvRows.read(file, options.withText("more")).fingerprint())
        .isNotEqualTo(data.fingerprint());
  }

  @Test
  void textThatIsNotUtf8_isRefused() throws IOException {
    Path file = folder.resolve("latin.csv");
    Files.write(file, "text,kind\ncaf\u00e9,a\n".getBytes(StandardCharsets.ISO_8859_1));
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults().withHeader(true).withText("text")),
        "Line 2 of " + file + " is not UTF-8 text. Save the file as UTF-8.");
  }

  @Test
  void keyThatComesTwice_isRefused() throws IOException {
    Path file = write("k,1,a\nl,2,a\nk,3,b\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults().withKey("0")),
        "Row 3 of "
            + file
            + " has the key 'k', which row 1 has, too, but every row must have a key of its own."
            + " Repair the file, or name another column (data.key).");
  }

  @Test
  void columnOfTwoRoles_isRefused() throws IOException {
    Path file = write("text,kind\na,b\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(file, Options.defaults().withHeader(true).withText("kind")),
        "A column of " + file + " is named twice among label, text and key");
  }

  @Test
  void severalColumnsOfBits_areLabels_emptyWhereNotKnown() throws IOException {
    Path file = write("a,x,b,c\n1,5,0,1\n0,6,,1.0\n,7,,\n");
    Options options =
        Options.defaults().withHeader(true).withLabels(List.of("a", "b", "c"), Kind.AUTO);
    Dataset data = CsvRows.read(file, options);
    assertThat(data.task()).isEqualTo(new Task.Labels(List.of("a", "b", "c")));
    assertThat(row(data, 2)).containsExactly(7);
    assertThat(truth(data, 0)).containsExactly(1, 0, 1);
    assertThat(truth(data, 1)).containsExactly(0, Float.NaN, 1);
    assertThat(data.isLabelled(1)).isTrue();
    assertThat(data.isLabelled(2)).isFalse();
    assertThat(data.read(2).has("label")).isFalse();
    Path other = write("a,x,b,c\n1,5,0,2\n");
    Refusal.ofConfiguration(
        () -> CsvRows.read(other, options.withTask(data.task())),
        "Row 1 of "
            + other
            + " has '2' in the label column c, but must have 1 or 0, or nothing where that is not"
            + " known. Repair the row, or name other columns (data.label).");
  }

  @Test
  void numbers_areTheTruthOfRegression() throws IOException {
    Options one = Options.defaults().withLabels(List.of("-1"), Kind.NUMBERS);
    Dataset single = CsvRows.read(write("1,2.5\n2,\n"), one);
    assertThat(single.task()).isEqualTo(new Task.Numbers(List.of("1")));
    assertThat(truth(single, 0)).containsExactly(2.5f);
    assertThat(single.isLabelled(1)).isFalse();
    Dataset two =
        CsvRows.read(
            write("1,2.5,-3e2\n2,,7\n"),
            Options.defaults().withLabels(List.of("1", "2"), Kind.AUTO));
    assertThat(two.task()).isEqualTo(new Task.Numbers(List.of("1", "2")));
    assertThat(truth(two, 0)).containsExactly(2.5f, -300);
    assertThat(truth(two, 1)).containsExactly(Float.NaN, 7);
    Refusal.ofConfiguration(
        () -> CsvRows.read(write("1,low\n"), one),
        "has 'low' in the label column 1, but must have a finite number");
  }

  private static float[] truth(Dataset data, int index) {
    return ((Values.Floats) data.read(index).get("label")).data();
  }

  @Test
  void aTableFromElsewhere_givesTheSamplesOfTheCsvFile() throws IOException {
    List<List<String>> rows = List.of(List.of("1", "2.5", "x"), List.of("-3", "4e2", "y"));
    Dataset data = CsvRows.read(new Lists(rows), Options.defaults());
    Path file = write("a,b,kind\n1,2.5,x\n-3,4e2,y\n");
    assertThat(data.fingerprint())
        .isEqualTo(CsvRows.read(file, Options.defaults().withHeader(true)).fingerprint());
    assertThat(data.place(1)).isEqualTo("row 2 of lists");
    Refusal.ofConfiguration(
        () ->
            CsvRows.read(
                new Lists(List.of(List.of("1", "two", "x"))), Options.defaults().withLabel("kind")),
        "Row 1 of lists has 'two' in column b, but a feature must be a finite number. Repair or"
            + " remove the line.");
  }

  private record Lists(List<List<String>> rows) implements TableSource {

    @Override
    public String name() {
      return "lists";
    }

    @Override
    public List<String> columns() {
      return List.of("a", "b", "kind");
    }

    @Override
    public void read(Consumer<TableRow> to) {
      for (int i = 0; i < rows.size(); i++) {
        to.accept(new ListRow(rows.get(i), i + 1));
      }
    }
  }

  private record ListRow(List<String> cells, int number) implements TableRow {

    @Override
    public int size() {
      return cells.size();
    }

    @Override
    public String text(int column) {
      return cells.get(column);
    }

    @Override
    public float number(int column) {
      return Columns.number(cells.get(column));
    }

    @Override
    public String place() {
      return "row " + number + " of lists";
    }
  }

  @Test
  void twoColumnsOfTexts_becomePairs_alsoInAPack() throws IOException {
    Path file = write("question,answer,kind\nWho?,We.,good\nWhy?,Red.,bad\n");
    Options options = Options.defaults().withHeader(true).withLabel("kind");
    Dataset data = CsvRows.read(file, options.withText("question", "answer"));
    assertThat(data.fields()).containsExactly(new Field("text", Field.Kind.TEXT, List.of(2)));
    assertThat(data.read(1).get("text")).isEqualTo(new Values.Pair("Why?", "Red."));
    assertThat(CsvRows.read(file, options.withText("answer", "question")).fingerprint())
        .isNotEqualTo(data.fingerprint());
    SampleBytes bytes = new SampleBytes(data.fields(), List.of());
    Values[] sample = {data.read(0).get("text")};
    assertThat(bytes.read(bytes.write(sample, ByteBuffer.allocate(0))).get("text"))
        .isEqualTo(sample[0]);
  }
}
