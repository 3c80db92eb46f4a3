package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.data.Digits;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.Similarity.Layer;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
}
