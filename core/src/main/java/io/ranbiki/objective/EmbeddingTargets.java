package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the student's vectors to where the teacher's point, or moves them there.
 *
 * <p>{@code L = 1 - cos(r(z_s), z_t)}, the mean over samples, 0 to 2; or {@code (r(z_s) - z_t)^2},
 * the mean over all elements. Vectors are {@code [batch, width]}: the answers of both, or outputs
 * of layers, such as {@code pooled} of an encoder, over whose pairs losses are summed. Where widths
 * differ, {@code r} is a linear layer that trains with the run and stays behind.
 *
 * <p>Source: Reimers and Gurevych 2020, "Making Monolingual Sentence Embeddings Multilingual using
 * Knowledge Distillation", arXiv:2004.09813, section 2, which takes squared errors; the cosine is
 * as PyTorch has it, {@code cosine_embedding_loss} with the target 1.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param pairs layers whose outputs are the vectors; empty for the answers
 * @param distance between two vectors
 */
public record EmbeddingTargets(Ramp weight, List<LayerPair> pairs, Distance distance)
    implements FeatureTerm {

  private static final String NAME = "embedding";

  /** Added to squared lengths, so that a vector of zeros has a gradient; as in PyTorch. */
  private static final double EPSILON = 1e-12;

  /** How far two vectors lie apart. */
  public enum Distance {
    /** By their directions alone. */
    COSINE,
    /** Mean of squared differences. */
    MSE
  }

  /** Checks the pairs. */
  public EmbeddingTargets {
    weight.requireNonNegative("'weight' of " + NAME);
    pairs = LayerPair.checked(NAME, pairs, 0);
  }

  /** Of directions of the answers, with a constant weight. */
  public EmbeddingTargets(double weight) {
    this(Ramp.constant(weight));
  }

  /** Of directions of the answers. */
  public EmbeddingTargets(Ramp weight) {
    this(weight, List.of(), Distance.COSINE);
  }

  /** Of the answers, with a constant weight. */
  public EmbeddingTargets(double weight, Distance distance) {
    this(Ramp.constant(weight), List.of(), distance);
  }

  static EmbeddingTargets read(Options options) {
    return new EmbeddingTargets(
        Ramp.weight(options, 1),
        LayerPair.readOptional(
            options, "Layers whose outputs are compared; the answers if left out"),
        options.word("distance", Distance.COSINE, "How far two vectors lie apart"));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public MeanOver meanOver() {
    return pairs.isEmpty() ? MeanOver.ROWS : MeanOver.SAMPLES;
  }

  /** The vectors of both sides, pair by pair: of layers, or the rows of the answers. */
  static List<FeaturePair> vectors(LossInputs inputs, List<LayerPair> pairs) {
    if (pairs.isEmpty()) {
      return List.of(
          new FeaturePair(
              new LayerPair("the answer", "the answer"),
              inputs.studentLogits(),
              inputs.teacherLogits()));
    }
    return pairs.stream().map(pair -> FeaturePair.of(inputs, pair).flat()).toList();
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    if (pairs.isEmpty()) {
      Logits.requireUnmasked(NAME, example, "which is no number of a vector");
    }
    List<@Nullable Linear> maps = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (FeaturePair pair : vectors(example, pairs)) {
      if (pair.sameChannels()) {
        maps.add(null);
      } else {
        Linear map = new Linear(pair.studentChannels(), pair.teacherChannels(), generator);
        map.to(pair.student().device());
        maps.add(map);
        notes.add(
            String.format(
                Locale.ROOT,
                "%s: linear layer %d to %d",
                pair.layers(),
                pair.studentChannels(),
                pair.teacherChannels()));
      }
    }
    return new Loss(this, maps, String.join("; ", notes));
  }

  /** Cosines of the rows of two {@code [rows, width]}: {@code [rows]}. */
  static Tensor cosines(Tensor first, Tensor second) {
    Tensor norms = squares(first).mul(squares(second)).sqrt();
    return first.mul(second).sum(1).div(norms);
  }

  private static Tensor squares(Tensor rows) {
    return rows.mul(rows).sum(1).add(EPSILON);
  }

  private record Loss(EmbeddingTargets term, List<@Nullable Linear> maps, String notes)
      implements TermLoss {

    @Override
    public Tensor value(LossInputs inputs) {
      List<FeaturePair> vectors = vectors(inputs, term.pairs);
      List<Tensor> parts = new ArrayList<>();
      for (int i = 0; i < vectors.size(); i++) {
        Linear map = maps.get(i);
        Tensor student = vectors.get(i).student();
        parts.add(between(map == null ? student : map.apply(student), vectors.get(i).teacher()));
      }
      return parts.stream().reduce(Tensor::add).orElseThrow();
    }

    private Tensor between(Tensor student, Tensor teacher) {
      return term.distance == Distance.MSE
          ? Functional.mseLoss(student, teacher)
          : cosines(student, teacher).neg().add(1).mean();
    }

    @Override
    public Map<String, Module> modules() {
      Map<String, Module> modules = new LinkedHashMap<>();
      for (int i = 0; i < maps.size(); i++) {
        Linear map = maps.get(i);
        if (map != null) {
          modules.put("projector." + i, map);
        }
      }
      return modules;
    }
  }
}
