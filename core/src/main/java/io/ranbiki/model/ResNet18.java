package io.ranbiki.model;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.BatchNorm;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Operation;
import io.ranbiki.nn.Pool;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * The residual network of 18 layers for photographs (He et al. 2015, arXiv:1512.03385, table 1): a
 * stem that takes height and width to a quarter, four stages of two basic blocks with {@code width}
 * channels, then twice as many at half the resolution each, and a linear layer. With 64 channels
 * its paths, shapes and answers are those of torchvision's {@code resnet18}; a weights file of
 * another number of classes lacks {@code fc}.
 *
 * @param width channels of the first stage
 */
record ResNet18(int width) implements Architecture {

  private static final String NAME = "resnet-18";
  private static final int STAGES = 4;

  static ResNet18 read(Options options) {
    return new ResNet18(
        options.integer("width", 64, "Channels of the first stage", Rule.atLeast(1)));
  }

  @Override
  public List<Field> inputs(List<Field> offered) {
    return Samples.images(NAME, offered);
  }

  @Override
  public Network build(List<Field> inputs, int classes, Generator generator) {
    int channels = inputs.get(0).shape().get(0);
    return Network.of(inputs.get(0), new Stages(width, channels, classes, generator));
  }

  @Override
  public NetworkSize size(List<Field> inputs, int classes) {
    List<Integer> shape = inputs.get(0).shape();
    double pixels = (double) shape.get(1) * shape.get(2);
    NetworkSize size =
        NetworkSize.NONE.convolution(shape.get(0), width, 49, false, pixels / 4).batchNorm(width);
    double in = width;
    for (int stage = 0; stage < STAGES; stage++) {
      double out = width * Math.pow(2, stage);
      double places = pixels / Math.pow(4, stage + 2);
      size =
          size.plus(ResNet.blockSize(in, out, places), 1)
              .plus(ResNet.blockSize(out, out, places), 1);
      in = out;
    }
    return size.linear(in, classes);
  }

  private static final class Stages extends Layer {

    private final Layer conv1;
    private final Layer bn1;
    private final Layer relu = child("relu", Activation.relu());
    private final Layer maxpool = child("maxpool", Pool.max(3, 2, 1));
    private final Layer[] layers = new Layer[STAGES];
    private final Layer avgpool;
    private final Layer fc;

    Stages(int width, int channels, int classes, Generator generator) {
      Conv2d.Options stem = Conv2d.Options.of(channels, width, 7).padding(3).stride(2).noBias();
      conv1 = child("conv1", Conv2d.forRelu(stem, generator));
      bn1 = child("bn1", new BatchNorm(width));
      int in = width;
      for (int i = 0; i < STAGES; i++) {
        int out = width << i;
        layers[i] = child("layer" + (i + 1), ResNet.stage(in, out, 2, i == 0 ? 1 : 2, generator));
        in = out;
      }
      avgpool = child("avgpool", Pool.adaptiveAverage(1));
      fc = child("fc", new Linear(in, classes, generator));
    }

    @Override
    protected String describe(Graph graph, String images) {
      String features = graph.apply(relu, graph.apply(bn1, graph.apply(conv1, images)));
      features = graph.apply(maxpool, features);
      for (Layer layer : layers) {
        features = graph.apply(layer, features);
      }
      return graph.apply(fc, graph.add(new Operation.Flatten(), graph.apply(avgpool, features)));
    }

    @Override
    protected Tensor forward(Tensor images) {
      Tensor features = maxpool.apply(relu.apply(bn1.apply(conv1.apply(images))));
      for (Layer layer : layers) {
        features = layer.apply(features);
      }
      return fc.apply(avgpool.apply(features).flatten(1));
    }
  }
}
