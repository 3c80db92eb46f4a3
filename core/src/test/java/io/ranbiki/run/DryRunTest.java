package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DryRunTest {

  @Test
  void whatIsLearned_isSaidInWordsOfTheTask() {
    assertThat(lines("classes", 77))
        .contains("  data     900 training samples of 77 classes, 80 with a label");
    assertThat(lines("numbers", 1))
        .contains("  data     900 training samples of 1 number, 80 with it");
    assertThat(lines("numbers", 2))
        .contains("  data     900 training samples of 2 numbers, 80 with them");
    assertThat(lines("embedding", 384))
        .contains("  data     900 training samples, each for a vector of 384 numbers");
  }

  private static List<String> lines(String task, int width) {
    return new DryRun(
            "runs/a",
            false,
            900,
            80,
            90,
            100,
            task,
            width,
            "bert",
            1000,
            null,
            0,
            List.of("student"),
            List.of(1L),
            2,
            30)
        .lines();
  }
}
