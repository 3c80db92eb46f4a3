package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.Weights;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Field;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompanyCheckTest {

  private static Path file(String name) {
    try {
      return Path.of(CompanyCheckTest.class.getResource("/texts/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Batch texts() {
    Map<String, Tensor> given = Weights.readTensors(file("expected.safetensors"));
    return new Batch(
        Map.of("input_ids", given.get("ids"), Batch.TRUTH, Tensors.of(new long[3], 3)),
        Map.of("input_ids", given.get("mask")),
        new Names(new long[] {0, 1, 2}, 0));
  }

  private static OnnxTeacher classifier(String name) {
    return OnnxTeacher.open(
        file(name),
        List.of(Field.ANY),
        3,
        List.of(),
        OnnxOptions.STANDARD.withPorts(
            Map.of("pieces_of_text", "input_ids", "which_count", "attention_mask")));
  }

  @Test
  void aFileThatQuantisesBatches_isAskedAlone_andTheDoctorSaysWhatItSaw() {
    try (TensorScope scope = TensorScope.open("test");
        Teacher teacher = classifier("classifier-q.onnx")) {
      Finding finding = CompanyCheck.of(teacher, texts()).orElseThrow();
      assertThat(finding.level()).isEqualTo(Finding.Level.OK);
      assertThat(finding.sentence())
          .isEqualTo(
              "classifier-q.onnx rounds a whole batch by one scale (DynamicQuantizeLinear): asked in a batch of 3, its answers to 3 samples differed from those alone by up to 0.00714 (cosine 1.000 at worst). So it is asked about each sample alone, live as for the store.");
    }
  }

  @Test
  void aTeacherThatCompanyDoesNotMatterTo_isPassedOver() {
    try (TensorScope scope = TensorScope.open("test");
        Teacher teacher = classifier("classifier.onnx")) {
      assertThat(CompanyCheck.of(teacher, texts())).isEmpty();
    }
  }

  /** Answers with the mean of the batch, as normalisation by batch statistics would. */
  private record Sociable() implements Teacher {
    @Override
    public Signal signal(Batch batch) {
      Tensor mean = batch.inputs().mean(0);
      return Signal.of(batch.inputs().add(mean));
    }

    @Override
    public int classes() {
      return 2;
    }

    @Override
    public String title() {
      return "sociable";
    }

    @Override
    public void close() {}
  }

  @Test
  void aTeacherThatCompanyMattersTo_isWarnedOf() {
    try (TensorScope scope = TensorScope.open("test")) {
      Batch rows =
          new Batch(
              Tensors.of(new float[] {1, 0, 0, 1}, 2, 2),
              Tensors.of(new long[2], 2),
              new long[] {0, 1},
              0);
      Finding finding = CompanyCheck.of(new Sociable(), rows).orElseThrow();
      assertThat(finding.level()).isEqualTo(Finding.Level.WARNING);
      assertThat(finding.sentence())
          .isEqualTo(
              "The teacher answers 2 samples differently alone than in a batch of 2, by up to 0.500 (cosine 0.949 at worst), so that stored answers depend on the batch. Export it with a mask of the padding and in evaluation mode.");
    }
  }
}
