package io.ranbiki.artifact;

import io.ranbiki.artifact.Protobuf.Damaged;
import io.ranbiki.artifact.Protobuf.Field;
import io.ranbiki.file.Quoted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Collects what matters from an ONNX model, by the field numbers of {@code onnx.proto}. */
final class OnnxGraph {

  private static final int DEEPEST = 32;
  private static final int EXTERNAL = 1;

  /** Of names and lengths: the largest networks have some hundred thousand. */
  private static final int MOST_WORDS = 2_000_000;

  /** Types that no weight here has; any other number is a type that this program does not know. */
  private static final Map<Long, String> OTHER_TYPES =
      Map.of(
          8L,
          "string",
          14L,
          "complex64",
          15L,
          "complex128",
          21L,
          "uint4",
          22L,
          "int4",
          23L,
          "float4");

  private static final String UNKNOWN = "unknown";

  /** What is in a value that is no tensor, by its field number. */
  private static final Map<Integer, String> KINDS =
      Map.of(4, "sequence", 5, "map", 8, "sparse tensor", 9, "optional");

  private record Type(String name, int bytes, boolean floating) {}

  private static final Map<Long, Type> TYPES =
      Map.ofEntries(
          Map.entry(1L, new Type("float32", 4, true)),
          Map.entry(2L, new Type("uint8", 1, false)),
          Map.entry(3L, new Type("int8", 1, false)),
          Map.entry(4L, new Type("uint16", 2, false)),
          Map.entry(5L, new Type("int16", 2, false)),
          Map.entry(6L, new Type("int32", 4, false)),
          Map.entry(7L, new Type("int64", 8, false)),
          Map.entry(9L, new Type("bool", 1, false)),
          Map.entry(10L, new Type("float16", 2, true)),
          Map.entry(11L, new Type("float64", 8, true)),
          Map.entry(12L, new Type("uint32", 4, false)),
          Map.entry(13L, new Type("uint64", 8, false)),
          Map.entry(16L, new Type("bfloat16", 2, true)),
          Map.entry(17L, new Type("float8e4m3fn", 1, true)),
          Map.entry(18L, new Type("float8e4m3fnuz", 1, true)),
          Map.entry(19L, new Type("float8e5m2", 1, true)),
          Map.entry(20L, new Type("float8e5m2fnuz", 1, true)));

  /** Where the values of a tensor lie, if not in the model's own file; offset, length in bytes. */
  record External(String location, long offset, long length) {}

  private final List<OnnxInfo.Port> inputs = new ArrayList<>();
  private final List<OnnxInfo.Port> outputs = new ArrayList<>();
  private final List<OnnxInfo.Layer> layers = new ArrayList<>();
  private final Set<String> weights = new HashSet<>();
  private final List<External> externals = new ArrayList<>();
  private String producer = "";
  private long opset;
  private final Map<String, String> metadata = new HashMap<>();
  private final Map<String, String> zipMaps = new HashMap<>();
  private long parameters;
  private int words;
  private boolean loops;
  private boolean quantizesBatches;
  private boolean parametersAreKnown = true;

  /** What is looked up, by the value that says which rows. */
  private final Map<String, String> tables = new HashMap<>();

  private final Map<String, Long> rowsOf = new HashMap<>();

  private OnnxGraph() {}

  /**
   * Reads a model.
   *
   * @throws Damaged if it is not one
   */
  static OnnxGraph parse(byte[] model) {
    OnnxGraph collected = new OnnxGraph();
    boolean hasGraph = false;
    for (Field field : Protobuf.fields(model)) {
      switch (field.id()) {
        case 2 -> collected.producer = field.text();
        case 7 -> {
          hasGraph = true;
          collected.graph(field, 0);
        }
        case 8 -> collected.opset(field);
        case 14 -> collected.metadata(field);
        case 25 -> collected.function(field);
        default -> {}
      }
    }
    if (!hasGraph || collected.opset == 0) {
      throw new Damaged("it holds no graph of standard operators");
    }
    if (collected.outputs.isEmpty()) {
      throw new Damaged("its graph has no output");
    }
    return collected;
  }

  /** Whether an operator repeats a graph as often as the graph itself says. */
  boolean loops() {
    return loops;
  }

  /** Whether an operator chooses its scale by all numbers that it is given. */
  boolean quantizesBatches() {
    return quantizesBatches;
  }

