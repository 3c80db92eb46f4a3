package io.ranbiki.strategy;

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
 * Two or more peers train together on the same batches and teach each other. With {@code
 * hard-labels} and {@code soft-targets} at temperature 1 and weight 1 it is deep mutual learning
 * (Zhang et al. 2017, arXiv:1706.00384): the loss of peer k is its cross-entropy and the mean over
 * the other peers of {@code KL(p_other || p_k)}.
 *
 * <p>Deviation: all peers answer a batch before any of them changes, where Algorithm 1 of the paper
 * updates one after the other; the result does not depend on the order of the peers.
 *
 * @param objective what each peer is taught by
 * @param options how they are fitted
 * @param seed source of initial values for what terms train themselves
 */
public record MutualLearning(Objective objective, TrainOptions options, long seed) {

  /** Checks that there is something to teach. */
  public MutualLearning {
    Requirements.teaches("Mutual learning", objective);
  }

  /**
   * Asks everybody and binds the objective once, and trains nothing, so that mistakes show before
   * any work is done.
   *
   * @throws io.ranbiki.RanbikiException as {@code fit} would
   */
  public void tryStep(List<Model> peers, Loader loader) {
    TrainingListener nobody = TrainingListener.NONE;
    try (Peers each = new Peers(peers, new Peers.EachOther())) {
      new Trainer(peers, each, objective, loader, options, seed, nobody).close();
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
    try (Peers each = new Peers(peers, new Peers.EachOther());
        Trainer trainer = new Trainer(peers, each, objective, loader, options, seed, listener)) {
      return trainer.run(watch);
    }
  }
}
