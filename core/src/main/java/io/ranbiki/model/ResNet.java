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
import io.ranbiki.nn.Sequential;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A residual network for small images (He et al. 2015, arXiv:1512.03385, section 4.2): a stem,
 * three stages of {@code n} basic blocks at full, half and quarter resolution with {@code width},
 * twice and four times as many channels, and a linear layer: {@code depth = 6n + 2}. Deviation:
 * where shapes change, the shortcut is a 1x1 convolution with batch normalisation (option B of the
 * paper), as in most published CIFAR distillation code. Paths: {@code conv1}, {@code bn1}, {@code
 * layer1.0.conv1}, ..., {@code fc}.
 *
 * @param depth layers with weights, {@code 6n + 2}
 * @param width channels of the first stage
 */
record ResNet(int depth, int width) implements Architecture {

  static ResNet read(Options options) {
    return new ResNet(
        options.integer(
            "depth",
            20,
            "Layers with weights",
            Rule.atLeast(8),
            new Rule("6n + 2", depth -> depth % 6 == 2, Map.of())),
        options.integer("width", 16, "Channels of the first stage", Rule.atLeast(1)));
  }

  @Override
  public List<Field> inputs(List<Field> offered) {
    return Samples.images("resnet", offered);
  }

  @Override
  public Network build(List<Field> inputs, int classes, Generator generator) {
    int channels = inputs.get(0).shape().get(0);
    return Network.of(inputs.get(0), new Stages(this, channels, classes, generator));
  }

  private int blocks() {
    return (depth - 2) / 6;
  }

  @Override
  public NetworkSize size(List<Field> inputs, int classes) {
    List<Integer> shape = inputs.get(0).shape();
    double first = width;
    double pixels = (double) shape.get(1) * shape.get(2);
    return NetworkSize.NONE
        .convolution(shape.get(0), first, 9, false, pixels)
        .batchNorm(first)
        .plus(blockSize(first, first, pixels), blocks())
        .plus(blockSize(first, 2 * first, pixels / 4), 1)
        .plus(blockSize(2 * first, 2 * first, pixels / 4), blocks() - 1)
        .plus(blockSize(2 * first, 4 * first, pixels / 16), 1)
        .plus(blockSize(4 * first, 4 * first, pixels / 16), blocks() - 1)
        .linear(4 * first, classes);
  }

  static NetworkSize blockSize(double in, double out, double pixels) {
    NetworkSize block =
        NetworkSize.NONE
            .convolution(in, out, 9, false, pixels)
            .batchNorm(out)
            .convolution(out, out, 9, false, pixels)
            .batchNorm(out);
    return in == out ? block : block.convolution(in, out, 1, false, pixels).batchNorm(out);
  }

  static Layer stage(int in, int out, int blocks, int stride, Generator generator) {
    Layer[] row = new Layer[blocks];
    for (int i = 0; i < blocks; i++) {
      row[i] = new Block(i == 0 ? in : out, out, i == 0 ? stride : 1, generator);
    }
    return new Sequential(row);
  }

  private static Conv2d convolution(int in, int out, int stride, Generator generator) {
    return Conv2d.forRelu(
        Conv2d.Options.of(in, out, 3).padding(1).stride(stride).noBias(), generator);
  }

  private static final class Stages extends Layer {

    private final Layer conv1;
    private final Layer bn1;
    private final Layer relu = child("relu", Activation.relu());
    private final Layer layer1;
    private final Layer layer2;
    private final Layer layer3;
    private final Layer avgpool;
    private final Layer fc;

    Stages(ResNet options, int channels, int classes, Generator generator) {
      int blocks = options.blocks();
      int width = options.width;
      conv1 = child("conv1", convolution(channels, width, 1, generator));
      bn1 = child("bn1", new BatchNorm(width));
      layer1 = child("layer1", stage(width, width, blocks, 1, generator));
      layer2 = child("layer2", stage(width, 2 * width, blocks, 2, generator));
      layer3 = child("layer3", stage(2 * width, 4 * width, blocks, 2, generator));
      avgpool = child("avgpool", Pool.adaptiveAverage(1));
      fc = child("fc", new Linear(4L * width, classes, generator));
    }

    @Override
    protected String describe(Graph graph, String images) {
      String stem = graph.apply(relu, graph.apply(bn1, graph.apply(conv1, images)));
      String features = graph.apply(layer3, graph.apply(layer2, graph.apply(layer1, stem)));
      return graph.apply(fc, graph.add(new Operation.Flatten(), graph.apply(avgpool, features)));
    }

    @Override
    protected Tensor forward(Tensor images) {
      Tensor stem = relu.apply(bn1.apply(conv1.apply(images)));
      Tensor features = layer3.apply(layer2.apply(layer1.apply(stem)));
      return fc.apply(avgpool.apply(features).flatten(1));
    }
  }

  /** Two 3x3 convolutions beside a shortcut. */
  private static final class Block extends Layer {

    private final Layer conv1;
    private final Layer bn1;
    private final Layer relu = child("relu", Activation.relu());
    private final Layer conv2;
    private final Layer bn2;
    private final @Nullable Layer downsample;

    Block(int in, int out, int stride, Generator generator) {
      conv1 = child("conv1", convolution(in, out, stride, generator));
      bn1 = child("bn1", new BatchNorm(out));
      conv2 = child("conv2", convolution(out, out, 1, generator));
      bn2 = child("bn2", new BatchNorm(out));
      Conv2d.Options shortcut = Conv2d.Options.of(in, out, 1).stride(stride).noBias();
      downsample =
          stride == 1 && in == out
              ? null
              : child(
                  "downsample",
                  new Sequential(Conv2d.forRelu(shortcut, generator), new BatchNorm(out)));
    }

    @Override
    protected String describe(Graph graph, String input) {
      String first = graph.apply(relu, graph.apply(bn1, graph.apply(conv1, input)));
      String main = graph.apply(bn2, graph.apply(conv2, first));
      String shortcut = downsample == null ? input : graph.apply(downsample, input);
      return graph.apply(relu, graph.add(new Operation.Sum(), main, shortcut));
    }

    @Override
    protected Tensor forward(Tensor input) {
      Tensor main = bn2.apply(conv2.apply(relu.apply(bn1.apply(conv1.apply(input)))));
      Tensor shortcut = downsample == null ? input : downsample.apply(input);
      return relu.apply(main.add(shortcut));
    }
  }
}
