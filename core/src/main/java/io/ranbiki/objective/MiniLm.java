package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Matches how the tokens of a text relate to each other in one layer of each encoder, so that
 * widths, layers and heads need not match.
 *
 * <p>A relation of two of query, key and value is {@code R = softmax(X Y^T / sqrt(d))} for each of
 * {@code A} relation heads of width {@code d}, into which both sides' vectors {@code [texts,
 * tokens, width]} are cut. {@code L = sum of relations' w * mean over texts of 1 / (A * tokens) *
 * sum over heads and tokens of KL(R_t || R_s)}, in nats. {@link Form#V1} takes query with key,
 * which is attention itself where the relation heads are the heads, and value with value, each of
 * weight 1; {@link Form#V2} query with query, key with key and value with value, each of weight
 * 1/3. Padding is no token. Both must have read the same tokens.
 *
 * <p>Sources: Wang et al. 2020 (MiniLM), arXiv:2002.10957, section 3; Wang et al. 2021 (MiniLMv2),
 * arXiv:2012.15828, section 3. The authors have published no training code. Deviation: attention is
 * computed without dropout.
 *
 * @param weight weight in the objective
 * @param form which relations
 * @param relationHeads into how many the vectors are cut, a divisor of both widths; 0 for the
 *     largest that is at most 48. For {@link Form#V1} the heads of both encoders
 * @param teacherLayer from 0; empty for the last. Of large teachers one above the middle is better
 * @param studentLayer from 0; empty for the last
 */
public record MiniLm(
    Ramp weight,
    Form form,
    int relationHeads,
    Optional<Integer> teacherLayer,
    Optional<Integer> studentLayer)
    implements Term {

  private static final String NAME = "minilm";
  private static final int USUAL_HEADS = 48;
  private static final String QUERY = EncoderLayers.PROJECTIONS.get(0);
  private static final String KEY = EncoderLayers.PROJECTIONS.get(1);
  private static final String VALUE = EncoderLayers.PROJECTIONS.get(2);

  private record Relation(String first, String second) {}

  /** Which relations are matched. */
  public enum Form {
    /** Query with key, and value with value. */
    V1(1, new Relation(QUERY, KEY), new Relation(VALUE, VALUE)),
    /** Query with query, key with key, and value with value. */
    V2(1.0 / 3, new Relation(QUERY, QUERY), new Relation(KEY, KEY), new Relation(VALUE, VALUE));

    private final double each;
    private final List<Relation> relations;

    Form(double each, Relation... relations) {
      this.each = each;
      this.relations = List.of(relations);
    }
  }

  /** Checks the options. */
  public MiniLm {
    weight.requireNonNegative("'weight' of " + NAME);
    Require.nonNegative("'relation-heads' of " + NAME, relationHeads);
    teacherLayer.ifPresent(n -> Require.nonNegative("'teacher-layer' of " + NAME, n));
    studentLayer.ifPresent(n -> Require.nonNegative("'student-layer' of " + NAME, n));
    if (form == Form.V1 && relationHeads == 0) {
      throw RanbikiException.configuration(
          "The form v1 of minilm matches attention head by head. Say how many heads both encoders"
              + " have: 'relation-heads'; or take the form v2.");
    }
  }

  /** Version 2 of the last layers with a constant weight. */
  public MiniLm(double weight) {
    this(Ramp.constant(weight), Form.V2, 0, Optional.empty(), Optional.empty());
  }

  static MiniLm read(Options options) {
    return new MiniLm(
        Ramp.weight(options, 1),
        options.word("form", Form.V2, "Which relations are matched"),
        options
            .optionalInteger(
                "relation-heads",
                "Into how many both vectors are cut; the largest divisor up to 48 if left out",
                Rule.atLeast(1))
            .orElse(0),
        options.optionalInteger("teacher-layer", "From 0; the last if left out", Rule.atLeast(0)),
        options.optionalInteger("student-layer", "From 0; the last if left out", Rule.atLeast(0)));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> teacherLayers() {
    return layers(teacherLayer);
  }

  @Override
  public List<String> studentLayers() {
    return layers(studentLayer);
  }

  private static List<String> layers(Optional<Integer> layer) {
    return EncoderLayers.PROJECTIONS.stream()
        .map(kind -> layer.map(n -> EncoderLayers.at(kind, n)).orElse(EncoderLayers.all(kind)))
        .toList();
  }

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
    int teacher = teacherLayer.orElseGet(() -> last(example.teacher()));
    int student = studentLayer.orElseGet(() -> last(example.student()));
    Function<String, LayerPair> layers =
        kind -> new LayerPair(EncoderLayers.at(kind, teacher), EncoderLayers.at(kind, student));
    TokenPair pair = TokenPair.states(NAME, example, layers.apply(QUERY));
    int heads = heads(pair.studentWidth(), pair.teacherWidth());
    return new Loss(form, layers, heads, note(teacher, student, heads));
  }

  private static int last(Signal signal) {
    return Math.max(0, EncoderLayers.count(signal, QUERY) - 1);
  }

  private int heads(long studentWidth, long teacherWidth) {
    if (relationHeads > 0) {
      if (studentWidth % relationHeads != 0 || teacherWidth % relationHeads != 0) {
        throw RanbikiException.configuration(
            "'relation-heads' of minilm is %d, but must divide the widths of both, %d of the"
                + " teacher and %d of the student.",
            relationHeads, teacherWidth, studentWidth);
      }
      return relationHeads;
    }
    int heads = USUAL_HEADS;
    while (studentWidth % heads != 0 || teacherWidth % heads != 0) {
      heads--;
    }
    return heads;
  }

  private String note(int teacher, int student, int heads) {
    String layers =
        teacherLayer.isPresent() && studentLayer.isPresent()
            ? ""
            : String.format(
                Locale.ROOT,
                "layer %d of the student follows the teacher's layer %d, from 0",
                student,
                teacher);
    String cut = relationHeads > 0 ? "" : String.format(Locale.ROOT, "%d relation heads", heads);
    return PairwiseLoss.note(layers, cut);
  }

  private record Loss(Form form, Function<String, LayerPair> layers, int heads, String notes)
      implements TermLoss {

    @Override
    public Tensor value(LossInputs inputs) {
      return form.relations.stream()
          .map(relation -> divergence(inputs, relation).mul(form.each))
          .reduce(Tensor::add)
          .orElseThrow();
    }

    private Tensor divergence(LossInputs inputs, Relation relation) {
      TokenPair first = TokenPair.states(NAME, inputs, layers.apply(relation.first));
      TokenPair second =
          relation.first.equals(relation.second)
              ? first
              : TokenPair.states(NAME, inputs, layers.apply(relation.second));
      TextPositions positions = first.positions();
      Tensor teacher = relation(positions, first.teacher(), second.teacher());
      Tensor student = relation(positions, first.student(), second.student());
      Tensor perToken = Logits.divergence(teacher, student).mean(1);
      return perToken.mul(positions.shares()).sum();
    }

    /** Log-probabilities {@code [texts, heads, tokens, tokens]}. */
    private Tensor relation(TextPositions positions, Tensor first, Tensor second) {
      double scale = 1 / Math.sqrt((double) first.size(2) / heads);
      Tensor scores = cut(first).matmul(cut(second).transpose(2, 3)).mul(scale);
      return positions.withoutPaddedKeys(scores).logSoftmax(3);
    }

    private Tensor cut(Tensor vectors) {
      long width = vectors.size(2);
      return vectors
          .reshape(vectors.size(0), vectors.size(1), heads, width / heads)
          .transpose(1, 2);
    }
  }
}
