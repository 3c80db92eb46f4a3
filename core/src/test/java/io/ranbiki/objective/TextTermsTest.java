package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.Golden;
import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.StateDict;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The terms on layers of encoders of texts, beside reference implementations and with padding. */
class TextTermsTest {

  private static final Ramp ONE = Ramp.constant(1);

  private TensorScope scope;
  private Generator generator;

  @BeforeEach
  void open() {
    scope = TensorScope.open("texts");
    generator = new Generator(1);
  }

  @AfterEach
  void close() {
    generator.close();
    scope.close();
  }

  /** Texts of the lengths that a mask has, with whatever stands in features and logits. */
  private static LossInputs inputs(@Nullable Tensor mask, Signal student, Signal teacher) {
    Tensor first =
        Stream.concat(
                student.features().values().stream(),
                student.outputs().isEmpty() ? Stream.of() : Stream.of(student.logits()))
            .findFirst()
            .orElseThrow();
    long[] ids = LongStream.range(0, first.size(0)).toArray();
    Batch batch =
        new Batch(
            Map.of("input_ids", Tensors.zeros(first.size(0), 1)),
            mask == null ? Map.of() : Map.of("input_ids", mask),
            new Names(ids, 0));
    return new LossInputs(batch, student, teacher, Progress.START);
  }

  private static Signal features(Map<String, Tensor> features) {
    return new Signal(Map.of(), features);
  }

  // ---- TinyBERT

  private static Map<String, Tensor> tinyBert(Golden golden, String side) {
    Map<String, Tensor> features = new LinkedHashMap<>();
    for (int i = 0; i < golden.count("in." + side + "_att"); i++) {
      features.put("scores." + i, golden.leaf("in." + side + "_att." + i));
    }
    for (int i = 0; i < golden.count("in." + side + "_hidden"); i++) {
      features.put("hidden." + i, golden.leaf("in." + side + "_hidden." + i));
    }
    return features;
  }

  @ParameterizedTest
  @ValueSource(strings = {"22-tinybert.layers", "22-tinybert.layers-nomask"})
  void tinyBert_isThatOfItsAuthors(String id) {
    Golden golden = Golden.load(id);
    Map<String, Tensor> student = tinyBert(golden, "student");
    LossInputs inputs = inputs(null, features(student), features(tinyBert(golden, "teacher")));

    for (Map.Entry<String, TinyBert> part :
        Map.of(
                "out.attention", new TinyBert(ONE, List.of(), 1, 0),
                "out.hidden", new TinyBert(ONE, List.of(), 0, 1),
                "out.loss", new TinyBert(1))
            .entrySet()) {
      try (TermLoss loss = part.getValue().bind(inputs, generator)) {
        loss.modules().values().forEach(module -> load(module, golden));
        golden.check(part.getKey(), loss.value(inputs));
      }
    }
    TermLoss loss = new TinyBert(1).bind(inputs, generator);
    Module projector = loss.modules().get("projector");
    load(projector, golden);
    loss.value(inputs).backward();
    student.forEach(
        (name, leaf) -> golden.checkGrad("in.student_" + name.replace("scores", "att"), leaf));
    projector
        .parameters()
        .forEach((name, weight) -> golden.checkGrad("w.fit_dense." + name, weight));
    loss.close();
  }

