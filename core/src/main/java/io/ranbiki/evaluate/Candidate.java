package io.ranbiki.evaluate;

import io.ranbiki.result.Acceptance;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Interval;
import io.ranbiki.result.Judgement;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * A model that is to be judged, with all that a {@link Limit} speaks of. A limit is met where the
 * whole interval of the figure is inside, failed where it is outside, and open where the limit lies
 * in the interval: these data cannot show it.
 *
 * @param name role or name of the model
 * @param seed that it was trained with; null if that is not known
 * @param teacher the teacher's answers to the test samples; null without a teacher
 * @param answers the model's own answers to the same samples
 * @param classNames names of all classes, in their order
 * @param cost what it costs where it runs
 */
public record Candidate(
    String name,
    @Nullable Long seed,
    @Nullable Predictions teacher,
    Predictions answers,
    List<String> classNames,
    Cost cost) {

  /** Of a class with fewer test samples nothing is said: its interval would span any limit. */
  static final int FEWEST_OF_CLASS = 20;

  private static final int POINTS = 100;

  /**
   * Judges the model.
   *
   * @param limits one or more, by what they limit, in their units; those that need a teacher only
   *     where there is one
   */
  public Acceptance judge(Map<Limit, Double> limits) {
    return new Acceptance(
        name,
        seed,
        new TreeMap<>(limits)
            .entrySet().stream().map(entry -> judge(entry.getKey(), entry.getValue())).toList());
  }

  private Acceptance.Limit judge(Limit limit, double allowed) {
    return switch (limit) {
      case ACCURACY_LOSS -> accuracyLoss(allowed).said(limit, allowed, "%.2f points");
      case AGREEMENT -> agreement(allowed).said(limit, allowed, "%.4f");
      case ECE -> calibrationError(allowed).said(limit, allowed, "%.4f");
      case LATENCY_P95_MS -> latency().said(limit, allowed, "%.3f ms");
      case BYTES -> bytes().said(limit, allowed, "%,.0f");
      case WORST_CLASS_LOSS -> worstClass(allowed).said(limit, allowed, "%.2f points");
    };
  }

  /**
   * What was found of one limit, in its unit.
   *
   * @param measured null where it could not be measured
   * @param isTrusted whether the interval says anything
   * @param settle how many test samples would show on which side of the limit it lies; {@code
   *     Long.MAX_VALUE} where no number would
   * @param words the figure, or why there is none
   */
  private record Found(@Nullable Interval measured, boolean isTrusted, long settle, String words) {

    static Found nothing(String why) {
      return new Found(null, false, Long.MAX_VALUE, why);
    }

    Acceptance.Limit said(Limit limit, double allowed, String format) {
      boolean least = limit == Limit.AGREEMENT;
      Judgement judgement =
          measured == null || !isTrusted
              ? Judgement.OPEN
              : least
                  ? judged(-measured.high(), -measured.low(), -allowed)
                  : judged(measured.low(), measured.high(), allowed);
      boolean helps = judgement == Judgement.OPEN && settle < Long.MAX_VALUE;
      String sentence =
          String.format(
              Locale.ROOT,
              "%s: %s %s; at %s %s is allowed%s.",
              head(judgement, limit),
              limit,
              words,
              least ? "least" : "most",
              String.format(Locale.ROOT, format, allowed),
              helps
                  ? String.format(
                      Locale.ROOT, ", and about %,d test samples would settle it", settle)
                  : "");
      return new Acceptance.Limit(
          limit.toString(), allowed, measured, judgement, helps ? (Long) settle : null, sentence);
    }

    private static Judgement judged(double low, double high, double most) {
      return high <= most ? Judgement.MET : low > most ? Judgement.FAILED : Judgement.OPEN;
    }

    private static String head(Judgement judgement, Limit limit) {
      return switch (judgement) {
        case MET -> "Met";
        case FAILED -> "Failed";
        case OPEN ->
            limit == Limit.LATENCY_P95_MS ? "Cannot be shown" : "Cannot be shown with these data";
      };
    }
  }

  private Found accuracyLoss(double points) {
    if (!answers.isAnyLabelled()) {
      return Found.nothing("needs test samples with labels, and there are none");
    }
    PairedAccuracy all = PairedAccuracy.of(taughtBy(), answers);
    Interval loss = loss(all.interval());
    return new Found(
        loss, true, all.samplesToSettle(points / POINTS), points(loss, "95 % interval"));
  }

  private static Interval loss(ConfidenceInterval gain) {
    return new ConfidenceInterval(points(gain.mean()), points(gain.high()), points(gain.low()))
        .result();
  }

  /** A difference of accuracies as a loss, without the sign of a zero. */
  private static double points(double gain) {
    return 0 - POINTS * gain;
  }

  private static String points(Interval loss, String interval) {
    return String.format(
        Locale.ROOT,
        "is %.2f points (%s %.2f to %.2f)",
        loss.value(),
        interval,
        loss.low(),
        loss.high());
  }

  private Found agreement(double least) {
    int samples = answers.size();
    int same = (int) Math.round(answers.agreement(taughtBy()) * samples);
    Interval share = ConfidenceInterval.ofShare(same, samples).result();
    // Wilson's interval ends at the limit where distance^2 = z^2 limit (1 - limit) / samples.
    double z = ConfidenceInterval.quantile(ConfidenceInterval.ERROR_RATE);
    double distance = share.value() - least;
    double needed = z * z * least * (1 - least) / (distance * distance);
    return new Found(share, true, (long) Math.ceil(needed), share("is", share));
  }

  private static String share(String is, Interval share) {
    return String.format(
        Locale.ROOT,
        "%s %.4f (95 %% interval %.4f to %.4f)",
        is,
        share.value(),
        share.low(),
        share.high());
  }

  private Found calibrationError(double most) {
    return CalibrationError.of(answers)
        .map(
            error -> {
              Interval interval = error.interval().result();
              return new Found(interval, true, error.samplesToSettle(most), share("is", interval));
            })
        .orElse(
            Found.nothing(
                "needs " + CalibrationError.FEWEST_SAMPLES + " test samples with labels"));
  }

  private Found latency() {
    return cost.deployment()
        .map(
            call -> {
              Interval halves =
                  new ConfidenceInterval(call.p95(), call.lowP95(), call.highP95()).result();
              String figure =
                  String.format(
                      Locale.ROOT,
                      "is %.3f ms (%.3f and %.3f in the two halves of %,d calls in %s)",
                      call.p95(),
                      call.lowP95(),
                      call.highP95(),
                      call.calls(),
                      call.engine().title());
              return call.busy()
                  ? new Found(
                      halves,
                      false,
                      Long.MAX_VALUE,
                      figure + ", but the machine was busy, so measure again")
                  : new Found(halves, true, Long.MAX_VALUE, figure);
            })
        .orElse(Found.nothing("was not measured"));
  }

  private Found bytes() {
    Long onnx = cost.onnxBytes();
    long bytes = onnx == null ? cost.bytes() : onnx;
    return new Found(
        new Interval(bytes, bytes, bytes),
        true,
        Long.MAX_VALUE,
        String.format(
            Locale.ROOT,
            "is %,d, the size of its %s",
            bytes,
            onnx == null ? "weights" : "ONNX file"));
  }

  /**
   * The class that lost most, by intervals that hold for all classes together (Bonferroni): the
   * largest of many losses is large by chance alone.
   */
  private Found worstClass(double most) {
    SortedMap<Integer, PairedAccuracy> all = PairedAccuracy.byClass(taughtBy(), answers);
    Map<Integer, PairedAccuracy> judged = new TreeMap<>(all);
    judged.values().removeIf(one -> one.samples() < FEWEST_OF_CLASS);
    String leftOut =
        judged.size() == all.size()
            ? ""
            : String.format(
                Locale.ROOT,
                "; of %d classes %d have fewer than %d test samples and are left out",
                all.size(),
                all.size() - judged.size(),
                FEWEST_OF_CLASS);
    if (judged.isEmpty()) {
      return Found.nothing(
          "needs a class with " + FEWEST_OF_CLASS + " test samples with labels or more");
    }
    double errorRate = ConfidenceInterval.ERROR_RATE / judged.size();
    int worst = -1;
    double value = Double.NEGATIVE_INFINITY;
    double low = Double.NEGATIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Map.Entry<Integer, PairedAccuracy> one : judged.entrySet()) {
      Interval loss = loss(one.getValue().interval(errorRate));
      worst = loss.value() > value ? one.getKey() : worst;
      value = Math.max(value, loss.value());
      low = Math.max(low, loss.low());
      high = Math.max(high, loss.high());
    }
    Interval loss = new Interval(value, low, high);
    return new Found(
        loss,
        true,
        settleWorst(judged.values(), most / POINTS, errorRate),
        points(loss, "simultaneous 95 % interval of " + judged.size() + " classes")
            + " in '"
            + classNames.get(worst)
            + "'"
            + leftOut);
  }

  /** One class that fails settles it; to be met, it takes all. */
  private long settleWorst(Collection<PairedAccuracy> judged, double margin, double errorRate) {
    long total = judged.stream().mapToLong(PairedAccuracy::samples).sum();
    DoubleStream fails =
        judged.stream()
            .filter(one -> -one.difference() > margin)
            .mapToDouble(one -> times(one, margin, errorRate));
    OptionalDouble first = fails.min();
    double times =
        first.isPresent()
            ? first.getAsDouble()
            : judged.stream().mapToDouble(one -> times(one, margin, errorRate)).max().orElse(1);
    double needed = Math.ceil(times * total);
    return needed >= Long.MAX_VALUE ? Long.MAX_VALUE : (long) needed;
  }

  private static double times(PairedAccuracy one, double margin, double errorRate) {
    return (double) one.samplesToSettle(margin, errorRate) / one.samples();
  }

  private Predictions taughtBy() {
    if (teacher == null) {
      throw new IllegalArgumentException("a limit against a teacher, but there is none");
    }
    return teacher;
  }
}
