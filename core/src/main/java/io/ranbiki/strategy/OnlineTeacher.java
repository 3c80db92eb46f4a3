package io.ranbiki.strategy;

/** How peers form a teacher on the fly. */
public sealed interface OnlineTeacher extends Peers.Formed {

  /**
   * The mean of all peers' logits for the batch at hand.
   *
   * <p>Source: Lan, Zhu and Gong 2018, arXiv:1806.04606. Deviations: the peers share no layers, and
   * the mean has equal weights in place of a learnt gate.
   */
  record Ensemble() implements OnlineTeacher {}

  /**
   * The mean of the logits of all peers' moving averages, which change more slowly than the peers;
   * it teaches from the second epoch on.
   *
   * @param past how the averages move
   */
  record Average(Past.Average past) implements OnlineTeacher {}
}
