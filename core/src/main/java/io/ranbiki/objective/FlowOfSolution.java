package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Matches how features turn into those of the next layer: the inner products between the channels
 * of consecutive layers (FSP matrices).
 *
 * <p>For consecutive pairs with maps {@code [batch, channels, height, width]}, the larger brought
 * to the smaller size, {@code G_i = mean over positions of lower[c] * upper[d]}: {@code [batch, c,
 * d]}. {@link Form#MEAN}: {@code L = sum_i mean((G_s,i - G_t,i)^2)}. Where the channels of student
 * and teacher differ, a learnable 1x1 convolution brings the student's to the teacher's.
 *
 * <p>Source: Yim et al. 2017, "A Gift from Knowledge Distillation" (CVPR), section 3. {@link
 * Form#PAPER} is the paper's: pooling by the largest value, sum of squares over entries, mean over
 * the batch. Deviations: the student is taught all along, not in a stage before; the 1x1
 * convolution.
 *
 * @param weight weight in the objective; 50 is usual for {@code MEAN}
 * @param pairs layers to match in the order of computation, two or more
 * @param form how sizes are matched and differences summed
 */
public record FlowOfSolution(Ramp weight, List<LayerPair> pairs, Form form) implements FeatureTerm {

  /** How sizes are matched and differences summed. */
  public enum Form {
    /** Average pooling; mean of the squared differences. */
    MEAN,
    /** Pooling by the largest value; sum of the squared differences over the batch. */
    PAPER,
    /** Pooling by the largest value; sum of the norms of columns over the batch (torchdistill). */
    COLUMN_NORMS
  }

  /** Checks the pairs. */
  public FlowOfSolution {
    weight.requireNonNegative("'weight' of flow-of-solution");
    pairs = LayerPair.checked("flow-of-solution", pairs, 2);
  }

  /** With a constant weight and the mean of squares. */
  public FlowOfSolution(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs, Form.MEAN);
  }

  static FlowOfSolution read(Options options) {
    return new FlowOfSolution(
        Ramp.weight(options, 50),
        LayerPair.read(options),
        options.word("form", Form.MEAN, "How sizes are matched and differences summed"));
  }

  @Override
  public String name() {
    return "flow-of-solution";
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.SAMPLES;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Map<LayerPair, Layer> projectors = new LinkedHashMap<>();
    List<String> notes = new ArrayList<>();
    try (TensorScope scope = TensorScope.open("bind " + name())) {
      for (LayerPair layers : pairs) {
        FeaturePair pair = FeaturePair.of(example, layers).requireMaps(name());
        if (!pair.sameChannels()) {
          Layer projector =
              new Conv2d(
                  Conv2d.Options.of(pair.studentChannels(), pair.teacherChannels(), 1), generator);
          projector.to(MemoryFormat.CHANNELS_LAST);
          projector.to(pair.student().device());
          projectors.put(layers, projector);
          notes.add(layers + ": " + Projector.note(pair));
        }
      }
    }
    return new Bound(this, projectors, String.join("; ", notes));
  }

  private static Tensor flow(Tensor lower, Tensor upper, Form form) {
    long height = Math.min(lower.size(2), upper.size(2));
    long width = Math.min(lower.size(3), upper.size(3));
    Tensor first = pool(lower, height, width, form).flatten(2);
    Tensor second = pool(upper, height, width, form).flatten(2);
    return first.matmul(second.transpose(1, 2)).div((double) (height * width));
  }

  private static Tensor pool(Tensor maps, long height, long width, Form form) {
    if (maps.size(2) == height && maps.size(3) == width) {
      return maps;
    }
    return form == Form.MEAN
        ? Functional.adaptiveAvgPool2d(maps, height, width)
        : Functional.adaptiveMaxPool2d(maps, height, width);
  }

  private static Tensor distance(Tensor difference, Form form) {
    double batch = difference.size(0);
    return switch (form) {
      case MEAN -> FeaturePair.meanSquare(difference);
      case PAPER -> difference.mul(difference).sum().div(batch);
      case COLUMN_NORMS -> difference.normKeep(1).sum().div(batch);
    };
  }

  private record Bound(FlowOfSolution term, Map<LayerPair, Layer> projectors, String notes)
      implements TermLoss {

    @Override
    public Tensor value(LossInputs inputs) {
      List<FeaturePair> features = new ArrayList<>();
      for (LayerPair layers : term.pairs) {
        FeaturePair pair = FeaturePair.of(inputs, layers);
        Layer projector = projectors.get(layers);
        features.add(projector == null ? pair : pair.student(projector.apply(pair.student())));
      }
      Tensor total = between(features.get(0), features.get(1));
      for (int i = 2; i < features.size(); i++) {
        total = total.add(between(features.get(i - 1), features.get(i)));
      }
      return total;
    }

    private Tensor between(FeaturePair lower, FeaturePair upper) {
      Tensor student = flow(lower.student(), upper.student(), term.form);
      Tensor teacher = flow(lower.teacher(), upper.teacher(), term.form);
      return distance(student.sub(teacher), term.form);
    }

    @Override
    public Map<String, Module> modules() {
      Map<String, Module> modules = new LinkedHashMap<>();
      projectors.forEach(
          (layers, module) -> modules.put("projector." + term.pairs.indexOf(layers), module));
      return modules;
    }
  }
}
