package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Several teachers that answer as one. Features keep the number of their teacher, from 0: layer
 * {@code features.2} of the second teacher is {@code 1.features.2}.
 *
 * <p>Source: Hinton, Vinyals and Dean 2015, arXiv:1503.02531, section 1: the arithmetic mean of
 * probabilities or (mean of logits) their geometric mean.
 *
 * <p>Owns its members: closing it closes them.
 */
public final class EnsembleTeacher implements Teacher {

  private final List<Teacher> members;
  private final double[] weights;
  private final Combine combine;

  /**
   * Makes one teacher of several.
   *
   * @param members one or more, with the same number of classes
   * @param weights one a member, finite, 0 or more, with a positive sum; divided by that sum
   * @throws RanbikiException if there is no member, or classes or weights break these rules; the
   *     members then stay open
   */
  public EnsembleTeacher(List<? extends Teacher> members, double[] weights, Combine combine) {
    this.members = List.copyOf(members);
    this.weights = normalize(members.size(), weights);
    this.combine = combine;
    requireSameClasses();
  }

  /** Members of equal weight. */
  public static EnsembleTeacher ofEqual(List<? extends Teacher> members, Combine combine) {
    double[] weights = new double[members.size()];
    Arrays.fill(weights, 1);
    return new EnsembleTeacher(members, weights, combine);
  }

  /**
   * Checks the weights of an ensemble.
   *
   * @throws RanbikiException if there are none, not as many as members, or they break the rules of
   *     the constructor
   */
  public static void requireWeights(int members, List<Double> weights) {
    normalize(members, weights.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /**
   * Weights divided by their sum.
   *
   * @throws RanbikiException if there are none, not as many as members, or one is out of range
   */
  static double[] normalize(int members, double[] weights) {
    if (members == 0) {
      throw RanbikiException.configuration("An ensemble has no teachers; name one or more.");
    }
    if (weights.length != members) {
      throw RanbikiException.configuration(
          "An ensemble of %d teachers has %d weights; give one weight a teacher, or none for equal ones.",
          members, weights.length);
    }
    for (double weight : weights) {
      if (!(weight >= 0) || Double.isInfinite(weight)) {
        throw RanbikiException.configuration(
            "The weight %s of an ensemble must be a finite number, 0 or more.", weight);
      }
    }
    double sum = Arrays.stream(weights).sum();
    if (!(sum > 0) || Double.isInfinite(sum)) {
      throw RanbikiException.configuration(
          "The weights %s of an ensemble sum to %s; the sum must be a finite number above 0.",
          Arrays.toString(weights), sum);
    }
    return Arrays.stream(weights).map(weight -> weight / sum).toArray();
  }

  private void requireSameClasses() {
    for (Teacher member : members) {
      if (member.classes() != classes()) {
        throw RanbikiException.configuration(
            "The teachers of an ensemble must have the same classes, but %s has %d and %s has %d; leave one of them out.",
            members.get(0).title(), classes(), member.title(), member.classes());
      }
    }
  }

  @Override
  public Signal signal(Batch batch) {
    try (TensorScope scope = TensorScope.open("ensemble");
        NoGrad noGrad = new NoGrad()) {
      List<Tensor> logits = new ArrayList<>();
      Map<String, Tensor> features = new LinkedHashMap<>();
      for (int m = 0; m < members.size(); m++) {
        Signal signal = members.get(m).signal(batch);
        logits.add(signal.logits());
        String prefix = m + ".";
        signal
            .features()
            .forEach((path, feature) -> features.put(prefix + path, scope.passOut(feature)));
      }
      return new Signal(scope.passOut(combine.of(logits, weights)), features);
    }
  }

  @Override
  public int classes() {
    return members.get(0).classes();
  }

  @Override
  public String title() {
    return members.stream()
        .map(Teacher::title)
        .collect(Collectors.joining(", ", "ensemble of ", ""));
  }

  @Override
  public List<Prepare> prepares() {
    return members.stream().flatMap(member -> member.prepares().stream()).distinct().toList();
  }

  @Override
  public List<String> notes() {
    return members.stream().flatMap(member -> member.notes().stream()).distinct().toList();
  }

  @Override
  public void close() {
    members.forEach(Teacher::close);
  }
}
