package io.ranbiki.artifact;

import io.ranbiki.Version;
import io.ranbiki.prepare.Field;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes an ONNX model, by the field numbers of {@code onnx.proto}: operators of opset 17 in IR
 * version 8, which engines of the last years all read. The bytes follow from what is added alone.
 */
final class OnnxWriter {

  /** Types of elements, with their numbers in the schema. */
  enum Type {
    FLOAT32(1),
    UINT8(2),
    INT8(3),
    INT32(6),
    INT64(7),
    FLOAT16(10);

    private final int id;

    Type(int id) {
      this.id = id;
    }
  }

  private static final long IR_VERSION = 8;
  private static final long OPSET = 17;
  private static final String BATCH = "batch";
  private static final String LENGTH = "tokens";

  private final ByteArrayOutputStream graph = new ByteArrayOutputStream();
  private final ByteArrayOutputStream metadata = new ByteArrayOutputStream();

  OnnxWriter() {
    graph.writeBytes(Protobuf.written(2, "ranbiki"));
  }

  /**
   * Adds an operator, which is named as its output.
   *
   * @param attributes by name: a {@code Long}, a {@code long[]} or a {@code Float}
   * @return the output
   */
  String node(String operator, List<String> inputs, String output, Map<String, Object> attributes) {
    ByteArrayOutputStream node = new ByteArrayOutputStream();
    inputs.forEach(input -> node.writeBytes(Protobuf.written(1, input)));
    node.writeBytes(Protobuf.written(2, output));
    node.writeBytes(Protobuf.written(3, output));
    node.writeBytes(Protobuf.written(4, operator));
    attributes.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(item -> node.writeBytes(attribute(item.getKey(), item.getValue())));
    graph.writeBytes(Protobuf.written(1, node.toByteArray()));
    return output;
  }

  private static byte[] attribute(String name, Object value) {
    ByteArrayOutputStream attribute = new ByteArrayOutputStream();
    attribute.writeBytes(Protobuf.written(1, name));
    if (value instanceof Float number) {
      attribute.writeBytes(Protobuf.float32(2, number));
      attribute.writeBytes(Protobuf.number(20, 1));
    } else if (value instanceof Long number) {
      attribute.writeBytes(Protobuf.number(3, number));
      attribute.writeBytes(Protobuf.number(20, 2));
    } else {
      for (long number : (long[]) value) {
        attribute.writeBytes(Protobuf.number(8, number));
      }
      attribute.writeBytes(Protobuf.number(20, 7));
    }
    return Protobuf.written(5, attribute.toByteArray());
  }

  /**
   * Adds a tensor that is part of the model.
   *
   * @param values in row-major order, little-endian
   * @return the name
   */
  String tensor(String name, Type type, byte[] values, long... shape) {
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    for (long length : shape) {
      tensor.writeBytes(Protobuf.number(1, length));
    }
    tensor.writeBytes(Protobuf.number(2, type.id));
    tensor.writeBytes(Protobuf.written(8, name));
    tensor.writeBytes(Protobuf.written(9, values));
    graph.writeBytes(Protobuf.written(5, tensor.toByteArray()));
    return name;
  }

  /** Adds a tensor of FLOAT32 that is part of the model. */
  String tensor(String name, float[] values, long... shape) {
    ByteBuffer bytes = littleEndian(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return tensor(name, Type.FLOAT32, bytes.array(), shape);
  }

  static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Adds a tensor of INT64 that is part of the model. */
  String tensor(String name, long[] values, long... shape) {
    ByteBuffer bytes = littleEndian(values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    return tensor(name, Type.INT64, bytes.array(), shape);
  }

  /** Adds an input, {@code [batch, ...sample]}; a length that varies has a name. */
  void input(String name, Type type, List<Integer> sample) {
    graph.writeBytes(Protobuf.written(11, port(name, type, sample)));
  }

  /** Adds an output of FLOAT32, {@code [batch, ...answer]}. */
  void output(String name, List<Integer> answer) {
    graph.writeBytes(Protobuf.written(12, port(name, Type.FLOAT32, answer)));
  }

  private static byte[] port(String name, Type type, List<Integer> lengths) {
    ByteArrayOutputStream shape = new ByteArrayOutputStream();
    shape.writeBytes(Protobuf.written(1, Protobuf.written(2, BATCH)));
    for (int length : lengths) {
      boolean varies = length == Field.ANY;
      shape.writeBytes(
          Protobuf.written(1, varies ? Protobuf.written(2, LENGTH) : Protobuf.number(1, length)));
    }
    byte[] tensor = joined(Protobuf.number(1, type.id), Protobuf.written(2, shape.toByteArray()));
    return joined(Protobuf.written(1, name), Protobuf.written(2, Protobuf.written(1, tensor)));
  }

  /** Adds a text about the model. */
  void metadata(String key, String value) {
    metadata.writeBytes(
        Protobuf.written(14, joined(Protobuf.written(1, key), Protobuf.written(2, value))));
  }

  /** The whole model. */
  byte[] bytes() {
    return joined(
        Protobuf.number(1, IR_VERSION),
        Protobuf.written(2, "ranbiki"),
        Protobuf.written(3, Version.text()),
        Protobuf.written(7, graph.toByteArray()),
        Protobuf.written(8, Protobuf.number(2, OPSET)),
        metadata.toByteArray());
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all =
        new ByteArrayOutputStream(Arrays.stream(parts).mapToInt(p -> p.length).sum());
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
