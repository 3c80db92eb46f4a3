package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.junit.jupiter.api.Test;

/** Holds our reader of CSV files against that of Apache Commons, which it replaced. */
class CsvParserTest {

  private static final Path FILE = Path.of("x.csv");

  /** Gives a few bytes at a time, so that every place is once at the end of what was read. */
  private static final class Slow extends FilterInputStream {
    private final Random random;

    Slow(byte[] bytes, Random random) {
      super(new ByteArrayInputStream(bytes));
      this.random = random;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      return super.read(target, offset, Math.min(length, 1 + random.nextInt(4)));
    }
  }

  private static List<String> ours(String text, char delimiter, Random random) {
    List<String> rows = new ArrayList<>();
    try (InputStream in = new Slow(text.getBytes(StandardCharsets.UTF_8), random)) {
      CsvParser parser = new CsvParser(FILE, in, delimiter);
      while (parser.next()) {
        rows.add(parser.line() + " " + parser.texts());
      }
    } catch (RanbikiException e) {
      rows.add("refused");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static List<String> theirs(String text, char delimiter) throws IOException {
    List<String> rows = new ArrayList<>();
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setDelimiter(delimiter)
            .setIgnoreEmptyLines(true)
            .setIgnoreSurroundingSpaces(true)
            .get();
    try (CSVParser parser = format.parse(new StringReader(text))) {
      parser.forEach(row -> rows.add(parser.getCurrentLineNumber() + " " + row.toList()));
    } catch (UncheckedIOException e) {
      rows.add("refused");
    }
    return rows;
  }

  @Test
  void rowsAndLines_areThoseOfCommonsCsv_onRandomTexts() throws IOException {
    long seed = 20261129;
    Random random = new Random(seed);
    String[] pieces = {
      "a",
      "7",
      "1.5",
      "\"",
      "\"\"",
      ",",
      ",",
      ";",
      "\t",
      " ",
      "\n",
      "\n",
      "\r\n",
      "\r",
      "\u84B8",
      "\u00e9",
      "\u2003",
      "\uD83D\uDE00",
      "x y",
      "\"a,b\"",
      "\"c\nd\"",
      "\"e\"\"f\"",
      "\u00A7"
    };
    for (int i = 0; i < 6_000; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(14);
      for (int j = 0; j < length; j++) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      char delimiter = ",;\t \u00A7".charAt(random.nextInt(5));
      if (text.toString().contains("\u2003")) {
        continue; // a space of three bytes before a quote is ours alone
      }
      assertThat(ours(text.toString(), delimiter, random))
          .as("seed %d, text %d, delimiter '%s': [%s]", seed, i, delimiter, text)
          .isEqualTo(theirs(text.toString(), delimiter));
    }
  }

  @Test
  void spacesOfAnyScript_areLeftOut_aroundAValue() {
    assertThat(ours("\u2003a b\u3000,1\n", ',', new Random(1))).containsExactly("1 [a b, 1]");
  }

  @Test
  void aRowThatNeverEnds_stopsWhereMemoryWould() throws IOException {
    byte[] text = ("1,2\n3,\"" + "x\n".repeat(200_000)).getBytes(StandardCharsets.UTF_8);
    CsvParser parser = new CsvParser(FILE, new ByteArrayInputStream(text), ',', 100_000);
    assertThat(parser.next()).isTrue();
    assertThatThrownBy(parser::next)
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining("The row of x.csv behind line 1 has more than 100000 characters");
  }
}
