package io.ranbiki.objective;

import io.ranbiki.Golden;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The terms on logits beside their reference implementations: values and gradients. */
class LogitTermsGoldenTest {

  private static final Ramp ONE = Ramp.constant(1);

  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open("golden");
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** Checks one term's value and gradient, with the labels as the case gives them. */
  private static void check(Golden golden, Term term) {
    Tensor student = golden.leaf("in.student_logits");
    Tensor loss = LossExamples.loss(term, LossExamples.of(golden, student));
    golden.check("out.loss", loss);
    loss.backward();
    golden.checkGrad("in.student_logits", student);
  }

  private static double value(Golden golden, Term term) {
    return LossExamples.loss(term, LossExamples.of(golden, golden.tensor("in.student_logits")))
        .item();
  }

  private static Ramp temperature(Golden golden) {
    return Ramp.constant(golden.number("temperature"));
  }

  // ---- logit standardisation, DKD, DIST

  @ParameterizedTest
  @ValueSource(strings = {"base", "t4", "batch1"})
  void standardizedTargets(String name) {
    Golden golden = Golden.load("04-logit-std." + name);
    check(golden, new StandardizedTargets(ONE, temperature(golden)));
  }

  static List<String> dkd() {
    List<String> ids = new ArrayList<>(Golden.ids("02-dkd."));
    ids.add("04-logit-std.dkd");
    return ids;
  }

  @ParameterizedTest
  @MethodSource("dkd")
  void dkd(String id) {
    Golden golden = Golden.load(id);
    Ramp temperature = temperature(golden);
    double target = golden.number("alpha");
    double nonTarget = golden.number("beta");
    check(golden, new Dkd(ONE, temperature, target, nonTarget, id.startsWith("04")));
    if (golden.has("out.tckd")) {
      double targetPart = value(golden, new Dkd(ONE, temperature, 1, 0, false));
      double nonTargetPart = value(golden, new Dkd(ONE, temperature, 0, 1, false));
      double hard = value(golden, new HardLabels(1));
      golden.check("out.tckd", targetPart);
      golden.check("out.nckd", nonTargetPart);
      golden.check("out.ce", hard);
      golden.check("out.total", hard + target * targetPart + nonTarget * nonTargetPart);
    }
  }

  static List<String> dist() {
    return Golden.ids("03-dist.");
  }

  @ParameterizedTest
  @MethodSource("dist")
  void dist(String id) {
    Golden golden = Golden.load(id);
    Ramp temperature = Ramp.constant(golden.number("tau", 1));
    check(golden, new Dist(ONE, temperature, golden.number("beta"), golden.number("gamma")));
    if (golden.has("out.inter")) {
      golden.check("out.inter", value(golden, new Dist(ONE, temperature, 1, 0)));
      golden.check("out.intra", value(golden, new Dist(ONE, temperature, 0, 1)));
    }
  }

  // ---- mutual learning

  static List<String> mutual() {
    return Golden.ids("19-dml.");
  }

  @ParameterizedTest
  @MethodSource("mutual")
  void softTargetsBetweenPeers_areMutualLearning(String id) {
    Golden golden = Golden.load(id);
    int peers = (int) golden.number("networks");
    double peerWeight = golden.hyper("peer_weight").asText().equals("1") ? 1 : 1.0 / (peers - 1);
    SoftTargets term = new SoftTargets(ONE, temperature(golden));
    Tensor labels = golden.tensor("in.labels");
    List<Tensor> logits = new ArrayList<>();
    for (int i = 0; i < peers; i++) {
      logits.add(golden.leaf("in.logits." + i));
    }

    float[] divergences = new float[peers * peers];
    Tensor total = Tensors.scalar(0);
    for (int i = 0; i < peers; i++) {
      LossInputs alone = LossExamples.of(logits.get(i), logits.get(i), labels);
      Tensor loss = LossExamples.loss(new HardLabels(1), alone);
      golden.check("out.ce." + i, loss);
      for (int j = 0; j < peers; j++) {
        if (j != i) {
          // the peer's logits still hang on their network here: the inputs must cut them off
          Tensor divergence =
              LossExamples.loss(term, LossExamples.of(logits.get(i), logits.get(j), labels));
          divergences[i * peers + j] = (float) divergence.item();
          loss = loss.add(divergence.mul(peerWeight));
        }
      }
      golden.check("out.loss." + i, loss);
      total = total.add(loss);
    }

    golden.check("out.kl", Tensors.of(divergences, peers, peers));
    golden.check("out.loss", total);
    total.backward();
    for (int i = 0; i < peers; i++) {
      golden.checkGrad("in.logits." + i, logits.get(i));
    }
  }

  // ---- forward KL, reverse KL and the divergence between

