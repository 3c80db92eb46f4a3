package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.nn.Answer;
import io.ranbiki.nn.Signal;
import io.ranbiki.store.Store;
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
  public static StoredTeacher open(Path folder, StoreKey key) {
    return new StoredTeacher(Store.open(folder, key.key()), key);
  }

  /**
   * Asks a teacher once about every sample of a dataset, as it is, whose answer is not stored yet,
   * and opens the answers.
   *
   * @param folder of the answers; made if it is not there
   * @throws io.ranbiki.RanbikiException as {@link Teachers#open} and {@link Labeller#label}
   */
  public static StoredTeacher asked(TeacherSource source, Dataset data, Path folder) {
    StoreKey key = StoreKey.of(source, data);
    List<Integer> shape = key.prepare().fields(data.fields()).get(0).shape();
    try (Teacher teacher = Teachers.open(source, shape, key.classes(), List.of())) {
      new Labeller(teacher, Labeller.Options.views(1), Labeller.Listener.NONE)
          .label(folder, key, data);
    }
    return open(folder, key);
  }

  /**
   * {@inheritDoc}
   *
   * @throws io.ranbiki.RanbikiException if an answer is missing or its block is damaged
   */
  @Override
  public Signal signal(Batch batch) {
    Map<String, Answer> stored = store.read(batch.ids(), batch.view(), Stored.padded(batch));
    Map<String, Answer> outputs = new LinkedHashMap<>();
    Map<String, Tensor> features = new LinkedHashMap<>();
    stored.forEach(
        (name, answer) ->
            Stored.layer(name)
                .ifPresentOrElse(
                    path -> features.put(path, Stored.channelsSecond(answer.dense())),
                    () -> outputs.put(name, answer)));
    return new Signal(outputs, features);
  }

  /**
   * What layers gave in an answer, as this gives it: in 16 bits, and 0 where texts were padded.
   *
   * @param answer of whoever was asked, with the layers that the key names
   * @return FLOAT32, by path
   */
  public Map<String, Tensor> rounded(Signal answer, Batch batch) {
    Map<String, Tensor> rounded = new LinkedHashMap<>();
    for (String layer : Stored.layers(key, answer)) {
      rounded.put(layer, Stored.rounded(answer.feature(layer), batch));
    }
    return rounded;
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
    return "answers stored in " + store.folder().getFileName();
  }

  @Override
  public void close() {}
}
