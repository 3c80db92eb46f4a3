package io.ranbiki.model;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.data.Batch;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which network: enough to build it again.
 *
 * @param architecture a name that {@link Architectures} knows, or one of the user's own
 * @param inputs the fields of a sample that it takes
 * @param classes length of the logits, 1 or more
 * @param options what the architecture asks for, such as {@code hidden}: whole numbers and words,
 *     by name
 * @param unit of a network of numbers: the mean and standard deviation of each one's truth, which
 *     its answers are multiplied by and added to; none for all others
 */
public record ModelSpec(
    String architecture,
    List<Field> inputs,
    int classes,
    Map<String, Object> options,
    Normalization unit) {

  /** A module has three maps, its tensors an object each and one more for their native memory. */
  private static final double BYTES_OF_MODULE = 1000;

  private static final double USUAL_CLASSES = 100;
  private static final double USUAL_NUMBERS = 3 * 224 * 224;
  private static final double USUAL_BATCH = 128;

  /**
   * Checks the fields, fills in the options that were left out and checks the rest; a name that is
   * no architecture's is that of a network of the user's own, of which nothing is known here.
   */
  public ModelSpec {
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("a network must have an input");
    }
    if (classes < 1) {
      throw new IllegalArgumentException("classes " + classes + " must be 1 or more");
    }
    if (unit.mean().length > 0 && unit.mean().length != classes) {
      throw new IllegalArgumentException(
          "a unit of " + unit.mean().length + " numbers for " + classes);
    }
    inputs = inputs.stream().map(ModelSpec::asNumbers).toList();
    if (Architectures.isKnown(architecture)) {
      Architectures.Made made = Architectures.make(architecture, options);
      options = made.options();
      inputs = made.architecture().inputs(inputs);
    }
    options = Collections.unmodifiableMap(new TreeMap<>(options));
    inputs = List.copyOf(inputs);
  }

  /** A network whose answers have no unit. */
  public ModelSpec(
      String architecture, List<Field> inputs, int classes, Map<String, Object> options) {
    this(architecture, inputs, classes, options, Normalization.none());
  }

  /** The same network with a unit. */
  public ModelSpec with(Normalization other) {
    return new ModelSpec(architecture, inputs, classes, options, other);
  }

  /** Pixels are bytes in the data, and numbers once a batch is laid out for a network. */
  private static Field asNumbers(Field field) {
    return field.kind() == Field.Kind.UINT8
        ? new Field(field.name(), Field.Kind.FLOAT32, field.shape())
        : field;
  }

  /** A network of a single input, without options. */
  public static ModelSpec of(String architecture, List<Integer> shape, int classes) {
    return of(architecture, shape, classes, Map.of());
  }

  /**
   * A network of a single input.
   *
   * @param shape of one sample: {@code [channels, height, width]} or {@code [features]}
   */
  public static ModelSpec of(
      String architecture, List<Integer> shape, int classes, Map<String, ?> options) {
    return new ModelSpec(architecture, List.of(field(shape)), classes, Map.copyOf(options));
  }

  /**
   * The field of samples that are images or rows of numbers.
   *
   * @param shape of one sample: {@code [channels, height, width]} or {@code [features]}
   */
  public static Field field(List<Integer> shape) {
    if (shape.isEmpty() || shape.stream().anyMatch(length -> length < 1)) {
      throw new IllegalArgumentException(
          "input shape " + shape + " must have one or more lengths of 1 or more");
    }
    String name = shape.size() == 3 ? Batch.IMAGE : Batch.FEATURES;
    return new Field(name, Field.Kind.FLOAT32, shape);
  }

  /** The shape of a sample of the first field. */
  public List<Integer> input() {
    return inputs.get(0).shape();
  }

  /** Whether the architecture is one that can be built by name. */
  public boolean isBuildable() {
    return Architectures.isKnown(architecture);
  }

  /** The architecture with these options. */
  Architecture make() {
    return Architectures.make(architecture, options).architecture();
  }

  private NetworkSize size() {
    return isBuildable() ? make().size(inputs, classes) : NetworkSize.NONE;
  }

  /** How many values the parameters of this network have; past all integers perhaps. */
  public double parameters() {
    return size().parameters();
  }

  /** The least number of values that a training step keeps of each sample. */
  public double activations() {
    return size().activations();
  }

  /**
   * Checks that this network can be held at all, before it is built.
   *
   * @param kind of what asks for it
   * @throws RanbikiException that says which number to make smaller
   */
  public void requireRoom(Kind kind) {
    NetworkSize size = size();
    String smaller = "Make " + largest(1) + " smaller";
    String network = "The network " + title();
    Memory.requireHeap(kind, BYTES_OF_MODULE * size.modules(), network, smaller);
    Memory.requireMachine(kind, Float.BYTES * size.parameters(), network, smaller);
  }

  /**
   * The number that makes a network or its training large: the one that is the most times as large
   * as usual.
   *
   * @param batch samples of a step; 1 if there are no steps
   * @return its name and value, such as {@code hidden (100000)}
   */
  public String largest(int batch) {
    Map<String, Double> excess = new LinkedHashMap<>();
    Map<String, Object> usual =
        isBuildable() ? Architectures.defaults(architecture) : Map.<String, Object>of();
    options.forEach(
        (name, value) -> {
          if (value instanceof Integer number) {
            double standard = usual.get(name) instanceof Integer i ? Math.max(1, i) : number;
            excess.put(name + " (" + number + ")", number / standard);
          }
        });
    excess.put("the number of classes (" + classes + ")", classes / USUAL_CLASSES);
    for (Field field : inputs) {
      double numbers =
          field.shape().stream().mapToDouble(l -> Math.max(1, l)).reduce(1, (a, b) -> a * b);
      excess.put("the samples of shape " + field.shape(), numbers / USUAL_NUMBERS);
    }
    excess.put("train.batch (" + batch + ")", batch / USUAL_BATCH);
    return Collections.max(excess.entrySet(), Map.Entry.comparingByValue()).getKey();
  }

  /**
   * The architecture and its options, such as {@code intermediate-cnn(hidden=32)}; without the
   * width of layers of which there are none.
   */
  public String title() {
    Map<String, Object> shown = new TreeMap<>(options);
    if (Integer.valueOf(0).equals(options.get("layers"))) {
      shown.remove("hidden");
    }
    return shown.isEmpty()
        ? architecture
        : architecture + shown.toString().replace('{', '(').replace('}', ')');
  }
}
