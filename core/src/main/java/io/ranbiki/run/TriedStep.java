package io.ranbiki.run;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.HostBatch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Task;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import io.ranbiki.train.Interrupted;
import io.ranbiki.train.Trainer;
import io.ranbiki.train.TrainingListener;
import io.ranbiki.train.Watch;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The first steps of a training, with all that they need: what a process of its own is handed, so
 * that it neither opens data nor asks a teacher.
 *
 * @param config the resolved configuration, as YAML
 * @param fields of the samples
 * @param task of the data
 * @param threads that one operation may use
 * @param lookedUp whether the training will look the teacher's answers up
 * @param given the first batch of an epoch, and the last one if it is smaller
 */
record TriedStep(
    String config,
    ArrayList<Field> fields,
    Task task,
    int threads,
    boolean lookedUp,
    ArrayList<Given> given)
    implements Serializable {

  /** Memory that a step wrote where it must not is often noticed by the one after it. */
  private static final int ROUNDS = 2;

  /**
   * The samples of a batch, augmented, with what the teacher answered.
   *
   * @param answer null if nobody teaches
   */
  record Given(ArrayList<Row> rows, long[] ids, @Nullable Answer answer) implements Serializable {}

  /** An answer of the teacher. */
  record Answer(Numbers logits, LinkedHashMap<String, Numbers> features) implements Serializable {

    static Answer of(Signal signal) {
      LinkedHashMap<String, Numbers> features = new LinkedHashMap<>();
      signal.features().forEach((path, feature) -> features.put(path, Numbers.of(feature)));
      return new Answer(Numbers.of(signal.logits()), features);
    }

    Signal signal() {
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      features.forEach((path, numbers) -> outputs.put(path, numbers.tensor()));
      return new Signal(logits.tensor(), outputs);
    }
  }

  /** A tensor in Java arrays. */
  record Numbers(float[] values, long[] shape) implements Serializable {

    static Numbers of(Tensor tensor) {
      return new Numbers(tensor.toFloats(), tensor.shape());
    }

    Tensor tensor() {
      Tensor tensor = Tensors.of(values, shape);
      return shape.length == 4 ? tensor.copy(MemoryFormat.CHANNELS_LAST) : tensor;
    }
  }

  /**
   * Takes the batches of a training, and asks the teacher about them.
   *
   * @param teacher live; null if nobody teaches
   */
  static TriedStep of(
      RunConfig config, RunData data, Loader loader, @Nullable Teacher teacher, boolean lookedUp) {
    ArrayList<Given> given = new ArrayList<>();
    given.add(given(loader, 0, teacher));
    int last = loader.batches() - 1;
    if (last > 0) {
      Given other = given(loader, last, teacher);
      if (other.ids.length < given.get(0).ids.length) {
        given.add(other);
      }
    }
    return new TriedStep(
        YamlWriter.write(config.resolved()),
        new ArrayList<>(loader.fields()),
        data.task(),
        config.train().threads(),
        lookedUp,
        given);
  }

  private static Given given(Loader loader, int batch, @Nullable Teacher teacher) {
    try (TensorScope scope = TensorScope.open("batch of a tried step");
        Epoch epoch = loader.epoch(0, batch)) {
      HostBatch host = epoch.next();
      ArrayList<Row> rows = new ArrayList<>();
      for (int i = 0; i < host.size(); i++) {
        rows.add(host.row(i));
      }
      return new Given(
          rows, host.ids(), teacher == null ? null : Answer.of(teacher.signal(Batch.of(host))));
    }
  }

  TriedStep withThreads(int other) {
    return new TriedStep(config, fields, task, other, lookedUp, given);
  }

  /** The sizes of the batches, largest first. */
  List<Integer> batchSizes() {
    return given.stream().map(batch -> batch.ids.length).toList();
  }

  /**
   * Trains a student on the batches.
   *
   * @throws RuntimeException as the training would
   */
  void carryOut() {
    RunConfig read =
        RunConfigReader.any(ConfigDocument.parse("config.yaml", config, List.of(), Map.of()));
    Engine.setThreads(threads);
    Samples samples = new Samples(given, fields, task);
    ModelSpec spec =
        Networks.spec(
            read.student(),
            read.prepare(),
            fields.stream().map(RunData::asNetworksTakeIt).toList(),
            task.width());
    long seed = read.seeds().get(0);
    Loader loader =
        new Loader(
            samples,
            Loader.Options.inOrder(given.get(0).ids.length),
            read.prepare().normalization(),
            Views.none());
    int[] steps = {0};
    try (Model student = Model.create(spec, seed);
        Teacher teacher = given.get(0).answer == null ? null : new Answers(given, lookedUp);
        Trainer trainer =
            new Trainer(
                student,
                teacher,
                read.objective(),
                loader,
                read.train().options(),
                seed,
                TrainingListener.NONE)) {
      trainer.run(
          new Watch(
              model -> Double.NaN,
              null,
              () -> ++steps[0] >= ROUNDS * given.size(),
              TrainingListener.NONE));
    } catch (Interrupted e) {
      // These were all steps that were asked for.
    }
  }

  /** The samples of the batches, in order. */
  private record Samples(List<Given> batches, List<Field> fields, Task task) implements Dataset {

    private int first() {
      return batches.get(0).ids.length;
    }

    private Given batch(int index) {
      return batches.get(index / first());
    }

    @Override
    public int size() {
      return batches.stream().mapToInt(batch -> batch.ids.length).sum();
    }

    @Override
    public long id(int index) {
      return batch(index).ids[index % first()];
    }

    @Override
    public int stratum(int index) {
      return read(index).has(Batch.TRUTH) ? 0 : UNLABELLED;
    }

    @Override
    public Row read(int index) {
      return batch(index).rows.get(index % first());
    }

    @Override
    public String fingerprint() {
      throw new UnsupportedOperationException("samples of a tried step are not stored");
    }
  }

  /** The answers that were given. */
  private record Answers(List<Given> batches, boolean isLookedUp) implements Teacher {

    @Override
    public Signal signal(Batch batch) {
      for (Given given : batches) {
        if (given.answer != null && Arrays.equals(given.ids, batch.ids())) {
          return given.answer.signal();
        }
      }
      throw new IllegalStateException("no answer was given to this batch");
    }

    @Override
    public int classes() {
      return (int) Objects.requireNonNull(batches.get(0).answer).logits.shape[1];
    }

    @Override
    public String title() {
      return "given answers";
    }

    @Override
    public void close() {}
  }
}
