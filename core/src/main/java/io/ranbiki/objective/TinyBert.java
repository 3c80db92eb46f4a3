package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Matches what every layer of a small encoder computes to what a layer of the teacher's does: which
 * tokens read which, and the hidden states.
 *
 * <p>{@code L = a * sum over layers of mean((A_s - A_t)^2) + h * sum over embeddings and layers of
 * mean((W h_s + b - h_t)^2)}. Attention scores {@code A} are those before the softmax, {@code
 * [texts, heads, tokens, tokens]}; a score of -100 or less, as published encoders give padded
 * tokens, is taken for 0. Hidden states are {@code [texts, tokens, width]}. Means are over heads or
 * width, over the tokens of a text (pairs of tokens for attention), and over texts; padding has no
 * part in them. One linear layer {@code W, b} serves all layers and the embeddings where the widths
 * differ; it trains with the run and stays behind. Both must have read the same tokens.
 *
 * <p>Source: Jiao et al. 2020 (TinyBERT), arXiv:1909.10351, section 3.1; the last part of its loss,
 * on predictions, is {@link SoftTargets}. Deviations: one linear layer, as in the authors' code,
 * where the paper has two; only where widths differ; the authors' code counts rows of padded
 * queries, too, and divides by all elements of the batch.
 *
 * @param weight weight in the objective
 * @param layers for each layer of the student, from 0, the layer of the teacher that it follows;
 *     empty for equal distances, the last one following the last one
 * @param attentionWeight of attention within this term, 0 or more; 0 for other numbers of heads
 * @param hiddenWeight of embeddings and hidden states within it, 0 or more
 */
