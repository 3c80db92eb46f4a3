package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class WrappedWriterTest {

  private static List<String> written(int width, String... parts) {
    StringWriter text = new StringWriter();
    PrintWriter out = WrappedWriter.of(text, width);
    for (String part : parts) {
      out.print(part);
    }
    out.flush();
    return text.toString().lines().toList();
  }

  @Test
  void longLine_breaksBetweenWords_asFarInAsItBegan() {
    assertThat(written(20, "  one two three four ", "five six\nseven\n\neight"))
        .containsExactly("  one two three four", "  five six", "seven", "", "eight");
  }

  @Test
  void wordsThatAreTooLong_andCommands_stayWhole() {
    assertThat(
            written(
                24,
                "It is in runs/a-folder-with-a-long-name/model now.\n"
                    + "Go on with: ranbiki resume runs/a-folder train.epochs=20\n"))
        .containsExactly(
            "It is in",
            "runs/a-folder-with-a-long-name/model",
            "now.",
            "Go on with:",
            "ranbiki resume runs/a-folder train.epochs=20");
  }

  @Test
  void columnsOfATable_andColours_areNotTouchedWhereTheyFit() {
    String row = "model     accuracy";
    String coloured = "\u001b[1mranbiki\u001b[0m of 12";
    assertThat(written(18, row + "\n" + coloured + "\n")).containsExactly(row, coloured);
  }
}
