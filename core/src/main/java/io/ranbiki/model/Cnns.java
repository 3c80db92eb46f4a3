package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.Dropout;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Operation;
import io.ranbiki.nn.Pool;
import io.ranbiki.nn.Sequential;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * Plain convolutional networks: {@code features} halves height and width twice, {@code classifier}
 * makes logits of what is left. Paths are those of the same networks in PyTorch.
 */
final class Cnns {

  private static final double DROPOUT = 0.5;

  private Cnns() {}

  /** Four convolutions (64, 64, 128, 128 channels) and three linear layers (512, 256, classes). */
  static Layer teacher(ModelSpec spec, Generator generator) {
    Layer features =
        new Sequential(
            convolution(channels(spec), 64, generator),
            Activation.relu(),
            convolution(64, 64, generator),
            Activation.relu(),
            Pool.max(2),
            convolution(64, 128, generator),
            Activation.relu(),
            convolution(128, 128, generator),
            Activation.relu(),
            Pool.max(2));
    Layer classifier =
        new Sequential(
            new Dropout(DROPOUT, generator),
            new Linear(128 * positions(spec), 512, generator),
            Activation.relu(),
            new Dropout(DROPOUT, generator),
            new Linear(512, 256, generator),
            Activation.relu(),
            new Linear(256, spec.classes(), generator));
    return new Cnn(features, classifier);
  }

  static NetworkSize teacherSize(ModelSpec spec) {
    double pixels = pixels(spec);
    return NetworkSize.NONE
        .convolution(channels(spec), 64, 9, true, pixels)
        .convolution(64, 64, 9, true, pixels)
        .convolution(64, 128, 9, true, pixels / 4)
        .convolution(128, 128, 9, true, pixels / 4)
        .linear(128.0 * positions(spec), 512)
        .linear(512, 256)
        .linear(256, spec.classes());
  }

  /** Two convolutions (16, 32 channels) and two linear layers (64, classes). */
  static Layer student(ModelSpec spec, Generator generator) {
    return small(spec, 64, generator);
  }

  static NetworkSize studentSize(ModelSpec spec) {
    return smallSize(spec, 64);
  }

  /** The student scaled by its hidden size h: convolutions h/4 and h/2, linear h. */
  static Layer intermediate(ModelSpec spec, Generator generator) {
    return small(spec, spec.option("hidden"), generator);
  }

  static NetworkSize intermediateSize(ModelSpec spec) {
    return smallSize(spec, spec.option("hidden"));
  }

  private static NetworkSize smallSize(ModelSpec spec, double hidden) {
    double pixels = pixels(spec);
    return NetworkSize.NONE
        .convolution(channels(spec), hidden / 4, 9, true, pixels)
        .convolution(hidden / 4, hidden / 2, 9, true, pixels / 4)
        .linear(hidden / 2 * positions(spec), hidden)
        .linear(hidden, spec.classes());
  }

  private static Layer small(ModelSpec spec, int hidden, Generator generator) {
    Layer features =
        new Sequential(
            convolution(channels(spec), hidden / 4, generator),
            Activation.relu(),
            Pool.max(2),
            convolution(hidden / 4, hidden / 2, generator),
            Activation.relu(),
            Pool.max(2));
    Layer classifier =
        new Sequential(
            new Linear((long) hidden / 2 * positions(spec), hidden, generator),
            Activation.relu(),
            new Linear(hidden, spec.classes(), generator));
    return new Cnn(features, classifier);
  }

  private static Conv2d convolution(long in, long out, Generator generator) {
    return new Conv2d(Conv2d.Options.of(in, out, 3).padding(1), generator);
  }

  private static int channels(ModelSpec spec) {
    return spec.input().get(0);
  }

  /** Height times width, rounded down to what pooling halves twice. */
  private static double pixels(ModelSpec spec) {
    return 16.0 * positions(spec);
  }

  private static long positions(ModelSpec spec) {
    int height = spec.input().get(1) / 4;
    int width = spec.input().get(2) / 4;
    if (height < 1 || width < 1) {
      throw RanbikiException.configuration(
          "architecture '%s' needs images of 4 x 4 pixels or more, but the data has %s",
          spec.architecture(), spec.input());
    }
    return (long) height * width;
  }

  private static final class Cnn extends Layer {

    private final Layer features;
    private final Layer classifier;

    Cnn(Layer features, Layer classifier) {
      this.features = child("features", features);
      this.classifier = child("classifier", classifier);
    }

    @Override
    protected boolean isSampleWise() {
      return true;
    }

    @Override
    protected String describe(Graph graph, String images) {
      String maps = graph.apply(features, images);
      return graph.apply(classifier, graph.add(new Operation.Flatten(), maps));
    }

    @Override
    protected Tensor forward(Tensor images) {
      return classifier.apply(features.apply(images).flatten(1));
    }
  }
}
