package io.ranbiki.artifact;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.Version;
import io.ranbiki.data.Task;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Quoted;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Operation;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A model as an ONNX file: input {@code input} {@code [batch, ...sample]}, output {@code logits}
 * {@code [batch, classes]}, any batch. One of vectors of texts has the outputs {@value
 * #LAST_HIDDEN_STATE}, {@code [batch, tokens, width]}, and {@value #SENTENCE_EMBEDDING}, {@code
 * [batch, width]}, in its place. What the inputs must go through, the names of the classes and
 * where the model comes from are in its metadata. Equal weights and options give equal bytes.
 */
public final class OnnxExport {

  /** The name of the output. */
  public static final String LOGITS = "logits";

  /** The output of a network of vectors: one for each text, of length 1. */
  public static final String SENTENCE_EMBEDDING = "sentence_embedding";

  /** Another: one for each token, of which others pool that of the text. */
  public static final String LAST_HIDDEN_STATE = "last_hidden_state";

  /** Metadata: what a sample goes through, as JSON. */
  public static final String PREPARATION = "ranbiki.preparation";

  /** Metadata: what an answer means, such as {@code classes}. */
  public static final String TASK = "ranbiki.task";

  /** Metadata: the names of the classes, labels or numbers, separated by newlines. */
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
  private static final String PROBABILITIES = "probabilities";
  private static final String NORMALIZE = "normalize";
  private static final String UNIT = "unit";
  private static final String POOLED = "pooled";

  /** A protobuf message ends at 2 GiB; names and shapes need little. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (1L << 24);

  /** The weights, and what is made of them until they are bytes. */
  private static final double COPIES = 5;

