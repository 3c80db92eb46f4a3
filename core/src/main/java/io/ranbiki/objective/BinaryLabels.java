package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Binary cross-entropy between the student's answer and true labels that do not exclude each other.
 *
 * <p>{@code L = -(y log p + (1 - y) log(1 - p))} with {@code p = sigmoid(z)}, in nats, over the
 * labels that are known; 0 if none is. Logits are {@code [batch, labels]}; the batch's labels are
 * of the same shape, each from 0 to 1, or -100 where unknown.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param reduction how samples and labels become one number; the default is {@link Reduction#MEAN}
 */
public record BinaryLabels(Ramp weight, Reduction reduction) implements Term {

  private static final String NAME = "binary-labels";

  /** Checks the range. */
  public BinaryLabels {
    weight.requireNonNegative("'weight' of " + NAME);
  }

  /** With a constant weight, and the mean over samples and labels. */
  public BinaryLabels(double weight) {
    this(Ramp.constant(weight), Reduction.MEAN);
  }

  static BinaryLabels read(Options options) {
    return new BinaryLabels(Ramp.weight(options, 1), Reduction.read(options));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean needsTeacher() {
    return false;
  }

  @Override
  public boolean needsLabels() {
    return true;
  }

  @Override
  public @Nullable MeanOver meanOver() {
    return reduction.over((part, positions) -> known(part.labels()).sum().item());
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireLabelsLikeLogits(NAME, example);
    return inputs -> {
      Tensor labels = inputs.labels().to(DType.FLOAT32);
      Tensor known = known(labels);
      Tensor entropy =
          Functional.binaryCrossEntropyWithLogits(
              inputs.studentLogits(), labels.maskedFill(known.not(), 0));
      return reduction.of(entropy, known, inputs.batch().size());
    };
  }

  /** True where a label is known: neither NaN nor -100. */
  private static Tensor known(Tensor labels) {
    return Logits.known(labels).mul(labels.ne(Functional.IGNORE));
  }
}
