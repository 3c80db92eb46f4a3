package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Crop;
import io.ranbiki.data.Erase;
import io.ranbiki.data.Flip;
import io.ranbiki.data.Noise;
import io.ranbiki.data.ResizedCrop;
import io.ranbiki.data.Rotation;
import io.ranbiki.file.Sha256;
import io.ranbiki.nn.Answer;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.store.Column;
import io.ranbiki.store.Encoding;
import io.ranbiki.store.Key;
import io.ranbiki.store.Store;
import io.ranbiki.store.StoreWriter;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StoreKeyTest {

  private static final Augmentations CROP = new Augmentations(List.of(new Crop(2), new Noise(0.1)));
  private static final Normalization NORMALIZATION =
      new Normalization(new float[] {0.5f}, new float[] {0.25f});
  private static final StoreKey STORED = key("aa", "dd", NORMALIZATION, CROP, 3, 10, List.of());

  @TempDir Path folder;

  private static StoreKey key(
      String teacher,
      String data,
      Normalization normalization,
      Augmentations augmentations,
      long seed,
      int classes,
      List<String> layers) {
    return new StoreKey(
        teacher,
        data,
        normalization,
        augmentations,
        seed,
        classes,
        layers,
        Encoding.FLOAT32,
        Precision.FLOAT32);
  }

  static Stream<Arguments> otherKeys() {
    Augmentations flip =
        new Augmentations(List.of(new Flip(Flip.Direction.HORIZONTAL), new Rotation(10)));
    Augmentations erased =
        new Augmentations(List.of(new ResizedCrop(0.3), new Erase(0.5, 0.02, 0.33)));
    return Stream.of(
        Arguments.of(
            key("bb", "dd", NORMALIZATION, CROP, 3, 10, List.of()),
            "teacher is aa there and bb here"),
        Arguments.of(
            key("aa", "ee", NORMALIZATION, CROP, 3, 10, List.of()), "data is dd there and ee here"),
        Arguments.of(
            key("aa", "dd", Normalization.none(), CROP, 3, 10, List.of()),
            "normalization is mean [0.5] std [0.25] there and mean [] std [] here"),
        Arguments.of(
            key("aa", "dd", NORMALIZATION, flip, 3, 10, List.of()),
            "augmentations is crop padding 2, noise std 0.1 there and flip horizontal, rotation"
                + " degrees 10.0 here"),
        Arguments.of(
            key("aa", "dd", NORMALIZATION, erased, 3, 10, List.of()),
            "augmentations is crop padding 2, noise std 0.1 there and resized-crop smallest-area"
                + " 0.3 else middle, erase probability 0.5 smallest-area 0.02 largest-area 0.33 here"),
        Arguments.of(
            key("aa", "dd", NORMALIZATION, Augmentations.none(), 3, 10, List.of()),
            "augmentations is crop padding 2, noise std 0.1 there and none here; views-seed is 3"
                + " there and 0 here"),
        Arguments.of(
            key("aa", "dd", NORMALIZATION, CROP, 4, 10, List.of()),
            "views-seed is 3 there and 4 here"),
        Arguments.of(
            key("aa", "dd", NORMALIZATION, CROP, 3, 9, List.of()),
            "classes is 10 there and 9 here"),
        Arguments.of(
            key("aa", "dd", NORMALIZATION, CROP, 3, 10, List.of("b", "a", "b")),
            "layers is none there and a, b here"),
        Arguments.of(
            new StoreKey(
                "aa",
                "dd",
                NORMALIZATION,
                CROP,
                3,
                10,
                List.of(),
                Encoding.of("top-4"),
                Precision.BFLOAT16),
            "encoding is float32 there and top-4 here; precision is float32 there and bfloat16"
                + " here"));
  }

  @ParameterizedTest
  @MethodSource("otherKeys")
  void answersOfAnotherKey_areRefused_andNothingIsTouched(StoreKey wanted, String difference)
      throws IOException {
    Path store = stored();
    Path shard = store.resolve("part-00000.store");
    byte[] before = Files.readAllBytes(shard);
    String message =
        "The store %s holds other answers than are wanted: %s. Name another file for these answers,"
                .formatted(store, difference)
            + " or delete that one.";
    assertThatThrownBy(() -> Store.open(store, wanted.key()))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessage(message);
    assertThatThrownBy(() -> StoreWriter.open(store, wanted.key(), "")).hasMessage(message);
    assertThat(Files.readAllBytes(shard)).isEqualTo(before);
    assertThat(wanted.fileName()).isNotEqualTo(STORED.fileName());
  }

  /** A store of one answer. */
  private Path stored() {
    Path store = folder.resolve("x.store");
    try (TensorScope scope = TensorScope.open("answer");
        StoreWriter writer = StoreWriter.open(store, STORED.key(), "software 1").orElseThrow()) {
      writer.begin(List.of(new Column("logits", Encoding.FLOAT32, List.of(10))), 0, new long[] {4});
      Answer answer = new Answer.Full(Tensors.zeros(1, 10));
      writer.add(new long[] {4}, Map.of("logits", answer), new int[1]);
    }
    return store;
  }

  @Test
  void withoutAugmentations_theSeedOfViewsHasNoSay() {
    StoreKey one = StoreKey.of("t", "d", NORMALIZATION, Augmentations.none(), 1, 10);
    StoreKey other = StoreKey.of("t", "d", NORMALIZATION, Augmentations.none(), 2, 10);
    assertThat(one).isEqualTo(other);
    assertThat(one.fileName()).isEqualTo(other.fileName()).matches("[0-9a-f]{16}\\.store");
  }

  @Test
  void describe_saysWhatTheAnswersDependOn() {
    assertThat(Store.describe(stored()))
        .isEqualTo(Store.describe(folder.resolve("x.store/part-00000.store")))
        .containsEntry("teacher", "aa")
        .containsEntry("classes", "10")
        .containsEntry("encoding", "float32")
        .containsEntry("format", "3")
        .containsEntry("columns", "logits float32 [10]")
        .containsEntry("made-with", "software 1");
  }

  /** As the version before gave it: SHA-256 of the parts, the number of its format first. */
  @Test
  void earlierName_isThatOfTheSingleFileBefore() {
    String parts =
        "{format=2, teacher=t, data=d, normalization=mean [0.5] std [0.25], augmentations=,"
            + " views-seed=0, classes=10, layers=, encoding=float32, precision=float32}";
    Key key = StoreKey.of("t", "d", NORMALIZATION, Augmentations.none(), 1, 10).key();
    assertThat(key.earlierName()).isEqualTo(new Sha256().add(parts).hex(8) + ".store");
  }
}