  private static void load(Module projector, Golden golden) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (String name : List.of("weight", "bias")) {
      weights.put(name, golden.tensor("w.fit_dense." + name));
    }
    StateDict.load(projector, weights, golden.id());
  }

  /** The authors' cross-entropy is the divergence of soft targets and the teacher's entropy. */
  @Test
  void tinyBertsPrediction_isThatOfSoftTargetsOverTheNumberOfClasses() {
    Golden golden = Golden.load("22-tinybert.prediction");
    Tensor student = golden.leaf("in.student_logits");
    Tensor teacher = golden.tensor("in.teacher_logits");
    Tensor loss =
        LossExamples.loss(
            new SoftTargets(1, golden.number("temperature")), LossExamples.of(golden, student));
    Tensor logs = teacher.logSoftmax(1);
    Tensor entropy = logs.exp().mul(logs).sum(1).mean().neg();

    golden.check("out.loss_batchmean", loss.add(entropy));
    Tensor perClass = loss.div((double) teacher.size(1));
    golden.check("out.loss", perClass.add(entropy.div((double) teacher.size(1))));
    perClass.backward();
    golden.checkGrad("in.student_logits", student);
  }

  @Test
  void anEvenMap_endsWithTheLastLayer() {
    assertThat(EncoderLayers.uniform("tinybert", 12, 4)).containsExactly(2, 5, 8, 11);
    assertThat(EncoderLayers.uniform("tinybert", 6, 6)).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void aMap_namesTheLayersThatAreRead() {
    TinyBert term = new TinyBert(ONE, List.of(2, 5), 1, 1);
    assertThat(term.teacherLayers())
        .containsExactly("scores.2", "scores.5", "hidden.0", "hidden.3", "hidden.6");
    assertThat(term.studentLayers())
        .containsExactly("scores.0", "scores.1", "hidden.0", "hidden.1", "hidden.2");
    assertThat(new TinyBert(1).teacherLayers()).containsExactly("scores.*", "hidden.*");
    assertThat(new TinyBert(ONE, List.of(), 0, 1).teacherLayers()).containsExactly("hidden.*");
  }

  // ---- MiniLM

  private static Map<String, Tensor> projections(Golden golden, String side) {
    Map<String, Tensor> features = new LinkedHashMap<>();
    for (String kind : EncoderLayers.PROJECTIONS) {
      features.put(kind + ".0", golden.leaf("in." + side + "_" + kind));
    }
    return features;
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  void miniLm_isThatOfTheBestKnownCode(String form) {
    Golden golden = Golden.load("23-minilm." + form);
    Map<String, Tensor> student = projections(golden, "student");
    LossInputs inputs =
        inputs(
            golden.tensor("in.attention_mask"),
            features(student),
            features(projections(golden, "teacher")));
    MiniLm term =
        new MiniLm(
            ONE,
            MiniLm.Form.valueOf(form.toUpperCase(Locale.ROOT)),
            (int) golden.number("relation_heads"),
            Optional.empty(),
            Optional.empty());

    Tensor loss = term.bind(inputs, generator).value(inputs);
    golden.check("out.loss", loss);
    loss.backward();
    EncoderLayers.PROJECTIONS.forEach(
        kind -> golden.checkGrad("in.student_" + kind, student.get(kind + ".0")));
  }

  @Test
  void relationHeads_areTheLargestDivisorOfBothWidths() {
    assertThat(notesOfWidths(384, 384)).endsWith("48 relation heads");
    assertThat(notesOfWidths(384, 128)).endsWith("32 relation heads");
    assertThat(notesOfWidths(7, 5)).endsWith("1 relation heads");
  }

  private String notesOfWidths(long teacher, long student) {
    Map<String, Tensor> ofStudent = new LinkedHashMap<>();
    Map<String, Tensor> ofTeacher = new LinkedHashMap<>();
    for (String kind : EncoderLayers.PROJECTIONS) {
      ofStudent.put(kind + ".1", Tensors.zeros(1, 2, student));
      ofTeacher.put(kind + ".5", Tensors.zeros(1, 2, teacher));
    }
    String notes =
        new MiniLm(1)
            .bind(inputs(null, features(ofStudent), features(ofTeacher)), generator)
            .notes();
    assertThat(notes).startsWith("layer 1 of the student follows the teacher's layer 5, from 0, ");
    return notes;
  }

  // ---- DistilBERT

  /** Its three parts are three terms; what is masked has a label, and padding has none. */
  @ParameterizedTest
  @ValueSource(strings = {"base", "restricted"})
  void distilBertsLoss_isThatOfThreeTerms(String name) {
    Golden golden = Golden.load("24-distilbert." + name);
    Tensor mask = golden.tensor("in.attention_mask");
    Tensor logits = golden.leaf("in.student_logits");
    Tensor hidden = golden.leaf("in.student_hidden");
    Signal student = new Signal(logits, Map.of("hidden.0", hidden));
    Signal teacher =
        new Signal(
            golden.tensor("in.teacher_logits"),
            Map.of("hidden.0", golden.leaf("in.teacher_hidden")));
    LossInputs everyToken = inputs(mask, student, teacher);
    LossInputs masked =
        new LossInputs(
            new Batch(
                Map.of(Batch.TRUTH, golden.tensor("in.mlm_labels")),
                Map.of("input_ids", mask),
                new Names(new long[] {0, 1}, 0)),
            student,
            teacher,
            Progress.START);
    boolean restricted = golden.hyper("restrict_ce_to_mask").asBoolean();

    Tensor soft =
        LossExamples.loss(
            new SoftTargets(1, golden.number("temperature")), restricted ? masked : everyToken);
    Tensor hard = LossExamples.loss(new HardLabels(1), masked);
    Tensor cosine = LossExamples.loss(new HiddenCosine(1), everyToken);
    golden.check("out.ce", soft);
    golden.check("out.mlm", hard);
    golden.check("out.cos", cosine);
    Tensor loss = soft.mul(5).add(hard.mul(2)).add(cosine);
    golden.check("out.loss", loss);
    loss.backward();
    golden.checkGrad("in.student_logits", logits);
    golden.checkGrad("in.student_hidden", hidden);
  }

  // ---- embeddings

  /** Cosines of the student are 0 and of the teacher 1, for 2 of the 4 pairs. */
  @Test
  void relationsOfEmbeddings_areMeanSquaresOfDifferencesOfCosines() {
    LossInputs inputs =
        inputs(
            null,
            Signal.of(Tensors.of(new float[] {2, 0, 0, 3}, 2, 2).setRequiresGrad(true)),
            Signal.of(Tensors.of(new float[] {1, 1, 1, 2, 2, 2}, 2, 3)));
    assertThat(LossExamples.loss(new EmbeddingRelations(1), inputs).item())
        .isEqualTo(0.5, within(1e-6));
  }

  @Test
  void otherWidths_passALinearLayer() {
    LossInputs inputs =
        inputs(
            null,
            Signal.of(Tensors.ones(3, 2).setRequiresGrad(true)),
            Signal.of(Tensors.ones(3, 4)));
    try (TermLoss loss =
        new EmbeddingTargets(1, EmbeddingTargets.Distance.MSE).bind(inputs, generator)) {
      assertThat(loss.notes()).isEqualTo("the answer -> the answer: linear layer 2 to 4");
      loss.value(inputs).backward();
      Module map = loss.modules().get("projector.0");
      assertThat(map.parameters().get("weight").grad().norm().item()).isPositive();
    }
  }

  // ---- padding

  private static final int[] LENGTHS = {3, 1, 4};
  private static final int HEADS = 2;
  private static final int STUDENT = 4;
  private static final int TEACHER = 6;

  static List<Term> onTokens() {
    return List.of(
        new TinyBert(ONE, List.of(0), 1, 1),
        new MiniLm(ONE, MiniLm.Form.V1, 2, Optional.of(0), Optional.of(0)),
        new MiniLm(1),
        new HiddenCosine(1));
  }

  /** Whatever stands where texts were padded, the value and the gradients are the same bits. */
  @ParameterizedTest
  @MethodSource("onTokens")
  void whatStandsInPadding_changesNoBit(Term term) {
    Answered plain = answered(term, 4, 0);
    for (float waste : new float[] {-7, 80, 1e6f}) {
      Answered other = answered(term, 4, waste);
      assertThat(other.loss).isEqualTo(plain.loss);
      plain.gradients.forEach(
          (layer, gradient) ->
              assertThat(other.gradients.get(layer)).as(layer).isEqualTo(gradient));
    }
    plain.gradients.forEach(
        (layer, gradient) -> {
          if (!layer.startsWith("scores")) {
            assertThat(gradient).hasDimensions(12, STUDENT);
            assertThat(gradient[3]).as("padding of the first text").containsOnly(0);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("onTokens")
  void morePadding_changesNothing(Term term) {
    assertThat(answered(term, 7, 3).loss).isEqualTo(answered(term, 4, 3).loss, within(1e-6));
  }

  /** Parts of a batch, weighted by what they hold, add up to the whole. */
  @ParameterizedTest
  @MethodSource("onTokens")
  void texts_areWeightedByWhatTheTermSays(Term term) {
    LossInputs whole = texts(4, 5, new LinkedHashMap<>());
    try (TermLoss loss = term.bind(whole, generator)) {
      double all = term.meanOver().count(whole.batch(), false);
      double sum = 0;
      for (int text = 0; text < LENGTHS.length; text++) {
        LossInputs part =
            new LossInputs(
                whole.batch().part(text, text + 1),
                whole.student().part(text, text + 1),
                whole.teacher().part(text, text + 1),
                Progress.START);
        sum += loss.value(part).item() * term.meanOver().count(part.batch(), false) / all;
      }
      assertThat(sum).isEqualTo(loss.value(whole).item(), within(1e-6));
    }
  }

  private record Answered(double loss, Map<String, float[][]> gradients) {}

  private Answered answered(Term term, int length, float waste) {
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    LossInputs inputs = texts(length, waste, leaves);
    Map<String, float[][]> gradients = new LinkedHashMap<>();
    try (Generator fresh = new Generator(3);
        TermLoss loss = term.bind(inputs, fresh)) {
      Tensor value = loss.value(inputs);
      value.backward();
      leaves.forEach(
          (layer, leaf) -> {
            Tensor gradient = leaf.grad();
            if (gradient != null) {
              gradients.put(layer, rows(gradient));
            }
          });
      return new Answered(value.item(), gradients);
    }
  }

  private static float[][] rows(Tensor gradient) {
    float[] all = gradient.toFloats();
    int width = (int) gradient.size(-1);
    List<float[]> rows = new ArrayList<>();
    for (int at = 0; at < all.length; at += width) {
      rows.add(Arrays.copyOfRange(all, at, at + width));
    }
    return rows.toArray(new float[0][]);
  }

  private static LossInputs texts(int length, float waste, Map<String, Tensor> leaves) {
    Map<String, Tensor> teacher = new LinkedHashMap<>();
    for (String kind : List.of("hidden.0", "hidden.1", "query.0", "key.0", "value.0")) {
      leaves.put(kind, states(kind, length, STUDENT, waste).setRequiresGrad(true));
      teacher.put(kind, states(kind + "t", length, TEACHER, 2 * waste));
    }
    leaves.put("scores.0", maps("a", length, waste).setRequiresGrad(true));
    teacher.put("scores.0", maps("t", length, -waste));
    long[] mask = new long[LENGTHS.length * length];
    for (int text = 0; text < LENGTHS.length; text++) {
      for (int token = 0; token < LENGTHS[text]; token++) {
        mask[text * length + token] = 1;
      }
    }
    return inputs(Tensors.of(mask, LENGTHS.length, length), features(leaves), features(teacher));
  }

  private static float number(String seed, int text, int token, int place) {
    return (float) Math.sin(seed.hashCode() % 100 + 7.0 * text + 3.1 * token + 1.7 * place);
  }

  private static Tensor states(String seed, int length, int width, float waste) {
    float[] values = new float[LENGTHS.length * length * width];
    for (int i = 0; i < values.length; i++) {
      int token = i / width % length;
      int text = i / width / length;
      values[i] = token < LENGTHS[text] ? number(seed, text, token, i % width) : waste;
    }
    return Tensors.of(values, LENGTHS.length, length, width);
  }

  private static Tensor maps(String seed, int length, float waste) {
    float[] values = new float[LENGTHS.length * HEADS * length * length];
    for (int i = 0; i < values.length; i++) {
      int key = i % length;
      int query = i / length % length;
      int head = i / length / length % HEADS;
      int text = i / length / length / HEADS;
      boolean padded = key >= LENGTHS[text] || query >= LENGTHS[text];
      values[i] = padded ? waste : number(seed, text, 11 * query + key, head);
    }
    return Tensors.of(values, LENGTHS.length, HEADS, length, length);
  }

  // ---- what they do not accept

  private static void refuses(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
        .hasMessage(message);
  }

  private void refusesShapes(
      Term term, Map<String, long[]> student, Map<String, long[]> teacher, String message) {
    refuses(() -> term.bind(inputs(null, zeros(student), zeros(teacher)), generator), message);
  }

  private static Signal zeros(Map<String, long[]> shapes) {
    Map<String, Tensor> features = new LinkedHashMap<>();
    shapes.forEach((path, shape) -> features.put(path, Tensors.zeros(shape)));
    return features(features);
  }

  @Test
  void layersThatDoNotDivide_areToBeNamed() {
    refuses(
        () -> EncoderLayers.uniform("tinybert", 6, 4),
        "tinybert cannot spread the 4 layers of the student evenly over the 6 of the teacher. Name"
            + " one of the teacher's, from 0, for each of the student's, as in layers: [1, 2, 4,"
            + " 5].");
  }

  @Test
  void otherTokens_areNotCompared() {
    refusesShapes(
        new HiddenCosine(1),
        Map.of("hidden.0", new long[] {2, 5, 4}),
        Map.of("hidden.0", new long[] {2, 6, 4}),
        "hidden-cosine compares token by token, but the teacher layer 'hidden.0' gives [2, 6, 4]"
            + " and the student layer 'hidden.0' gives [2, 5, 4]. Give both the same tokenizer and"
            + " the same at-most.");
  }

  @Test
  void otherHeads_areNotCompared() {
    refusesShapes(
        new TinyBert(ONE, List.of(), 1, 0),
        Map.of("scores.0", new long[] {2, 2, 5, 5}),
        Map.of("scores.0", new long[] {2, 3, 5, 5}),
        "tinybert compares attention head by head, but the teacher has 3 heads and the student 2."
            + " Give the student as many, leave attention out with attention-weight: 0, or take"
            + " minilm.");
  }

  @Test
  void maps_areNoHiddenStates() {
    refusesShapes(
        new HiddenCosine(ONE, List.of(new LayerPair("features.2", "hidden.1"))),
        Map.of("hidden.1", new long[] {2, 5, 4}),
        Map.of("features.2", new long[] {2, 3, 5, 5}),
        "hidden-cosine reads [texts, tokens, width], but the teacher layer 'features.2' gives [2,"
            + " 3, 5, 5]. Name another layer.");
  }

  static Stream<Arguments> options() {
    return Stream.of(
        Arguments.of(
            (ThrowingCallable) () -> new TinyBert(ONE, List.of(), 0, 0),
            "'attention-weight' and 'hidden-weight' of tinybert are both 0, but one must be above"
                + " 0."),
        Arguments.of(
            (ThrowingCallable) () -> new TinyBert(ONE, List.of(), -1, 0),
            "'attention-weight' of tinybert is -1.0, but must be finite and 0 or more."),
        Arguments.of(
            (ThrowingCallable)
                () -> new MiniLm(ONE, MiniLm.Form.V1, 0, Optional.empty(), Optional.empty()),
            "The form v1 of minilm matches attention head by head. Say how many heads both encoders"
                + " have: 'relation-heads'; or take the form v2."));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource
  void options(ThrowingCallable call, String message) {
    refuses(call, message);
  }

  @Test
  void relationHeads_mustDivideBothWidths() {
    Map<String, long[]> four = new LinkedHashMap<>();
    Map<String, long[]> six = new LinkedHashMap<>();
    for (String kind : EncoderLayers.PROJECTIONS) {
      four.put(kind + ".0", new long[] {1, 2, 4});
      six.put(kind + ".0", new long[] {1, 2, 6});
    }
    refusesShapes(
        new MiniLm(ONE, MiniLm.Form.V2, 4, Optional.empty(), Optional.empty()),
        four,
        six,
        "'relation-heads' of minilm is 4, but must divide the widths of both, 6 of the teacher and"
            + " 4 of the student.");
  }
}