  /** A name or length that is kept; files of a few bytes for each could fill the memory. */
  private String word(String text) {
    if (++words > MOST_WORDS) {
      throw new Damaged("it has more than " + MOST_WORDS + " names and lengths");
    }
    return text;
  }

  /** Rows of the table in which an input is looked up; empty where that is not done at once. */
  OptionalLong rows(String input) {
    Long rows = rowsOf.get(tables.getOrDefault(input, ""));
    return rows == null ? OptionalLong.empty() : OptionalLong.of(rows);
  }

  List<External> externals() {
    return externals;
  }

  OnnxInfo info(long bytes) {
    List<OnnxInfo.Port> required =
        inputs.stream().filter(input -> !weights.contains(input.name())).toList();
    return new OnnxInfo(
        producer,
        opset,
        required,
        outputs,
        layers,
        zipMaps,
        metadata,
        parametersAreKnown ? parameters : 0,
        bytes);
  }

  private void opset(Field field) {
    String domain = "";
    long version = 0;
    for (Field part : field.fields()) {
      switch (part.id()) {
        case 1 -> domain = part.text();
        case 2 -> version = part.integer();
        default -> {}
      }
    }
    if (domain.isEmpty() || domain.equals("ai.onnx")) {
      opset = version;
    }
  }

  private void metadata(Field entry) {
    put(metadata, entry);
    word("");
  }

  private void function(Field function) {
    for (Field part : function.fields()) {
      if (part.id() == 7) {
        node(part, 1);
      }
    }
  }

  /** A graph at depth 0 is the model's own; deeper ones are the branches and bodies of nodes. */
  private void graph(Field graph, int depth) {
    if (depth > DEEPEST) {
      throw new Damaged("its graphs are nested more than " + DEEPEST + " deep");
    }
    for (Field part : graph.fields()) {
      switch (part.id()) {
        case 1 -> node(part, depth);
        case 5 -> weight(part, depth);
        case 15 -> sparse(part).forEach(tensor -> weight(tensor, depth));
        case 11 -> {
          if (depth == 0) {
            inputs.add(port(part));
          }
        }
        case 12 -> {
          if (depth == 0) {
            outputs.add(port(part));
          }
        }
        default -> {}
      }
    }
  }

  private void node(Field node, int depth) {
    List<String> names = new ArrayList<>();
    List<String> sources = new ArrayList<>();
    String operator = "";
    String domain = "";
    for (Field part : node.fields()) {
      switch (part.id()) {
        case 1 -> sources.add(part.text());
        case 2 -> names.add(word(part.text()));
        case 7 -> domain = part.text();
        case 4 -> operator = part.text();
        case 5 -> attribute(part, depth);
        default -> {}
      }
    }
    if (depth == 0 && operator.equals("Gather") && sources.size() == 2) {
      tables.put(sources.get(1), sources.get(0));
    }
    loops |= operator.equals("Loop");
    quantizesBatches |= operator.equals("DynamicQuantizeLinear");
    boolean classic = domain.equals("ai.onnx.ml"); // trees and the like, without tensors
    parametersAreKnown &= !(classic && operator.matches("(Tree|SVM|Linear).*"));
    if (classic && operator.equals("ZipMap") && names.size() == 1 && sources.size() == 1) {
      if (depth == 0) {
        zipMaps.put(names.get(0), sources.get(0));
      }
    } else if (depth == 0 && !operator.equals("Constant")) {
      for (String name : names) {
        if (!name.isEmpty()) {
          layers.add(new OnnxInfo.Layer(name, operator));
        }
      }
    }
  }

  private void attribute(Field attribute, int depth) {
    for (Field part : attribute.fields()) {
      switch (part.id()) {
        case 5, 10 -> tensor(part);
        case 6, 11 -> graph(part, depth + 1);
        case 22, 23 -> sparse(part).forEach(this::tensor);
        default -> {}
      }
    }
  }

  private static Stream<Field> sparse(Field tensor) {
    return stream(tensor).filter(part -> part.id() == 1 || part.id() == 2);
  }

  private void weight(Field field, int depth) {
    Tensor tensor = tensor(field);
    if (depth == 0) {
      weights.add(word(tensor.name));
      rowsOf.put(tensor.name, tensor.rows);
    }
    if (tensor.type != null && (tensor.type.floating || tensor.type.bytes == 1)) {
      parameters += tensor.count;
    }
  }

