package io.ranbiki.objective;

import io.ranbiki.nn.BatchNorm;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.Layer;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * What {@link SimKd} trains between the student's body and the teacher's classifier: {@code [batch,
 * in, height, width]} to {@code [batch, out, height, width]}, or vectors alike. Convolutions 1x1,
 * 3x3 and 1x1 without bias, each with batch normalisation and ReLU; the middle has {@code out /
 * factor} channels.
 */
public final class SimKdProjector extends Layer {

  private final Conv2d reduce;
  private final BatchNorm reduceNorm;
  private final Conv2d mix;
  private final BatchNorm mixNorm;
  private final Conv2d expand;
  private final BatchNorm expandNorm;

  /**
   * Makes a projector.
   *
   * @param in channels of the student
   * @param out channels of the teacher
   * @param factor by how much the middle is narrower than the teacher, 1 or more
   */
  public SimKdProjector(long in, long out, long factor, Generator generator) {
    long middle = Math.max(1, out / factor);
    reduce = child("0", Conv2d.forRelu(Conv2d.Options.of(in, middle, 1).noBias(), generator));
    reduceNorm = child("1", new BatchNorm(middle));
    mix =
        child(
            "3",
            Conv2d.forRelu(Conv2d.Options.of(middle, middle, 3).padding(1).noBias(), generator));
    mixNorm = child("4", new BatchNorm(middle));
    expand = child("6", Conv2d.forRelu(Conv2d.Options.of(middle, out, 1).noBias(), generator));
    expandNorm = child("7", new BatchNorm(out));
  }

  @Override
  protected Tensor forward(Tensor input) {
    boolean maps = input.dim() == 4;
    Tensor x = maps ? input : input.unsqueeze(2).unsqueeze(3);
    x = reduceNorm.apply(reduce.apply(x)).relu();
    x = mixNorm.apply(mix.apply(x)).relu();
    x = expandNorm.apply(expand.apply(x)).relu();
    return maps ? x : x.flatten(1);
  }
}
