package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A teacher that was asked before: looks its answers up by sample id and view number, so the batch
 * must be made with the same data, normalization and {@link io.ranbiki.data.Views} seed that the
 * key names. Answers differ from the live teacher's by the rounding of the encoding, and by what
 * another batch size changes in the last bits.
 */
public final class StoredTeacher implements Teacher {

  private final Store store;
  private final StoreKey key;

  private StoredTeacher(Store store, StoreKey key) {
    this.store = store;
    this.key = key;
  }

  /**
   * Opens stored answers.
   *
   * @throws io.ranbiki.RanbikiException as {@link Store#open}
   */
  public static StoredTeacher open(Path file, StoreKey key) {
    return new StoredTeacher(Store.open(file, key), key);
  }

  /**
   * {@inheritDoc}
   *
   * @throws io.ranbiki.RanbikiException if an answer is missing or its block is damaged
   */
  @Override
  public Signal signal(Batch batch) {
    int size = batch.size();
    int offset = key.encoding().rowBytes(key.classes());
    byte[] logits = store.gather(batch.ids(), batch.view(), 0, offset);
    Map<String, Tensor> features = new LinkedHashMap<>();
    for (Map.Entry<String, List<Integer>> layer : store.layout().layers().entrySet()) {
      int length = StoreLayout.layerBytes(layer.getValue());
      byte[] bytes = store.gather(batch.ids(), batch.view(), offset, length);
      features.put(layer.getKey(), feature(bytes, size, layer.getValue()));
      offset += length;
    }
    return new Signal(key.encoding().decode(logits, size, key.classes()), features);
  }

  private static Tensor feature(byte[] bytes, int size, List<Integer> sample) {
    return StoreLayout.channelsSecond(DType.FLOAT16, bytes, size, sample).to(DType.FLOAT32);
  }

  @Override
  public boolean isLookedUp() {
    return true;
  }

  @Override
  public int classes() {
    return key.classes();
  }

  @Override
  public String title() {
    return "answers stored in " + store.file().getFileName();
  }

  @Override
  public void close() {}
}
