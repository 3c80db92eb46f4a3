package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Dataset;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FiniteAnswersTest {

  private static final float MASKED = Float.NEGATIVE_INFINITY;

  @TempDir Path folder;
  private Path file;
  private Dataset samples;
  private TensorScope scope;

  @BeforeEach
  void open() throws IOException {
    file = Files.writeString(folder.resolve("rows.csv"), "1,a\n2,b\n3,a\n4,b\n");
    samples = CsvRows.read(file, CsvRows.Options.defaults());
    scope = TensorScope.open("test");
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private Optional<String> fault(int view, float... logits) {
    long[] labels = {-100, 1};
    Batch batch = new Batch(Tensors.zeros(2, 1), Tensors.of(labels, 2), new long[] {2, 0}, view);
    return FiniteAnswers.fault(Tensors.of(logits, 2, logits.length / 2), batch, samples);
  }

  @Test
  void finiteAndMaskedAnswers_areSound() {
    assertThat(fault(0, 1, -2, 3e38f, 3e38f)).isEmpty();
    assertThat(fault(0, 1, MASKED, MASKED, -5)).isEmpty();
  }

  @Test
  void eachFault_namesSampleAndPlace_withOrWithoutLabel() {
    assertThat(fault(0, 1, Float.NaN, 0, 0))
        .contains("answers sample 2 (row 3 of %s) with NaN for class 1".formatted(file));
    assertThat(fault(0, 0, 0, Float.POSITIVE_INFINITY, 0))
        .contains("answers sample 0 (row 1 of %s) with Infinity for class 0".formatted(file));
    assertThat(fault(3, 0, 0, MASKED, MASKED))
        .contains(
            "answers sample 0 (row 1 of %s) in view 3 with -Infinity for every class"
                .formatted(file));
    assertThat(fault(0, MASKED, MASKED, Float.NaN, 0))
        .contains(
            "answers sample 2 (row 3 of %s) with -Infinity for every class, and 1 more of this batch of 2"
                .formatted(file));
  }

  @Test
  void theRefusal_saysWhoAndWhatToDo() {
    Batch batch = new Batch(Tensors.zeros(1, 1), Tensors.of(new long[] {0}, 1), new long[] {77}, 0);
    assertThatThrownBy(
            () ->
                FiniteAnswers.require(
                    "The teacher x", Tensors.of(new float[] {Float.NaN, 1}, 1, 2), batch, samples))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.MODEL))
        .hasMessage(
            "The teacher x answers sample 77 with NaN for class 0. Check its weights, that sample, and data.normalize.");
  }
}
