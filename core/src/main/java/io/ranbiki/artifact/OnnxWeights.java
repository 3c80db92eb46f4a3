package io.ranbiki.artifact;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Protobuf.Field;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The weights of an encoder of texts in an ONNX file that PyTorch wrote, by the names that they had
 * there. Tables, normalisations and biases keep these in such a file. The weights of linear layers
 * are transposed and called {@code onnx::MatMul_787}, but the node that multiplies by them is
 * called {@code /encoder/layer.0/attention/self/query/MatMul}.
 */
public final class OnnxWeights {

  private static final long FLOAT32 = 1;
  private static final int GRAPH = 7;
  private static final Pattern LAYER =
      Pattern.compile("(?:encoder|transformer)\\.layer\\.(\\d+)\\..*");
  private static final String WORDS = "embeddings.word_embeddings.weight";
  private static final String POSITIONS = "embeddings.position_embeddings.weight";
  private static final String TYPES = "embeddings.token_type_embeddings.weight";
  private static final int NAMES_IN_MESSAGE = 4;

  /** Values as the file has them, in the order of PyTorch. */
  private record Values(float[] numbers, long[] shape) {
    Values transposed() {
      int rows = (int) shape[0];
      int columns = (int) shape[1];
      float[] turned = new float[numbers.length];
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          turned[column * rows + row] = numbers[row * columns + column];
        }
      }
      return new Values(turned, new long[] {columns, rows});
    }
  }

  private record Node(String name, String operator, List<String> inputs) {}

  private final Path file;
  private final Map<String, Values> values;
  private final Set<String> operators;

  private OnnxWeights(Path file, Map<String, Values> values, Set<String> operators) {
    this.file = file;
    this.values = values;
    this.operators = operators;
  }

  /**
   * Reads the weights of a file.
   *
   * @throws RanbikiException if they lie in other files
   */
  public static OnnxWeights read(OnnxFile onnx) {
    if (onnx.files().size() > 1) {
      throw RanbikiException.model(
          "%s keeps its weights in files beside it, from which they cannot be taken. Export it as"
              + " one file.",
          onnx.file());
    }
    Map<String, Values> given = new LinkedHashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Field graph : Protobuf.fields(onnx.bytes())) {
      if (graph.id() == GRAPH) {
        for (Field part : graph.fields()) {
          switch (part.id()) {
            case 1 -> nodes.add(node(part));
            case 5 -> tensor(part, given);
            default -> {}
          }
        }
      }
    }
    Map<String, Values> named = new TreeMap<>();
    given.forEach((name, value) -> named.put(HubFolder.alone(name), value));
    for (Node node : nodes) {
      for (String input : node.inputs) {
        Values value = given.get(input);
        if (node.operator.equals("MatMul") && value != null && value.shape.length == 2) {
          named.remove(HubFolder.alone(input));
          named.put(HubFolder.alone(path(node.name)), value.transposed());
        }
      }
    }
    Set<String> operators =
        nodes.stream().map(Node::operator).collect(Collectors.toUnmodifiableSet());
    return new OnnxWeights(onnx.file(), named, operators);
  }

  private static String path(String node) {
    String inside = node.startsWith("/") ? node.substring(1) : node;
    int last = inside.lastIndexOf('/');
    return (last < 0 ? inside : inside.substring(0, last)).replace('/', '.') + ".weight";
  }

  private static Node node(Field field) {
    List<String> inputs = new ArrayList<>();
    String name = "";
    String operator = "";
    for (Field part : field.fields()) {
      switch (part.id()) {
        case 1 -> inputs.add(part.text());
        case 3 -> name = part.text();
        case 4 -> operator = part.text();
        default -> {}
      }
    }
    return new Node(name, operator, inputs);
  }

  private static void tensor(Field field, Map<String, Values> given) {
    String name = "";
    long type = 0;
    List<Long> shape = new ArrayList<>();
    ByteBuffer raw = ByteBuffer.allocate(0);
    for (Field part : field.fields()) {
      switch (part.id()) {
        case 1 -> Arrays.stream(part.integers()).forEach(shape::add);
        case 2 -> type = part.integer();
        case 8 -> name = part.text();
        case 9 -> raw = ByteBuffer.wrap(part.bytes(), part.start(), part.length());
        default -> {}
      }
    }
    if (type == FLOAT32 && raw.remaining() > 0) {
      float[] all = new float[raw.remaining() / Float.BYTES];
      raw.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(all);
      given.put(name, new Values(all, shape.stream().mapToLong(Long::longValue).toArray()));
    }
  }

  /**
   * What the shapes tell of the encoder: all options but its heads.
   *
   * @throws RanbikiException naming what is missing
   */
  public Map<String, Object> options() {
    long[] words = shape(WORDS);
    long[] positions = shape(POSITIONS);
    boolean distil =
        values.keySet().stream().anyMatch(name -> name.startsWith("transformer.layer."));
    boolean roberta = !distil && shape(TYPES)[0] == 1;
    int layers =
        1
            + values.keySet().stream()
                .map(LAYER::matcher)
                .filter(Matcher::matches)
                .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
                .max()
                .orElse(0);
    String inner =
        distil
            ? "transformer.layer.0.ffn.lin1.weight"
            : "encoder.layer.0.intermediate.dense.weight";
    Map<String, Object> options = new HashMap<>();
    options.put("layers", layers);
    options.put("width", (int) words[1]);
    options.put("vocabulary", (int) words[0]);
    options.put("positions", (int) positions[0] - (roberta ? 2 : 0));
    options.put("feed-forward", (int) shape(inner)[0]);
    options.put("head", "none");
    options.put("pooling", "mean");
    return options;
  }

  /** The architecture that the names tell. */
  public String architecture() {
    if (values.containsKey("transformer.layer.0.ffn.lin1.weight")) {
      return "distilbert";
    }
    return shape(TYPES)[0] == 1 ? "roberta" : "bert";
  }

  private long[] shape(String name) {
    Values value = values.get(name);
    if (value == null || value.shape.length != 2) {
      throw missing(List.of(name));
    }
    return value.shape;
  }

  private RanbikiException missing(List<String> names) {
    String few = names.stream().limit(NAMES_IN_MESSAGE).collect(Collectors.joining(", "));
    String more =
        names.size() > NAMES_IN_MESSAGE
            ? " and " + (names.size() - NAMES_IN_MESSAGE) + " more"
            : "";
    boolean small =
        operators.stream()
            .anyMatch(
                operator ->
                    operator.matches(
                        "MatMulInteger|DynamicQuantizeLinear|QLinearMatMul|DequantizeLinear"));
    return RanbikiException.model(
        "%s does not hold the weights of an encoder of texts: %s%s %s missing.%s",
        file,
        few,
        more,
        names.size() == 1 ? "is" : "are",
        small
            ? " Its weights have 8 bits; take the file that was not quantised."
            : " Take one that PyTorch exported of BERT, DistilBERT or RoBERTa with its names.");
  }

  /**
   * The encoder with these weights.
   *
   * @throws RanbikiException naming what is missing
   */
  public Model model(ModelSpec spec) {
    Model model = Model.create(spec, 0);
    try (TensorScope scope = TensorScope.open("take weights of an ONNX file")) {
      Map<String, Tensor> named = new LinkedHashMap<>();
      List<String> missing = new ArrayList<>();
      for (String name : model.module().state().keySet()) {
        Values value = values.get(name);
        if (value == null) {
          missing.add(name);
        } else {
          named.put(name, Tensors.of(value.numbers, value.shape));
        }
      }
      if (!missing.isEmpty()) {
        throw missing(missing);
      }
      model.load(named, file.toString());
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }
}
