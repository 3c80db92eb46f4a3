package com.example.networks;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.model.Architecture;
import io.ranbiki.nn.Activation;
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

/**
 * A network of your own for small images: blocks whose convolutions look at each channel by itself
 * and mix the channels afterwards, as in MobileNet (Howard et al. 2017, arXiv:1704.04861).
 *
 * @param width channels of each block, 1 or more
 * @param blocks how many blocks, 1 or more
 */
public record SeparableCnn(int width, int blocks) implements Architecture {

  /** The name in configurations. */
  static final String NAME = "separable-cnn";

  /** Reads {@code {architecture: separable-cnn, width: 24, blocks: 2}}. */
  static SeparableCnn read(Options options) {
    return new SeparableCnn(
        options.integer("width", 24, "Channels of each block", Rule.atLeast(1)),
        options.integer("blocks", 2, "How many blocks", Rule.between(1, 20)));
  }

  @Override
  public List<Field> inputs(List<Field> offered) {
    if (offered.size() != 1 || offered.get(0).shape().size() != 3 || offered.get(0).varies()) {
      throw RanbikiException.configuration(
          "%s takes images of one size, but a sample has %s. Choose data of images.",
          NAME, offered);
    }
    return offered;
  }

  @Override
  public Network build(List<Field> inputs, int classes, Generator generator) {
    Field image = inputs.get(0);
    return Network.of(image, new Layers(this, image.shape().get(0), classes, generator));
  }

  /** The whole network; its layers are {@code features.0}, ..., {@code classifier}. */
  private static final class Layers extends Layer {

    private final Sequential features;
    private final Linear classifier;

    Layers(SeparableCnn options, int channels, int classes, Generator generator) {
      int width = options.width;
      Layer[] row = new Layer[options.blocks + 3];
      row[0] = new Conv2d(Conv2d.Options.of(channels, width, 3).padding(1).stride(2), generator);
      row[1] = Activation.relu();
      for (int i = 0; i < options.blocks; i++) {
        row[i + 2] = new Block(width, generator);
      }
      row[row.length - 1] = Pool.adaptiveAverage(1);
      features = child("features", new Sequential(row));
      classifier = child("classifier", new Linear(width, classes, generator));
    }

    @Override
    protected Tensor forward(Tensor images) {
      return classifier.apply(features.apply(images).flatten(1));
    }

    /** The same by operations, so that the network can be exported to ONNX. */
    @Override
    protected String describe(Graph graph, String images) {
      String maps = graph.apply(features, images);
      return graph.apply(classifier, graph.add(new Operation.Flatten(), maps));
    }
  }

  /** Adds to its input what two convolutions make of it. */
  private static final class Block extends Layer {

    private final Conv2d each;
    private final Conv2d mix;
    private final Activation relu = child("relu", Activation.relu());

    Block(int width, Generator generator) {
      each =
          child(
              "each",
              new Conv2d(new Conv2d.Options(width, width, 3, 1, 1, 1, width, true), generator));
      mix = child("mix", new Conv2d(Conv2d.Options.of(width, width, 1), generator));
    }

    @Override
    protected Tensor forward(Tensor input) {
      return input.add(relu.apply(mix.apply(each.apply(input))));
    }

    @Override
    protected String describe(Graph graph, String input) {
      String made = graph.apply(relu, graph.apply(mix, graph.apply(each, input)));
      return graph.add(new Operation.Sum(), input, made);
    }
  }
}
