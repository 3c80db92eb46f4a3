package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ranbiki.run.PlainProgress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalProgressTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void bar_showsLabelCountAndRate() throws Exception {
    TerminalProgress progress = new TerminalProgress(out);
    progress.start("epoch 1/10", 60, "images");
    progress.step(20);
    // The bar counts time in whole seconds and shows no rate in the first.
    Thread.sleep(1_100);
    progress.step(40);
    progress.done();

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("epoch 1/10")
        .contains("60/60")
        .contains(" images/s");
  }

  @Test
  void unknownTotal_andTasksInARow_areShown() {
    TerminalProgress progress = new TerminalProgress(out);
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
    assumeTrue(System.console() == null, "the tests run on a terminal");
    assertThat(TerminalProgress.create(out)).isInstanceOf(PlainProgress.class);
  }
}