  static List<String> divergence() {
    return Golden.idsBut("20-gkd.", "20-gkd.num-items", "20-gkd.no-mask");
  }

  @ParameterizedTest
  @MethodSource("divergence")
  void divergenceOfTokens_leavesOutThoseWithoutLabel(String id) {
    Golden golden = Golden.load(id);
    Reduction reduction =
        golden.hyper("reduction").asText().equals("sum") ? Reduction.SUM : Reduction.MEAN;
    check(golden, divergence(golden, ONE, reduction));
  }

  @ParameterizedTest
  @ValueSource(strings = "20-gkd.no-mask")
  void divergenceWithoutLabels_canBeDividedByTheBatch(String id) {
    Golden golden = Golden.load(id);
    check(golden, divergence(golden, ONE, Reduction.BATCH_MEAN));
  }

  @ParameterizedTest
  @ValueSource(strings = "20-gkd.num-items")
  void divergence_canBeDividedByAnyNumber(String id) {
    Golden golden = Golden.load(id);
    Tensor student = golden.leaf("in.student_logits");
    Ramp weight = Ramp.constant(1 / golden.number("num_items_in_batch"));
    Objective objective = Objective.of(divergence(golden, weight, Reduction.SUM));
    LossBreakdown loss = LossExamples.loss(objective, LossExamples.of(golden, student));
    golden.check("out.loss", loss.values().total());
    loss.backward();
    golden.checkGrad("in.student_logits", student);
  }

  private static Term divergence(Golden golden, Ramp weight, Reduction reduction) {
    return new DivergenceTargets(weight, temperature(golden), golden.number("beta"), reduction);
  }

  // ---- top k

  static List<String> topK() {
    return Golden.ids("21-topk-kl.");
  }

  @ParameterizedTest
  @MethodSource("topK")
  void topK(String id) {
    Golden golden = Golden.load(id);
    Tensor student = golden.leaf("in.student_logits");
    Tensor teacher = id.endsWith("dense") ? golden.tensor("in.teacher_logits") : restored(golden);
    Tensor labels =
        golden.has("in.mask")
            ? golden.tensor("in.mask").sub(1).mul(-Functional.IGNORE).to(DType.INT64)
            : Tensors.zeros(DType.INT64, student.size(0), student.size(1));
    TopKTargets.Missing missing =
        golden.hyper("missing").asText().equals("zero")
            ? TopKTargets.Missing.FORGOTTEN
            : TopKTargets.Missing.BUCKET;
    int k = (int) golden.number("k", student.size(2));
    Term term = new TopKTargets(ONE, temperature(golden), k, missing);

    Tensor loss = LossExamples.loss(term, LossExamples.of(student, teacher, labels));

    golden.check("out.loss", loss);
    loss.backward();
    golden.checkGrad("in.student_logits", student);
  }

  /** Logits with the stored k values, and what is missing spread evenly over the other classes. */
  private static Tensor restored(Golden golden) {
    float[] values = golden.tensor("in.teacher_topk_values").toFloats();
    long[] ids = golden.tensor("in.teacher_topk_ids").toLongs();
    boolean logits = golden.hyper("values").asText().equals("logits");
    long[] shape = golden.tensor("in.student_logits").shape();
    int classes = (int) shape[2];
    int k = (int) golden.number("k");
    float[] full = new float[(int) (shape[0] * shape[1]) * classes];
    for (int row = 0; row < full.length / classes; row++) {
      double left = 1;
      for (int i = row * k; i < (row + 1) * k; i++) {
        left -= Math.exp(values[i]);
      }
      float rest = logits ? -1000 : (float) Math.log(left / (classes - k));
      Arrays.fill(full, row * classes, (row + 1) * classes, rest);
      for (int i = row * k; i < (row + 1) * k; i++) {
        full[row * classes + (int) ids[i]] = values[i];
      }
    }
    return Tensors.of(full, shape);
  }

  // ---- labels that do not exclude each other

  @ParameterizedTest
  @ValueSource(strings = {"kl-mean", "kl-batchmean", "bce-mean"})
  void binaryTargetsAndLabels(String name) {
    Golden golden = Golden.load("27-multilabel." + name);
    Reduction reduction = name.endsWith("batchmean") ? Reduction.BATCH_MEAN : Reduction.MEAN;
    double softWeight = golden.number("alpha");
    Tensor student = golden.leaf("in.student_logits");
    Tensor teacher = golden.tensor("in.teacher_logits");
    LossInputs inputs = LossExamples.of(student, teacher, golden.tensor("in.targets"));
    Objective objective =
        Objective.of(
            new BinaryTargets(Ramp.constant(softWeight), temperature(golden), reduction),
            new BinaryLabels(Ramp.constant(1 - softWeight), reduction));

    LossBreakdown loss = LossExamples.loss(objective, inputs);

    // the binary cross-entropy is the divergence and the teacher's entropy, which has no gradient
    double entropy = name.startsWith("bce") ? binaryEntropy(teacher.toDoubles()) : 0;
    golden.check("out.soft", loss.terms().get("binary-targets").item() + entropy);
    golden.check("out.hard", loss.terms().get("binary-labels"));
    golden.check("out.loss", loss.values().total() + softWeight * entropy);
    loss.backward();
    golden.checkGrad("in.student_logits", student);
  }

