package io.ranbiki.train;

import io.ranbiki.data.Batch;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.LossBreakdown;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.LossValues;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Progress;
import io.ranbiki.objective.Term;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Computes the gradient of a batch as two halves at the same time, each with half of the threads:
 * the second half has a network of its own, whose weights are the student's. The halves wait for
 * each other once a step, where the threads of one operation wait for each other in every
 * operation.
 *
 * <p>The gradient is that of the whole batch but for rounding, since the loss is the mean over the
 * samples: {@link #suit} says when that is so.
 */
final class Halves implements AutoCloseable {

  /** Below, the fixed costs of a network's operations are most of a step, and come twice. */
  private static final int SMALLEST_BATCH = 16;

  private final Objective.Bound objective;
  private final TrainOptions.Precision precision;
  private final Model student;
  private final FlatParameters parameters;
  private final Model twin;
  private final FlatParameters twinParameters;
  private final int threads;
  private final Partner partner;

  /** Some samples of a batch; cut by the thread that learns from them. */
  private record Slice(Batch whole, @Nullable Signal wholeTaught, int from, int to) {

    double share() {
      return (double) (to - from) / whole.size();
    }

    Batch batch() {
      return whole.part(from, to);
    }

    @Nullable Signal taught() {
      return wholeTaught == null ? null : wholeTaught.part(from, to);
    }
  }

  /**
   * Makes the second network. Borrows everything that is given.
   *
   * @param threads that both halves may use together, 2 or more
   */
  Halves(
      Model student,
      FlatParameters parameters,
      Objective.Bound objective,
      TrainOptions.Precision precision,
      int threads) {
    this.objective = objective;
    this.precision = precision;
    this.student = student;
    this.parameters = parameters;
    this.threads = threads;
    twin = student.copy(0);
    twin.module().train();
    twinParameters = parameters.twin(twin.module().parameters().values());
    partner = new Partner(threads / 2);
  }

  /** Whether a batch's loss is the mean over its samples, each seen alone and without chance. */
  static boolean suit(Model student, Objective objective) {
    return student.canBeCopied()
        && student.module().treatsSamplesAlone()
        && objective.teacherLayers().isEmpty()
        && objective.studentLayers().isEmpty()
        && objective.terms().stream().allMatch(Term::isMeanOverSamples);
  }

  /** Whether a batch is worth halving, and the mean over its samples is over all of them. */
  boolean suit(Batch batch) {
    return batch.size() >= SMALLEST_BATCH && batch.labelled() == batch.size();
  }

  /**
   * Gives an operation of this thread half of the threads, or all of them. Half for a whole step,
   * its update too: waking a thread for that took longer than it saved.
   */
  void share(boolean halved) {
    Engine.setThreads(halved ? threads / 2 : threads);
  }

  /** Leaves the gradient of a batch in place. */
  LossValues backward(Batch batch, @Nullable Signal taught, Progress progress) {
    int middle = batch.size() / 2;
    Slice first = new Slice(batch, taught, 0, middle);
    Slice second = new Slice(batch, taught, middle, batch.size());
    AtomicReference<LossValues> here = new AtomicReference<>();
    LossValues theirs =
        partner.beside(
            () -> backward(twin, twinParameters, second, progress),
            () -> here.set(backward(student, parameters, first, progress)));
    LossValues mine = Objects.requireNonNull(here.get());
    parameters.gradients().addInPlace(twinParameters.gradients(), 1);
    Map<String, Double> terms = new LinkedHashMap<>();
    mine.terms()
        .forEach(
            (name, value) ->
                terms.put(
                    name,
                    first.share() * value
                        + second.share() * Objects.requireNonNull(theirs.terms().get(name))));
    return new LossValues(terms, mine.weights());
  }

  private LossValues backward(Model of, FlatParameters into, Slice slice, Progress progress) {
    try (TensorScope scope = TensorScope.open("half of a step")) {
      Batch batch = slice.batch();
      Signal answer = Learner.answer(of, Map::of, batch, precision);
      LossBreakdown loss = objective.loss(new LossInputs(batch, answer, slice.taught(), progress));
      into.gradients().fill(0);
      loss.backward(slice.share());
      return loss.values();
    }
  }

  /** Changes the weights on one thread while the other does something else. */
  void update(Runnable update, Runnable meanwhile) {
    partner.beside(Executors.callable(update), meanwhile);
  }

  @Override
  public void close() {
    partner.close();
    twinParameters.close();
    twin.close();
  }
}
