package io.ranbiki.artifact;

import io.ranbiki.nn.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How the operations of networks that read texts are said in ONNX. */
final class OnnxTextNodes {

  private static final Map<String, Object> NONE = Map.of();
  private static final long FLOAT = 1;

  /** What is added to the score of a token that is not read: its share becomes 0. */
  private static final float UNREAD = -1e9f;

  private final OnnxWriter out;
  private final WeightNodes weights;

  /**
   * Makes a writer of nodes.
   *
   * @param weights adds tables of vectors
   */
  OnnxTextNodes(OnnxWriter out, WeightNodes weights) {
    this.out = out;
    this.weights = weights;
  }

  /** As {@link OnnxNodes#add}. */
  void add(Operation operation, List<String> inputs, String output) {
    String input = inputs.get(0);
    if (operation instanceof Operation.Lookup l) {
      weights.rows(
          output,
          l.table(),
          (table, rows) -> out.node("Gather", List.of(table, input), rows, NONE));
    } else if (operation instanceof Operation.AddPositions p) {
      addPositions(p, input, output);
    } else if (operation instanceof Operation.NormalisationEach n) {
      normalisationEach(n, input, output);
    } else if (operation instanceof Operation.Attention a) {
      attention(a, inputs, output);
    } else if (operation instanceof Operation.Rotation r) {
      rotation(r, input, output);
    } else if (operation instanceof Operation.Part p) {
      part(input, p.from(), p.length(), output);
    } else if (operation instanceof Operation.Product) {
      out.node("Mul", inputs, output, NONE);
    } else if (operation instanceof Operation.FirstToken) {
      String first = out.tensor(output + "/first", new long[] {0});
      out.node("Gather", List.of(input, first), output, Map.of("axis", 1L));
    } else if (operation instanceof Operation.MeanOfTokens) {
      meanOfTokens(input, inputs.get(1), output);
    } else if (operation instanceof Operation.MapsOfTokens) {
      Map<String, Object> turn = Map.of("perm", new long[] {0, 2, 1});
      String turned = out.node("Transpose", List.of(input), output + "/turned", turn);
      out.node("Mul", List.of(turned, read(inputs.get(1), output, 1)), output, NONE);
    } else if (operation instanceof Operation.LargestOfTokens) {
      String read = read(inputs.get(1), output, 1);
      String seen = out.node("Mul", List.of(input, read), output + "/seen", NONE);
      Map<String, Object> along = Map.of("axes", new long[] {2}, "keepdims", 0L);
      out.node("ReduceMax", List.of(seen), output, along);
    } else if (operation instanceof Operation.Join) {
      out.node("Concat", inputs, output, Map.of("axis", 1L));
    } else if (operation instanceof Operation.ToUnitLength) {
      out.node("LpNormalization", List.of(input), output, Map.of("axis", -1L, "p", 2L));
    } else if (operation instanceof Operation.MaxOfTokens) {
      maxOfTokens(input, inputs.get(1), output);
    } else {
      throw new IllegalArgumentException("operation " + operation);
    }
  }

  private void addPositions(Operation.AddPositions p, String input, String output) {
    String shape = out.node("Shape", List.of(input), output + "/shape", NONE);
    String one = out.tensor(output + "/one", new long[] {1}, 1);
    String length = out.node("Gather", List.of(shape, one), output + "/length", Map.of("axis", 0L));
    String zero = out.tensor(output + "/zero", new long[] {0}, 1);
    String rows = output + "/rows";
    weights.rows(
        rows,
        p.table(),
        (table, some) -> out.node("Slice", List.of(table, zero, length, zero), some, NONE));
    out.node("Add", List.of(input, rows), output, NONE);
  }

  private void normalisationEach(Operation.NormalisationEach n, String input, String output) {
    long width = n.weight().count();
    List<String> inputs = new ArrayList<>(List.of(input));
    inputs.add(out.tensor(output + ".weight", n.weight().toFloats(), width));
    if (n.bias() != null) {
      inputs.add(out.tensor(output + ".bias", n.bias().toFloats(), width));
    }
    out.node(
        "LayerNormalization", inputs, output, Map.of("axis", -1L, "epsilon", (float) n.epsilon()));
  }

