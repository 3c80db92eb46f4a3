package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the student's hidden states into the direction of the teacher's.
 *
 * <p>{@code L = sum over pairs of mean(1 - cos(r(h_s), h_t))}, mean over all tokens of the batch;
 * padding is no token. Hidden states are {@code [texts, tokens, width]}; where widths differ,
 * {@code r} is a linear layer that trains with the run and stays behind. Both must have read the
 * same tokens.
 *
 * <p>Source: Sanh et al. 2019 (DistilBERT), arXiv:1910.01108, section 3, for the last hidden
 * states. The other parts of its loss are {@link SoftTargets} at temperature 2 and {@link
 * HardLabels} of a masked language model, with weights of 5, 2 and, for this one, 1 in the authors'
 * code. Deviation: the linear layer.
 *
 * @param weight weight in the objective
 * @param pairs layers to match; empty for the last hidden states of both
 */
public record HiddenCosine(Ramp weight, List<LayerPair> pairs) implements Term {

  private static final String NAME = "hidden-cosine";

  /** Checks the pairs. */
  public HiddenCosine {
    weight.requireNonNegative("'weight' of " + NAME);
    pairs = LayerPair.checked(NAME, pairs, 0);
  }

  /** With a constant weight, for the last hidden states. */
  public HiddenCosine(double weight) {
    this(Ramp.constant(weight), List.of());
  }

  static HiddenCosine read(Options options) {
    return new HiddenCosine(
        Ramp.weight(options, 1),
        LayerPair.readOptional(
            options, "Layers that are compared; the last hidden states if left out"));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> teacherLayers() {
    return pairs.isEmpty()
        ? List.of(EncoderLayers.all(EncoderLayers.HIDDEN))
        : pairs.stream().map(LayerPair::teacher).distinct().toList();
  }

  @Override
  public List<String> studentLayers() {
    return pairs.isEmpty()
        ? List.of(EncoderLayers.all(EncoderLayers.HIDDEN))
        : pairs.stream().map(LayerPair::student).toList();
  }

  @Override
  public MeanOver meanOver() {
    return (part, positions) -> TextPositions.count(part);
  }

  @Override
  public boolean comparesTokens() {
    return true;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    List<LayerPair> layers = pairs.isEmpty() ? List.of(last(example)) : pairs;
    Map<LayerPair, Linear> projectors = new LinkedHashMap<>();
    for (LayerPair layer : layers) {
      TokenPair pair = TokenPair.states(NAME, example, layer);
      if (pair.studentWidth() != pair.teacherWidth()) {
        Linear projector = new Linear(pair.studentWidth(), pair.teacherWidth(), generator);
        projector.to(pair.student().device());
        projectors.put(layer, projector);
      }
    }
    return new Loss(layers, projectors, pairs.isEmpty() ? layers.get(0).toString() : "");
  }

  private static LayerPair last(LossInputs example) {
    int teacher = EncoderLayers.count(example.teacher(), EncoderLayers.HIDDEN);
    int student = EncoderLayers.count(example.student(), EncoderLayers.HIDDEN);
    return new LayerPair(
        EncoderLayers.at(EncoderLayers.HIDDEN, Math.max(0, teacher - 1)),
        EncoderLayers.at(EncoderLayers.HIDDEN, Math.max(0, student - 1)));
  }

  private record Loss(List<LayerPair> layers, Map<LayerPair, Linear> projectors, String chosen)
      implements TermLoss {

    @Override
    public Tensor value(LossInputs inputs) {
      return layers.stream()
          .map(layer -> value(TokenPair.states(NAME, inputs, layer), projectors.get(layer)))
          .reduce(Tensor::add)
          .orElseThrow();
    }

    private static Tensor value(TokenPair pair, @Nullable Linear projector) {
      Tensor states = pair.positions().ofTokens(pair.student());
      Tensor mapped = projector == null ? states : projector.apply(states);
      return EmbeddingTargets.cosines(mapped, pair.positions().ofTokens(pair.teacher()))
          .neg()
          .add(1)
          .mean();
    }

    @Override
    public Map<String, Module> modules() {
      Map<String, Module> modules = new LinkedHashMap<>();
      for (int i = 0; i < layers.size(); i++) {
        Linear projector = projectors.get(layers.get(i));
        if (projector != null) {
          modules.put("projector." + i, projector);
        }
      }
      return modules;
    }

    @Override
    public String notes() {
      return PairwiseLoss.note(
          chosen,
          projectors.isEmpty()
              ? ""
              : String.format(Locale.ROOT, "%d linear layers between widths", projectors.size()));
    }
  }
}
