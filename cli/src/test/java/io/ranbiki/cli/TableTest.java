package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

  private static List<String> text(Table table) {
    StringWriter text = new StringWriter();
    table.print(Table.Format.TEXT, new PrintWriter(text, true));
    return text.toString().lines().toList();
  }

  @Test
  void tableThatFits_hasItsColumnsUnderEachOther() {
    Table table = new Table("model", "accuracy");
    table.add("teacher", "96.85 %");
    assertThat(text(table)).containsExactly("model    accuracy", "teacher   96.85 %");
  }

  @Test
  void longNames_haveALineOfTheirOwn() {
    Table table = new Table("run", "accuracy", "verdict");
    String name = "runs/" + "x".repeat(60);
    table.add(name, "92.52 % ± 0.23", "better");
    assertThat(text(table))
        .containsExactly("run", "        accuracy  verdict", name, "  92.52 % ± 0.23   better");
  }

  @Test
  void tooManyColumns_standUnderEachOther() {
    Table table = new Table("run", "first", "second");
    table.add("runs/a", "a".repeat(50), "b".repeat(40));
    assertThat(text(table))
        .containsExactly("runs/a", "  first   " + "a".repeat(50), "  second  " + "b".repeat(40));
  }
}