  private String part(String input, long from, long length, String output) {
    String begin = out.tensor(output + "/begin", new long[] {from}, 1);
    String end = out.tensor(output + "/end", new long[] {from + length}, 1);
    String last = out.tensor(output + "/last", new long[] {-1}, 1);
    return out.node("Slice", List.of(input, begin, end, last), output, NONE);
  }

  /** The positions of tokens, {@code [tokens]} INT64. */
  private String positions(String tokens, String output) {
    String shape = out.node("Shape", List.of(tokens), output + "/shape", NONE);
    String one = out.tensor(output + "/one", new long[] {1});
    String length = out.node("Gather", List.of(shape, one), output + "/length", Map.of("axis", 0L));
    String zero = out.tensor(output + "/zero", new long[] {0});
    return out.node("Range", List.of(zero, length, one), output + "/positions", NONE);
  }

  private void rotation(Operation.Rotation r, String input, String output) {
    int half = r.frequencies().size();
    float[] frequencies = new float[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = r.frequencies().get(i);
    }
    String places = positions(input, output);
    String numbers = out.node("Cast", List.of(places), output + "/numbers", Map.of("to", FLOAT));
    String column = out.tensor(output + "/column", new long[] {-1, 1, 1}, 3);
    String rows = out.node("Reshape", List.of(numbers, column), output + "/rows", NONE);
    String each = out.tensor(output + "/frequencies", frequencies, half);
    String angles = out.node("Mul", List.of(rows, each), output + "/angles", NONE);
    String cosines = out.node("Cos", List.of(angles), output + "/cosines", NONE);
    String sines = out.node("Sin", List.of(angles), output + "/sines", NONE);
    String byHeads = out.tensor(output + "/by-heads", new long[] {0, 0, r.heads(), -1}, 4);
    String split = out.node("Reshape", List.of(input, byHeads), output + "/split", NONE);
    String first = part(split, 0, half, output + "/first");
    String second = part(split, half, half, output + "/second");
    String left = out.node("Mul", List.of(first, cosines), output + "/first-cos", NONE);
    String right = out.node("Mul", List.of(second, sines), output + "/second-sin", NONE);
    String turned = out.node("Sub", List.of(left, right), output + "/first-turned", NONE);
    String over = out.node("Mul", List.of(second, cosines), output + "/second-cos", NONE);
    String under = out.node("Mul", List.of(first, sines), output + "/first-sin", NONE);
    String other = out.node("Add", List.of(over, under), output + "/second-turned", NONE);
    String both =
        out.node("Concat", List.of(turned, other), output + "/turned", Map.of("axis", -1L));
    String joined = out.tensor(output + "/joined", new long[] {0, 0, -1}, 3);
    out.node("Reshape", List.of(both, joined), output, NONE);
  }

  private void attention(Operation.Attention attention, List<String> inputs, String output) {
    int heads = attention.heads();
    String query = split(inputs.get(0), heads, output + "/query", 0, 2, 1, 3);
    String key = split(inputs.get(1), heads, output + "/key", 0, 2, 3, 1);
    String value = split(inputs.get(2), heads, output + "/value", 0, 2, 1, 3);
    String products = out.node("MatMul", List.of(query, key), output + "/products", NONE);
    String width = out.node("Shape", List.of(query), output + "/shape", NONE);
    String last = out.tensor(output + "/last", new long[] {3}, 1);
    String of = out.node("Gather", List.of(width, last), output + "/width", Map.of("axis", 0L));
    String number = out.node("Cast", List.of(of), output + "/number", Map.of("to", FLOAT));
    String root = out.node("Sqrt", List.of(number), output + "/root", NONE);
    String scores = out.node("Div", List.of(products, root), output + "/scores", NONE);
    String unread = unread(inputs.get(3), output);
    String far =
        attention.window() == 0
            ? unread
            : out.node(
                "Min",
                List.of(unread, far(inputs.get(0), attention.window(), output + "/window")),
                output + "/unread-or-far",
                NONE);
    String masked = out.node("Add", List.of(scores, far), output + "/masked", NONE);
    String shares = out.node("Softmax", List.of(masked), output + "/shares", Map.of("axis", -1L));
    String read = out.node("MatMul", List.of(shares, value), output + "/read", NONE);
    String turned =
        out.node(
            "Transpose",
            List.of(read),
            output + "/turned",
            Map.of("perm", new long[] {0, 2, 1, 3}));
    String joined = out.tensor(output + "/joined", new long[] {0, 0, -1}, 3);
    out.node("Reshape", List.of(turned, joined), output, NONE);
  }

