package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Teaches the student to tell, among many, which of the teacher's features belong to the sample
 * that it sees, and the other way round.
 *
 * <p>Linear layers embed each side's features, flattened and brought to norm 1, as {@code v_s} and
 * {@code v_t}; memory banks hold both embeddings of every sample. With the sample's own entry and
 * {@code K} others (negatives), {@code o_k = exp(memory_t[k] . v_s / tau) / Z}, {@code c = K /
 * samples}: {@code -1/batch * sum(ln(o_0 / (o_0 + c)) + sum over k of ln(c / (o_k + c)))}, and the
 * same with the sides exchanged; {@code L} is the sum of both, in nats. Z is the mean exponential
 * of the first batch times {@code samples}. The entries of the batch then move to {@code momentum *
 * memory + (1 - momentum) * v}, brought to norm 1. Embeddings, memories and Z belong to the run and
 * its checkpoints. Maps or vectors of any size on either side.
 *
 * <p>Negatives are drawn with replacement from all samples with another label; a sample whose label
 * is not known yet is taken as another's. The draw follows from the run's seed and the step.
 *
 * <p>Source: Tian et al. 2020 (CRD), arXiv:1910.10699, section 3. As in the authors' code, Z and
 * 1e-7 in the denominators, which the paper does without. Deviation: a tenth of their weight, 0.8,
 * where a configuration names none. Each side begins near {@code 1 + ln(1 + K)}, some 20 nats in
 * all however many classes there are, and tau makes gradients 14 times as large; the 0.8 is for the
 * hundred classes and 240 epochs of CIFAR-100.
 *
 * @param weight weight in the objective; 0.08 where a configuration names none
 * @param pairs one pair: usually the features before the classifiers
 * @param samples above the greatest sample id; the memory takes {@code 8 * samples * embedding}
 *     bytes
 * @param negatives K, 1 or more; 16384 is usual
 * @param embedding length of the embeddings; 128 is usual
 * @param temperature tau, above 0; 0.07 is usual
 * @param momentum share of the old entry, from 0 to below 1; 0.5 is usual
 */
public record ContrastiveRepresentation(
    Ramp weight,
    List<LayerPair> pairs,
    long samples,
    int negatives,
    long embedding,
    double temperature,
    double momentum)
    implements FeatureTerm {

  /** Checks the options. */
  public ContrastiveRepresentation {
    weight.requireNonNegative("'weight' of contrastive-representation");
    pairs = LayerPair.checked("contrastive-representation", pairs, 1);
    if (pairs.size() > 1) {
      throw RanbikiException.configuration(
          "contrastive-representation has %d pairs of layers and takes one, usually those before the classifiers.",
          pairs.size());
    }
    Require.atLeast("'samples' of contrastive-representation", samples, 1);
    Require.atLeast("'negatives' of contrastive-representation", negatives, 1);
    Require.atLeast("'embedding' of contrastive-representation", embedding, 1);
    Require.positive("'temperature' of contrastive-representation", temperature);
    Require.nonNegative("'momentum' of contrastive-representation", momentum);
    if (momentum >= 1) {
      throw RanbikiException.configuration(
          "'momentum' of contrastive-representation is %s, but must be below 1.", momentum);
    }
  }

  /** With a constant weight and the usual options. */
  public ContrastiveRepresentation(double weight, List<LayerPair> pairs, long samples) {
    this(Ramp.constant(weight), pairs, samples, 16384, 128, 0.07, 0.5);
  }

  static ContrastiveRepresentation read(Options options) {
    return new ContrastiveRepresentation(
        Ramp.weight(options, 0.08),
        LayerPair.read(options),
        options.longInteger("samples", "How many samples the memory has room for", Rule.atLeast(1)),
        options.integer(
            "negatives", 16384, "How many other samples each is held against", Rule.atLeast(1)),
        options.longInteger("embedding", 128, "Length of the embeddings", Rule.atLeast(1)),
        options.number("temperature", 0.07, "How sharply samples are told apart", Rule.above(0)),
        options.number(
            "momentum",
            0.5,
            "Share of an old entry of the memory that stays",
            Rule.atLeast(0),
            Rule.below(1)));
  }

  @Override
  public String name() {
    return "contrastive-representation";
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    try (TensorScope scope = TensorScope.open("bind " + name())) {
      FeaturePair pair = features(example);
      ContrastMemory memory =
          new ContrastMemory(this, pair.studentChannels(), pair.teacherChannels(), generator);
      memory.to(pair.student().device());
      return new Bound(this, memory);
    }
  }

  private FeaturePair features(LossInputs inputs) {
    for (long id : inputs.batch().ids()) {
      if (id > Integer.MAX_VALUE) {
        throw RanbikiException.configuration(
            "contrastive-representation remembers every sample by its id, but there is a sample %d; joined sets, such as data.unlabelled, have ids too large for it. Take one set alone, or another term.",
            id);
      }
      if (id < 0 || id >= samples) {
        throw RanbikiException.configuration(
            "contrastive-representation has samples %d, but there is a sample %d; set samples above the greatest id.",
            samples, id);
      }
    }
    return FeaturePair.of(inputs, pairs.get(0)).flat();
  }

  private record Bound(ContrastiveRepresentation term, ContrastMemory memory) implements TermLoss {

    @Override
    public Tensor value(LossInputs inputs) {
      FeaturePair pair = term.features(inputs);
      long[] ids = inputs.batch().ids();
      Tensor candidates = memory.draw(ids, inputs.batch().labels(), inputs.progress().step());
      return memory.loss(pair, ids, candidates);
    }

    @Override
    public Map<String, Module> modules() {
      return Map.of("memory", memory);
    }

    @Override
    public String notes() {
      return String.format(
          Locale.ROOT,
          "%s: embedded by linear layers in %d, %d samples remembered",
          term.pairs.get(0),
          term.embedding,
          term.samples);
    }
  }
}
