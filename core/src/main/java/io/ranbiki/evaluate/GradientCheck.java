package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.Taps;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Progress;
import io.ranbiki.objective.Term;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Whom the gradient of each term reaches, and how large it is. */
final class GradientCheck {

  private static final String REACH = "gradient to the student";
  private static final String TEACHER = "no gradient to the teacher";
  private static final String SIZES = "sizes of the gradients";
  private static final double LARGEST_RATIO = 100;
  private static final int MOST_WEIGHTS = 1000;

  private final Model student;
  private final Teacher teacher;
  private final @Nullable Module network;
  private final int epochs;

  GradientCheck(Model student, Teacher teacher, @Nullable Module network, int epochs) {
    this.student = student;
    this.teacher = teacher;
    this.network = network;
    this.epochs = epochs;
  }

  /**
   * The gradient of one term, the largest over some batches.
   *
   * @param value of the term
   * @param norm of its gradient at the student, without weight; NaN if it or the value is not
   *     finite
   * @param reachesTeacher whether a gradient was left at the teacher
   */
  private record Reach(double value, double norm, boolean reachesTeacher) {}

  List<Finding> of(Objective objective, List<Batch> batches) {
    Map<Term, Reach> reaches = new LinkedHashMap<>();
    if (network != null) {
      clear(network); // what its own training may have left
    }
    List<Signal> answers = batches.stream().map(teacher::signal).toList();
    try (Model copy = student.copy(0)) {
      // Whoever froze the student wants to hear of it.
      Map<String, Tensor> own = student.module().parameters();
      copy.module()
          .parameters()
          .forEach(
              (name, tensor) ->
                  tensor.setRequiresGrad(Objects.requireNonNull(own.get(name)).requiresGrad()));
      for (Term term : objective.terms()) {
        reaches.put(term, reach(term, copy, batches, answers));
      }
    }
    List<Finding> findings = new ArrayList<>(reached(reaches));
    findings.add(teacherUntouched(reaches));
    sizes(reaches).ifPresent(findings::add);
    return findings;
  }

  private Reach reach(Term term, Model copy, List<Batch> batches, List<Signal> answers) {
    double value = 0;
    double norm = 0;
    boolean reachesTeacher = false;
    try (Taps taps =
            Taps.open("student " + copy.spec().title(), copy.module(), term.studentLayers());
        Objective.Bound bound = bind(term, copy, taps, batches.get(0), answers.get(0))) {
      copy.module().train();
      bound.modules().values().forEach(Module::train);
      for (int i = 0; i < batches.size(); i++) {
        try (TensorScope scope = TensorScope.open("gradient")) {
          LossInputs inputs = inputs(copy, taps, batches.get(i), answers.get(i));
          Tensor loss = Objects.requireNonNull(bound.loss(inputs).terms().get(term.name()));
          value = larger(value, Math.abs(loss.item()));
          if (loss.requiresGrad()) {
            loss.backward();
            norm = larger(norm, norm(copy.module()));
            reachesTeacher |= network != null && norm(network) > 0;
          }
        } finally {
          clear(copy.module());
          if (network != null) {
            clear(network);
          }
        }
      }
    }
    return new Reach(value, norm, reachesTeacher);
  }

  /** In evaluation mode, as the training will do it. */
  private Objective.Bound bind(Term term, Model copy, Taps taps, Batch batch, Signal answer) {
    try (NoGrad noGrad = new NoGrad();
        Generator generator = new Generator(0)) {
      copy.module().eval();
      return Objective.of(term).bind(inputs(copy, taps, batch, answer), generator);
    }
  }

  /** In the last epoch: what is warmed up is warm then. */
  private LossInputs inputs(Model copy, Taps taps, Batch batch, Signal answer) {
    Signal answered = copy.answer(batch).with(taps.take());
    return new LossInputs(
        batch, answered, answer, new Progress(epochs - 1, epochs, epochs - 1L, 1));
  }

