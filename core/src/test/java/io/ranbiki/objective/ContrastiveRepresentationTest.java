package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.Golden;
import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContrastiveRepresentationTest {

  private static final List<LayerPair> PAIR = List.of(new LayerPair("t", "s"));

  static List<String> cases() {
    return Golden.ids("15-crd.");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossAndMemory_agreeWithTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden");
        Generator generator = new Generator(1)) {
      FeatureGolden golden = FeatureGolden.of(id);
      ContrastMemory memory = memory(golden, generator);

      Tensor loss =
          memory.loss(
              FeaturePair.of(golden.inputs(), golden.pairs().get(0)),
              golden.golden().tensor("in.index").toLongs(),
              golden.golden().tensor("in.contrast_index"));

      golden.golden().check("out.Z_v1", memory.state().get("Z_v1"));
      golden.golden().check("out.Z_v2", memory.state().get("Z_v2"));
      golden.checkStep(loss);
    }
  }

  private static ContrastMemory memory(FeatureGolden golden, Generator generator) {
    Golden entry = golden.golden();
    ContrastiveRepresentation term =
        new ContrastiveRepresentation(
            Ramp.constant(1),
            golden.pairs(),
            (long) entry.number("n_data"),
            (int) entry.number("K"),
            (long) entry.number("feat_dim"),
            entry.number("temperature"),
            entry.number("momentum"));
    ContrastMemory memory = new ContrastMemory(term, 5, 7, generator);
    golden.load(memory, path -> path);
    return memory;
  }

  @Test
  void manySamples_giveTheSameScoresAsFew() {
    try (TensorScope scope = TensorScope.open("test");
        Generator generator = new Generator(1)) {
      Tensor vectors = generator.normal(0, 1, 2, 6).setRequiresGrad(true);
      Tensor memory = generator.normal(0, 1, 200, 6);
      Tensor candidates = Tensors.of(new long[] {5, 99, 5, 7, 0, 42}, 2, 3);
      Tensor expected = vectors.matmul(memory.transpose(0, 1)).gather(1, candidates);

      Tensor actual = ContrastMemory.products(vectors, memory, candidates);

      assertThat(actual.sub(expected).abs().amax(0, false).amax(0, false).item()).isLessThan(1e-6);
    }
  }

  @Test
  void negatives_haveAnotherLabelAndFollowFromSeedAndStep() {
    try (TensorScope scope = TensorScope.open("test");
        Generator generator = new Generator(1)) {
      ContrastiveRepresentation term =
          new ContrastiveRepresentation(Ramp.constant(1), PAIR, 40, 25, 8, 0.07, 0.5);
      ContrastMemory memory = new ContrastMemory(term, 4, 4, generator);
      long[] ids = LongStream.range(0, 40).toArray();
      Tensor labels = Tensors.of(LongStream.range(0, 40).map(i -> i % 4).toArray(), 40);

      long[] drawn = memory.draw(ids, labels, 7).toLongs();

      for (int i = 0; i < drawn.length; i++) {
        int row = i / 26;
        if (i % 26 == 0) {
          assertThat(drawn[i]).isEqualTo(row);
        } else {
          assertThat(drawn[i] % 4).isNotEqualTo(row % 4);
        }
      }
      assertThat(memory.draw(ids, labels, 7).toLongs()).isEqualTo(drawn);
      assertThat(memory.draw(ids, labels, 8).toLongs()).isNotEqualTo(drawn);
      memory.close();
    }
  }

  @Test
  void idsOfASecondSet_areRefusedWithAnotherWayOut() {
    try (TensorScope scope = TensorScope.open("test");
        Generator generator = new Generator(1)) {
      LossInputs inputs = Features.inputs("s", new long[] {3, 4}, "t", new long[] {3, 5});
      Batch batch = inputs.batch();
      Batch joined = new Batch(batch.inputs(), batch.labels(), new long[] {0, 1, 1L << 40}, 0);
      LossInputs second =
          new LossInputs(joined, inputs.student(), inputs.teacher(), inputs.progress());
      assertThatThrownBy(() -> new ContrastiveRepresentation(0.8, PAIR, 9).bind(second, generator))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "contrastive-representation remembers every sample by its id, but there is a sample 1099511627776; joined sets, such as data.unlabelled, have ids too large for it. Take one set alone, or another term.");
    }
  }

  @Test
  void anIdBeyondTheMemory_isRefusedBeforeTraining() {
    try (TensorScope scope = TensorScope.open("test");
        Generator generator = new Generator(1)) {
      LossInputs inputs = Features.inputs("s", new long[] {3, 4}, "t", new long[] {3, 5});
      assertThatThrownBy(() -> new ContrastiveRepresentation(0.8, PAIR, 2).bind(inputs, generator))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "contrastive-representation has samples 2, but there is a sample 2; set samples above the greatest id.");
    }
  }
}
