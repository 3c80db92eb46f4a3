package io.ranbiki.evaluate;

import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Masking;
import io.ranbiki.data.Names;
import io.ranbiki.nn.Network;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.result.Cost;
import io.ranbiki.teacher.OnnxTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** What models cost where they run: size, computation and time. */
public final class Costs {

  private static final int LARGE_BATCH = 32;

  private Costs() {}

  /**
   * How a model is called.
   *
   * @param threads that work on a call, 1 or more
   * @param batch samples of a call, 1 or more
   */
  public record Setting(int threads, int batch) {

    /** As a service calls it: one sample, one thread. */
    public static final Setting SERVICE = new Setting(1, 1);

    /** One thread and all, one sample and {@value #LARGE_BATCH}. */
    public static List<Setting> all(int processors) {
      List<Setting> settings = new ArrayList<>();
      for (int threads : IntStream.of(1, processors).distinct().toArray()) {
        settings.add(new Setting(threads, 1));
        settings.add(new Setting(threads, LARGE_BATCH));
      }
      return settings;
    }
  }

  /**
   * Measures models side by side.
   *
   * @param models by name
   * @param settings in which each is measured, one after the other; empty to measure no time
   * @param protocol for each setting
   * @param nanoClock nanoseconds since some moment
   * @return one for each model, by the same names in the same order
   * @throws io.ranbiki.RanbikiException if a model cannot be run
   */
  public static Map<String, Cost> of(
      Map<String, Deployed> models,
      List<Setting> settings,
      Latency.Protocol protocol,
      LongSupplier nanoClock) {
    Map<String, List<Cost.Latency>> latencies = new LinkedHashMap<>();
    models.keySet().forEach(name -> latencies.put(name, new ArrayList<>()));
    int before = Engine.threads();
    try {
      for (Setting setting : settings) {
        Engine.setThreads(setting.threads());
        measure(models, setting, protocol, nanoClock)
            .forEach((name, found) -> Objects.requireNonNull(latencies.get(name)).addAll(found));
      }
    } finally {
      Engine.setThreads(before);
    }
    Map<String, Cost> costs = new LinkedHashMap<>();
    models.forEach(
        (name, model) -> costs.put(name, cost(model, Objects.requireNonNull(latencies.get(name)))));
    return costs;
  }

  private static Cost cost(Deployed model, List<Cost.Latency> latencies) {
    Optional<NetworkCost> network =
        Optional.ofNullable(model.network())
            .flatMap(layers -> NetworkCost.of(layers, model.sample()));
    OnnxFile onnx = model.onnx();
    return new Cost(
        model.parameters(),
        model.bytes(),
        onnx == null ? null : (Long) onnx.info().bytes(),
        network.map(NetworkCost::multiplyAdds).orElse(null),
        network.map(NetworkCost::largestActivation).orElse(null),
        latencies);
  }

  private static Map<String, List<Cost.Latency>> measure(
      Map<String, Deployed> models,
      Setting setting,
      Latency.Protocol protocol,
      LongSupplier clock) {
    List<String> names = new ArrayList<>();
    List<Latency.Subject> subjects = new ArrayList<>();
    List<OnnxTeacher> sessions = new ArrayList<>();
    try (TensorScope scope = TensorScope.open("latency");
        NoGrad noGrad = new NoGrad()) {
      models.forEach(
          (name, model) -> {
            model
                .session(setting.threads())
                .ifPresent(
                    session -> {
                      sessions.add(session);
                      names.add(name);
                      subjects.add(
                          subject(
                              Cost.Engine.ONNXRUNTIME,
                              setting,
                              session.question(setting.batch(), model.length())));
                    });
            Teacher torch = model.torch();
            if (torch != null) {
              names.add(name);
              subjects.add(
                  subject(Cost.Engine.LIBTORCH, setting, question(model, torch, setting.batch())));
            }
          });
      List<Cost.Latency> found = Latency.of(subjects, protocol, clock);
      Map<String, List<Cost.Latency>> byName = new LinkedHashMap<>();
      for (int i = 0; i < found.size(); i++) {
        byName.computeIfAbsent(names.get(i), any -> new ArrayList<>()).add(found.get(i));
      }
      return byName;
    } finally {
      sessions.forEach(OnnxTeacher::close);
    }
  }

  private static Latency.Subject subject(Cost.Engine engine, Setting setting, Runnable call) {
    return new Latency.Subject(engine, setting.threads(), setting.batch(), call);
  }

  /** Samples that lie ready; the answer becomes numbers of Java, as in the other engine. */
  private static Runnable question(Deployed model, Teacher torch, int batch) {
    Network network = model.network();
    List<Field> fields = network == null ? List.of(input(model.sample())) : network.inputs();
    Map<String, Tensor> samples = new LinkedHashMap<>();
    fields.forEach(field -> samples.put(field.name(), sample(field, batch, model.length())));
    long[] nobody = new long[batch];
    Arrays.fill(nobody, Functional.IGNORE);
    samples.put(Batch.TRUTH, Tensors.of(nobody, batch));
    Names names = new Names(new long[batch], 0);
    Prepare prepare = torch.prepares().stream().findFirst().orElse(Prepare.NONE);
    Batch question = new Batch(samples, Map.of(), names, 0, prepare, Map.of());
    return () -> {
      try (TensorScope scope = TensorScope.open("one call")) {
        torch.signal(question).logits().toFloats();
      }
    };
  }

  /** Of a network of others. */
  private static Field input(List<Integer> sample) {
    return sample.contains(Field.ANY)
        ? new Field(Preparation.IDS, Field.Kind.INT64, sample)
        : new Field(Batch.FEATURES, Field.Kind.FLOAT32, sample);
  }

  /** Of a field whose length varies, as many as a text of that many ids has. */
  static Tensor sample(Field field, int batch, int ids) {
    int any = field.name().equals(Masking.PLACES) ? Masking.hidden(ids) : ids;
    long[] shape = new long[field.shape().size() + 1];
    shape[0] = batch;
    for (int i = 1; i < shape.length; i++) {
      int length = field.shape().get(i - 1);
      shape[i] = length == Field.ANY ? any : length;
    }
    if (field.kind() != Field.Kind.FLOAT32) {
      return Tensors.full(1, DType.INT64, shape);
    }
    Tensor values = Tensors.zeros(shape);
    values.fill(0.5);
    return shape.length == 4 ? values.copy(MemoryFormat.CHANNELS_LAST) : values;
  }
}
