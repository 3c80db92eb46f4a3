package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.data.TestData;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.EmbeddingRelations;
import io.ranbiki.objective.EmbeddingTargets;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.HiddenCosine;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.objective.MiniLm;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Ramp;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.TinyBert;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Values;
import io.ranbiki.store.Encoding;
import io.ranbiki.teacher.Labeller;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Precision;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.StoredTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A small encoder taught by what the layers of a larger one compute, live and from a store. */
class EncoderTermsTest {

  private static final Ramp ONE = Ramp.constant(1);
  private static final Field IDS = new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY));
  private static final List<LayerPair> POOLED = List.of(new LayerPair("pooled", "pooled"));

  private static final Dataset TEXTS =
      TestData.samples(
          IDS,
          60,
          index -> {
            int length = 2 + index * 31 % 9;
            return new Values.Longs(
                IntStream.range(0, length).mapToLong(i -> (index * 3 + 7 * i) % 29 + 1).toArray(),
                new int[] {length});
          });

  private static Model encoder(int layers, int width, int seed) {
    return Model.create(
        new ModelSpec(
            "bert",
            List.of(IDS),
            2,
            Map.of(
                "layers",
                layers,
                "width",
                width,
                "heads",
                2,
                "vocabulary",
                30,
                "positions",
                12,
                "dropout",
                0.0)),
        seed);
  }

  private static Loader loader() {
    return new Loader(TEXTS, Loader.Options.shuffled(16, 3), Normalization.none(), Views.none());
  }

  static List<Term> terms() {
    return List.of(
        new TinyBert(1),
        new TinyBert(ONE, List.of(3), 0, 1),
        new MiniLm(1),
        new MiniLm(ONE, MiniLm.Form.V1, 2, Optional.of(2), Optional.empty()),
        new HiddenCosine(1),
        new EmbeddingTargets(ONE, POOLED, EmbeddingTargets.Distance.COSINE),
        new EmbeddingTargets(ONE, POOLED, EmbeddingTargets.Distance.MSE),
        new EmbeddingRelations(ONE, POOLED));
  }

  private static List<EpochStats> trained(Teacher teacher, Objective objective) {
    try (Model student = encoder(2, 8, 1);
        Trainer trainer =
            new Trainer(
                student,
                teacher,
                objective,
                loader(),
                new TrainOptions(4, new Optimizer.Adam(0.01), Schedule.of(new Schedule.Constant())),
                1,
                TrainingListener.NONE)) {
      return trainer.run(model -> Double.NaN);
    }
  }

  @ParameterizedTest
  @MethodSource("terms")
  void aStudent_comesNearerToItsTeacher(Term term) {
    long before = Tensor.live();
    Objective objective = Objective.of(term);
    try (Model teacher = encoder(4, 12, 2);
        ModelTeacher live = new ModelTeacher(teacher, objective.teacherLayers())) {
      List<EpochStats> history = trained(live, objective);
      double first = history.get(0).terms().get(term.name());
      double last = history.get(3).terms().get(term.name());
      assertThat(first).isPositive();
      assertThat(last).isLessThan(0.9 * first);
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  /**
   * Texts of every length; in 16 bits, so the losses are those of the live teacher but for that.
   */
  @Test
  void layersFromAStore_teachAsThoseOfALiveTeacher(@TempDir Path folder) {
    Objective objective =
        Objective.of(new HardLabels(1), new TinyBert(1), new MiniLm(1), new HiddenCosine(1));
    StoreKey key =
        new StoreKey(
            "t",
            TEXTS.fingerprint(),
            Normalization.none(),
            Augmentations.none(),
            0,
            2,
            List.copyOf(objective.teacherLayers()),
            Encoding.FLOAT32,
            Precision.FLOAT32);
    try (Model teacher = encoder(4, 12, 2);
        ModelTeacher live = new ModelTeacher(teacher, objective.teacherLayers())) {
      new Labeller(live, new Labeller.Options(7, 1, 1), Labeller.Listener.NONE)
          .label(folder, key, TEXTS);
      List<EpochStats> expected = trained(live, objective);
      try (StoredTeacher stored = StoredTeacher.open(folder, key)) {
        List<EpochStats> history = trained(stored, objective);
        for (int epoch = 0; epoch < 4; epoch++) {
          Map<String, Double> terms = history.get(epoch).terms();
          expected
              .get(epoch)
              .terms()
              .forEach(
                  (name, value) ->
                      assertThat(terms.get(name)).as(name).isCloseTo(value, within(2e-3)));
        }
      }
    }
  }

  @Test
  void aNetworkWithoutSuchLayers_isRefused() {
    try (Model network = Model.create(ModelSpec.of("mlp", List.of(4), 2), 1)) {
      assertThatThrownBy(() -> new ModelTeacher(network, new TinyBert(1).teacherLayers()))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The teacher mlp(hidden=64, layers=2) has no layers scores.0, scores.1 and so on,"
                  + " which encoders of texts such as bert have. Take an encoder, or another"
                  + " term.");
    }
  }
}
