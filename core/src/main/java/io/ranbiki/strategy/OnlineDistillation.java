package io.ranbiki.strategy;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.TrainOptions;
import io.ranbiki.train.Trainer;
import io.ranbiki.train.TrainingListener;
import io.ranbiki.train.Watch;
import java.util.List;

/**
 * Two or more peers train together and are all taught by one teacher that they form on the fly,
 * without any teacher trained beforehand (Anil et al. 2018, arXiv:1804.03235; Lan, Zhu and Gong
 * 2018, arXiv:1806.04606). The teacher gives logits alone.
 *
 * @param objective what each peer is taught by
 * @param options how they are fitted
 * @param seed source of initial values for what terms train themselves
 * @param teacher how the peers form it
 */
public record OnlineDistillation(
    Objective objective, TrainOptions options, long seed, OnlineTeacher teacher) {

  /** Checks that there is something to teach, and somebody who can. */
  public OnlineDistillation {
    String strategy = "Online distillation";
    Requirements.teaches(strategy, objective);
    if (!objective.teacherLayers().isEmpty()) {
      throw RanbikiException.configuration(
          "In online distillation the peers together give logits, and not the layers %s that the objective reads; leave out the terms that read them, or let the peers teach each other by mutual learning.",
          objective.teacherLayers());
    }
    if (teacher instanceof OnlineTeacher.Average average) {
      Requirements.hasTimeFor(average.past(), strategy, objective, options);
    }
  }

  /**
   * Asks everybody and binds the objective once, and trains nothing, so that mistakes show before
   * any work is done.
   *
   * @throws io.ranbiki.RanbikiException as {@code fit} would
   */
  public void tryStep(List<Model> peers, Loader loader) {
    TrainingListener nobody = TrainingListener.NONE;
    try (Peers formed = new Peers(peers, teacher)) {
      new Trainer(peers, formed, objective, loader, options, seed, nobody).close();
    }
  }

  /** Fits peers in place, with nobody looking on. */
  public List<EpochStats> fit(List<Model> peers, Loader loader) {
    return fit(peers, loader, Watch.NONE);
  }

  /**
   * Fits peers in place, from the newest checkpoint if there is one.
   *
   * @param peers two or more, of any architectures with the same classes
   * @return what each epoch did to the first peer, from the checkpoint on
   * @throws io.ranbiki.RanbikiException if there are too few peers, or they do not fit each other
   * @throws io.ranbiki.train.Interrupted if it was asked to stop
   */
  public List<EpochStats> fit(List<Model> peers, Loader loader, Watch watch) {
    TrainingListener listener = watch.listener();
    try (Peers formed = new Peers(peers, teacher);
        Trainer trainer = new Trainer(peers, formed, objective, loader, options, seed, listener)) {
      return trainer.run(watch);
    }
  }
}
