package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ranbiki.RanbikiException;
import io.ranbiki.result.EpochRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {

  @TempDir private Path folder;

  @Test
  void everyLine_isOnDiskBeforeTheLogIsClosed() throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    try (MetricsLog log = MetricsLog.open(file)) {
      log.append(Map.of("step", 1));
      assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\n");
      log.append(Map.of("step", 2));
      assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\n{\"step\":2}\n");
    }
  }

  @Test
  void valuesThatAreNotFinite_areShown() throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    try (MetricsLog log = MetricsLog.open(file)) {
      log.step(1, 3, Map.of("hint", Double.POSITIVE_INFINITY), Double.NaN, 0.1);
    }
    assertThat(Files.readString(file))
        .isEqualTo(
            "{\"type\":\"step\",\"epoch\":1,\"step\":3,\"terms\":{\"hint\":\"Infinity\"},"
                + "\"total\":\"NaN\",\"learning-rate\":0.1}\n");
  }

  @Test
  void halfWrittenLastLine_isDropped() throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    Files.writeString(file, "{\"step\":1}\n{\"step\":2}\n{\"st");

    assertThat(MetricsLog.read(file)).isEqualTo(List.of(Map.of("step", 1), Map.of("step", 2)));
    try (MetricsLog log = MetricsLog.open(file)) {
      log.append(Map.of("step", 3));
    }
    assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n");
  }

  @Test
  void resumed_keepsTheLinesUpToTheCheckpoint() throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    Files.writeString(file, "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n");

    try (MetricsLog log =
        MetricsLog.open(file, line -> ((Number) line.get("step")).intValue() < 3)) {
      log.append(Map.of("step", 3, "again", true));
    }

    assertThat(MetricsLog.read(file)).hasSize(3);
    assertThat(MetricsLog.read(file).get(2)).containsEntry("again", true);
  }

  @Test
  void lineThatIsNotJson_isNamed() throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    Files.writeString(file, "{\"step\":1}\nnot json\n");

    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> MetricsLog.open(file))
        .withMessage(
            "Line 2 of '" + file + "' is not a line of metrics; delete the line, or the file.");
    assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\nnot json\n");
  }

  @Test
  void folderThatIsNotThere_isNamed() {
    Path file = folder.resolve("none/metrics.jsonl");
    assertThatExceptionOfType(RanbikiException.class)
        .isThrownBy(() -> MetricsLog.open(file))
        .withMessage("Cannot open '" + file + "': '" + file + "' does not exist.")
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.IO));
  }

  @Test
  void aTrainingThatGoesOn_keepsItsStepsUpToTheCheckpoint_andEpochsAloneAreItsHistory()
      throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    EpochRecord epoch = new EpochRecord(1, Map.of("hint", 0.5), 0.5, null, null, 1, 64, 0.1);
    try (MetricsLog log = MetricsLog.open(file)) {
      log.gradients("scratch", 1, 1, 9, Map.of("hint", 0.7), 0.7, 0.1, Map.of("hint", 2.0));
      log.gradients("student", 1, 1, 2, Map.of("hint", 0.7), 0.7, 0.1, Map.of("hint", 2.0));
      log.epoch("student", 1, epoch);
      log.gradients("student", 1, 2, 6, Map.of("hint", 0.6), 0.6, 0.1, Map.of("hint", 2.0));
      log.gradients("student", 1, 2, 8, Map.of("hint", 0.6), 0.6, 0.1, Map.of("hint", 2.0));
    }
    MetricsLog.reopen(file, "student"::equals, 1, 1, 7).close(); // stopped in its second epoch
    assertThat(MetricsLog.read(file))
        .extracting(line -> line.get("step"))
        .containsExactly(9, 2, null, 6);
    assertThat(MetricsLog.history(file, "student", 1, 1)).containsExactly(epoch);
  }
}
