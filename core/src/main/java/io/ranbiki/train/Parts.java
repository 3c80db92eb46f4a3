package io.ranbiki.train;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.LossBreakdown;
import io.ranbiki.objective.LossValues;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Progress;
import io.ranbiki.teacher.AskedBatches.Answered;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Computes the gradient of a batch in parts: by several threads at the same time, each with a
 * network of its own whose weights are the student's, and one after the other, to need less memory.
 * The threads wait for each other once a step, where the threads of one operation wait for each
 * other in every operation.
 *
 * <p>The gradient is that of the whole batch but for rounding: terms say what they are means over,
 * and each part is weighted by how much of that it holds.
 */
final class Parts implements AutoCloseable {

  /** Below, the fixed costs of a network's operations are most of a thread's part. */
  private static final int FEWEST_SAMPLES = 8;

  private final List<Learner> learners;
  private final Supervision supervision;
  private final int largest;
  private final int threads = Engine.threads();
  private final List<List<Replica>> workers = new ArrayList<>();
  private final Partners partners;

  /**
   * Makes the networks of other threads, if these are of use. Borrows everything that is given.
   *
   * @param batch samples of a full batch
   */
  Parts(
      List<Learner> learners,
      Supervision supervision,
      Objective objective,
      TrainOptions options,
      int batch) {
    this.learners = learners;
    this.supervision = supervision;
    if (options.accumulate() > 1) {
      objective.requireParts("'accumulate: " + options.accumulate() + "'");
    }
    largest = (batch + options.accumulate() - 1) / options.accumulate();
    int beside = mayBeBeside(learners, supervision, objective) ? worthBeside(largest) : 1;
    partners = new Partners(beside - 1);
    workers.add(learners.stream().map(Learner::replica).toList());
    for (int i = 1; i < beside; i++) {
      workers.add(List.of(learners.get(0).replica().twin()));
    }
  }

  /**
   * Whether threads may take a part each: where the student sees its samples one by one, learns its
   * own weights alone, and has no teacher that computes, for that needs the threads itself.
   */
  static boolean mayBeBeside(List<Learner> learners, Supervision supervision, Objective objective) {
    Teacher teacher = supervision.frozen();
    return supervision.isFrozenAlone()
        && learners.size() == 1
        && (teacher == null || teacher.isLookedUp())
        && learners.get(0).student().canBeCopied()
        && learners.get(0).seesSamplesAlone()
        && learners.get(0).objective().modules().isEmpty()
        && objective.studentLayers().isEmpty()
        && objective.teacherLayers().isEmpty()
        && objective.terms().stream().allMatch(term -> term.meanOver() != null);
  }

  private int worthBeside(int samples) {
    return Math.max(1, Math.min(threads, samples / FEWEST_SAMPLES));
  }

  private int beside(int samples) {
    return Math.min(workers.size(), worthBeside(samples / rounds(samples)));
  }

  private int rounds(int samples) {
    return (samples + largest - 1) / largest;
  }

  /** What is to be known where parts are not quite the whole; mostly nothing. */
  List<String> notes(int accumulate) {
    return accumulate == 1 || learners.stream().allMatch(Learner::seesSamplesAlone)
        ? List.of()
        : List.of(
            "With 'accumulate', batch normalisation and dropout see parts of "
                + largest
                + " samples; their statistics and chance are each part's own.");
  }

  /** Some samples of a batch; cut by the thread that learns from them. */
  private record Part(Answered whole, int from, int to) {

    boolean isWhole() {
      return from == 0 && to == whole.batch().size();
    }

    Answered cut() {
      Signal signal = whole.signal();
      return isWhole()
          ? whole
          : new Answered(
              whole.batch().part(from, to), signal == null ? null : signal.part(from, to));
    }
  }

  /** What a batch comes to. */
  static final class Learnt implements AutoCloseable {

    private final List<LossValues> losses = new ArrayList<>();
    private final Map<String, Tensor> gradients = new LinkedHashMap<>();

    /** Of every student. */
    List<LossValues> losses() {
      return losses;
    }

    /** Norms of the gradients of the weighted terms of the student that was measured, by name. */
    Map<String, Double> norms() {
      Map<String, Double> norms = new LinkedHashMap<>();
      gradients.forEach((name, sum) -> norms.put(name, sum.norm().item()));
      return norms;
    }