public record TinyBert(
    Ramp weight, List<Integer> layers, double attentionWeight, double hiddenWeight)
    implements Term {

  private static final String NAME = "tinybert";
  private static final double MASKED = -100;

  /** Checks the options. */
  public TinyBert {
    weight.requireNonNegative("'weight' of " + NAME);
    layers = List.copyOf(layers);
    for (int layer : layers) {
      Require.nonNegative("A layer of " + NAME, layer);
    }
    Require.nonNegative("'attention-weight' of " + NAME, attentionWeight);
    Require.nonNegative("'hidden-weight' of " + NAME, hiddenWeight);
    if (attentionWeight == 0 && hiddenWeight == 0) {
      throw RanbikiException.configuration(
          "'attention-weight' and 'hidden-weight' of tinybert are both 0, but one must be above"
              + " 0.");
    }
  }

  /** With a constant weight, layers at equal distances, and all parts alike. */
  public TinyBert(double weight) {
    this(Ramp.constant(weight), List.of(), 1, 1);
  }

  static TinyBert read(Options options) {
    return new TinyBert(
        Ramp.weight(options, 1),
        options.optionalList(
            "layers",
            "The teacher's layer for each of the student's, from 0; evenly spread if left out",
            node -> node.integer(Rule.atLeast(0))),
        options.number("attention-weight", 1, "Weight of attention scores", Rule.atLeast(0)),
        options.number(
            "hidden-weight", 1, "Weight of embeddings and hidden states", Rule.atLeast(0)));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> teacherLayers() {
    return layers.isEmpty()
        ? kinds().map(EncoderLayers::all).toList()
        : pairs(layers).map(LayerPair::teacher).toList();
  }

  @Override
  public List<String> studentLayers() {
    return layers.isEmpty()
        ? kinds().map(EncoderLayers::all).toList()
        : pairs(layers).map(LayerPair::student).toList();
  }

  private Stream<String> kinds() {
    return Stream.concat(
        attentionWeight > 0 ? Stream.of(EncoderLayers.SCORES) : Stream.of(),
        hiddenWeight > 0 ? Stream.of(EncoderLayers.HIDDEN) : Stream.of());
  }

  private Stream<LayerPair> pairs(List<Integer> map) {
    return Stream.concat(attention(map).stream(), hidden(map).stream());
  }

  private List<LayerPair> attention(List<Integer> map) {
    return attentionWeight == 0
        ? List.of()
        : IntStream.range(0, map.size())
            .mapToObj(i -> pair(EncoderLayers.SCORES, map.get(i), i))
            .toList();
  }

  private List<LayerPair> hidden(List<Integer> map) {
    return hiddenWeight == 0
        ? List.of()
        : IntStream.rangeClosed(0, map.size())
            .mapToObj(i -> pair(EncoderLayers.HIDDEN, i == 0 ? 0 : map.get(i - 1) + 1, i))
            .toList();
  }

  private static LayerPair pair(String kind, int teacher, int student) {
    return new LayerPair(EncoderLayers.at(kind, teacher), EncoderLayers.at(kind, student));
  }

  /** Each text weighs the same. */
  @Override
  public MeanOver meanOver() {
    return MeanOver.SAMPLES;
  }

  @Override
  public boolean comparesTokens() {
    return true;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    List<Integer> map =
        layers.isEmpty()
            ? EncoderLayers.uniform(NAME, count(example, true), count(example, false))
            : layers;
    List<LayerPair> attention = attention(map);
    List<LayerPair> hidden = hidden(map);
    attention.forEach(pair -> TokenPair.maps(NAME, example, pair));
    String note = layers.isEmpty() ? note(map) : "";
    Linear projector = null;
    for (LayerPair layer : hidden) {
      TokenPair pair = TokenPair.states(NAME, example, layer);
      if (projector == null && pair.studentWidth() != pair.teacherWidth()) {
        projector = new Linear(pair.studentWidth(), pair.teacherWidth(), generator);
        projector.to(pair.student().device());
        note =
            PairwiseLoss.note(
                note,
                String.format(
                    Locale.ROOT,
                    "linear layer %d to %d",
                    pair.studentWidth(),
                    pair.teacherWidth()));
      }
    }
    return new Loss(this, attention, hidden, projector, note);
  }

  private int count(LossInputs example, boolean teacher) {
    var signal = teacher ? example.teacher() : example.student();
    return attentionWeight > 0
        ? EncoderLayers.count(signal, EncoderLayers.SCORES)
        : EncoderLayers.count(signal, EncoderLayers.HIDDEN) - 1;
  }

  private static String note(List<Integer> map) {
    return String.format(
        Locale.ROOT, "the layers of the student follow the teacher's layers %s, from 0", map);
  }

  private record Loss(
      TinyBert term,
      List<LayerPair> attention,
      List<LayerPair> hidden,
      @Nullable Linear projector,
      String notes)
      implements TermLoss {

    @Override
    public Tensor value(LossInputs inputs) {
      List<Tensor> parts = new ArrayList<>();
      for (LayerPair layer : attention) {
        parts.add(attention(TokenPair.maps(NAME, inputs, layer)).mul(term.attentionWeight));
      }
      for (LayerPair layer : hidden) {
        parts.add(hidden(TokenPair.states(NAME, inputs, layer)).mul(term.hiddenWeight));
      }
      return parts.stream().reduce(Tensor::add).orElseThrow();
    }

    private static Tensor attention(TokenPair pair) {
      TextPositions positions = pair.positions();
      Tensor student = seen(positions.ofPairs(pair.student()));
      Tensor difference = student.sub(seen(positions.ofPairs(pair.teacher())));
      return positions.meanOverPairs(difference.mul(difference).mean(1));
    }

    private static Tensor seen(Tensor scores) {
      return scores.maskedFill(scores.gt(MASKED).not(), 0);
    }

    private Tensor hidden(TokenPair pair) {
      TextPositions positions = pair.positions();
      Tensor states = positions.ofTokens(pair.student());
      Tensor mapped = projector == null ? states : projector.apply(states);
      Tensor difference = mapped.sub(positions.ofTokens(pair.teacher()));
      return positions.meanOverTokens(difference.mul(difference).mean(1));
    }

    @Override
    public Map<String, Module> modules() {
      return projector == null ? Map.of() : Map.of("projector", projector);
    }
  }
}
