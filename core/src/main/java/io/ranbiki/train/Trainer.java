package io.ranbiki.train;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.Taps;
import io.ranbiki.objective.LossValues;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Progress;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.teacher.AskedBatches;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The training loop: fits one student, or several that see the same batches. Borrows the students,
 * the supervision and the loader; owns the optimisers' states and what the objective's terms train
 * themselves.
 *
 * <p>A step asks the students, asks who teaches, computes the objective of each, and changes the
 * weights; it stops before any change if a loss or gradient is not finite.
 */
public final class Trainer implements AutoCloseable {

  private final List<Learner> learners = new ArrayList<>();
  private final Supervision supervision;
  private final Loader loader;
  private final TrainOptions options;
  private final TrainingListener listener;
  private final Parts parts;
  private long step;

  /**
   * Prepares the training of one student with a frozen teacher.
   *
   * @param student trained in place
   * @param teacher null if the objective needs none
   * @param seed source of initial values for what terms train themselves
   */
  public Trainer(
      Model student,
      @Nullable Teacher teacher,
      Objective objective,
      Loader loader,
      TrainOptions options,
      long seed,
      TrainingListener listener) {
    this(
        List.of(student),
        supervision(student, teacher, objective),
        objective,
        loader,
        options,
        seed,
        listener);
  }

  private static Supervision supervision(
      Model student, @Nullable Teacher teacher, Objective objective) {
    if (teacher == null && objective.needsTeacher()) {
      throw RanbikiException.configuration(
          "The objective compares with a teacher, but none was given; give a teacher, or use hard-labels alone.");
    }
    if (teacher != null && teacher.classes() != student.spec().classes()) {
      throw RanbikiException.configuration(
          "The teacher %s answers %d classes and the student %s answers %d; they must be trained on the same classes.",
          teacher.title(), teacher.classes(), student.spec().title(), student.spec().classes());
    }
    return Supervision.of(teacher);
  }

  /**
   * Prepares a training: asks students and teachers once, so that terms can be built and mistakes
   * show before any work is done.
   *
   * @param students trained in place, each with the same objective
   * @param seed source of initial values for what terms train themselves
   */
  public Trainer(
      List<Model> students,
      Supervision supervision,
      Objective objective,
      Loader loader,
      TrainOptions options,
      long seed,
      TrainingListener listener) {
    this.supervision = supervision;
    this.loader = asTaken(loader, supervision.frozen());
    this.options = options;
    this.listener = listener;
    List<Taps> taps = new ArrayList<>();
    try {
      for (Model student : students) {
        requireTrainable(student);
        String owner = "student " + student.spec().title();
        taps.add(Taps.open(owner, student.module(), layers(supervision, objective)));
      }
      List<Objective.Bound> bound = bind(students, taps, objective, seed);
      for (int i = 0; i < students.size(); i++) {
        String who = students.size() == 1 ? "" : " of peer " + (i + 1);
        learners.add(new Learner(who, students.get(i), taps.get(i), bound.get(i), options));
      }
      parts = new Parts(learners, supervision, objective, options, loader.largestBatch());
    } catch (RuntimeException e) {
      learners.forEach(Learner::close);
      taps.stream().skip(learners.size()).forEach(Taps::close);
      throw e;
    }
    Set<String> notes = new LinkedHashSet<>();
    learners.forEach(learner -> notes.addAll(learner.objective().notes()));
    notes.addAll(parts.notes(options.accumulate()));
    notes.forEach(listener::note);
  }

  /**
   * A loader whose batches hold the ids or frames that a teacher takes, too, if they are others.
   */
  private static Loader asTaken(Loader loader, @Nullable Teacher teacher) {
    Loader also = loader;
    for (Prepare prepare : teacher == null ? List.<Prepare>of() : teacher.prepares()) {
      also = prepare.makesSame(loader.prepare()) ? also : also.also(prepare);
    }
    return also;
  }

  private static void requireTrainable(Model student) {
    if (student.module().parameters().values().stream().noneMatch(Tensor::requiresGrad)) {
      throw RanbikiException.configuration(
          "The student %s is frozen, as every network is that has taught; train a new one, or a copy of it.",
          student.spec().title());
    }
  }

  /** A student who teaches is asked for the layers that a teacher is asked for, too. */
  private static Set<String> layers(Supervision supervision, Objective objective) {
    Set<String> layers = new LinkedHashSet<>(objective.studentLayers());
    if (supervision.studentsTeach()) {
      layers.addAll(objective.teacherLayers());
    }
    return layers;
  }

  private List<Objective.Bound> bind(
      List<Model> students, List<Taps> taps, Objective terms, long seed) {
    List<Objective.Bound> bound = new ArrayList<>();
    try (TensorScope scope = TensorScope.open("first inputs");
        NoGrad noGrad = new NoGrad();
        Generator generator = new Generator(seed);
        Epoch epoch = loader.epoch(0)) {
      Batch batch = Batch.of(epoch.next());
      List<Signal> answers = new ArrayList<>();
      for (int i = 0; i < students.size(); i++) {
        students.get(i).module().eval(); // nothing of a student may move before training
        answers.add(Replica.answer(students.get(i), taps.get(i)::take, batch, options.precision()));
      }
      Teacher frozen = supervision.frozen();
      Signal asked = frozen == null ? null : AskedBatches.answer(frozen, batch, loader.dataset());
      Supervision.Question question =
          new Supervision.Question(batch, Progress.START, asked, answers);
      List<List<Signal>> taught = supervision.example(question);
      for (int i = 0; i < students.size(); i++) {
        bound.add(terms.bind(question.inputs(i, taught.get(i)), generator));
      }
      return bound;
    } catch (RuntimeException e) {
      bound.forEach(Objective.Bound::close);
      throw e;
    }
  }

