package io.ranbiki.artifact;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.Version;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Module;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A model as an ONNX file: input {@code input} {@code [batch, ...sample]}, output {@code logits}
 * {@code [batch, classes]}, any batch. What the inputs must go through, the names of the classes
 * and where the model comes from are in its metadata. Equal weights and options give equal bytes.
 */
public final class OnnxExport {

  /** Metadata: what a sample goes through, as JSON. */
  public static final String PREPARATION = "ranbiki.preparation";

  /** Metadata: the names of the classes, separated by newlines. */
  public static final String CLASSES = "ranbiki.classes";

  /** Metadata: the name of the run that made the model. */
  public static final String RUN = "ranbiki.run";

  /** Metadata: SHA-256 of the data that the run was made with. */
  public static final String DATA = "ranbiki.data";

  /** Metadata: there if nobody compared the file's answers with the model's. */
  public static final String UNCHECKED = "ranbiki.unchecked";

  private static final String VERSION = "ranbiki.version";
  private static final String STORAGE = "ranbiki.weights";
  private static final String WEIGHTS_HASH = "ranbiki.weights-sha256";
  private static final String LOGITS = "logits";
  private static final String PROBABILITIES = "probabilities";
  private static final String NORMALIZE = "normalize";

  /** A protobuf message ends at 2 GiB; names and shapes need little. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (1L << 24);

  /** The weights, and what is made of them until they are bytes. */
  private static final double COPIES = 5;

  /** What weights are kept as. */
  public enum Weights {
    /** As they are. */
    FLOAT32,
    /** Rounded to 16 bits; all arithmetic is in 32 bits. */
    FLOAT16;

    /** The name in YAML, on the command line and in metadata. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What a file is to be like.
   *
   * @param weights what they are kept as
   * @param raw whether inputs must be normalised before they go in; else the file does it
   * @param probabilities whether there is a second output, the softmax of the logits
   * @param facts further metadata by key, such as {@link #RUN}; no path of this machine
   */
  public record Options(
      Weights weights, boolean raw, boolean probabilities, Map<String, String> facts) {

    /** Weights as they are, normalisation inside, logits alone. */
    public static final Options STANDARD = new Options(Weights.FLOAT32, false, false, Map.of());

    /** Copies the facts. */
    public Options {
      facts = Map.copyOf(facts);
    }

    /** The same with further metadata. */
    public Options with(String key, String value) {
      Map<String, String> more = new HashMap<>(facts);
      more.put(key, value);
      return new Options(weights, raw, probabilities, more);
    }
  }

  private final Module network;
  private final ModelConfig config;
  private final Options options;
  private final OnnxWriter out = new OnnxWriter();

  private OnnxExport(Module network, ModelConfig config, Options options) {
    this.network = network;
    this.config = config;
    this.options = options;
  }

