package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.config.Provider;
import io.ranbiki.data.Augmentation;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Batch;
import io.ranbiki.data.ColourJitter;
import io.ranbiki.data.Crop;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Erase;
import io.ranbiki.data.Flip;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Noise;
import io.ranbiki.data.RandAugment;
import io.ranbiki.data.ResizedCrop;
import io.ranbiki.data.Rotation;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.store.Encoding;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stored answer is the live teacher's answer to the student's own input. */
class StoredTeacherTest {

  private static final String LAYER = "features.1";
  private static final Normalization NORMALIZATION =
      new Normalization(new float[] {0.3f}, new float[] {0.4f});
  private static final Dataset DIGITS = Digits.dataset(60, 3);
  private static Model network;
  private static ModelTeacher live;

  @TempDir Path folder;

  @BeforeAll
  static void openTeacher() {
    network = Model.create(ModelSpec.of("student-cnn", List.of(1, 28, 28), 10), 5);
    live = new ModelTeacher(network, List.of(LAYER));
  }

  @AfterAll
  static void closeTeacher() {
    live.close();
    network.close();
  }

  static Stream<List<Augmentation>> everyAugmentation() {
    Augmentation crop = new Crop(3);
    Augmentation across = new Flip(Flip.Direction.HORIZONTAL);
    Augmentation down = new Flip(Flip.Direction.VERTICAL);
    Augmentation rotation = new Rotation(25);
    Augmentation noise = new Noise(0.2);
    Augmentation part = new ResizedCrop(0.3);
    Augmentation erase = new Erase(0.9, 0.05, 0.3);
    return Stream.of(
        List.of(part),
        List.of(erase),
        List.of(),
        List.of(crop),
        List.of(across),
        List.of(down),
        List.of(rotation),
        List.of(noise),
        List.of(new ColourJitter(0.4, 0.4, 0.4, 0.1)),
        List.of(new RandAugment(2, 9)),
        List.of(crop, part, across, down, rotation, noise, erase));
  }

  @Test
  void noAugmentation_isLeftOut() {
    assertThat(
            everyAugmentation()
                .flatMap(List::stream)
                .map(one -> one.words().split(" ")[0])
                .distinct())
        .containsExactlyInAnyOrderElementsOf(
            Provider.all(Augmentation.class).stream()
                .map(Provider::name)
                .filter(name -> !name.matches("time-shift|time-mask|frequency-mask")) // no images
                .toList());
  }

  @ParameterizedTest
  @MethodSource("everyAugmentation")
  void storedAnswer_isTheLiveAnswerToTheStudentsInput(List<Augmentation> augmentations) {
    int views = 3;
    StoreKey key = key(new Augmentations(augmentations), List.of(LAYER), Encoding.FLOAT32);
    Path file = folder.resolve(key.fileName());
    new Labeller(live, new Labeller.Options(16, views, 1), Labeller.Listener.NONE)
        .label(file, key, DIGITS);
    // The student's loader: another batch size, shuffled, a subset, and V views that come round.
    Loader students =
        new Loader(
            Splits.holdOut(DIGITS, 0.2, 9).train(),
            Loader.Options.shuffled(7, 1),
            NORMALIZATION,
            Views.cycle(new Augmentations(augmentations), 77, views));
    try (StoredTeacher stored = StoredTeacher.open(file, key)) {
      assertThat(stored.isLookedUp()).as("so that steps may be halved").isTrue();
      for (int epoch = 0; epoch < 2 * views; epoch++) {
        requireSameAnswers(stored, students, epoch, 1e-5);
      }
    }
  }

  private static void requireSameAnswers(
      Teacher stored, Loader students, int epoch, double tolerance) {
    try (Epoch batches = students.epoch(epoch)) {
      while (batches.hasNext()) {
        try (TensorScope scope = TensorScope.open("compare")) {
          Batch batch = Batch.of(batches.next());
          Signal expected = live.signal(batch);
          Signal answer = stored.signal(batch);
          assertThat(answer.logits().shape()).isEqualTo(expected.logits().shape());
          assertThat(distance(answer.logits().toFloats(), expected.logits().toFloats()))
              .isCloseTo(0, within(tolerance));
          assertThat(answer.feature(LAYER).shape()).isEqualTo(expected.feature(LAYER).shape());
          assertThat(answer.feature(LAYER).isContiguous(MemoryFormat.CHANNELS_LAST))
              .as("pixel by pixel, as networks need it")
              .isTrue();
          assertThat(distance(answer.feature(LAYER).toFloats(), expected.feature(LAYER).toFloats()))
              .as("features, rounded to 16 bits")
              .isCloseTo(0, within(2e-3));
        }
      }
    }
  }

  /** Maps and vectors of different lengths behind logits of every encoding. */
  @ParameterizedTest
  @ValueSource(strings = {"float32", "float16", "top-3"})
  void severalLayers_areEachReadFromTheirOwnPlace(String encoding) {
    List<String> layers = List.of("features.0", "features.2", "features.4", "classifier.0");
    StoreKey key = key(Augmentations.none(), layers, Encoding.of(encoding));
    Path file = folder.resolve(key.fileName());
    try (ModelTeacher tapped = new ModelTeacher(network, layers)) {
      new Labeller(tapped, new Labeller.Options(16, 1, 1), Labeller.Listener.NONE)
          .label(file, key, DIGITS);
      Loader students =
          new Loader(DIGITS, Loader.Options.shuffled(7, 1), NORMALIZATION, Views.none());
      try (StoredTeacher stored = StoredTeacher.open(file, key);
          Epoch batches = students.epoch(0)) {
        while (batches.hasNext()) {
          try (TensorScope scope = TensorScope.open("compare")) {
            Batch batch = Batch.of(batches.next());
            Signal expected = tapped.signal(batch);
            Signal answer = stored.signal(batch);
            assertThat(answer.features()).containsOnlyKeys(layers);
            for (String layer : layers) {
              Tensor there = answer.feature(layer);
              assertThat(there.shape()).as(layer).isEqualTo(expected.feature(layer).shape());
              assertThat(distance(there.toFloats(), expected.feature(layer).toFloats()))
                  .as(layer + ", rounded to 16 bits")
                  .isCloseTo(0, within(2e-3));
            }
            assertThat(answer.logits().argmax(1).toLongs())
                .isEqualTo(expected.logits().argmax(1).toLongs());
          }
        }
      }
    }
  }

  static double distance(float[] one, float[] other) {
    double largest = 0;
    for (int i = 0; i < one.length; i++) {
      largest = Math.max(largest, Math.abs(one[i] - other[i]));
    }
    return largest;
  }

  private static StoreKey key(Augmentations augmentations, List<String> layers, Encoding encoding) {
    return new StoreKey(
        "teacher-hash",
        DIGITS.fingerprint(),
        NORMALIZATION,
        augmentations,
        77,
        10,
        layers,
        encoding,
        Precision.FLOAT32);
  }
}
