package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.data.BatchSteps;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;

/**
 * A teacher whose file says what its inputs must have gone through, where the batches of a run went
 * through something else: they are taken back and brought to that. Owns the other teacher.
 *
 * @param given what batches have gone through
 * @param wanted what the teacher's inputs must have gone through
 */
record Renormalized(Teacher teacher, Normalization given, Normalization wanted) implements Wrapped {

  @Override
  public Signal signal(Batch batch) {
    try (TensorScope scope = TensorScope.open("renormalize");
        NoGrad noGrad = new NoGrad()) {
      Tensor inputs = BatchSteps.normalized(BatchSteps.raw(batch.inputs(), given), wanted);
      Signal signal = teacher.signal(batch.withInputs(inputs));
      signal.features().values().forEach(scope::passOut);
      return new Signal(scope.passOut(signal.logits()), signal.features());
    }
  }
}
