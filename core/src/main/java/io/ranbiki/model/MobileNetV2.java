package io.ranbiki.model;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.BatchNorm;
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
import java.util.ArrayList;
import java.util.List;

/**
 * A network for photographs on small machines (Sandler et al. 2018, arXiv:1801.04381, table 2): 17
 * blocks that widen, convolve each channel by itself, and narrow again; resolution falls to a 32nd.
 * Paths, shapes, initial weights and answers are those of torchvision's {@code mobilenet_v2}.
 *
 * @param width factor of all channels, rounded to multiples of 8 as torchvision does it
 * @param dropout before the last layer, in training
 */
record MobileNetV2(double width, double dropout) implements Architecture {

  private static final String NAME = "mobilenet-v2";
  private static final int DIVISOR = 8;
  private static final int STEM = 32;
  private static final int LAST = 1280;
  private static final double CLASSIFIER_DEVIATION = 0.01;

  /** Times that a block widens, channels behind it, blocks in a row, stride of the first one. */
  private static final int[][] ROWS = {
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1}
  };

  static MobileNetV2 read(Options options) {
    return new MobileNetV2(
        options.number("width", 1, "Factor of all channels", Rule.above(0), Rule.atMost(10)),
        options.number(
            "dropout", 0.2, "Dropout before the last layer", Rule.atLeast(0), Rule.below(1)));
  }

  /** A block with its channels. */
  private record Block(int in, int wide, int out, int stride) {}

  private int stem() {
    return divisible(STEM * width);
  }

  private int last() {
    return divisible(LAST * Math.max(1, width));
  }

  /** The nearest multiple of 8 that is not less than nine tenths. */
  private static int divisible(double channels) {
    int near = Math.max(DIVISOR, (int) (channels + DIVISOR / 2.0) / DIVISOR * DIVISOR);
    return near < 0.9 * channels ? near + DIVISOR : near;
  }

  private List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    int in = stem();
    for (int[] row : ROWS) {
      int out = divisible(row[1] * width);
      for (int i = 0; i < row[2]; i++) {
        blocks.add(new Block(in, in * row[0], out, i == 0 ? row[3] : 1));
        in = out;
      }
    }
    return blocks;
  }

  @Override
  public List<Field> inputs(List<Field> offered) {
    return Samples.images(NAME, offered);
  }

  @Override
  public Network build(List<Field> inputs, int classes, Generator generator) {
    int channels = inputs.get(0).shape().get(0);
    List<Layer> features = new ArrayList<>();
    features.add(convolution(channels, stem(), 3, 2, 1, generator));
    List<Block> blocks = blocks();
    blocks.forEach(block -> features.add(new Inverted(block, generator)));
    features.add(convolution(blocks.get(blocks.size() - 1).out(), last(), 1, 1, 1, generator));
    Layer classifier =
        new Sequential(
            new Dropout(dropout, generator),
            Linear.normal(last(), classes, CLASSIFIER_DEVIATION, generator));
    return Network.of(
        inputs.get(0), new Whole(new Sequential(features.toArray(Layer[]::new)), classifier));
  }

  @Override
  public NetworkSize size(List<Field> inputs, int classes) {
    List<Integer> shape = inputs.get(0).shape();
    double places = (double) shape.get(1) * shape.get(2) / 4;
    NetworkSize size = sized(NetworkSize.NONE, shape.get(0), stem(), 9, places);
    int in = stem();
    for (Block block : blocks()) {
      if (block.wide() != block.in()) {
        size = sized(size, block.in(), block.wide(), 1, places);
      }
      places /= block.stride() * block.stride();
      size = sized(size, 1, block.wide(), 9, places);
      size = sized(size, block.wide(), block.out(), 1, places);
      in = block.out();
    }
    return sized(size, in, last(), 1, places).linear(last(), classes);
  }

  private static NetworkSize sized(
      NetworkSize size, double in, double out, double window, double places) {
    return size.convolution(in, out, window, false, places).batchNorm(out);
  }

  /** A convolution that keeps the size at stride 1, its normalisation and ReLU6. */
  private static Layer convolution(
      int in, int out, int kernel, int stride, int groups, Generator generator) {
    return new Sequential(
        bare(in, out, kernel, stride, groups, generator),
        new BatchNorm(out),
        new Activation(Activation.Kind.RELU6));
  }

  private static Conv2d bare(
      int in, int out, int kernel, int stride, int groups, Generator generator) {
    return Conv2d.forRelu(
        Conv2d.Options.of(in, out, kernel)
            .padding(kernel / 2)
            .stride(stride)
            .groups(groups)
            .noBias(),
        generator);
  }

  /** Widens, convolves each channel, narrows; beside a shortcut where shapes stay. */
  private static final class Inverted extends Layer {

    private final Layer conv;
    private final boolean shortcut;

    Inverted(Block block, Generator generator) {
      List<Layer> row = new ArrayList<>();
      if (block.wide() != block.in()) {
        row.add(convolution(block.in(), block.wide(), 1, 1, 1, generator));
      }
      int wide = block.wide();
      row.add(convolution(wide, wide, 3, block.stride(), wide, generator));
      row.add(bare(wide, block.out(), 1, 1, 1, generator));
      row.add(new BatchNorm(block.out()));
      conv = child("conv", new Sequential(row.toArray(Layer[]::new)));
      shortcut = block.stride() == 1 && block.in() == block.out();
    }

    @Override
    protected String describe(Graph graph, String input) {
      String changed = graph.apply(conv, input);
      return shortcut ? graph.add(new Operation.Sum(), input, changed) : changed;
    }

    @Override
    protected Tensor forward(Tensor input) {
      Tensor changed = conv.apply(input);
      return shortcut ? input.add(changed) : changed;
    }
  }

  private static final class Whole extends Layer {

    private final Layer features;
    private final Layer average = Pool.adaptiveAverage(1);
    private final Layer classifier;

    Whole(Layer features, Layer classifier) {
      this.features = child("features", features);
      this.classifier = child("classifier", classifier);
    }

    @Override
    protected String describe(Graph graph, String images) {
      String means = graph.add(new Operation.GlobalMean(), graph.apply(features, images));
      return graph.apply(classifier, graph.add(new Operation.Flatten(), means));
    }

    @Override
    protected Tensor forward(Tensor images) {
      return classifier.apply(average.apply(features.apply(images)).flatten(1));
    }
  }
}
