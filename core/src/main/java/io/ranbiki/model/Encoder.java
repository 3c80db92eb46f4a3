package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Masking;
import io.ranbiki.nn.Network;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import java.util.List;
import java.util.stream.Stream;

/**
 * An encoder of texts, as small as its options say: blocks of attention over the vectors of tokens,
 * one vector of the last of them, and a layer that classifies it. Paths, names and layouts are
 * those of transformers, without the name before the base model ({@code bert.}). Token types count
 * where samples are pairs of texts and the family has several; else they are all 0. Deviation:
 * attention weights are not dropped.
 *
 * @param options its family and sizes
 */
record Encoder(EncoderOptions options) implements Architecture {

  @Override
  public List<Field> inputs(List<Field> offered) {
    Stream<Field> inputs = Tokens.inputs(options.family().word(), offered).stream();
    if (options.family().types > 1) {
      inputs =
          Stream.concat(
              inputs, offered.stream().filter(field -> field.name().equals(Tokens.TYPES)));
    }
    return options.head() == EncoderOptions.Head.MASKED_LANGUAGE
        ? Stream.concat(inputs, Stream.of(Masking.places())).toList()
        : inputs.toList();
  }

  @Override
  public Network build(List<Field> inputs, int classes, Generator generator) {
    if (options.head() == EncoderOptions.Head.NONE && classes != options.width()) {
      throw RanbikiException.configuration(
          "With head: none the network answers with a vector of its width, %d, but %d numbers are"
              + " asked for. Choose that width, or head: linear.",
          options.width(), classes);
    }
    if (options.head() == EncoderOptions.Head.MASKED_LANGUAGE && classes != options.vocabulary()) {
      throw RanbikiException.configuration(
          "With head: masked-language the network guesses one of its %d pieces, but %d answers are"
              + " asked for. Choose that vocabulary, or head: linear.",
          options.vocabulary(), classes);
    }
    return new EncoderNetwork(options, inputs, classes, generator);
  }

  @Override
  public NetworkSize size(List<Field> inputs, int classes) {
    NetworkSize size = options.rotary() == null ? postNorm(classes) : preNorm(classes);
    return options.isDense() ? size.linear(options.width(), classes) : size;
  }

  /** With an answer for one hidden piece. */
  private NetworkSize guess(NetworkSize before) {
    return before.plus(new NetworkSize(options.vocabulary(), options.vocabulary(), 1), 1);
  }

  private NetworkSize postNorm(int classes) {
    int width = options.width();
    EncoderFamily family = options.family();
    double rows =
        (double) options.vocabulary() + options.positions() + family.positionOffset + family.types;
    NetworkSize block =
        NetworkSize.NONE
            .plus(NetworkSize.NONE.linear(width, width), 4)
            .linear(width, options.feedForward())
            .linear(options.feedForward(), width)
            .batchNorm(width)
            .batchNorm(width);
    NetworkSize all =
        NetworkSize.NONE.table(rows, width).batchNorm(width).plus(block, options.layers());
    if (options.head() == EncoderOptions.Head.MASKED_LANGUAGE) {
      return guess(all.linear(width, width).batchNorm(width));
    }
    if (options.head() != EncoderOptions.Head.LINEAR) {
      return all;
    }
    return (options.pooling() == Pooling.CLS ? all.linear(width, width) : all)
        .linear(width, classes);
  }

  private NetworkSize preNorm(int classes) {
    int width = options.width();
    NetworkSize norm = new NetworkSize(width, 0, 1);
    NetworkSize block =
        NetworkSize.NONE
            .convolution(width, 3.0 * width, 1, false, 1)
            .convolution(width, width, 1, false, 1)
            .convolution(width, 2.0 * options.feedForward(), 1, false, 1)
            .convolution(options.feedForward(), width, 1, false, 1);
    NetworkSize all =
        NetworkSize.NONE
            .table(options.vocabulary(), width)
            .plus(block, options.layers())
            .plus(
                norm,
                2.0 * options.layers() + 1); // the first block has one less, but one stands before
    if (options.head() == EncoderOptions.Head.MASKED_LANGUAGE) {
      return guess(all.convolution(width, width, 1, false, 1).plus(norm, 1));
    }
    return options.head() != EncoderOptions.Head.LINEAR
        ? all
        : all.convolution(width, width, 1, false, 1).plus(norm, 1).linear(width, classes);
  }
}