  /** The larger; NaN if one is not finite. */
  private static double larger(double one, double other) {
    return Double.isFinite(other) ? Math.max(one, other) : Double.NaN;
  }

  private static double norm(Module module) {
    double squares = 0;
    for (Tensor parameter : module.parameters().values()) {
      Tensor gradient = parameter.grad();
      if (gradient != null) {
        double norm = gradient.norm().item();
        squares += norm * norm;
      }
    }
    return Math.sqrt(squares);
  }

  private static void clear(Module module) {
    module.parameters().values().forEach(Tensor::clearGrad);
  }

  private static List<Finding> reached(Map<Term, Reach> reaches) {
    List<Finding> findings = new ArrayList<>();
    reaches.forEach(
        (term, reach) -> {
          if (!Double.isFinite(reach.value) || !Double.isFinite(reach.norm)) {
            findings.add(
                Finding.fault(
                    REACH,
                    "%s or its gradient is not finite on the first batches; check its inputs and options.",
                    term.name()));
          } else if (reach.norm == 0 && reach.value > 0) {
            findings.add(
                Finding.fault(
                    REACH,
                    "%s has the value %.4g but no gradient for the student, which it can teach nothing; compute it from the student's answer, and do not freeze the student.",
                    term.name(),
                    reach.value));
          } else if (reach.norm == 0) {
            findings.add(
                Finding.warning(
                    REACH,
                    "%s is 0 on the first batches, so that its gradient could not be seen; check that there are labels, or that student and teacher differ.",
                    term.name()));
          }
        });
    if (findings.isEmpty()) {
      findings.add(Finding.ok(REACH, "Every term reaches the student."));
    }
    return findings;
  }

  private static Finding teacherUntouched(Map<Term, Reach> reaches) {
    List<String> terms =
        reaches.keySet().stream()
            .filter(term -> Objects.requireNonNull(reaches.get(term)).reachesTeacher)
            .map(Term::name)
            .toList();
    return terms.isEmpty()
        ? Finding.ok(TEACHER, "No term reaches the teacher.")
        : Finding.fault(
            TEACHER,
            "The gradient of %s reaches the teacher, which would be trained as well; take the teacher's answer from the inputs, and freeze() it.",
            String.join(" and ", terms));
  }

  private Optional<Finding> sizes(Map<Term, Reach> reaches) {
    Map<String, Double> sizes = new LinkedHashMap<>();
    reaches.forEach(
        (term, reach) -> {
          double size = largestWeight(term) * reach.norm;
          if (size > 0) {
            sizes.put(term.name(), size);
          }
        });
    if (sizes.isEmpty()) {
      return Optional.empty();
    }
    String seen =
        sizes.entrySet().stream()
            .map(size -> String.format(Locale.ROOT, "%s %.3g", size.getKey(), size.getValue()))
            .collect(Collectors.joining(", "));
    var largest = Collections.max(sizes.entrySet(), Map.Entry.comparingByValue());
    var smallest = Collections.min(sizes.entrySet(), Map.Entry.comparingByValue());
    double ratio = largest.getValue() / smallest.getValue();
    return Optional.of(
        ratio > LARGEST_RATIO
            ? Finding.warning(
                SIZES,
                "The gradient of %s is %.0f times as large as that of %s, which will hardly count (weight times norm: %s); bring the weights closer.",
                largest.getKey(),
                ratio,
                smallest.getKey(),
                seen)
            : Finding.ok(SIZES, "The gradients have these sizes (weight times norm): %s.", seen));
  }

  private double largestWeight(Term term) {
    int points = Math.min(epochs, MOST_WEIGHTS);
    return IntStream.rangeClosed(0, points)
        .mapToDouble(
            i -> {
              long epoch = (long) i * epochs / points;
              return term.weight().at(new Progress((int) epoch, epochs, epoch, 1));
            })
        .max()
        .orElse(0);
  }
}