    private void add(int learner, LossValues part) {
      if (learner == losses.size()) {
        losses.add(part);
      } else {
        losses.set(learner, losses.get(learner).plus(part));
      }
    }

    private void add(Learnt other) {
      for (int i = 0; i < other.losses.size(); i++) {
        add(i, other.losses.get(i));
      }
      gradients.forEach(
          (name, sum) -> sum.addInPlace(Objects.requireNonNull(other.gradients.get(name)), 1));
    }

    @Override
    public void close() {
      gradients.values().forEach(Tensor::close);
    }
  }

  /**
   * Leaves every student's gradient of a batch in place.
   *
   * @param measured whose terms' gradients are to be measured too, which changes nothing; null for
   *     nobody's
   */
  Learnt backward(Answered taught, Progress progress, @Nullable Learner measured) {
    int samples = taught.batch().size();
    int beside = beside(samples);
    int rounds = rounds(samples);
    List<Learnt> learnt = new ArrayList<>();
    List<Runnable> work = new ArrayList<>();
    for (int worker = 0; worker < beside; worker++) {
      List<Part> parts = new ArrayList<>();
      for (int i = worker * rounds; i < (worker + 1) * rounds; i++) {
        int all = beside * rounds;
        parts.add(new Part(taught, samples * i / all, samples * (i + 1) / all));
      }
      List<Replica> replicas = workers.get(worker);
      Learnt sum = new Learnt();
      learnt.add(sum);
      work.add(
          () -> {
            shareThreads(beside);
            replicas.forEach(replica -> replica.parameters().gradients().fill(0));
            parts.forEach(part -> learn(replicas, part, progress, measured, sum));
          });
    }
    Learnt whole = learnt.get(0);
    boolean done = false;
    try {
      partners.together(work);
      for (int worker = 1; worker < beside; worker++) {
        whole.add(learnt.get(worker));
        workers
            .get(0)
            .get(0)
            .parameters()
            .gradients()
            .addInPlace(workers.get(worker).get(0).parameters().gradients(), 1);
      }
      done = true;
      return whole;
    } finally {
      learnt.stream().skip(done ? 1 : 0).forEach(Learnt::close);
    }
  }

  private void learn(
      List<Replica> replicas,
      Part part,
      Progress progress,
      @Nullable Learner measured,
      Learnt sum) {
    try (TensorScope scope = TensorScope.open("part of a step")) {
      Answered cut = part.cut();
      List<Signal> answers = replicas.stream().map(replica -> replica.answer(cut.batch())).toList();
      Supervision.Question question =
          new Supervision.Question(cut.batch(), progress, cut.signal(), answers);
      List<List<Signal>> teaching = supervision.teach(question);
      for (int i = 0; i < replicas.size(); i++) {
        Learner learner = learners.get(i);
        LossBreakdown loss = learner.objective().loss(question.inputs(i, teaching.get(i)));
        Map<String, Double> shares = part.isWhole() ? Map.of() : shares(learner, part, cut.batch());
        sum.add(i, loss.values().times(shares));
        if (learner == measured) {
          replicas.get(i).measure(loss, shares, sum.gradients);
        }
        loss.backward(shares);
      }
    }
  }

  /** How much each term counts of what it counts in the whole batch. */
  private static Map<String, Double> shares(Learner learner, Part part, Batch cut) {
    Map<String, Double> whole = learner.objective().counts(part.whole().batch());
    Map<String, Double> shares = learner.objective().counts(cut);
    shares.replaceAll(
        (name, count) -> count == 0 ? 0 : count / Objects.requireNonNull(whole.get(name)));
    return shares;
  }

  /** Gives an operation of this thread its share of the threads for a whole step. */
  private void shareThreads(int beside) {
    if (partners.count() > 0 && Engine.threads() != threads / beside) {
      Engine.setThreads(threads / beside);
    }
  }

  /**
   * Changes the weights, on another thread while this one does something else where threads shared
   * the batch: waking all threads for an update took longer than it saved.
   */
  void update(int samples, Runnable update, Runnable meanwhile) {
    if (beside(samples) > 1) {
      partners.together(List.of(meanwhile, update));
    } else {
      update.run();
    }
  }

  /** Gives this thread all threads back. */
  void rest() {
    shareThreads(1);
  }

  @Override
  public void close() {
    partners.close();
    workers.stream().skip(1).forEach(twin -> twin.get(0).closeTwin());
  }
}
