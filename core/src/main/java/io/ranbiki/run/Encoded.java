package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.ForwardingDataset;
import io.ranbiki.data.Names;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Texts as the vectors that an encoder makes of them: each text is encoded by itself when it is
 * first read, and kept. Owns the texts and the encoder. Its fingerprint is that of the texts: they
 * are the same samples with the same labels.
 */
final class Encoded implements ForwardingDataset {

  private final Dataset texts;
  private final Teacher encoder;
  private final Prepare prepare;
  private final float[] @Nullable [] vectors;

  /**
   * Makes vectors of texts.
   *
   * @throws RanbikiException if samples are no texts, or nothing makes ids of them
   */
  Encoded(Dataset texts, Teacher encoder, Prepare prepare) {
    if (prepare.tokenize().isEmpty()
        || texts.fields().stream().noneMatch(field -> field.kind() == Field.Kind.TEXT)) {
      throw RanbikiException.configuration(
          "The encoder %s takes texts through a tokenizer, but the samples have the fields %s, and"
              + " the tokenizer is %s. Name a column of texts (data.text), and in 'model'"
              + " prepare: {tokenizer: tokenizer.json}.",
          encoder.title(), texts.fields(), prepare.tokenize().isPresent() ? "there" : "missing");
    }
    this.texts = texts;
    this.encoder = encoder;
    this.prepare = prepare.forSamples(texts.fields());
    vectors = new float[texts.size()][];
  }

  @Override
  public Dataset samples() {
    return texts;
  }

  @Override
  public List<Field> fields() {
    return List.of(new Field(Batch.FEATURES, Field.Kind.FLOAT32, List.of(encoder.classes())));
  }

  @Override
  public Row read(int index) {
    Row text = texts.read(index);
    Row row =
        Row.of(
            Batch.FEATURES, new Values.Floats(vector(index, text), new int[] {encoder.classes()}));
    return text.has(Batch.TRUTH) ? row.with(Batch.TRUTH, text.get(Batch.TRUTH)) : row;
  }

  /** One at a time, since the encoder takes no more; alone, so that no other text has a say. */
  private float[] vector(int index, Row text) {
    synchronized (encoder) {
      float[] vector = vectors[index];
      if (vector == null) {
        vector = encoded(prepare.apply(text));
        vectors[index] = vector;
      }
      return Objects.requireNonNull(vector);
    }
  }

  private float[] encoded(Row row) {
    try (TensorScope scope = TensorScope.open("encode")) {
      Map<String, Tensor> fields = new LinkedHashMap<>();
      row.arrays()
          .forEach(
              (name, values) -> {
                if (!name.equals(Batch.TRUTH) && values instanceof Values.Longs ids) {
                  fields.put(name, Tensors.of(ids.data(), 1, ids.shape()[0]));
                }
              });
      Batch batch = new Batch(fields, Map.of(), new Names(new long[1], 0), 0);
      return encoder.signal(batch).logits().toFloats();
    }
  }

  @Override
  public void close() {
    texts.close();
    encoder.close();
  }
}
