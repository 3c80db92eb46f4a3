package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * A weighted sum of terms.
 *
 * @param terms one or more, with different names
 */
public record Objective(List<Term> terms) {

  /** Checks the terms. */
  public Objective {
    terms = List.copyOf(terms);
    if (terms.isEmpty()) {
      throw RanbikiException.configuration(
          "an objective needs at least one term, such as hard-labels");
    }
    Set<String> names = new LinkedHashSet<>();
    for (Term term : terms) {
      term.weight().requireNonNegative("weight of " + term.name());
      if (!names.add(term.name())) {
        throw RanbikiException.configuration(
            "term '%s' stands twice in the objective; give one of them, with both pairs or the sum of the weights",
            term.name());
      }
    }
  }

  /** An objective of the given terms. */
  public static Objective of(Term... terms) {
    return new Objective(List.of(terms));
  }

  /** The teacher's layers that the terms read. */
  public Set<String> teacherLayers() {
    return layers(Term::teacherLayers);
  }

  /** The student's layers that the terms read. */
  public Set<String> studentLayers() {
    return layers(Term::studentLayers);
  }

  private Set<String> layers(Function<Term, Collection<String>> kind) {
    Set<String> layers = new LinkedHashSet<>();
    terms.forEach(term -> layers.addAll(kind.apply(term)));
    return layers;
  }

  /** What a student is taught by without any teacher: hard labels, smoothed as they are here. */
  public Objective labelsAlone() {
    for (Term term : terms) {
      if (term instanceof HardLabels labels) {
        return of(new HardLabels(Ramp.constant(1), labels.labelSmoothing()));
      }
    }
    return of(new HardLabels(1));
  }

  /** Whether any term needs a teacher. */
  public boolean needsTeacher() {
    return terms.stream().anyMatch(Term::needsTeacher);
  }

  /**
   * Makes the loss function.
   *
   * @param example a first lesson, answered before training: shapes are read from it
   * @param generator source of initial values for what terms train themselves
   */
  public Bound bind(Lesson example, Generator generator) {
    Map<Term, TermLoss> losses = new LinkedHashMap<>();
    for (Term term : terms) {
      losses.put(term, term.bind(example, generator));
    }
    return new Bound(losses);
  }

  /** An objective bound to the shapes of a run; owns what its terms train. */
  public static final class Bound implements AutoCloseable {

    private final Map<Term, TermLoss> losses;

    private Bound(Map<Term, TermLoss> losses) {
      this.losses = losses;
    }

    /** The value of the objective for one lesson. */
    public LossBreakdown loss(Lesson lesson) {
      return loss(List.of(lesson));
    }

    /**
     * The value of the objective where several teach: each term is its mean over the lessons, which
     * differ in the teacher's answer alone. Terms that need a teacher are left out of a single
     * lesson in which nobody teaches.
     */
    public LossBreakdown loss(List<Lesson> lessons) {
      Lesson first = lessons.get(0);
      Map<String, Tensor> values = new LinkedHashMap<>();
      Map<String, Double> weights = new LinkedHashMap<>();
      Tensor total = null;
      for (Map.Entry<Term, TermLoss> entry : losses.entrySet()) {
        Term term = entry.getKey();
        if (term.needsTeacher() && first.teacherOrNull() == null) {
          continue;
        }
        double weight = term.weight().at(first.progress());
        Tensor value = entry.getValue().value(first);
        if (term.needsTeacher() && lessons.size() > 1) {
          for (Lesson lesson : lessons.subList(1, lessons.size())) {
            value = value.add(entry.getValue().value(lesson));
          }
          value = value.div(lessons.size());
        }
        values.put(term.name(), value);
        weights.put(term.name(), weight);
        Tensor weighted = weight == 1 ? value : value.mul(weight);
        total = total == null ? weighted : total.add(weighted);
      }
      return new LossBreakdown(
          Objects.requireNonNull(total, "nobody teaches, and no term can do without"),
          values,
          weights);
    }

    /** What the terms train themselves, by {@code term.module}. */
    public Map<String, Module> modules() {
      Map<String, Module> modules = new LinkedHashMap<>();
      losses.forEach(
          (term, loss) ->
              loss.modules().forEach((name, m) -> modules.put(term.name() + "." + name, m)));
      return modules;
    }

    /** Which rules matched shapes, one line a term that needed one. */
    public List<String> notes() {
      List<String> notes = new ArrayList<>();
      losses.forEach(
          (term, loss) -> {
            if (!loss.notes().isEmpty()) {
              notes.add(term.name() + ": " + loss.notes());
            }
          });
      return notes;
    }

    @Override
    public void close() {
      losses.values().forEach(TermLoss::close);
    }
  }
}
