package io.ranbiki.objective;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * A term with what its method promises, and the kind of inputs it is given. One line per term:
 *
 * <pre>{@code
 * TermContract.of(new SoftTargets(1, 4), Outputs.CLASSES).promises(ZERO_AT_EQUALITY, NON_NEGATIVE)
 * TermContract.of(hint, Outputs.CLASSES).layers(Layers.LARGER_TEACHER).promises(NON_NEGATIVE)
 * }</pre>
 *
 * <p>That the gradient reaches the student and never the teacher, that values and gradients are
 * finite for extreme inputs, and that nothing leaks, is asked of every term.
 */
record TermContract(Term term, Outputs outputs, Layers layers, Set<Promise> promises) {

  /** What a method may promise. */
  enum Promise {
    /** 0 where student and teacher give the same answer. */
    ZERO_AT_EQUALITY,
    /** Never below 0. */
    NON_NEGATIVE,
    /** The same if a number is added to all logits of a sample. */
    SHIFT_INVARIANT,
    /** The same in whatever order the samples stand. */
    PERMUTATION_INVARIANT,
    /** The mean of the values of parts of the batch, weighted by their sizes. */
    MEAN_OVER_SAMPLES
  }

  /** What the networks give and what the labels are. */
  enum Outputs {
    /** Logits {@code [batch, classes]}; one class per sample. */
    CLASSES,
    /** Logits {@code [batch, tokens, classes]}; one class per token. */
    TOKENS,
    /** Logits {@code [batch, labels]}; 0 or 1 for each label. */
    YES_OR_NO,
    /** Numbers {@code [batch, outputs]}; true values of the same shape. */
    NUMBERS
  }

  /** Shapes of the features that the term reads, without the batch; drawn once per inputs. */
  interface Layers {

    /** The student's shape, then the teacher's, for every pair of layers. */
    List<long[]> draw(int pair, Random random);

    /** For terms that read no features. */
    Layers NONE = (pair, random) -> List.of(new long[0], new long[0]);

    /** Maps of one shape on both sides. */
    Layers EQUAL_MAPS =
        (pair, random) -> {
          long[] shape = map(random, 1, 1);
          return List.of(shape, shape);
        };

    /** The teacher has more channels and larger maps. */
    Layers LARGER_TEACHER = (pair, random) -> List.of(map(random, 1, 1), map(random, 2, 2));

    /** The student has more channels and larger maps. */
    Layers LARGER_STUDENT = (pair, random) -> List.of(map(random, 2, 2), map(random, 1, 1));

    /** Vectors of one length on both sides. */
    Layers EQUAL_VECTORS =
        (pair, random) -> {
          long[] shape = {2 + random.nextInt(6)};
          return List.of(shape, shape);
        };

    /** Vectors, longer at the teacher. */
    Layers LONGER_TEACHER =
        (pair, random) ->
            List.of(new long[] {2 + random.nextInt(4)}, new long[] {6 + random.nextInt(4)});

    private static long[] map(Random random, int channels, int size) {
      long side = size * (3 + random.nextInt(2));
      return new long[] {channels * (2 + random.nextInt(3)), side, side};
    }
  }

  /** What stands in logits and features. */
  enum Values {
    /** Normal numbers. */
    NORMAL,
    /** Logits of +80 and -80, features of that size. */
    EXTREME,
    /** 0 everywhere. */
    ZERO,
    /** 3 everywhere. */
    CONSTANT
  }

  static TermContract of(Term term, Outputs outputs) {
    return new TermContract(term, outputs, Layers.NONE, EnumSet.noneOf(Promise.class));
  }

  TermContract layers(Layers shapes) {
    return new TermContract(term, outputs, shapes, promises);
  }

  TermContract promises(Promise first, Promise... more) {
    return new TermContract(term, outputs, layers, EnumSet.of(first, more));
  }

  boolean keeps(Promise promise) {
    return promises.contains(promise);
  }

  @Override
  public String toString() {
    return term + " on " + outputs;
  }

  // ---- allInputs

  /** A inputs for this term from a seed. All answers collect gradients, the teacher's too. */
  Drawn draw(long seed, int batch, int classes, Values values, boolean allLabelled) {
    Random random = new Random(seed);
    int tokens = 2 + random.nextInt(3);
    long[] shape =
        outputs == Outputs.TOKENS
            ? new long[] {batch, tokens, classes}
            : new long[] {batch, classes};
    Map<String, Tensor> student = new LinkedHashMap<>();
    Map<String, Tensor> teacher = new LinkedHashMap<>();
    int pairs = Math.max(term.studentLayers().size(), term.teacherLayers().size());
    for (int i = 0; i < pairs; i++) {
      List<long[]> shapes = layers.draw(i, random);
      if (i < term.studentLayers().size()) {
        student.put(term.studentLayers().get(i), leaf(random, values, batched(batch, shapes, 0)));
      }
      if (i < term.teacherLayers().size()) {
        teacher.put(term.teacherLayers().get(i), leaf(random, values, batched(batch, shapes, 1)));
      }
    }
    return new Drawn(
        new Signal(leaf(random, values, shape), student),
        new Signal(leaf(random, values, shape), teacher),
        labels(random, shape, allLabelled));
  }

