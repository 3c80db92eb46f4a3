package io.ranbiki.run;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.ForwardingDataset;
import io.ranbiki.data.Task;
import io.ranbiki.prepare.Row;

/**
 * Texts of which pieces are hidden, so that each says itself what is right, whatever its label.
 * Owns the samples.
 *
 * @param samples whose labels are taken away
 * @param task says how many pieces there are to guess from
 */
record MaskedTexts(Dataset samples, Task.MaskedLanguage task) implements ForwardingDataset {

  @Override
  public int stratum(int index) {
    return 0;
  }

  @Override
  public Row read(int index) {
    return samples.read(index).without(Batch.TRUTH);
  }
}