  /**
   * Writes or replaces a file, whole or not at all.
   *
   * @param config what goes in and comes out, and the names of the classes
   * @throws RanbikiException as {@link #bytes}, or if the disk refuses
   */
  public static void write(Path file, Module network, ModelConfig config, Options options) {
    ByteBuffer bytes = ByteBuffer.wrap(bytes(network, config, options));
    AtomicFile.write(
        file,
        channel -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /**
   * The content of such a file.
   *
   * @throws RanbikiException if a layer cannot be exported, a weight is too large for its type, or
   *     the file would be larger than the format allows
   */
  public static byte[] bytes(Module network, ModelConfig config, Options options) {
    requireRoom(network, config);
    try (TensorScope scope = TensorScope.open("export")) {
      return new OnnxExport(network, config, options).bytes();
    }
  }

  private static void requireRoom(Module network, ModelConfig config) {
    long bytes = network.state().values().stream().mapToLong(Tensor::byteCount).sum();
    String title = config.spec().title();
    if (bytes > MOST_BYTES) {
      throw RanbikiException.model(
          "%s has %,d bytes of weights; an ONNX file holds less than 2 GiB. Choose a smaller student.",
          title, bytes);
    }
    Memory.requireHeap(Kind.MODEL, COPIES * bytes, "Exporting " + title, "Use a smaller model");
  }

  private byte[] bytes() {
    out.input(Graph.INPUT, config.spec().input());
    Map<String, String> values = new HashMap<>();
    values.put(Graph.INPUT, normalized());
    List<Graph.Step> steps = Folding.of(Graph.of(network));
    OnnxNodes nodes = new OnnxNodes(out, this::weights);
    Set<String> taken = new HashSet<>(Set.of(Graph.INPUT, NORMALIZE, LOGITS, PROBABILITIES));
    for (Graph.Step step : steps) {
      boolean last = step == steps.get(steps.size() - 1);
      String output = last ? LOGITS : free(step.name(), taken);
      nodes.add(step, step.inputs().stream().map(values::get).toList(), output);
      values.put(step.name(), output);
    }
    out.output(LOGITS, List.of(config.spec().classes()));
    if (options.probabilities()) {
      out.node("Softmax", List.of(LOGITS), PROBABILITIES, Map.of("axis", 1L));
      out.output(PROBABILITIES, List.of(config.spec().classes()));
    }
    metadata();
    return out.bytes();
  }

  private static String free(String wanted, Set<String> taken) {
    String name = wanted;
    while (!taken.add(name)) {
      name += "_";
    }
    return name;
  }

  /** Before the first layer: a mean cannot be folded into a convolution that pads with zeros. */
  private String normalized() {
    Normalization normalization = normalization();
    if (options.raw() || normalization.equals(Normalization.none())) {
      return Graph.INPUT;
    }
    float[] scale = normalization.std();
    for (int i = 0; i < scale.length; i++) {
      scale[i] = (float) (1.0 / scale[i]);
    }
    long[] shape = new long[config.spec().input().size()];
    Arrays.fill(shape, 1);
    shape[0] = scale.length;
    String mean = out.tensor(NORMALIZE + ".mean", normalization.mean(), shape);
    String centred = out.node("Sub", List.of(Graph.INPUT, mean), NORMALIZE + ".centred", Map.of());
    String factor = out.tensor(NORMALIZE + ".scale", scale, shape);
    return out.node("Mul", List.of(centred, factor), NORMALIZE, Map.of());
  }

  private List<String> weights(String name, String input, Tensor weight, @Nullable Tensor bias) {
    List<String> names = new ArrayList<>(List.of(weight(name + ".weight", weight)));
    if (bias != null) {
      names.add(weight(name + ".bias", bias));
    }
    return names;
  }

  private String weight(String name, Tensor values) {
    if (options.weights() == Weights.FLOAT32) {
      return out.tensor(name, OnnxWriter.Type.FLOAT32, values.toBytes(), values.shape());
    }
    Tensor halves = values.detach().to(DType.FLOAT16);
    if (!halves.isAllFinite()) {
      throw RanbikiException.model(
          "%s of %s holds numbers past 65504, the largest of float16. Export it with float32"
              + " weights.",
          name, config.spec().title());
    }
    String stored =
        out.tensor(name + ".float16", OnnxWriter.Type.FLOAT16, halves.toBytes(), values.shape());
    return out.node("Cast", List.of(stored), name, Map.of("to", 1L));
  }

  private void metadata() {
    Map<String, String> all = new TreeMap<>(options.facts());
    all.put(VERSION, Version.text());
    all.put(STORAGE, options.weights().word());
    all.put(WEIGHTS_HASH, io.ranbiki.artifact.Weights.sha256(network));
    all.put(PREPARATION, preparation());
    if (!config.classNames().isEmpty()) {
      all.put(CLASSES, String.join("\n", config.classNames()));
    }
    all.forEach(out::metadata);
  }

  /** What a sample goes through before the first layer, and what of it the file does itself. */
  private String preparation() {
    Preparation outside = Preparation.of(config.spec().input(), normalization());
    return (options.raw() ? outside : outside.normalizedInside()).json();
  }

  private Normalization normalization() {
    Normalization known = config.normalization();
    return known == null ? Normalization.none() : known;
  }
}