  private static long[] batched(long batch, List<long[]> shapes, int side) {
    return LongStream.concat(LongStream.of(batch), LongStream.of(shapes.get(side))).toArray();
  }

  private static Tensor leaf(Random random, Values values, long... shape) {
    float[] drawn = new float[(int) LongStream.of(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] =
          switch (values) {
            case NORMAL -> (float) (2 * random.nextGaussian());
            case EXTREME -> random.nextBoolean() ? 80 : -80;
            case ZERO -> 0;
            case CONSTANT -> 3;
          };
    }
    return Tensors.of(drawn, shape).setRequiresGrad(true);
  }

  private Tensor labels(Random random, long[] shape, boolean all) {
    int classes = (int) shape[shape.length - 1];
    int elements = (int) LongStream.of(shape).reduce(1, (a, b) -> a * b);
    if (outputs == Outputs.NUMBERS) {
      float[] truth = new float[elements];
      for (int i = 0; i < truth.length; i++) {
        boolean unknown = !all && i > 0 && random.nextInt(4) == 0;
        truth[i] = unknown ? Float.NaN : (float) random.nextGaussian();
      }
      return Tensors.of(truth, shape);
    }
    boolean yesOrNo = outputs == Outputs.YES_OR_NO;
    long[] labels = new long[yesOrNo ? elements : elements / classes];
    for (int i = 0; i < labels.length; i++) {
      boolean unlabelled = !all && i > 0 && random.nextInt(4) == 0;
      labels[i] = unlabelled ? Functional.IGNORE : random.nextInt(yesOrNo ? 2 : classes);
    }
    long[] labelShape = yesOrNo ? shape : Arrays.copyOf(shape, shape.length - 1);
    return Tensors.of(labels, labelShape);
  }

  /** Two answers and labels, from which allInputs can be made. */
  record Drawn(Signal student, Signal teacher, Tensor labels) {

    long size() {
      return labels.size(0);
    }

    LossInputs inputs() {
      long size = size();
      long[] ids = LongStream.range(0, size).toArray();
      Batch batch = new Batch(Tensors.zeros(size, 1), labels, ids, 0);
      return new LossInputs(batch, student, teacher, Progress.START);
    }

    /** The samples from one on; gradients flow back to this. */
    Drawn part(long from, long length) {
      return each(tensor -> tensor.narrow(0, from, length));
    }

    /** The samples in another order. */
    Drawn permuted(long... order) {
      return each(tensor -> tensor.indexSelect(0, Tensors.of(order, order.length)));
    }

    /** The student's answer with the teacher's values. */
    Drawn equal() {
      Signal same = map(student, tensor -> tensor.detach().copy());
      Map<String, Tensor> renamed = new LinkedHashMap<>();
      List<Tensor> features = new ArrayList<>(same.features().values());
      teacher.features().keySet().forEach(path -> renamed.put(path, features.remove(0)));
      return new Drawn(student, new Signal(same.logits(), renamed), labels);
    }

    /** Both answers with a number added to the logits of each sample. */
    Drawn shifted(Random random) {
      return new Drawn(shift(student, random), shift(teacher, random), labels);
    }

    private static Signal shift(Signal signal, Random random) {
      long[] shape = signal.logits().shape();
      shape[shape.length - 1] = 1;
      float[] shifts = new float[(int) LongStream.of(shape).reduce(1, (a, b) -> a * b)];
      for (int i = 0; i < shifts.length; i++) {
        shifts[i] = (float) (5 * random.nextGaussian());
      }
      return new Signal(signal.logits().add(Tensors.of(shifts, shape)), signal.features());
    }

    private Drawn each(UnaryOperator<Tensor> change) {
      return new Drawn(map(student, change), map(teacher, change), change.apply(labels));
    }

    private static Signal map(Signal signal, UnaryOperator<Tensor> change) {
      Map<String, Tensor> features = new LinkedHashMap<>();
      signal.features().forEach((path, feature) -> features.put(path, change.apply(feature)));
      return new Signal(change.apply(signal.logits()), features);
    }

    /** Everything that the student answered. */
    List<Tensor> studentLeaves() {
      return leaves(student);
    }

    /** Everything that the teacher answered. */
    List<Tensor> teacherLeaves() {
      return leaves(teacher);
    }

    private static List<Tensor> leaves(Signal signal) {
      List<Tensor> leaves = new ArrayList<>(signal.features().values());
      leaves.add(signal.logits());
      return leaves;
    }
  }
}
