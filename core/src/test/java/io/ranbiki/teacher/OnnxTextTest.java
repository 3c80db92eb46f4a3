package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Weights;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Against ONNX Runtime in Python; the files come from {@code texts/make.py}. */
class OnnxTextTest {

  private static final List<Integer> TEXT = List.of(Field.ANY);
  private static final Map<String, String> PORTS =
      Map.of("pieces_of_text", "input_ids", "which_count", "attention_mask");

  static Path file(String name) {
    try {
      return Path.of(OnnxTextTest.class.getResource("/texts/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Tensor> expected() {
    return Weights.readTensors(file("expected.safetensors"));
  }

  private static Batch batch(Tensor ids, Tensor mask) {
    int size = (int) ids.size(0);
    return new Batch(
        Map.of(Preparation.IDS, ids, Batch.TRUTH, Tensors.of(new long[size], size)),
        Map.of(Preparation.IDS, mask),
        new Names(new long[size], 0));
  }

  private static OnnxTeacher classifier(Map<String, String> ports) {
    return OnnxTeacher.open(
        file("classifier.onnx"), TEXT, 3, List.of(), OnnxOptions.STANDARD.withPorts(ports));
  }

  static Teacher encoder(String name, Pool pool, Collection<String> layers) {
    return OnnxTeacher.encoder(file(name), Optional.of(pool), layers, OnnxOptions.STANDARD);
  }

  private static Teacher encoder(Pool pool) {
    return encoder("encoder.onnx", pool, List.of());
  }

  @Test
  void classifierWithNamedInputs_answersAsInPython() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher = classifier(PORTS)) {
      Map<String, Tensor> expected = expected();
      Signal signal = teacher.signal(batch(expected.get("ids"), expected.get("mask")));
      Foreign.requireEqual(signal.logits(), expected.get("logits"));
      teacher.question(2, 9).run();
    }
  }

  @Test
  void vectors_areTheMeanTheFirstOrTheLargest() {
    try (TensorScope scope = TensorScope.open("test");
        Teacher mean = encoder(Pool.MEAN);
        Teacher first = encoder(Pool.FIRST);
        Teacher max = encoder(Pool.MAX)) {
      Map<String, Tensor> expected = expected();
      Batch batch = batch(expected.get("ids"), expected.get("mask"));
      Foreign.requireEqual(mean.signal(batch).logits(), expected.get("mean"));
      Foreign.requireEqual(first.signal(batch).logits(), expected.get("first"));
      Foreign.requireEqual(max.signal(batch).logits(), expected.get("max"));
      assertThat(mean.classes()).isEqualTo(6);
    }
  }

  @Test
  void paddedText_isAnsweredAsAlone() {
    try (TensorScope scope = TensorScope.open("test");
        Teacher encoder = encoder(Pool.MEAN)) {
      Map<String, Tensor> expected = expected();
      Tensor ids = expected.get("ids").narrow(0, 1, 1).narrow(1, 0, 3).contiguous();
      Tensor mask = expected.get("mask").narrow(0, 1, 1).narrow(1, 0, 3).contiguous();
      Foreign.requireEqual(
          encoder.signal(batch(ids, mask)).logits(), expected.get("mean").narrow(0, 1, 1));
    }
  }

  @Test
  void head_answersTheVectors() {
    try (TensorScope scope = TensorScope.open("test");
        Model head = Model.create(ModelSpec.of("mlp", List.of(6), 4), 3);
        Teacher teacher =
            HeadedTeacher.of(
                layers -> encoder("encoder.onnx", Pool.MEAN, layers),
                Model.create(ModelSpec.of("mlp", List.of(6), 4), 3),
                List.of("embedding", "last_hidden_state"))) {
      Map<String, Tensor> expected = expected();
      Batch batch = batch(expected.get("ids"), expected.get("mask"));
      long before = Tensor.live();
      Signal signal = teacher.signal(batch);
      assertThat(Tensor.live() - before).isEqualTo(3);
      assertThat(signal.feature("last_hidden_state").shape()).endsWith(6).hasSize(3);
      Foreign.requireEqual(signal.feature("embedding"), expected.get("mean"));
      Foreign.requireEqual(signal.logits(), head.apply(expected.get("mean")));
      assertThat(teacher.classes()).isEqualTo(4);
    }
  }

  @Test
  void inputsThatNobodyKnows_areNamedWithWhatATextHas() {
    assertThatThrownBy(() -> classifier(Map.of()))
        .hasMessage(
            "classifier.onnx takes the inputs pieces_of_text, which_count, and a text has the"
                + " fields input_ids, attention_mask, token_type_ids. Say what 'pieces_of_text' is"
                + " to be given: teacher.ports, as in ports: {pieces_of_text: input_ids}.");
    assertThatThrownBy(() -> classifier(Map.of("pieces", "input_ids")))
        .hasMessage(
            "'teacher.ports' names the input 'pieces', but classifier.onnx has pieces_of_text,"
                + " which_count. The nearest: 'pieces_of_text', 'which_count'.");
    assertThatThrownBy(() -> classifier(Map.of("pieces_of_text", "ids")))
        .hasMessageStartingWith(
            "'teacher.ports' names the field 'ids', but a text has input_ids, attention_mask,"
                + " token_type_ids. The nearest: 'input_ids'");
    assertThatThrownBy(
            () ->
                classifier(
                    Map.of("pieces_of_text", "token_type_ids", "which_count", "attention_mask")))
        .hasMessage(
            "classifier.onnx takes the inputs pieces_of_text, which_count, of which none is given"
                + " input_ids. Say which one: teacher.ports.");
  }

  @Test
  void attentionOfAFileThatDoesNotNameIt_isRefused() {
    assertThatThrownBy(
            () ->
                OnnxTeacher.open(
                    file("classifier.onnx"), TEXT, 3, List.of("scores.*"), OnnxOptions.STANDARD))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "classifier.onnx has no layers scores.0, scores.1 and so on, which an objective reads:"
                + " files name what they compute in their own way. Make a network of it with"
                + " ./ranbiki import, or name its layers in the 'pairs' of another term.");
  }
}
