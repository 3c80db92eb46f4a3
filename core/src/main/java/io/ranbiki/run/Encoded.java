package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.ForwardingDataset;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Names;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Views;
import io.ranbiki.file.Identity;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Texts as the vectors that an encoder makes of them. They are looked up where a run keeps answers,
 * so that every head on the same encoder finds them; a text that is not there is encoded by itself
 * when it is first read. Owns the texts and the encoder. Its fingerprint is that of the texts: they
 * are the same samples with the same labels.
 */
final class Encoded implements ForwardingDataset {

  private static final int AT_ONCE = 256;

  private final Dataset texts;
  private final TeacherSource.Encoder source;
  private final Teacher encoder;
  private final Prepare prepare;
  private final float[] @Nullable [] vectors;

  /**
   * Makes vectors of texts.
   *
   * @param source of the encoder
   * @throws RanbikiException if samples are no texts, or nothing makes ids of them
   */
  Encoded(Dataset texts, TeacherSource.Encoder source, Teacher encoder, Prepare prepare) {
    if (prepare.tokenize().isEmpty()
        || texts.fields().stream().noneMatch(field -> field.kind() == Field.Kind.TEXT)) {
      throw RanbikiException.configuration(
          "The encoder %s takes texts through a tokenizer, but the samples have the fields %s, and"
              + " the tokenizer is %s. Name a column of texts (data.text), and in 'model'"
              + " prepare: {tokenizer: tokenizer.json}.",
          encoder.title(), texts.fields(), prepare.tokenize().isPresent() ? "there" : "missing");
    }
    this.texts = texts;
    this.source = source;
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

  /**
   * Looks some vectors up, and asks the encoder for those that are not stored yet.
   *
   * @param indices of the texts
   */
  void lookUp(int[] indices, AnswerStores stores) {
    Dataset some = Subset.of(texts, indices);
    StoreKey key =
        StoreKey.of(
            Identity.of("vectors " + source.hash(), List.of()),
            texts.fingerprint(),
            prepare,
            Augmentations.none(),
            0,
            encoder.classes());
    stores.store("vectors", Teachers.oneAtATime(encoder), key, Optional.empty(), some, 1);
    Map<Long, Integer> places = new HashMap<>();
    IntStream.of(indices).forEach(index -> places.put(texts.id(index), index));
    Loader loader = new Loader(some, Loader.Options.inOrder(AT_ONCE), prepare, Views.none());
    try (Teacher stored = stores.open(key);
        Epoch batches = loader.epoch(0)) {
      while (batches.hasNext()) {
        try (TensorScope scope = TensorScope.open("stored vectors")) {
          Batch batch = Batch.of(batches.next());
          float[] rows = stored.signal(batch).logits().toFloats();
          int width = encoder.classes();
          for (int row = 0; row < batch.size(); row++) {
            int index = Objects.requireNonNull(places.get(batch.ids()[row]));
            vectors[index] = Arrays.copyOfRange(rows, row * width, (row + 1) * width);
          }
        }
      }
    }
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
