package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Network;
import io.ranbiki.objective.Objective;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.train.TrainOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every training of a run once without training: networks are built, objectives bound and asked for
 * one batch, so that mistakes show before the first training, not after it.
 */
final class SanityCheck {

  private final RunConfig config;
  private final RunData data;
  private final RunListener listener;
  private final SeedSplit split;
  private final Loader loader;
  private final long seed;

  private SanityCheck(
      RunConfig config, RunData data, @Nullable AskedTeacher teacher, RunListener listener) {
    this.config = config;
    this.data = data;
    this.listener = listener;
    seed = config.seeds().get(0);
    split = data.split(seed);
    Loader batches = data.trainLoader(split, config.train().batch(), seed);
    loader = teacher == null ? batches : batches.also(teacher.prepare());
  }

  /**
   * Rehearses a run.
   *
   * @param teacher who was there before; null if nobody was
   * @param listener hears of what is allowed, and probably not meant
   * @throws io.ranbiki.RanbikiException if data, networks and objective do not fit each other
   */
  static void of(
      RunConfig config, RunData data, @Nullable AskedTeacher teacher, RunListener listener) {
    new SanityCheck(config, data, teacher, listener).run(teacher);
  }

  private void run(@Nullable AskedTeacher teacher) {
    noteUnlabelled();
    try (Opened networks = new Opened(teacher)) {
      whyNotExportable(networks.student().module()).ifPresent(listener::note);
      config.strategy().tryStep(networks);
    }
  }

  /** A network of somebody's own may be trained, and never leave; better to know that before. */
  static Optional<String> whyNotExportable(Network network) {
    try (TensorScope scope = TensorScope.open("graph of the student")) {
      Graph.of(network);
      return Optional.empty();
    } catch (RanbikiException e) {
      return Optional.of(e.getMessage() + " It is trained all the same.");
    }
  }

  private void noteUnlabelled() {
    int unlabelled = split.train().size() - split.labelled().size();
    if (unlabelled > 0 && config.objective().needsLabels()) {
      listener.note(
          String.format(
              Locale.ROOT,
              "No term of the objective learns from the %,d of %,d training samples that have no"
                  + " label. Leave them out, which is faster: data.drop-unlabelled: true.",
              unlabelled,
              split.train().size()));
    }
  }

  /** Assistants are meant to lie between teacher and student. */
  private void noteSizes(@Nullable Long teacher, List<Model> chain) {
    long student = chain.get(chain.size() - 1).parameterCount();
    long above = teacher == null ? Long.MAX_VALUE : teacher;
    for (Model assistant : chain.subList(0, chain.size() - 1)) {
      ModelSpec is = assistant.spec();
      long size = assistant.parameterCount();
      if (teacher != null && size > teacher) {
        note(is, "%,d parameters, more than the %,d of the teacher", size, teacher);
      } else if (size < student) {
        note(is, "%,d parameters, fewer than the %,d of the student", size, student);
      } else if (size > above) {
        note(is, "%,d parameters, more than the %,d of the assistant before it", size, above);
      }
      above = size;
    }
  }

  private void note(ModelSpec assistant, String format, long size, long other) {
    listener.note(
        String.format(
            Locale.ROOT,
            "Assistant %s has %s; assistants help where they lie between those who teach and who learn.",
            assistant.title(),
            String.format(Locale.ROOT, format, size, other)));
  }

  /** Networks as they are before training, closed together. */
  private final class Opened implements StrategyConfig.Trial, AutoCloseable {

    private final @Nullable AskedTeacher teacher;
    private final List<Model> opened = new ArrayList<>();
    private final Set<String> noted = new HashSet<>();

    Opened(@Nullable AskedTeacher teacher) {
      this.teacher = teacher;
      another();
    }

    private Model open(ModelChoice choice) {
      int number = opened.size();
      Model model = Networks.initial(choice, data, number == 0 ? seed : Arms.seedOf(seed, number));
      model.notes().stream().filter(noted::add).forEach(listener::note);
      opened.add(model);
      return model;
    }

    @Override
    public Objective objective() {
      return config.objective();
    }

    @Override
    public TrainOptions options() {
      return config.train().options();
    }

    @Override
    public long seed() {
      return seed;
    }

    @Override
    public Model student() {
      return opened.get(0);
    }

    @Override
    public Model another() {
      return open(config.student());
    }

    @Override
    public List<Model> others(List<ModelChoice> choices) {
      return choices.stream().map(this::open).toList();
    }

    @Override
    public Loader loader() {
      return loader;
    }

    @Override
    public @Nullable Teacher live() {
      return teacher == null ? null : teacher.live(objective());
    }

    @Override
    public void noteSizes(List<Model> chain) {
      SanityCheck.this.noteSizes(teacher == null ? null : teacher.parameterCount(), chain);
    }

    @Override
    public void close() {
      opened.forEach(Model::close);
    }
  }
}