  /** {@code [batch, tokens, width]} by heads, in another order. */
  private String split(String input, int heads, String name, long... order) {
    String shape = out.tensor(name + "/by-heads", new long[] {0, 0, heads, -1}, 4);
    String split = out.node("Reshape", List.of(input, shape), name + "/split", NONE);
    return out.node("Transpose", List.of(split), name, Map.of("perm", order));
  }

  /** {@code [batch, 1, 1, tokens]}: 0 for a token that is read. */
  private String unread(String mask, String output) {
    String zero = out.tensor(output + "/nothing", new long[] {0}, 1);
    String is = out.node("Equal", List.of(mask, zero), output + "/padded", NONE);
    String number = out.node("Cast", List.of(is), output + "/padding", Map.of("to", FLOAT));
    String far = out.tensor(output + "/unread", new float[] {UNREAD}, 1);
    String scores = out.node("Mul", List.of(number, far), output + "/far", NONE);
    String axes = out.tensor(output + "/axes", new long[] {1, 2}, 2);
    return out.node("Unsqueeze", List.of(scores, axes), output + "/far-by-heads", NONE);
  }

  /** {@code [tokens, tokens]}: 0 for a token that is near enough to be read. */
  private String far(String tokens, int window, String output) {
    String places = positions(tokens, output);
    String down = out.tensor(output + "/down", new long[] {-1, 1}, 2);
    String column = out.node("Reshape", List.of(places, down), output + "/column", NONE);
    String apart = out.node("Sub", List.of(column, places), output + "/apart", NONE);
    String distance = out.node("Abs", List.of(apart), output + "/distance", NONE);
    String most = out.tensor(output + "/most", new long[] {window});
    String is = out.node("Greater", List.of(distance, most), output + "/is", NONE);
    String number = out.node("Cast", List.of(is), output + "/number", Map.of("to", FLOAT));
    String unread = out.tensor(output + "/unread", new float[] {UNREAD}, 1);
    return out.node("Mul", List.of(number, unread), output, NONE);
  }

  private void maxOfTokens(String tokens, String mask, String output) {
    String zero = out.tensor(output + "/nothing", new long[] {0}, 1);
    String padded = out.node("Equal", List.of(mask, zero), output + "/padded", NONE);
    String two = out.tensor(output + "/two", new long[] {2}, 1);
    String rows = out.node("Unsqueeze", List.of(padded, two), output + "/rows", NONE);
    String never = out.tensor(output + "/never", new float[] {Operation.MaxOfTokens.NEVER}, 1);
    String kept = out.node("Where", List.of(rows, never, tokens), output + "/kept", NONE);
    out.node("ReduceMax", List.of(kept), output, Map.of("axes", new long[] {1}, "keepdims", 0L));
  }

  /** 1 for a token that is read, 0 for others: the mask with another length of 1. */
  private String read(String mask, String output, long axis) {
    String zero = out.tensor(output + "/nothing", new long[] {0}, 1);
    String padded = out.node("Equal", List.of(mask, zero), output + "/padded", NONE);
    String is = out.node("Not", List.of(padded), output + "/read", NONE);
    String number = out.node("Cast", List.of(is), output + "/number", Map.of("to", FLOAT));
    String place = out.tensor(output + "/place", new long[] {axis}, 1);
    return out.node("Unsqueeze", List.of(number, place), output + "/weights", NONE);
  }

  private void meanOfTokens(String tokens, String mask, String output) {
    String weights = read(mask, output, 2);
    String weighted = out.node("Mul", List.of(tokens, weights), output + "/weighted", NONE);
    String axis = out.tensor(output + "/axis", new long[] {1}, 1);
    Map<String, Object> drop = Map.of("keepdims", 0L);
    String sum = out.node("ReduceSum", List.of(weighted, axis), output + "/sum", drop);
    String counted = out.node("ReduceSum", List.of(weights, axis), output + "/counted", drop);
    String one = out.tensor(output + "/one", new float[] {1}, 1);
    String count = out.node("Max", List.of(counted, one), output + "/count", NONE);
    out.node("Div", List.of(sum, count), output, NONE);
  }
}
