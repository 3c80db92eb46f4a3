package io.ranbiki.nn;

import io.ranbiki.tensor.Device;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link Attention} in which tokens know their positions because queries and keys are rotated by
 * them (Su et al. 2021, arXiv:2104.09864): {@code [batch, tokens, width]} to the same. One linear
 * layer without a bias, {@code Wqkv}, makes queries, keys and values. The linear layer behind it is
 * not part of it. Attention weights are not dropped.
 */
public final class RotaryAttention extends Module {

  private final int width;
  private final Attention attention;
  private final double base;
  private final int window;
  private final Linear projection;

  /** Cosines and then sines of the angles of so many positions as were asked for at most. */
  private volatile Angles angles = new Angles(0, new float[0], new float[0]);

  private record Angles(int positions, float[] cosines, float[] sines) {}

  /**
   * Makes a module with normal weights.
   *
   * @param width of a token, a multiple of {@code heads}, the width of whose heads is even
   * @param base of the angles: the last pair of numbers turns once in about {@code 2 pi * base}
   *     tokens
   * @param window how far away a token may be that is read; 0 for any distance
   * @param deviation of the weights at first
   */
  public RotaryAttention(
      int width, int heads, double base, int window, double deviation, Generator generator) {
    if (width / heads % 2 != 0) {
      throw new IllegalArgumentException("heads of width " + width / heads + " are not even");
    }
    this.width = width;
    this.base = base;
    this.window = window;
    attention = new Attention(width, heads);
    projection = child("Wqkv", Linear.normalWithoutBias(width, 3L * width, deviation, generator));
  }

  /** What of it can be tapped beside its output; queries and keys after their rotation. */
  public Attention.Points points() {
    return attention.points();
  }

  /**
   * Computes the output and shows it to the tap on this module.
   *
   * @param tokens {@code [batch, tokens, width]}
   * @param readable as {@link Attention#readable} gives it
   */
  public Tensor apply(Tensor tokens, Tensor readable) {
    int length = (int) tokens.size(1);
    Tensor all = projection.apply(tokens);
    Angles known = angles(length);
    long half = width / attention.heads() / 2;
    Device device = tokens.device();
    Tensor cosines = Tensors.ofBeginning(known.cosines, length, half).to(device);
    Tensor sines = Tensors.ofBeginning(known.sines, length, half).to(device);
    return shown(
        attention.read(
            rotated(attention.split(all.narrow(2, 0, width)), cosines, sines),
            rotated(attention.split(all.narrow(2, width, width)), cosines, sines),
            attention.split(all.narrow(2, 2L * width, width)),
            window > 0 && length > window + 1 ? readable.mul(near(length).to(device)) : readable));
  }

  /** Turns the first half of a head's numbers against the second, each pair by its own angle. */
  private static Tensor rotated(Tensor split, Tensor cosines, Tensor sines) {
    long half = cosines.size(1);
    Tensor first = split.narrow(3, 0, half);
    Tensor second = split.narrow(3, half, half);
    return Tensors.cat(
        List.of(
            first.mul(cosines).sub(second.mul(sines)), second.mul(cosines).add(first.mul(sines))),
        3);
  }

  /** True where tokens are near enough, {@code [tokens, tokens]}. */
  private Tensor near(int length) {
    Tensor places = Tensors.arange(length);
    return places.unsqueeze(1).sub(places.unsqueeze(0)).abs().gt(window).not();
  }

  private Angles angles(int length) {
    Angles known = angles;
    if (known.positions < length) {
      int half = width / attention.heads() / 2;
      float[] cosines = new float[length * half];
      float[] sines = new float[length * half];
      for (int i = 0; i < cosines.length; i++) {
        int position = i / half;
        double angle = position * frequency(i % half, half);
        cosines[i] = (float) Math.cos(angle);
        sines[i] = (float) Math.sin(angle);
      }
      known = new Angles(length, cosines, sines);
      angles = known;
    }
    return known;
  }

  private double frequency(int pair, int half) {
    return Math.pow(base, -(double) pair / half);
  }

  /**
   * Says what {@link #apply} computes.
   *
   * @param tokens name of a value {@code [batch, tokens, width]}
   * @param mask name of a value {@code [batch, tokens]}
   */
  public String describe(Graph graph, String tokens, String mask) {
    int half = width / attention.heads() / 2;
    List<Float> frequencies = new ArrayList<>();
    for (int pair = 0; pair < half; pair++) {
      frequencies.add((float) frequency(pair, half));
    }
    Operation rotation = new Operation.Rotation(attention.heads(), List.copyOf(frequencies));
    return graph.within(
        this,
        () -> {
          String all = projection.describeEach(graph, tokens);
          String query = graph.add(new Operation.Part(0, width), all);
          String key = graph.add(new Operation.Part(width, width), all);
          return graph.add(
              new Operation.Attention(attention.heads(), window),
              graph.add(rotation, query),
              graph.add(rotation, key),
              graph.add(new Operation.Part(2L * width, width), all),
              mask);
        });
  }
}