  /** What weights are kept as. */
  public enum WeightType {
    /** As they are. */
    FLOAT32,
    /** Rounded to 16 bits; all arithmetic is in 32 bits. */
    FLOAT16,
    /** Weights and arithmetic in 8 bits. */
    INT8;

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
   * @param probabilities whether there is a second output: the softmax of the logits of classes,
   *     the sigmoid of those of labels
   * @param facts further metadata by key, such as {@link #RUN}; no path of this machine
   * @param ranges of the input and of every value between the layers, by name, as a file with the
   *     other options and FLOAT32 weights answers typical samples; for INT8 alone
   */
  public record Options(
      WeightType weights,
      boolean raw,
      boolean probabilities,
      Map<String, String> facts,
      Map<String, Range> ranges) {

    /** Weights as they are, normalisation inside, logits alone. */
    public static final Options STANDARD =
        new Options(WeightType.FLOAT32, false, false, Map.of(), Map.of());

    /** Copies the maps. */
    public Options {
      facts = Map.copyOf(facts);
      ranges = Map.copyOf(ranges);
      if ((weights == WeightType.INT8) == ranges.isEmpty()) {
        throw new IllegalArgumentException("ranges are for INT8, which cannot be without");
      }
    }
  }

  private final Network network;
  private final ModelConfig config;
  private final Options options;
  private final OnnxWriter out = new OnnxWriter();

  private OnnxExport(Network network, ModelConfig config, Options options) {
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
  public static void write(Path file, Network network, ModelConfig config, Options options) {
    AtomicFile.write(file, bytes(network, config, options));
  }

  /** Whether the file of a network can normalise its inputs itself: if it has one alone. */
  public static boolean normalizes(Network network) {
    return Graph.inputs(network).containsValue(Graph.INPUT);
  }

  /**
   * The content of such a file.
   *
   * @throws RanbikiException if a layer cannot be exported, a weight is too large for its type, or
   *     the file would be larger than the format allows
   */
  public static byte[] bytes(Network network, ModelConfig config, Options options) {
    requireRoom(network, config);
    try (TensorScope scope = TensorScope.open("export")) {
      return new OnnxExport(network, config, options).bytes();
    }
  }

  private static void requireRoom(Network network, ModelConfig config) {
    long bytes = network.state().values().stream().mapToLong(Tensor::byteCount).sum();
    String title = config.spec().title();
    if (bytes > MOST_BYTES) {
      throw RanbikiException.model(
          "%s has %,d bytes of weights; an ONNX file holds less than 2 GiB. Choose a smaller"
              + " student.",
          title, bytes);
    }
    Memory.requireHeap(Kind.MODEL, COPIES * bytes, "Exporting " + title, "Use a smaller model");
  }

  private byte[] bytes() {
    inputs();
    boolean vectors = config.task() instanceof Task.Embedding;
    List<Graph.Step> steps = Folding.of(Graph.of(network));
    if (vectors) {
      steps = PooledLast.of(withoutLength(steps));
    }
    boolean tokens = vectors && PooledLast.isSo(steps);
    if (options.weights() == WeightType.INT8
        && network.inputs().size() > 1
        && !Int8.looksUp(steps)) {
      throw RanbikiException.configuration(
          "%s takes several inputs, and weights of 8 bits are for networks of one, and for those of"
              + " texts. Export it with float32 or float16 weights.",
          config.spec().title());
    }
    Int8 int8 =
        options.weights() == WeightType.INT8 ? new Int8(out, steps, options.ranges()) : null;
    OnnxNodes nodes = new OnnxNodes(out, int8 == null ? new AsTheyAre() : int8);
    Map<String, String> values = new HashMap<>();
    Graph.inputs(network).values().forEach(name -> values.put(name, name));
    Set<String> taken =
        new HashSet<>(
            Set.of(
                Graph.INPUT,
                NORMALIZE,
                LOGITS,
                PROBABILITIES,
                SENTENCE_EMBEDDING,
                LAST_HIDDEN_STATE));
    taken.addAll(values.keySet());
    if (values.containsKey(Graph.INPUT)) {
      String first = normalized();
      values.put(Graph.INPUT, int8 == null ? first : int8.quantized(first));
    }
    Normalization unit = config.spec().unit();
    String plain = LOGITS;
    if (vectors || !unit.equals(Normalization.none())) {
      plain = free(vectors ? POOLED : UNIT + "/plain", taken);
    }
    for (int i = 0; i < steps.size(); i++) {
      Graph.Step step = steps.get(i);
      boolean last = i == steps.size() - 1;
      boolean ofTokens = tokens && i == steps.size() - 2;
      String output = last ? plain : ofTokens ? LAST_HIDDEN_STATE : free(step.name(), taken);
      List<String> inputs = step.inputs().stream().map(values::get).toList();
      if (int8 != null) {
        inputs = int8.before(step, inputs);
      }
      nodes.add(step, inputs, output);
      values.put(step.name(), last || int8 == null ? output : int8.after(step, inputs, output));
    }
    if (vectors) {
      vectors(plain, tokens);
      metadata();
      return out.bytes();
    }
    if (!plain.equals(LOGITS)) {
      inUnits(plain, unit);
    }
    out.output(LOGITS, List.of(config.spec().classes()));
    if (options.probabilities()) {
      if (config.task() instanceof Task.Numbers) {
        throw RanbikiException.configuration(
            "%s answers numbers, of which none is a probability. Leave --probabilities out.",
            config.spec().title());
      }
      boolean labels = config.task() instanceof Task.Labels;
      Map<String, Object> axis = labels ? Map.of() : Map.of("axis", 1L);
      out.node(labels ? "Sigmoid" : "Softmax", List.of(LOGITS), PROBABILITIES, axis);
      out.output(PROBABILITIES, List.of(config.spec().classes()));
    }
    metadata();
    return out.bytes();
  }

  /** The steps before vectors are brought to length 1, which is done here in any case. */
  private static List<Graph.Step> withoutLength(List<Graph.Step> steps) {
    int last = steps.size() - 1;
    return steps.get(last).operation() instanceof Operation.ToUnitLength
        ? steps.subList(0, last)
        : steps;
  }

  private void vectors(String pooled, boolean ofTokens) {
    if (options.probabilities()) {
      throw RanbikiException.configuration(
          "%s answers vectors, of which no number is a probability. Leave --probabilities out.",
          config.spec().title());
    }
    Map<String, Object> lengths = Map.of("axis", -1L, "p", 2L);
    out.node("LpNormalization", List.of(pooled), SENTENCE_EMBEDDING, lengths);
    int width = config.spec().classes();
    if (ofTokens) {
      out.output(LAST_HIDDEN_STATE, List.of(Field.ANY, width));
    }
    out.output(SENTENCE_EMBEDDING, List.of(width));
  }

  private void inputs() {
    Map<String, String> names = Graph.inputs(network);
    for (Field field : network.inputs()) {
      OnnxWriter.Type type =
          switch (field.kind()) {
            case UINT8 -> OnnxWriter.Type.UINT8;
            case INT64 -> OnnxWriter.Type.INT64;
            case FLOAT32 -> OnnxWriter.Type.FLOAT32;
            case TEXT, SOUND, CELLS ->
                throw RanbikiException.model(
                    "%s takes '%s' as %s, which no ONNX file does here. Let its preparation make"
                        + " numbers of it.",
                    config.spec().title(),
                    field.name(),
                    field.kind().name().toLowerCase(Locale.ROOT));
          };
      out.input(Objects.requireNonNull(names.get(field.name())), type, field.shape());
    }
  }

  /** Behind the last layer, as the network does it itself. */
  private void inUnits(String plain, Normalization unit) {
    long[] shape = {unit.mean().length};
    String deviation = out.tensor(UNIT + "/deviation", unit.std(), shape);
    String scaled = out.node("Mul", List.of(plain, deviation), UNIT + "/scaled", Map.of());
    String mean = out.tensor(UNIT + "/mean", unit.mean(), shape);
    out.node("Add", List.of(scaled, mean), LOGITS, Map.of());
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
    String mean = out.tensor(NORMALIZE + "/mean", normalization.mean(), shape);
    String centred = out.node("Sub", List.of(Graph.INPUT, mean), NORMALIZE + "/centred", Map.of());
    String factor = out.tensor(NORMALIZE + "/factor", scale, shape);
    return out.node("Mul", List.of(centred, factor), NORMALIZE, Map.of());
  }

  private String weight(String name, Tensor values) {
    if (options.weights() == WeightType.FLOAT32) {
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
        out.tensor(name + "/float16", OnnxWriter.Type.FLOAT16, halves.toBytes(), values.shape());
    return out.node("Cast", List.of(stored), name, Map.of("to", 1L));
  }

  /** Weights as numbers of 32 bits, or of 16, which are widened before anything is computed. */
  private final class AsTheyAre implements WeightNodes {

    @Override
    public List<String> add(String name, String input, Tensor weight, @Nullable Tensor bias) {
      List<String> names = new ArrayList<>(List.of(weight(name + ".weight", weight)));
      if (bias != null) {
        names.add(weight(name + ".bias", bias));
      }
      return names;
    }

    @Override
    public List<String> addTurned(String name, String input, Tensor weight, @Nullable Tensor bias) {
      List<String> names = new ArrayList<>(add(name, input, weight, bias));
      Map<String, Object> turn = Map.of("perm", new long[] {1, 0});
      names.set(0, out.node("Transpose", List.of(names.get(0)), name + "/turned", turn));
      return names;
    }

    @Override
    public void rows(String output, Tensor table, BiConsumer<String, String> choose) {
      choose.accept(weight(output + ".weight", table), output);
    }
  }

  private void metadata() {
    Map<String, String> all = new TreeMap<>(options.facts());
    all.put(VERSION, Version.text());
    all.put(STORAGE, options.weights().word());
    all.put(WEIGHTS_HASH, Weights.sha256(network));
    Prepare known = config.prepare();
    boolean isMade = known != null && (known.tokenize().isPresent() || known.logMel().isPresent());
    if (isMade || normalizes(network)) {
      all.put(PREPARATION, preparation());
    }
    all.put(TASK, config.task().word());
    if (!config.names().isEmpty()) {
      all.put(CLASSES, classes());
    }
    all.forEach(out::metadata);
  }

  private String classes() {
    for (String name : config.names()) {
      if (name.indexOf('\n') >= 0) {
        throw RanbikiException.configuration(
            "The class %s has a line break in its name, and lines separate the names in an ONNX"
                + " file. Rename the class.",
            Quoted.of(name));
      }
    }
    return String.join("\n", config.names());
  }

  /** What a sample goes through before the first layer, and what of it the file does itself. */
  private String preparation() {
    Prepare known = config.prepare();
    Preparation outside = (known == null ? Prepare.NONE : known).on(config.spec().input());
    boolean inside = !options.raw() && normalizes(network);
    return escaped((inside ? outside.normalizedInside() : outside).json());
  }

  /** ONNX Runtime's Java reads characters of four bytes as the end of a text. */
  private static String escaped(String json) {
    StringBuilder text = new StringBuilder(json.length());
    for (int i = 0; i < json.length(); i++) {
      char unit = json.charAt(i);
      if (Character.isSurrogate(unit)) {
        text.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
      } else {
        text.append(unit);
      }
    }
    return text.toString();
  }

  private Normalization normalization() {
    Normalization known = config.normalization();
    return known == null ? Normalization.none() : known;
  }
}
