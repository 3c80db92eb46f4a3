package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionsFileTest {

  private static final Predictions FULL =
      Predictions.ofLogits(
          new long[] {7, 8, Long.MAX_VALUE},
          new long[] {2, -100, 0},
          4,
          new float[] {1, 2, 3, -1e9f, 0, 0, 5, 0, Float.NEGATIVE_INFINITY, 1e-30f, 3, 2});

  @TempDir private Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = folder.resolve("student-1.safetensors");
  }

  @Test
  void fullAnswers_comeBackToTheBit() {
    PredictionsFile.write(file, FULL);
    Predictions read = PredictionsFile.read(file);
    assertThat(read.ids()).isEqualTo(FULL.ids());
    assertThat(read.labels()).isEqualTo(FULL.labels());
    assertThat(read.classes()).isEqualTo(4);
    assertThat(((Predictions.Full) read.answers()).logits())
        .isEqualTo(((Predictions.Full) FULL.answers()).logits());
  }

  @Test
  void likeliestClasses_comeBackToTheBit() {
    Predictions.Top kept = (Predictions.Top) FULL.top(2).answers();
    PredictionsFile.write(file, FULL.top(2));
    Predictions read = PredictionsFile.read(file);
    assertThat(read.isExact()).isFalse();
    Predictions.Top top = (Predictions.Top) read.answers();
    assertThat(top.top()).isEqualTo(kept.top()).containsExactly(2, 1, 2, 0, 2, 3);
    assertThat(top.logProbabilities()).isEqualTo(kept.logProbabilities());
    assertThat(top.rest()).isEqualTo(kept.rest());
  }

  @Test
  void fileThatHoldsSomethingElse_isRefusedWithTheReason() {
    Safetensors.write(
        file, List.of(Entry.of("weight", new float[] {1}, 1)), Map.of("classes", "3"));
    refused("it has no I64 tensor 'ids'");
    Safetensors.write(file, List.of(Entry.of("ids", new long[] {1}, 1)), Map.of());
    refused("its metadata have no number of classes");
    write(new long[] {3}, new float[] {1, 2, 3}, 1, 3);
    refused("a label is 3 of 3 classes");
    write(new long[] {1}, new float[] {1, 2, 3}, 3, 1);
    refused("'logits' has the shape [3, 1] and not [1, 3]");
  }

  private void write(long[] labels, float[] logits, long... shape) {
    Safetensors.write(
        file,
        List.of(
            Entry.of("ids", new long[] {1}, 1),
            Entry.of("labels", labels, 1),
            Entry.of("logits", logits, shape)),
        Map.of("classes", "3"));
  }

  private void refused(String why) {
    assertThatThrownBy(() -> PredictionsFile.read(file))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "%s holds no predictions that a comparison can read: %s. Run the distillation again.",
            file, why);
  }
}
