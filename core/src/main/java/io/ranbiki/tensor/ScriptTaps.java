package io.ranbiki.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.Graph;
import org.bytedeco.pytorch.GraphFunction;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.JitNode;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.TupleElements;
import org.bytedeco.pytorch.Value;
import org.bytedeco.pytorch.ValueVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Outputs of modules inside a TorchScript network. TorchScript has no hooks: the graph of {@code
 * forward} is copied, calls to the parents of wanted modules are replaced by what those parents do,
 * and the values that calls to wanted modules give become further outputs of the copy.
 */
final class ScriptTaps implements AutoCloseable {

  private static final String CALL = "prim::CallMethod";
  private static final String ATTRIBUTE = "prim::GetAttr";
  private static final String PARAMETER = "prim::Param";
  private static final String RETURN = "prim::Return";
  private static final Pattern NAMED =
      Pattern.compile(
          "^ *%(\\S+) : .* = prim::(?:CallMethod|GetAttr)\\[name=\"([^\"]*)\"]", Pattern.MULTILINE);

  private final CompilationUnit unit;
  private final Function function;
  private final List<String> missing;

  private ScriptTaps(CompilationUnit unit, Function function, List<String> missing) {
    this.unit = unit;
    this.function = function;
    this.missing = missing;
  }

  static ScriptTaps open(JitModule module, List<String> paths) {
    try (TensorScope scope = TensorScope.open("tap TorchScript")) {
      return Native.value("libtorch", () -> build(module, paths));
    }
  }

  private static ScriptTaps build(JitModule module, List<String> paths) {
    Graph graph = module.get_method("forward").graph().copy();
    Map<String, Value> found = find(graph, module, paths);
    List<String> missing = paths.stream().filter(path -> !found.containsKey(path)).toList();
    ValueVector outputs = new ValueVector();
    outputs.push_back(graph.outputs().get(0));
    paths.stream().filter(found::containsKey).forEach(path -> outputs.push_back(found.get(path)));
    JitNode tuple = graph.createTuple(outputs);
    graph.appendNode(tuple);
    graph.eraseOutput(0);
    graph.registerOutput(tuple.output());
    CompilationUnit unit = new CompilationUnit();
    Function function = unit.create_function(new QualifiedName("tapped"), graph);
    unit.retainReference();
    function.retainReference();
    return new ScriptTaps(unit, function, missing);
  }

  /** The value of each path; a module that is called twice gives its last output. */
  private static Map<String, Value> find(Graph graph, JitModule module, List<String> paths) {
    Map<String, Value> found = new HashMap<>();
    Map<String, String> names = names(graph);
    JitNode node = graph.param_node().next();
    while (!kind(node).equals(RETURN)) {
      JitNode next = node.next();
      String path = called(node, names);
      if (path != null && paths.stream().anyMatch(wanted -> wanted.startsWith(path + "."))) {
        JitNode before = node.prev();
        Value output = inline(node, module, path);
        names = names(graph);
        if (paths.contains(path)) {
          found.put(path, output);
        }
        next = before.next(); // what took the place of the call is looked through, too
      } else if (path != null && paths.contains(path)) {
        found.put(path, node.output());
      }
      node = next;
    }
    return found;
  }

  private static Value inline(JitNode call, JitModule root, String path) {
    JitModule module = root;
    for (String name : path.split("\\.")) {
      module = new JitModule(module.attr(name).toObject());
    }
    GraphFunction callee = torch.toGraphFunction(module.get_method("forward").function());
    return torch.inlineCallTo(call, callee, false).get(0);
  }

  /** The path of the module whose {@code forward} a node calls; null if it does not. */
  private static @Nullable String called(JitNode node, Map<String, String> names) {
    if (!kind(node).equals(CALL) || !name(node.output(), names).equals("forward")) {
      return null;
    }
    String path = path(node.input(0), names);
    return path == null || path.isEmpty() ? null : path;
  }

  /** The path of the module that a value is; empty for the root, null if it is something else. */
  private static @Nullable String path(Value value, Map<String, String> names) {
    JitNode node = value.node();
    if (kind(node).equals(PARAMETER)) {
      return value.offset() == 0 ? "" : null;
    }
    String parent = kind(node).equals(ATTRIBUTE) ? path(node.input(), names) : null;
    String name = name(value, names);
    if (parent == null) {
      return null;
    }
    return parent.isEmpty() ? name : parent + "." + name;
  }

  private static String kind(JitNode node) {
    return node.kind().toQualString().getString();
  }

  private static String name(Value value, Map<String, String> names) {
    return names.getOrDefault(value.debugName().getString(), "");
  }

  /**
   * What each node that reads an attribute or calls a method names, by the node's output. Taken
   * from the printed graph, since the binding gives a pointer that dangles for the name itself.
   */
  private static Map<String, String> names(Graph graph) {
    Map<String, String> names = new HashMap<>();
    Matcher matcher = NAMED.matcher(graph.toString());
    while (matcher.find()) {
      names.put(matcher.group(1), matcher.group(2));
    }
    return names;
  }

  List<String> missing() {
    return missing;
  }

  List<IValue> run(JitModule module, org.bytedeco.pytorch.Tensor input) {
    IValueVector arguments = new IValueVector(new IValue(module._ivalue()), new IValue(input));
    TupleElements elements = function.apply(arguments).toTuple().elements();
    List<IValue> values = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      values.add(elements.at(i));
    }
    return values;
  }

  @Override
  public void close() {
    function.releaseReference();
    unit.releaseReference();
  }
}
