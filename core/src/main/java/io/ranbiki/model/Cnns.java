package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.Dropout;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Operation;
import io.ranbiki.nn.Pool;
import io.ranbiki.nn.Sequential;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * Plain convolutional networks: {@code features} halves height and width twice, {@code classifier}
 * makes logits of what is left. Paths are those of the same networks in PyTorch.
 */
final class Cnns {

  private static final double DROPOUT = 0.5;

  private Cnns() {}

  /** Four convolutions (64, 64, 128, 128 channels) and three linear layers (512, 256, classes). */
  record Teacher() implements Architecture {

    private static final String NAME = "teacher-cnn";

    @Override
    public List<Field> inputs(List<Field> offered) {
      return Samples.images(NAME, offered);
    }

    @Override
    public Network build(List<Field> inputs, int classes, Generator generator) {
      Image image = Image.of(NAME, inputs);
      Layer features =
          new Sequential(
              convolution(image.channels(), 64, generator),
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
              new Linear(128 * image.positions(), 512, generator),
              Activation.relu(),
              new Dropout(DROPOUT, generator),
              new Linear(512, 256, generator),
              Activation.relu(),
              new Linear(256, classes, generator));
      return Network.of(inputs.get(0), new Cnn(features, classifier));
    }

    @Override
    public NetworkSize size(List<Field> inputs, int classes) {
      Image image = Image.of(NAME, inputs);
      return NetworkSize.NONE
          .convolution(image.channels(), 64, 9, true, image.pixels())
          .convolution(64, 64, 9, true, image.pixels())
          .convolution(64, 128, 9, true, image.pixels() / 4)
          .convolution(128, 128, 9, true, image.pixels() / 4)
          .linear(128.0 * image.positions(), 512)
          .linear(512, 256)
          .linear(256, classes);
    }
  }

  /**
   * Two convolutions and two linear layers, scaled by the hidden size h: convolutions of h/4 and
   * h/2 channels, linear layers of h and of the classes.
   *
   * @param name of the architecture, for messages
   * @param hidden a multiple of 4
   */
  record Small(String name, int hidden) implements Architecture {

    static Small read(Options options) {
      return new Small(
          "intermediate-cnn",
          options.integer(
              "hidden", 64, "Features before the classifier", Rule.multipleOf(4), Rule.atLeast(4)));
    }

    @Override
    public List<Field> inputs(List<Field> offered) {
      return Samples.images(name, offered);
    }

    @Override
    public Network build(List<Field> inputs, int classes, Generator generator) {
      Image image = Image.of(name, inputs);
      Layer features =
          new Sequential(
              convolution(image.channels(), hidden / 4, generator),
              Activation.relu(),
              Pool.max(2),
              convolution(hidden / 4, hidden / 2, generator),
              Activation.relu(),
              Pool.max(2));
      Layer classifier =
          new Sequential(
              new Linear((long) hidden / 2 * image.positions(), hidden, generator),
              Activation.relu(),
              new Linear(hidden, classes, generator));
      return Network.of(inputs.get(0), new Cnn(features, classifier));
    }

    @Override
    public NetworkSize size(List<Field> inputs, int classes) {
      Image image = Image.of(name, inputs);
      double width = hidden;
      return NetworkSize.NONE
          .convolution(image.channels(), width / 4, 9, true, image.pixels())
          .convolution(width / 4, width / 2, 9, true, image.pixels() / 4)
          .linear(width / 2 * image.positions(), width)
          .linear(width, classes);
    }
  }

  private static Conv2d convolution(long in, long out, Generator generator) {
    return new Conv2d(Conv2d.Options.of(in, out, 3).padding(1), generator);
  }

  /** Places left of each channel, after pooling has halved height and width twice. */
  private record Image(int channels, long positions) {

    static Image of(String architecture, List<Field> inputs) {
      List<Integer> shape = inputs.get(0).shape();
      int height = shape.get(1) / 4;
      int width = shape.get(2) / 4;
      if (height < 1 || width < 1) {
        throw RanbikiException.configuration(
            "The architecture '%s' needs images of 4 x 4 pixels or more, but the data has %s.",
            architecture, shape);
      }
      return new Image(shape.get(0), (long) height * width);
    }

    /** Height times width, rounded down to what pooling halves twice. */
    double pixels() {
      return 16.0 * positions;
    }
  }

  private static final class Cnn extends Layer {

    private final Layer features;
    private final Layer classifier;

    Cnn(Layer features, Layer classifier) {
      this.features = child("features", features);
      this.classifier = child("classifier", classifier);
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
