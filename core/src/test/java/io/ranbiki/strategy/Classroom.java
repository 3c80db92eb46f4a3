package io.ranbiki.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Crop;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.InMemory;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Hint;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small networks and small images for the tests of strategies. */
final class Classroom {

  static final int CLASSES = 4;
  static final List<Integer> IMAGE = List.of(1, 8, 8);
  static final ModelSpec SMALL = ModelSpec.of("student-cnn", IMAGE, CLASSES);
  static final ModelSpec NARROW =
      ModelSpec.of("intermediate-cnn", IMAGE, CLASSES, Map.of("hidden", 16));

  /** With dropout. */
  static final ModelSpec LARGE = ModelSpec.of("teacher-cnn", IMAGE, CLASSES);

  /** With batch normalisation, which counts how often it was asked in training. */
  static final ModelSpec NORMALISED =
      ModelSpec.of("resnet", IMAGE, CLASSES, Map.of("depth", 8, "width", 4));

  static final Objective LOGITS = Objective.of(new HardLabels(0.5), new SoftTargets(0.5, 2));
  static final Objective LAYERS =
      Objective.of(
          new HardLabels(0.5),
          new SoftTargets(0.5, 2),
          new Hint(1, List.of(new LayerPair("features.1", "features.1"))));
  static final Objective LABELS = Objective.of(new HardLabels(1));

  private Classroom() {}

  static Dataset images(int count) {
    byte[] pixels = new byte[count * 64];
    new Random(5).nextBytes(pixels);
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % CLASSES;
    }
    return InMemory.images(pixels, new int[] {1, 8, 8}, labels, List.of("a", "b", "c", "d"));
  }

  /** Shuffled, with views that are new in every epoch. */
  static Loader loader(int samples, int batch) {
    return loader(images(samples), batch);
  }

  static Loader loader(Dataset dataset, int batch) {
    Augmentations crop = new Augmentations(List.of(new Crop(1)));
    return new Loader(
        dataset, Loader.Options.shuffled(batch, 3), Normalization.none(), Views.fresh(crop, 9));
  }

  /** The first batch of a loader, in the innermost scope. */
  static Batch batch(Loader loader) {
    try (Epoch epoch = loader.epoch(0)) {
      return Batch.of(epoch.next());
    }
  }

  static TrainOptions options(int epochs) {
    return new TrainOptions(
        epochs, new Optimizer.Sgd(0.05, 0.9), Schedule.of(new Schedule.Cosine(0)));
  }

  /** Networks with the seeds 1, 2, ... */
  static List<Model> models(ModelSpec... specs) {
    List<Model> models = new ArrayList<>();
    for (ModelSpec spec : specs) {
      models.add(Model.create(spec, models.size() + 1));
    }
    return models;
  }

  static void close(List<Model> models) {
    models.forEach(Model::close);
  }

  static Map<String, float[]> bits(Model model) {
    return bits(model.module().state());
  }

  static Map<String, float[]> bits(Map<String, Tensor> state) {
    Map<String, float[]> bits = new LinkedHashMap<>();
    state.forEach((name, tensor) -> bits.put(name, tensor.toFloats()));
    return bits;
  }

  static void assertSameBits(Map<String, float[]> one, Map<String, float[]> other) {
    assertThat(one.keySet()).isEqualTo(other.keySet());
    one.forEach((name, values) -> assertThat(values).as(name).isEqualTo(other.get(name)));
  }
}
