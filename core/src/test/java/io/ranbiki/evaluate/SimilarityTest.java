package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.TestData;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.Similarity.Layer;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Taps;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Values;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SimilarityTest {

  private static Layer maps(String path, long size) {
    return new Layer(path, List.of(8L, size, size));
  }

  private static Similarity similarity(List<Layer> student, List<Layer> teacher, double[][] cka) {
    Map<String, Map<String, Double>> values = new LinkedHashMap<>();
    for (int i = 0; i < cka.length; i++) {
      Map<String, Double> row = new LinkedHashMap<>();
      for (int j = 0; j < cka[i].length; j++) {
        row.put(teacher.get(j).path(), cka[i][j]);
      }
      values.put(student.get(i).path(), row);
    }
    return new Similarity(student, teacher, values);
  }

  @Test
  void proposal_neverCrosses_evenWhereSinglePairsAreMoreSimilar() {
    Similarity similarity =
        similarity(
            List.of(maps("s1", 16), maps("s2", 8)),
            List.of(maps("t1", 32), maps("t2", 32)),
            new double[][] {{0.2, 0.9}, {0.8, 0.3}});
    // 0.9 and 0.8 would cross; of 0.9 alone, 0.8 alone and 0.2 + 0.3, the first is best.
    assertThat(similarity.proposal()).containsExactly(new LayerPair("t2", "s1"));
  }

  @Test
  void proposal_prefersLayersOfTheSameSize_oneForEverySize() {
    Similarity similarity =
        similarity(
            List.of(maps("s1", 28), maps("s2", 28), maps("s3", 14)),
            List.of(maps("t1", 28), maps("t2", 14), maps("t3", 7)),
            new double[][] {{0.5, 0.9, 0.1}, {0.6, 0.2, 0.1}, {0.3, 0.4, 0.95}});
    assertThat(similarity.proposal())
        .containsExactly(new LayerPair("t1", "s2"), new LayerPair("t2", "s3"));
  }

  @Test
  void vectors_areNeverPairedWithMaps() {
    Similarity similarity =
        similarity(
            List.of(new Layer("s1", List.of(64L))),
            List.of(maps("t1", 8), new Layer("t2", List.of(512L))),
            new double[][] {{0.9, 0.1}});
    assertThat(similarity.proposal()).containsExactly(new LayerPair("t2", "s1"));
    assertThat(similarity.nearest("s1", 1)).containsExactly(maps("t1", 8));
  }

  @Test
  void aConstantLayer_isNotProposed() {
    Similarity similarity =
        similarity(List.of(maps("s1", 8)), List.of(maps("t1", 8)), new double[][] {{Double.NaN}});
    assertThat(similarity.proposal()).isEmpty();
  }

  @Test
  void aModelAndItself_areEqualLayerByLayer() {
    ModelSpec spec = ModelSpec.of("resnet", List.of(1, 28, 28), 10, Map.of("depth", 8, "width", 4));
    Loader loader =
        new Loader(
            Digits.dataset(40, 1), Loader.Options.inOrder(16), Normalization.none(), Views.none());
    long before = Tensor.live();
    try (Model one = Model.create(spec, 1);
        Model same = Model.create(spec, 1)) {
      Similarity similarity = Similarity.of(one, loader, same, loader, 5);
      assertThat(similarity.student()).isEqualTo(similarity.teacher());
      List<String> paths = similarity.student().stream().map(Layer::path).toList();
      assertThat(paths).startsWith("conv1", "bn1", "relu").endsWith("layer3", "avgpool");
      assertThat(paths).doesNotContain("layer1.0", "fc"); // goes by layer1; the logits
      assertThat(paths.indexOf("layer1")).isGreaterThan(paths.indexOf("layer1.0.bn2"));
      for (String path : paths) {
        assertThat(similarity.value(path, path)).as(path).isCloseTo(1, within(1e-6));
      }
      assertThat(similarity.proposal()).hasSize(4);
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  private static List<Layer> hidden(int layers) {
    return IntStream.rangeClosed(0, layers)
        .mapToObj(i -> new Layer("hidden." + i, List.of(-1L, 8L)))
        .toList();
  }

  /** By hand: of (1, 2), (1, 3) and (2, 3) as what the first two follow, 0.3 + 0.9 is most. */
  @Test
  void layersOfEncoders_followDeeperOnes_andTheLastTheLast() {
    Similarity similarity =
        similarity(
            hidden(3),
            hidden(4),
            new double[][] {
              {1, 0, 0, 0, 0},
              {0, 0.3, 0.8, 0.9, 0.9},
              {0, 0.9, 0.2, 0.9, 0.1},
              {0, 0.9, 0.9, 0.9, 0.1}
            });
    assertThat(similarity.layerMap()).containsExactly(1, 2, 3);
    assertThat(similarity.evenLayerMap()).containsExactly(0, 2, 3);
    assertThat(similarity(hidden(4), hidden(3), new double[5][4]).layerMap()).isEmpty();
    assertThat(similarity(hidden(4), hidden(3), new double[5][4]).evenLayerMap()).isEmpty();
    assertThat(similarity.proposal()).isEmpty(); // pairs are of vectors or of maps
    Similarity maps = similarity(List.of(maps("s", 8)), List.of(maps("t", 8)), new double[1][1]);
    assertThat(maps.layerMap()).isEmpty();
    assertThat(maps.evenLayerMap()).isEmpty();
  }

  private static final Field IDS = new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY));

  private static Model encoder(int width, int seed) {
    return Model.create(
        new ModelSpec(
            "bert",
            List.of(IDS),
            3,
            Map.of("layers", 2, "width", width, "vocabulary", 30, "positions", 12)),
        seed);
  }

  /** Texts of 2 to 10 tokens in one batch are compared as if each had been asked about alone. */
  @Test
  void padding_hasNoPart() {
    Dataset texts =
        TestData.samples(
            IDS,
            16,
            index -> {
              int length = 2 + index * 31 % 9;
              return new Values.Longs(
                  IntStream.range(0, length).mapToLong(i -> (index * 3 + 7 * i) % 29 + 1).toArray(),
                  new int[] {length});
            });
    Loader together =
        new Loader(texts, Loader.Options.inOrder(16), Normalization.none(), Views.none());
    Loader alone = new Loader(texts, Loader.Options.inOrder(1), Normalization.none(), Views.none());
    long before = Tensor.live();
    try (Model one = encoder(8, 1);
        Model other = encoder(12, 2);
        TensorScope scope = TensorScope.open("test")) {
      Similarity similarity = Similarity.of(one, together, other, together, 1);
      assertThat(similarity.student())
          .extracting(Layer::path)
          .containsExactly("hidden.0", "hidden.1", "hidden.2");
      assertThat(similarity.student().get(0).shape()).containsExactly((long) Field.ANY, 8L);
      assertThat(similarity.student().get(0).size()).isEqualTo("tokens");
      for (String mine : List.of("hidden.0", "hidden.1", "hidden.2")) {
        for (String theirs : List.of("hidden.0", "hidden.1", "hidden.2")) {
          assertThat(similarity.value(mine, theirs))
              .isCloseTo(
                  LinearCka.of(means(one, alone, mine), means(other, alone, theirs)), within(1e-5));
        }
      }
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  /** The mean over the tokens of each text, which nothing was padded to. */
  private static Tensor means(Model model, Loader alone, String path) {
    List<Tensor> all = new ArrayList<>();
    model.module().eval();
    try (Taps taps = Taps.open(model.module(), List.of(path));
        NoGrad noGrad = new NoGrad();
        Epoch epoch = alone.epoch(0)) {
      while (epoch.hasNext()) {
        model.answer(Batch.of(epoch.next()));
        all.add(Objects.requireNonNull(taps.take().get(path)).mean(1));
      }
    }
    return Tensors.cat(all, 0);
  }
}
