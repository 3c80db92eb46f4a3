package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.Weights;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Names;
import io.ranbiki.data.TestData;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Values;
import io.ranbiki.store.Encoding;
import io.ranbiki.store.Store;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that choose the scale of a whole batch: what Python answered to each text alone, see {@code
 * texts/quantize.py}.
 */
class OnnxQuantizedTest {

  private static final OnnxOptions OPTIONS =
      OnnxOptions.STANDARD.withPorts(
          Map.of("pieces_of_text", "input_ids", "which_count", "attention_mask"));

  private static Map<String, Tensor> expected(String name) {
    return Weights.readTensors(OnnxTextTest.file(name));
  }

  private static Batch texts() {
    Map<String, Tensor> given = expected("expected.safetensors");
    return new Batch(
        Map.of(Preparation.IDS, given.get("ids"), Batch.TRUTH, Tensors.of(new long[3], 3)),
        Map.of(Preparation.IDS, given.get("mask")),
        new Names(new long[] {0, 1, 2}, 0));
  }

  private static OnnxTeacher classifier(String... layers) {
    return classifier(OPTIONS, layers);
  }

  private static OnnxTeacher classifier(OnnxOptions options, String... layers) {
    return OnnxTeacher.open(
        OnnxTextTest.file("classifier-q.onnx"), List.of(Field.ANY), 3, List.of(layers), options);
  }

  @Test
  void theFile_saysThatItQuantisesBatches() {
    assertThat(OnnxFile.read(OnnxTextTest.file("classifier-q.onnx")).quantizesBatches()).isTrue();
    assertThat(OnnxFile.read(OnnxTextTest.file("classifier.onnx")).quantizesBatches()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachText_isAnsweredAsAlone_inWhateverCompany(boolean inParts) {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher = classifier(inParts ? OPTIONS.withParts() : OPTIONS)) {
      Batch texts = texts();
      Tensor answers = teacher.signal(texts).logits();
      Map<String, Tensor> expected = expected("expected-q.safetensors");
      Foreign.requireEqual(answers, expected.get("logits"));
      for (int row = 0; row < 3; row++) {
        float[] alone = teacher.signal(texts.part(row, row + 1)).logits().toFloats();
        assertThat(answers.narrow(0, row, 1).toFloats()).isEqualTo(alone);
      }
      Tensor together = teacher.inCompany().orElseThrow().signal(texts).logits();
      Foreign.requireEqual(together, expected.get("logits-together"));
    }
  }

  @Test
  void anEncoderAndItsHead_areAskedAloneToo() {
    try (TensorScope scope = TensorScope.open("test");
        Teacher encoder = OnnxTextTest.encoder("encoder-q.onnx", Pool.MEAN, List.of())) {
      Map<String, Tensor> expected = expected("expected-q.safetensors");
      Foreign.requireEqual(encoder.signal(texts()).logits(), expected.get("mean"));
      Foreign.requireEqual(
          encoder.inCompany().orElseThrow().signal(texts()).logits(),
          expected.get("mean-together"));
    }
    try (TensorScope scope = TensorScope.open("test");
        Teacher headed =
            HeadedTeacher.of(
                layers -> OnnxTextTest.encoder("encoder-q.onnx", Pool.MEAN, layers),
                Model.create(ModelSpec.of("mlp", List.of(6), 4), 3),
                List.of("embedding"))) {
      long before = Tensor.live();
      Signal signal = headed.signal(texts());
      Foreign.requireEqual(
          signal.feature("embedding"), expected("expected-q.safetensors").get("mean"));
      assertThat(headed.inCompany()).isPresent();
      assertThat(Tensor.live()).isGreaterThan(before);
    }
  }

  /** Outputs of layers of texts that were asked alone have the length of the batch again. */
  @Test
  void layersOfTextsAskedAlone_arePaddedLikeTheirBatch() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher = classifier("pieces")) {
      Tensor pieces = teacher.signal(texts()).feature("pieces");
      assertThat(pieces.shape()).containsExactly(3, 7, 6);
      assertThat(pieces.narrow(0, 1, 1).narrow(1, 3, 4).abs().sum().item()).isZero();
      assertThat(pieces.narrow(0, 1, 1).narrow(1, 2, 1).abs().sum().item()).isPositive();
    }
  }

  /** Stored answers are those of the live teacher to the bit, however they were asked. */
  @Test
  void storedAnswers_haveTheBitsOfLiveOnes(@TempDir Path folder) {
    Dataset samples =
        TestData.samples(
            new Field(Preparation.IDS, Field.Kind.INT64, List.of(Field.ANY)),
            40,
            index -> {
              int length = 1 + index * 31 % 9;
              long[] ids =
                  LongStream.range(0, length).map(i -> (index + 13 * i) % 600 + 1).toArray();
              return new Values.Longs(ids, new int[] {length});
            });
    StoreKey key =
        new StoreKey(
            "q",
            samples.fingerprint(),
            Normalization.none(),
            Augmentations.none(),
            0,
            3,
            List.of(),
            Encoding.FLOAT32,
            Precision.FLOAT32);
    long[] ids = LongStream.range(0, 40).toArray();
    try (OnnxTeacher teacher = classifier()) {
      float[] first = null;
      for (int batch : new int[] {1, 7, 32}) {
        Path store = folder.resolve("of-" + batch);
        new Labeller(teacher, new Labeller.Options(batch, 1, 1), Labeller.Listener.NONE)
            .label(store, key, samples);
        try (TensorScope scope = TensorScope.open("read")) {
          float[] stored =
              Store.open(store, key.key()).read(ids, 0, 0).get(Signal.LOGITS).dense().toFloats();
          assertThat(first == null || Arrays.equals(first, stored)).isTrue();
          first = stored;
        }
      }
    }
  }
}
