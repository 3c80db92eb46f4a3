package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.Golden;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.StateDict;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Runs a feature term on a golden case: values, state after the step, and all gradients. */
final class FeatureGolden {

  private final Golden golden;
  private final Map<String, Tensor> student = new LinkedHashMap<>();
  private final Map<String, Tensor> teacher = new LinkedHashMap<>();
  private final Map<Module, UnaryOperator<String>> modules = new LinkedHashMap<>();

  private FeatureGolden(Golden golden) {
    this.golden = golden;
    int layers = golden.count("in.student_feat");
    for (int i = 0; i < layers; i++) {
      student.put("s" + i, golden.leaf("in.student_feat." + i));
      teacher.put("t" + i, golden.leaf("in.teacher_feat." + i));
    }
    if (layers == 0) {
      student.put("s0", golden.leaf("in.student_feat"));
      teacher.put("t0", golden.leaf("in.teacher_feat"));
    }
  }

  /** Begins with the inputs of a case; a scope must be open. */
  static FeatureGolden of(String id) {
    return new FeatureGolden(Golden.load(id));
  }

  Golden golden() {
    return golden;
  }

  /** The layers {@code t0 -> s0}, {@code t1 -> s1}, ... */
  List<LayerPair> pairs() {
    List<LayerPair> pairs = new ArrayList<>();
    for (int i = 0; i < student.size(); i++) {
      pairs.add(new LayerPair("t" + i, "s" + i));
    }
    return pairs;
  }

  Tensor student(int layer) {
    return student.get("s" + layer);
  }

  Tensor teacher(int layer) {
    return teacher.get("t" + layer);
  }

  LossInputs inputs() {
    Tensor logits = Tensors.zeros(student(0).size(0), 2);
    Tensor labels = Tensors.zeros(io.ranbiki.tensor.DType.INT64, student(0).size(0));
    return LossExamples.of(new Signal(logits, student), new Signal(logits, teacher), labels);
  }

  /** The value of a term that trains nothing. */
  Tensor value(FeatureTerm term) {
    return value(term, (module, path) -> path);
  }

  /** How a path in one of the term's modules is called in the case. */
  interface Naming {
    String name(String module, String path);
  }

  /** Binds, sets the weights and buffers of the case, and gives the value. */
  Tensor value(FeatureTerm term, Naming naming) {
    try (Generator generator = new Generator(1)) {
      TermLoss loss = term.bind(inputs(), generator);
      loss.modules().forEach((name, module) -> load(module, path -> naming.name(name, path)));
      return loss.value(inputs());
    }
  }

  /** Sets the weights and buffers of the case in a module and remembers it for the checks. */
  void load(Module module, UnaryOperator<String> naming) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    for (String path : module.state().keySet()) {
      String name = naming.apply(path);
      String kind = golden.has("w." + name) ? "w." : "buf.";
      boolean given = golden.has(kind + name);
      values.put(path, given ? golden.tensor(kind + name) : module.state().get(path));
    }
    StateDict.load(module, values, golden.id());
    modules.put(module, naming);
  }

  /** Checks the loss, the state after the step, and the gradients; none may reach the teacher. */
  void checkStep(Tensor loss) {
    golden.check("out.loss", loss);
    loss.backward();
    if (student.size() == 1 && golden.has("in.student_feat")) {
      golden.checkGrad("in.student_feat", student(0));
    } else {
      for (int i = 0; i < student.size(); i++) {
        golden.checkGrad("in.student_feat." + i, student(i));
      }
    }
    teacher.forEach((name, t) -> assertThat(t.grad()).as("gradient of %s", name).isNull());
    int weights = 0;
    for (Map.Entry<Module, UnaryOperator<String>> entry : modules.entrySet()) {
      Module module = entry.getKey();
      for (String path : module.parameters().keySet()) {
        String name = "w." + entry.getValue().apply(path);
        if (golden.has(name)) {
          golden.checkGrad(name, module.parameters().get(path));
          weights++;
        }
      }
      for (String path : module.state().keySet()) {
        String name = "out.buf." + entry.getValue().apply(path);
        if (golden.has(name)) {
          golden.check(name, module.state().get(path));
        }
      }
    }
    assertThat(weights).as("weights whose gradients were checked").isEqualTo(countWeights());
    modules.keySet().forEach(Module::close);
  }

  private int countWeights() {
    return golden.names("w.").size();
  }

  /** Runs a whole case whose term trains nothing. */
  static void check(String id, Function<FeatureGolden, FeatureTerm> term) {
    check(id, term, (module, path) -> path);
  }

  /** Runs a whole case. */
  static void check(String id, Function<FeatureGolden, FeatureTerm> term, Naming naming) {
    try (TensorScope scope = TensorScope.open("golden")) {
      FeatureGolden golden = of(id);
      golden.checkStep(golden.value(term.apply(golden), naming));
    }
  }
}
