package io.ranbiki.objective;

import io.ranbiki.nn.BatchNorm;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.ConvTranspose2d;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Linear;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.Locale;

/** Makes learnable maps from the student's features to the teacher's number of channels. */
final class Projector {

  private Projector() {}

  /** A 1x1 convolution for maps, a linear layer for vectors. */
  static Layer pointwise(FeaturePair pair, Generator generator) {
    return pair.areMaps()
        ? new Conv2d(
            Conv2d.Options.of(pair.studentChannels(), pair.teacherChannels(), 1), generator)
        : new Linear(pair.studentChannels(), pair.teacherChannels(), generator);
  }

  /** What {@link #pointwise} is, for the log. */
  static String note(FeaturePair pair) {
    return String.format(
        Locale.ROOT,
        "%s %d to %d",
        pair.areMaps() ? "1x1 convolution" : "linear layer",
        pair.studentChannels(),
        pair.teacherChannels());
  }

  /**
   * A convolution (children {@code conv}, {@code bn}) that also brings maps to the teacher's size:
   * stride 2 if the student's are twice as high, transposed if half as high, else without padding.
   */
  static final class Regressor extends Layer {

    private final Layer conv;
    private final BatchNorm bn;
    private final boolean relu;

    private Regressor(Layer conv, long channels, boolean relu) {
      this.conv = child("conv", conv);
      this.bn = child("bn", new BatchNorm(channels));
      this.relu = relu;
    }

    /** For maps of any size; ends with batch normalisation and ReLU. */
    static Regressor resizing(FeaturePair pair, Generator generator) {
      return new Regressor(resizingConvolution(pair, generator), pair.teacherChannels(), true);
    }

    /** A 1x1 convolution and batch normalisation: values of either sign. */
    static Regressor connector(FeaturePair pair, Generator generator) {
      return new Regressor(pointwise(pair, generator), pair.teacherChannels(), false);
    }

    private static Layer resizingConvolution(FeaturePair pair, Generator generator) {
      long in = pair.studentChannels();
      long out = pair.teacherChannels();
      long height = pair.student().size(2);
      long target = pair.teacher().size(2);
      if (height == 2 * target) {
        return new Conv2d(Conv2d.Options.of(in, out, 3).padding(1).stride(2), generator);
      }
      if (2 * height == target) {
        return new ConvTranspose2d(in, out, 4, 2, 1, generator);
      }
      return new Conv2d(Conv2d.Options.of(in, out, 1 + height - target), generator);
    }

    @Override
    protected Tensor forward(Tensor input) {
      Tensor output = bn.apply(conv.apply(input));
      return relu ? output.relu() : output;
    }
  }
}
