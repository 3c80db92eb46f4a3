package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Task;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A weighted sum of terms.
 *
 * @param terms one or more, with different names, not all of weight 0
 */
public record Objective(List<Term> terms) {

  /** Checks the terms. */
  public Objective {
    terms = List.copyOf(terms);
    if (terms.isEmpty()) {
      throw RanbikiException.configuration(
          "An objective needs at least one term, such as hard-labels.");
    }
    Set<String> names = new LinkedHashSet<>();
    for (Term term : terms) {
      term.weight().requireNonNegative("'weight' of " + term.name());
      if (!names.add(term.name())) {
        throw RanbikiException.configuration(
            "The term '%s' stands twice in the objective; give one of them, with both pairs or the sum of the weights.",
            term.name());
      }
    }
    if (terms.stream().allMatch(term -> term.weight().isZero())) {
      throw RanbikiException.configuration(
          "The weight of %s is 0, so that nothing would be learnt; give a term a weight above 0.",
          terms.size() == 1 ? terms.get(0).name() : "every term");
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

  /**
   * Checks that parts of a batch add up to it.
   *
   * @param wish what was asked for, for the message
   * @throws RanbikiException that names a term that must see a batch as a whole
   */
  public void requireParts(String wish) {
    for (Term term : terms) {
      if (term.meanOver() == null) {
        throw RanbikiException.configuration(
            "%s computes a batch in parts, but %s is no mean over samples and must see the whole batch. Leave one of them out.",
            wish, term.name());
      }
    }
  }

  private Set<String> layers(Function<Term, Collection<String>> kind) {
    Set<String> layers = new LinkedHashSet<>();
    terms.forEach(term -> layers.addAll(kind.apply(term)));
    return layers;
  }

  /** What a student of classes is taught by without any teacher. */
  public Objective labelsAlone() {
    return labelsAlone(new Task.Classes(List.of()));
  }

  /**
   * What a student is taught by without any teacher: hard labels, smoothed as they are here; for
   * labels and numbers the terms that need none, or what stands for hard labels there.
   */
  public Objective labelsAlone(Task task) {
    for (Term term : terms) {
      if (term instanceof HardLabels labels) {
        return of(new HardLabels(Ramp.constant(1), labels.labelSmoothing()));
      }
    }
    List<Term> own =
        task.excludesOthers()
            ? List.of()
            : terms.stream().filter(term -> !term.needsTeacher() && term.needsLabels()).toList();
    return own.isEmpty() ? of(TaskFit.labels(task)) : new Objective(own);
  }

  /**
   * What a student is taught by where the teacher's bare decisions take the place of its soft
   * answers: the terms that need no teacher as they are here, and the decisions with the weight
   * that the soft terms have together at the end of training. Empty where no term is soft.
   */
  public Optional<Objective> decisionsAlone() {
    double weight =
        terms.stream().filter(Term::matchesClasses).mapToDouble(term -> term.weight().end()).sum();
    if (weight == 0) {
      return Optional.empty();
    }
    List<Term> plain = new ArrayList<>(terms);
    plain.removeIf(Term::needsTeacher);
    plain.add(new TeacherDecisions(weight));
    return Optional.of(new Objective(plain));
  }

  /** Whether any term needs a teacher. */
  public boolean needsTeacher() {
    return terms.stream().anyMatch(Term::needsTeacher);
  }

  /** Whether no term learns anything from a sample without a label. */
  public boolean needsLabels() {
    return terms.stream().allMatch(Term::needsLabels);
  }

  /**
   * Makes the loss function.
   *
   * @param example a first batch, answered before training: shapes are read from it
   * @param generator source of initial values for what terms train themselves
   */
  public Bound bind(LossInputs example, Generator generator) {
    return bind(List.of(example), generator);
  }

  /**
   * Makes the loss function where several teach. What a term trains itself it trains for each
   * teacher apart, because their layers differ.
   *
   * @param examples a first batch answered with each teacher, of the same batch and student
   * @param generator source of initial values for what terms train themselves
   */
  public Bound bind(List<LossInputs> examples, Generator generator) {
    Map<Term, List<TermLoss>> losses = new LinkedHashMap<>();
    try {
      for (Term term : terms) {
        List<TermLoss> each = new ArrayList<>();
        losses.put(term, each);
        for (LossInputs example : term.needsTeacher() ? examples : examples.subList(0, 1)) {
          each.add(term.bind(example, generator));
        }
      }
      return new Bound(losses, examples.get(0).hasPositions());
    } catch (RuntimeException e) {
      losses.values().forEach(each -> each.forEach(TermLoss::close));
      throw e;
    }
  }

  /** An objective bound to the shapes of a run; owns what its terms train. */
  public static final class Bound implements AutoCloseable {

    private final Map<Term, List<TermLoss>> losses;
    private final boolean positions;

    private Bound(Map<Term, List<TermLoss>> losses, boolean positions) {
      this.losses = losses;
      this.positions = positions;
    }

    /**
     * How much of each term's mean a batch holds, by name: what the parts of a batch are weighted
     * with. Terms that must see the whole batch are left out.
     */
    public Map<String, Double> counts(Batch batch) {
      Map<String, Double> counts = new LinkedHashMap<>();
      for (Term term : losses.keySet()) {
        MeanOver over = term.meanOver();
        if (over != null) {
          counts.put(term.name(), over.count(batch, positions));
        }
      }
      return counts;
    }

    /** The value of the objective for one batch and its answers. */
    public LossBreakdown loss(LossInputs inputs) {
      return loss(List.of(inputs));
    }

    /**
     * The value of the objective where several teach: each term is its mean over the inputs, which
     * differ in the teacher's answer alone and stand in the order in which this was bound. Terms
     * that need a teacher are left out of a single one in which nobody teaches; those for which
     * nothing in the batch counts are 0.
     */
    public LossBreakdown loss(List<LossInputs> allInputs) {
      LossInputs first = allInputs.get(0);
      Map<String, Tensor> values = new LinkedHashMap<>();
      Map<String, Double> weights = new LinkedHashMap<>();
      Map<String, Double> counts = counts(first.batch());
      for (Map.Entry<Term, List<TermLoss>> entry : losses.entrySet()) {
        Term term = entry.getKey();
        List<TermLoss> each = entry.getValue();
        if (term.needsTeacher() && !first.isTaught()) {
          continue;
        }
        boolean nothing = counts.getOrDefault(term.name(), 1.0) == 0;
        values.put(
            term.name(),
            nothing ? first.student().logits().sum().mul(0) : value(term, each, allInputs));
        weights.put(term.name(), term.weight().at(first.progress()));
      }
      if (values.isEmpty()) {
        throw new IllegalStateException("nobody teaches, and no term can do without");
      }
      return new LossBreakdown(values, weights);
    }

    private static Tensor value(Term term, List<TermLoss> each, List<LossInputs> allInputs) {
      Tensor value = each.get(0).value(allInputs.get(0));
      if (!term.needsTeacher() || allInputs.size() == 1) {
        return value;
      }
      for (int i = 1; i < allInputs.size(); i++) {
        value = value.add(each.get(i).value(allInputs.get(i)));
      }
      return value.div(allInputs.size());
    }

    /** What the terms train themselves, by {@code term.module}; {@code term-2} for teacher 2. */
    public Map<String, Module> modules() {
      Map<String, Module> modules = new LinkedHashMap<>();
      losses.forEach(
          (term, each) -> {
            for (int i = 0; i < each.size(); i++) {
              String prefix = term.name() + (i == 0 ? "." : "-" + (i + 1) + ".");
              each.get(i).modules().forEach((name, m) -> modules.put(prefix + name, m));
            }
          });
      return modules;
    }

    /** Which rules matched shapes, one line a term that needed one, and no line twice. */
    public List<String> notes() {
      Set<String> notes = new LinkedHashSet<>();
      losses.forEach(
          (term, each) ->
              each.stream()
                  .map(TermLoss::notes)
                  .filter(note -> !note.isEmpty())
                  .forEach(note -> notes.add(term.name() + ": " + note + ".")));
      return List.copyOf(notes);
    }

    @Override
    public void close() {
      losses.values().forEach(each -> each.forEach(TermLoss::close));
    }
  }
}
