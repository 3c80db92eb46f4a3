package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Tensors;
import java.util.Map;

/**
 * Answers that lie in a file, looked up by the ids of samples: one for each sample, whatever its
 * view.
 *
 * @param title the file
 * @param classes how many numbers an answer has
 * @param answers by id, {@code [classes]} each
 * @param samples whose ids these are, for messages
 */
record GivenTeacher(String title, int classes, Map<Long, float[]> answers, Dataset samples)
    implements Teacher {

  @Override
  public Signal signal(Batch batch) {
    long[] ids = batch.ids();
    float[] logits = new float[ids.length * classes];
    for (int i = 0; i < ids.length; i++) {
      float[] answer = answers.get(ids[i]);
      if (answer == null) {
        throw RanbikiException.configuration(
            "%s has no answer to %s. Add it, or write all keys that need one with: ranbiki label"
                + " CONFIG --unanswered FILE",
            title, samples.nameOf(ids[i]));
      }
      System.arraycopy(answer, 0, logits, i * classes, classes);
    }
    return Signal.of(Tensors.of(logits, ids.length, classes));
  }

  @Override
  public boolean isLookedUp() {
    return true;
  }

  @Override
  public void close() {}
}