  private static double binaryEntropy(double[] logits) {
    double sum = 0;
    for (double logit : logits) {
      double yes = 1 / (1 + Math.exp(-logit));
      sum -= yes * Math.log(yes) + (1 - yes) * Math.log1p(-yes);
    }
    return sum / logits.length;
  }

  @ParameterizedTest
  @ValueSource(strings = "27-multilabel.mld")
  void binaryTargets_canBeSummedOverLabels(String id) {
    check(Golden.load(id), new BinaryTargets(ONE, ONE, Reduction.BATCH_MEAN));
  }

  @ParameterizedTest
  @ValueSource(strings = "27-multilabel.extreme")
  void binaryTargets_agreeForExtremeLogits(String id) {
    Golden golden = Golden.load(id);
    Tensor student = golden.leaf("in.student_logits");
    LossInputs inputs = LossExamples.of(golden, student);
    // here the teacher's entropy is below what 32 bits can tell from 0
    Tensor loss = LossExamples.loss(new BinaryTargets(1, 1), inputs);
    golden.check("out.loss", loss);
    loss.backward();
    golden.checkGrad("in.student_logits", student);
  }

  // ---- regression

  private static void checkRegression(Golden golden, Objective objective) {
    Tensor student = golden.leaf("in.student_pred");
    LossInputs inputs =
        LossExamples.of(student, golden.tensor("in.teacher_pred"), golden.tensor("in.targets"));
    LossBreakdown loss = LossExamples.loss(objective, inputs);
    golden.check("out.loss", loss.values().total());
    loss.backward();
    golden.checkGrad("in.student_pred", student);
    if (golden.has("out.soft")) {
      golden.check("out.soft", loss.terms().get("output-regression"));
      golden.check("out.hard", loss.terms().get("label-regression"));
    }
    if (golden.has("out.bounded")) {
      golden.check("out.bounded", loss.terms().get("bounded-regression"));
      golden.check("out.smooth_l1", loss.terms().get("label-regression"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = "25-cosine-embedding.positive")
  void embedding(String id) {
    Golden golden = Golden.load(id);
    Tensor student = golden.leaf("in.student_feat");
    Tensor loss =
        LossExamples.loss(
            new EmbeddingTargets(1),
            LossExamples.of(student, golden.tensor("in.teacher_feat"), Tensors.of(new long[5], 5)));
    loss.backward();
    golden.check("out.loss", loss);
    golden.checkGrad("in.student_feat", student);
  }

  @ParameterizedTest
  @ValueSource(strings = {"huber", "l1", "smooth-l1"})
  void outputRegression(String name) {
    Golden golden = Golden.load("27-regression." + name);
    Distance distance =
        switch (name) {
          case "huber" -> new Distance(Distance.Kind.HUBER, golden.number("delta"));
          case "smooth-l1" -> new Distance(Distance.Kind.SMOOTH_L1, golden.number("beta"));
          default -> new Distance(Distance.Kind.L1, 1);
        };
    checkRegression(golden, Objective.of(new OutputRegression(1, distance)));
  }

  @ParameterizedTest
  @ValueSource(strings = "27-regression.mse")
  void outputAndLabelRegression(String id) {
    Golden golden = Golden.load(id);
    double softWeight = golden.number("alpha");
    checkRegression(
        golden,
        Objective.of(
            new OutputRegression(softWeight, Distance.SQUARED),
            new LabelRegression(1 - softWeight, Distance.SQUARED)));
  }

  @ParameterizedTest
  @ValueSource(strings = "27-regression.teacher-bounded")
  void boundedRegression(String id) {
    Golden golden = Golden.load(id);
    checkRegression(
        golden,
        Objective.of(
            new LabelRegression(1, new Distance(Distance.Kind.SMOOTH_L1, 1)),
            new BoundedRegression(golden.number("nu"), golden.number("margin"))));
  }

  @ParameterizedTest
  @ValueSource(strings = "27-regression.logit-mse")
  void outputRegressionOfLogits(String id) {
    Golden golden = Golden.load(id);
    check(golden, new OutputRegression(ONE, temperature(golden), Distance.SQUARED));
  }
}
