package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalProgressTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void bar_showsLabelAndCount() {
    TerminalProgress progress = new TerminalProgress(out, () -> 80);
    progress.start("epoch 1/10", 60, "images");
    progress.step(20);
    progress.step(40);
    progress.done();

    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("epoch 1/10").contains("60/60");
  }

  /** The bar counts time in whole seconds, and shows a rate from the second one on. */
  @Test
  void rate_isInUnits() {
    assertThat(TerminalProgress.rate("images").format(12_345.67)).isEqualTo("12,345.7 images");
    assertThat(TerminalProgress.rate("children's files").format(3)).isEqualTo("3 childrens files");
  }

  @Test
  void linesOfOthers_standAloneAboveTheBar() {
    TerminalProgress progress = new TerminalProgress(out, () -> 80);
    progress.aside(() -> out.print("before\n"));
    progress.start("epoch 1/10", 60, "images");
    progress.step(20);
    progress.aside(() -> out.print("note: between\n"));
    progress.step(40);
    progress.done();
    progress.aside(() -> out.print("after\n"));

    List<String> lines =
        Arrays.stream(bytes.toString(StandardCharsets.UTF_8).split("\n")).map(this::seen).toList();
    assertThat(lines).startsWith("before", "note: between").endsWith("after").hasSize(4);
    assertThat(lines.get(2)).contains("epoch 1/10", "60/60").doesNotContain("note");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 40, 79, 80, 200})
  void bar_neverReachesTheLastColumn_howeverNarrow(int columns) {
    AtomicInteger width = new AtomicInteger(columns + 40);
    TerminalProgress progress = new TerminalProgress(out, width::get);
    progress.start("a-training-with-a-rather-long-name (seed 123)", 100_000, "samples");
    progress.step(40_000);
    progress.aside(() -> out.print("before\n"));
    bytes.reset();
    width.set(columns); // somebody makes the window smaller
    progress.aside(() -> out.print("after\n"));
    progress.step(60_000);
    progress.done();
    String drawn = bytes.toString(StandardCharsets.UTF_8);
    assertThat(drawn.split("[\r\n]")).allSatisfy(text -> assertThat(text).hasSizeLessThan(columns));
    assertThat(drawn.lines().filter(line -> line.contains("after"))).hasSize(1);
  }

  /** What is left of a line on a screen, where each carriage return goes back to its begin. */
  private String seen(String line) {
    StringBuilder screen = new StringBuilder();
    for (String part : line.split("\r")) {
      screen.replace(0, Math.min(part.length(), screen.length()), part);
    }
    return screen.toString().stripTrailing();
  }

  @Test
  void unknownTotal_andTasksInARow_areShown() {
    TerminalProgress progress = new TerminalProgress(out, () -> 80);
    progress.start("first", 0, "files");
    progress.step(3);
    progress.start("second", 5, "children's files");
    progress.step(5);
    progress.done();
    progress.done();

    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("first").contains("5/5");
  }

  @Test
  void withoutATerminal_linesArePlain() {
    assertThat(TerminalProgress.create(OptionalInt.empty())).isInstanceOf(PlainProgress.class);
  }
}
