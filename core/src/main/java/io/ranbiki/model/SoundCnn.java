package io.ranbiki.model;

import io.ranbiki.RanbikiException;
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
import io.ranbiki.nn.Sequential;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions over the frames of a sound: {@code depth} of 3 x 3 with batch normalisation and
 * ReLU, each but the first halving frames and bands and doubling the channels; then the mean over
 * time, and a linear layer over channels and bands.
 *
 * <p>Where lengths vary it takes a mask, and every convolution sees 0 where a sound was padded, as
 * it does beyond the ends of any sound. So a sound's answer does not depend on those beside it,
 * except in training, where the statistics of a batch count what padding became.
 *
 * @param width channels of the first convolution
 * @param depth number of convolutions
 * @param dropout probability before the linear layer, 0 or more, below 1
 */
record SoundCnn(int width, int depth, double dropout) implements Architecture {

  private static final String NAME = "sound-cnn";
  private static final String MASK = "attention_mask";

  static SoundCnn read(Options options) {
    return new SoundCnn(
        options.integer("width", 32, "Channels of the first convolution", Rule.atLeast(1)),
        options.integer(
            "depth", 4, "Convolutions, each with twice the channels", Rule.between(1, 12)),
        options.number("dropout", 0, "Probability of dropout", Rule.atLeast(0), Rule.below(1)));
  }

  @Override
  public List<Field> inputs(List<Field> offered) {
    Field frames =
        offered.stream()
            .filter(field -> field.name().equals(Preparation.FRAMES))
            .findFirst()
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "The architecture '%s' takes the frames of sounds, but the data has samples"
                            + " of %s. Say what makes frames of sounds, prepare: {log-mel: {rate:"
                            + " 16000}}, or choose another architecture.",
                        NAME, offered));
    return frames.varies()
        ? List.of(frames, new Field(MASK, Field.Kind.INT64, List.of(Field.ANY)))
        : List.of(frames);
  }

  @Override
  public Network build(List<Field> inputs, int classes, Generator generator) {
    return new Frames(this, inputs, classes, generator);
  }

  @Override
  public NetworkSize size(List<Field> inputs, int classes) {
    List<Integer> shape = inputs.get(0).shape();
    double frames = Math.max(1, shape.get(1)); // of sounds whose length varies, one at least
    double bands = shape.get(2);
    NetworkSize size = NetworkSize.NONE;
    double in = shape.get(0);
    for (int i = 0; i < depth; i++) {
      frames = i == 0 ? frames : Math.ceil(frames / 2);
      bands = i == 0 ? bands : Math.ceil(bands / 2);
      double out = width * Math.pow(2, i);
      size = size.convolution(in, out, 9, false, frames * bands).batchNorm(out);
      in = out;
    }
    return size.linear(in * bands, classes);
  }

  private static final class Frames extends Network {

    private final List<Field> inputs;
    private final List<Layer> layers = new ArrayList<>();
    private final Layer dropout;
    private final Layer fc;

    Frames(SoundCnn options, List<Field> inputs, int classes, Generator generator) {
      this.inputs = inputs;
      long in = inputs.get(0).shape().get(0);
      long bands = inputs.get(0).shape().get(2);
      for (int i = 0; i < options.depth; i++) {
        long out = (long) options.width << i;
        long stride = i == 0 ? 1 : 2;
        Conv2d.Options convolution =
            Conv2d.Options.of(in, out, 3).padding(1).stride(stride).noBias();
        layers.add(
            child(
                "layer" + (i + 1),
                new Sequential(
                    Conv2d.forRelu(convolution, generator),
                    new BatchNorm(out),
                    Activation.relu())));
        in = out;
        bands = i == 0 ? bands : (bands + 1) / 2;
      }
      dropout = child("dropout", new Dropout(options.dropout, generator));
      fc = child("fc", new Linear(in * bands, classes, generator));
    }

    @Override
    public List<Field> inputs() {
      return inputs;
    }

    @Override
    public Signal answer(Map<String, Tensor> given) {
      Tensor maps = Objects.requireNonNull(given.get(Preparation.FRAMES));
      @Nullable Tensor mask = given.get(MASK);
      for (int i = 0; i < layers.size(); i++) {
        maps = layers.get(i).apply(mask == null ? maps : maps.mul(weights(mask, maps)));
        mask = mask == null || i == 0 ? mask : everySecond(mask);
      }
      Tensor mean;
      if (mask == null) {
        mean = maps.mean(2);
      } else {
        Tensor weights = weights(mask, maps);
        mean = maps.mul(weights).sum(2).div(weights.sum(2).clampMin(1));
      }
      return Signal.of(fc.apply(dropout.apply(mean.flatten(1))));
    }

    /** {@code [batch, 1, frames, 1]}: 1 for a frame of a sound, else 0. */
    private static Tensor weights(Tensor mask, Tensor maps) {
      DType type = maps.dtype();
      return mask.ne(0).to(type).unsqueeze(1).unsqueeze(3);
    }

    /** A convolution of stride 2 has its windows around the frames 0, 2, 4 and so on. */
    private static Tensor everySecond(Tensor mask) {
      long[] kept = new long[(int) ((mask.size(1) + 1) / 2)];
      for (int i = 0; i < kept.length; i++) {
        kept[i] = 2L * i;
      }
      return mask.indexSelect(1, Tensors.of(kept, kept.length));
    }

    @Override
    protected String describe(Graph graph, Map<String, String> given) {
      String maps = Objects.requireNonNull(given.get(Preparation.FRAMES));
      @Nullable String mask = given.get(MASK);
      for (int i = 0; i < layers.size(); i++) {
        String seen = mask == null ? maps : graph.add(new Operation.KeepFrames(), maps, mask);
        maps = graph.apply(layers.get(i), seen);
        mask = mask == null || i == 0 ? mask : graph.add(new Operation.EverySecond(), mask);
      }
      String mean =
          mask == null
              ? graph.add(new Operation.MeanOfFrames(), maps)
              : graph.add(new Operation.MeanOfFrames(), maps, mask);
      return graph.apply(fc, graph.add(new Operation.Flatten(), mean));
    }
  }
}