  /** A tensor; {@code rows} is its first length, 1 where it has none. */
  private record Tensor(String name, @Nullable Type type, long count, long rows) {}

  /** Checks that a tensor has as many values as its shape says, and notes where they lie. */
  private Tensor tensor(Field field) {
    String name = "";
    long type = 0;
    long count = 1;
    long rows = -1;
    long raw = -1;
    long values = 0;
    boolean external = false;
    Map<String, String> place = new HashMap<>();
    for (Field part : field.fields()) {
      switch (part.id()) {
        case 1 -> {
          rows = rows < 0 && part.integers().length > 0 ? part.integers()[0] : rows;
          count = product(count, part.integers());
        }
        case 2 -> type = part.integer();
        case 4, 5, 6, 7, 10, 11 -> values += part.isBytes() ? Math.max(1, part.length()) : 1;
        case 8 -> name = part.text();
        case 9 -> raw = part.length();
        case 13 -> put(place, part);
        case 14 -> external = part.integer() == EXTERNAL;
        default -> {}
      }
    }
    Type known = TYPES.get(type);
    if (external) {
      External where = external(name, place, known == null ? 0 : bytes(name, count, known));
      word(where.location());
      externals.add(where);
    } else if (raw >= 0 && known != null) {
      requireBytes(name, raw == bytes(name, count, known));
    } else {
      requireBytes(name, count <= 2 * Math.max(raw, values)); // two 4-bit values share a byte
    }
    return new Tensor(name, known, count, Math.max(1, rows));
  }

  private static long product(long count, long[] lengths) {
    long product = count;
    for (long length : lengths) {
      if (length < 0 || (length > 0 && product > Long.MAX_VALUE / length)) {
        throw new Damaged("the shape of a tensor holds " + length);
      }
      product *= length;
    }
    return product;
  }

  private static long bytes(String name, long count, Type type) {
    requireBytes(name, count <= Long.MAX_VALUE / type.bytes);
    return count * type.bytes;
  }

  private static void requireBytes(String name, boolean enough) {
    if (!enough) {
      throw new Damaged(
          "tensor " + Quoted.of(name) + " has not as many values as its shape asks for");
    }
  }

  private static void put(Map<String, String> place, Field entry) {
    String key = "";
    String value = "";
    for (Field part : entry.fields()) {
      switch (part.id()) {
        case 1 -> key = part.text();
        case 2 -> value = part.text();
        default -> {}
      }
    }
    place.put(key, value);
  }

  private static External external(String name, Map<String, String> place, long bytes) {
    try {
      long offset = Long.parseLong(place.getOrDefault("offset", "0"));
      long length = Long.parseLong(place.getOrDefault("length", Long.toString(bytes)));
      requireBytes(name, bytes == 0 || length == bytes);
      return new External(place.getOrDefault("location", ""), offset, length);
    } catch (NumberFormatException e) {
      throw new Damaged("tensor " + Quoted.of(name) + " lies at a place that is not a number");
    }
  }

  private OnnxInfo.Port port(Field value) {
    String name = "";
    String type = UNKNOWN;
    List<String> shape = new ArrayList<>();
    boolean shaped = false;
    for (Field part : value.fields()) {
      if (part.id() == 1) {
        name = word(part.text());
      } else if (part.id() == 2) {
        for (Field kind : part.fields()) {
          type = KINDS.getOrDefault(kind.id(), type);
        }
        for (Field tensor : only(part, 1)) {
          for (Field about : tensor.fields()) {
            if (about.id() == 1) {
              Type known = TYPES.get(about.integer());
              type =
                  known == null ? OTHER_TYPES.getOrDefault(about.integer(), UNKNOWN) : known.name;
            } else if (about.id() == 2) {
              shaped = true;
              only(about, 1).forEach(length -> shape.add(word(length(length))));
            }
          }
        }
      }
    }
    return new OnnxInfo.Port(name, type, shaped ? shape : List.of(UNKNOWN));
  }

  private static Iterable<Field> only(Field message, int id) {
    return () -> stream(message).filter(part -> part.id() == id).iterator();
  }

  private static Stream<Field> stream(Field message) {
    return StreamSupport.stream(message.fields().spliterator(), false);
  }

  private static String length(Field dimension) {
    for (Field part : dimension.fields()) {
      if (part.id() == 1) {
        return Long.toString(part.integer());
      }
      if (part.id() == 2) {
        return part.text();
      }
    }
    return "?";
  }
}
