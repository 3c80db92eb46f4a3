package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.BatchNorm;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Sequential;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets deep layers of the student review the teacher's shallow ones: from the deepest layer on,
 * each of the student's features is fused with what came from deeper, and compared with the
 * teacher's.
 *
 * <p>Per layer: {@code x = BN(conv1x1(f))}; unless it is the deepest, {@code x = x * z_0 + y * z_1}
 * with the deeper {@code x}, resized to it, as {@code y} and {@code z = sigmoid(conv1x1([x, y]))};
 * {@code x} is resized to the teacher's map, and {@code BN(conv3x3(x))} is compared by the
 * hierarchical context loss: the mean of squared differences of the maps, and of the maps averaged
 * to 4x4, 2x2 and 1x1 where these are smaller, weighted 1, 1/2, 1/4, 1/8 in the order used, over
 * the sum of the weights. {@code L} is the sum over layers. All resizing takes the nearest value.
 *
 * <p>Features are {@code [batch, channels, height, width]}; vectors count as maps of one pixel.
 * Source: Chen et al. 2021, arXiv:2104.09044, sections 3.2 and 3.3. Deviations: PyTorch's initial
 * values. The published runs raise the weight from 0 over 20 epochs: {@link Ramp#warmUp}.
 *
 * @param weight weight in the objective; 1 to 8 is usual
 * @param pairs layers to match in the order of computation, one or more
 * @param channels channels in which features are fused; 64 is usual for small networks
 */
public record ReviewKd(Ramp weight, List<LayerPair> pairs, long channels) implements FeatureTerm {

  private static final long[] CONTEXTS = {4, 2, 1};

  /** Checks the options. */
  public ReviewKd {
    weight.requireNonNegative("'weight' of review-kd");
    pairs = LayerPair.checked("review-kd", pairs, 1);
    Require.atLeast("'channels' of review-kd", channels, 1);
  }

  /** With a constant weight and 64 channels. */
  public ReviewKd(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs, 64);
  }

  static ReviewKd read(Options options) {
    return new ReviewKd(
        Ramp.weight(options, 1),
        LayerPair.read(options),
        options.longInteger(
            "channels", 64, "Channels in which features are fused", Rule.atLeast(1)));
  }

  @Override
  public String name() {
    return "review-kd";
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.SAMPLES;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    List<Fusion> fusions = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    try (TensorScope scope = TensorScope.open("bind " + name())) {
      List<FeaturePair> features = deepestFirst(example);
      requireOrder(features);
      for (FeaturePair pair : features) {
        Fusion fusion =
            new Fusion(
                pair.studentChannels(),
                channels,
                pair.teacherChannels(),
                !fusions.isEmpty(),
                generator);
        fusion.to(MemoryFormat.CHANNELS_LAST);
        fusion.to(pair.student().device());
        fusions.add(fusion);
        notes.add(
            String.format(
                Locale.ROOT,
                "%s: fused in %d channels, %dx%d to %dx%d.",
                pair.layers(),
                channels,
                pair.student().size(2),
                pair.student().size(3),
                pair.teacher().size(2),
                pair.teacher().size(3)));
      }
    }
    return new Bound(this, fusions, String.join("; ", notes));
  }

  private List<FeaturePair> deepestFirst(LossInputs inputs) {
    List<FeaturePair> features = new ArrayList<>();
    for (LayerPair layers : pairs) {
      features.add(0, FeaturePair.of(inputs, layers).asMaps());
    }
    return features;
  }

  private static void requireOrder(List<FeaturePair> deepestFirst) {
    for (int i = 1; i < deepestFirst.size(); i++) {
      FeaturePair deep = deepestFirst.get(i - 1);
      FeaturePair shallow = deepestFirst.get(i);
      if (deep.student().size(2) > shallow.student().size(2)) {
        throw RanbikiException.configuration(
            "review-kd names the student layer '%s' before '%s', whose maps are larger; list the pairs in the order of computation.",
            shallow.layers().student(), deep.layers().student());
      }
    }
  }

  /** The hierarchical context loss of maps of one shape. */
  static Tensor contextLoss(Tensor student, Tensor teacher) {
    Tensor loss = Functional.mseLoss(student, teacher);
    double sum = 1;
    double share = 1;
    for (long size : CONTEXTS) {
      if (size < student.size(2)) {
        share /= 2;
        sum += share;
        Tensor context =
            Functional.mseLoss(
                Functional.adaptiveAvgPool2d(student, size, size),
                Functional.adaptiveAvgPool2d(teacher, size, size));
        loss = loss.add(context.mul(share));
      }
    }
    return loss.div(sum);
  }

  /**
   * Fuses one layer's features with those from deeper.
   *
   * @see ReviewKd
   */
  static final class Fusion extends Module {

    private final Sequential in;
    private final Sequential out;
    private final @Nullable Sequential attention;

    Fusion(long from, long channels, long to, boolean fuses, Generator generator) {
      in =
          child(
              "conv1",
              new Sequential(
                  new Conv2d(Conv2d.Options.of(from, channels, 1).noBias(), generator),
                  new BatchNorm(channels)));
      out =
          child(
              "conv2",
              new Sequential(
                  new Conv2d(Conv2d.Options.of(channels, to, 3).padding(1).noBias(), generator),
                  new BatchNorm(to)));
      attention =
          fuses
              ? child(
                  "att_conv",
                  new Sequential(new Conv2d(Conv2d.Options.of(2 * channels, 2, 1), generator)))
              : null;
    }

    /**
     * What a layer gives.
     *
     * @param output to be compared with the teacher's features
     * @param residual for the next shallower layer
     */
    record Fused(Tensor output, Tensor residual) {}

    /** Fuses and resizes to {@code height} and {@code width}. */
    Fused fuse(Tensor feature, @Nullable Tensor deeper, long height, long width) {
      Tensor fused = in.apply(feature);
      if (attention != null && deeper != null) {
        Tensor resized = resize(deeper, feature.size(2), feature.size(3));
        Tensor shares = attention.apply(Tensors.cat(List.of(fused, resized), 1)).sigmoid();
        fused = fused.mul(shares.narrow(1, 0, 1)).add(resized.mul(shares.narrow(1, 1, 1)));
      }
      Tensor residual = resize(fused, height, width);
      return new Fused(out.apply(residual), residual);
    }

    private static Tensor resize(Tensor maps, long height, long width) {
      return maps.size(2) == height && maps.size(3) == width
          ? maps
          : Functional.upsampleNearest2d(maps, height, width);
    }
  }

  private record Bound(ReviewKd term, List<Fusion> fusions, String notes) implements TermLoss {

    @Override
    public Tensor value(LossInputs inputs) {
      List<FeaturePair> features = term.deepestFirst(inputs);
      Tensor total = null;
      Tensor deeper = null;
      for (int i = 0; i < fusions.size(); i++) {
        Tensor teacher = features.get(i).teacher();
        Fusion.Fused fused =
            fusions
                .get(i)
                .fuse(features.get(i).student(), deeper, teacher.size(2), teacher.size(3));
        deeper = fused.residual();
        Tensor loss = contextLoss(fused.output(), teacher);
        total = total == null ? loss : total.add(loss);
      }
      if (total == null) {
        throw new IllegalStateException("a term without pairs was bound");
      }
      return total;
    }

    @Override
    public Map<String, Module> modules() {
      Map<String, Module> modules = new LinkedHashMap<>();
      for (int i = 0; i < fusions.size(); i++) {
        modules.put("abfs." + i, fusions.get(i));
      }
      return modules;
    }
  }
}