  /**
   * Trains from where it stands to the end, without checkpoints.
   *
   * @param validation how well a model does on held-out samples; returns NaN if there are none
   * @return what each epoch did
   */
  public List<EpochStats> run(ToDoubleFunction<Model> validation) {
    return run(new Watch(validation, null, () -> false, listener));
  }

  /**
   * Trains from the newest checkpoint, or from the beginning, to the end. A run that was stopped
   * and goes on ends with the same bits as one that was not.
   *
   * @return what each epoch did to the first student, from the checkpoint on
   * @throws Interrupted if it was asked to stop
   */
  public List<EpochStats> run(Watch watch) {
    Checkpoints checkpoints = watch.checkpoints();
    if (checkpoints != null) {
      step = state().restore(checkpoints, step, listener::note);
    }
    List<EpochStats> history = new ArrayList<>();
    long stepsPerEpoch = loader.batches();
    listener.started(step, stepsPerEpoch * options.epochs());
    for (int epoch = (int) (step / stepsPerEpoch); epoch < options.epochs(); epoch++) {
      if (step % stepsPerEpoch == 0 && watch.enough().test(epoch)) {
        break;
      }
      history.add(epoch(epoch, watch.validation(), checkpoints, watch.stop()));
      if (checkpoints != null) {
        state().save(checkpoints, step);
      }
      if (watch.stop().getAsBoolean()) {
        throw new Interrupted(step);
      }
    }
    learners.forEach(learner -> learner.student().module().eval());
    return history;
  }

  private EpochStats epoch(
      int epoch,
      ToDoubleFunction<Model> validation,
      @Nullable Checkpoints checkpoints,
      BooleanSupplier stop) {
    learners.forEach(Learner::train);
    long start = System.nanoTime();
    long samplesBefore = learners.get(0).samples();
    int batchesDone = (int) (step % loader.batches());
    if (batchesDone == 0) {
      supervision.epochStarts(epoch);
    }
    Epoch rest = loader.epoch(epoch, batchesDone);
    try (AskedBatches batches = new AskedBatches(rest, loader.dataset(), supervision.frozen())) {
      while (batches.hasNext()) {
        step(batches, epoch);
        // After its last step an epoch is reported before training stops.
        if (batches.hasNext() && stop.getAsBoolean()) {
          if (checkpoints != null) {
            state().save(checkpoints, step);
          }
          throw new Interrupted(step);
        }
      }
    } finally {
      parts.rest();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    List<EpochStats> stats = new ArrayList<>();
    for (Learner learner : learners) {
      learner.student().module().eval();
      double reached = validation.applyAsDouble(learner.student());
      stats.add(
          learner.finishEpoch(epoch + 1, learningRate(step - 1), reached, seconds, samplesBefore));
    }
    listener.epochDone(stats.get(0));
    for (int i = 1; i < stats.size(); i++) {
      listener.peerEpochDone(i, stats.get(i));
    }
    return stats.get(0);
  }

  private void step(AskedBatches batches, int epoch) {
    try (TensorScope scope = TensorScope.open("step")) {
      AskedBatches.Answered taught = batches.next();
      int samples = taught.batch().size();
      Progress progress = new Progress(epoch, options.epochs(), step, loader.batches());
      LossValues first = backward(taught, progress);
      try {
        parts.update(samples, this::update, batches::prepare);
      } catch (Diverged.Gradient e) {
        try (Parts.Learnt again = parts.backward(taught, progress, e.learner())) {
          throw diverged(taught).gradient(e, again.norms());
        }
      }
      step++;
      supervision.stepDone(step);
      listener.stepDone(step, samples, first);
    }
  }

  /** Leaves every student's gradient in place; the loss is the first student's. */
  private LossValues backward(AskedBatches.Answered taught, Progress progress) {
    int every = listener.gradientsEvery();
    Learner measured = every > 0 && (step + 1) % every == 0 ? learners.get(0) : null;
    try (Parts.Learnt learnt = parts.backward(taught, progress, measured)) {
      for (int i = 0; i < learners.size(); i++) {
        count(learners.get(i), learnt.losses().get(i), taught);
      }
      LossValues first = learnt.losses().get(0);
      if (measured != null) {
        listener.gradientsMeasured(
            progress.epoch() + 1, step + 1, first, learningRate(step), learnt.norms());
      }
      return first;
    }
  }

  /** Counts a loss, unless it is not finite. */
  private void count(Learner learner, LossValues loss, AskedBatches.Answered taught) {
    double total = loss.total();
    if (!Double.isFinite(total)) {
      throw diverged(taught).loss(learner, total, loss.terms());
    }
    learner.count(taught.batch().size(), total, loss.terms());
  }

  private Diverged diverged(AskedBatches.Answered taught) {
    return new Diverged(taught, loader.dataset(), step + 1);
  }

  /** Changes the weights by the gradients that are in place; on any thread. */
  private void update() {
    try (TensorScope scope = TensorScope.open("update")) {
      learners.forEach(Learner::clip);
      double learningRate = learningRate(step);
      learners.forEach(learner -> learner.update(learningRate));
    }
  }

  private double learningRate(long atStep) {
    double epochs = (double) atStep / loader.batches();
    return options.optimizer().learningRate() * options.schedule().factor(epochs, options.epochs());
  }

  private TrainingState state() {
    return new TrainingState(learners, supervision);
  }

  @Override
  public void close() {
    parts.close();
    learners.forEach(Learner::close);
  }
}
