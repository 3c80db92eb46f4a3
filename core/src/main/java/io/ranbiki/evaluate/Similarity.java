package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Taps;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How similar every layer of a student is to every layer of a teacher, by {@link LinearCka}, and
 * which layers to pair because of that.
 *
 * @param student layers before the logits that can be tapped, in the order of computation
 * @param teacher likewise
 * @param values alignment by student layer, then by teacher layer, by path
 */
public record Similarity(
    List<Layer> student, List<Layer> teacher, Map<String, Map<String, Double>> values) {

  /**
   * A layer.
   *
   * @param path module path
   * @param shape of its output for one sample: {@code [channels, height, width]} or {@code
   *     [features]}
   */
  public record Layer(String path, List<Long> shape) {

    /** Height and width, or {@code vectors}. */
    public String size() {
      return shape.size() == 1 ? "vectors" : shape.get(1) + " x " + shape.get(2);
    }
  }

  /**
   * Measures on the first batches of a loader; both models are left in evaluation mode.
   *
   * @param forStudent the samples as the student gets them
   * @param forTeacher the same samples in the same order, as the teacher gets them
   * @param batches how many at most, 1 or more
   */
  public static Similarity of(
      Model student, Loader forStudent, Model teacher, Loader forTeacher, int batches) {
    LinearCka cka = new LinearCka();
    List<Layer> ours = new ArrayList<>();
    List<Layer> theirs = new ArrayList<>();
    int size = 0;
    try (NoGrad noGrad = new NoGrad();
        Epoch epoch = forStudent.epoch(0);
        Epoch other = forTeacher.epoch(0)) {
      for (int done = 0; done < batches && epoch.hasNext(); done++) {
        try (TensorScope scope = TensorScope.open("similarity")) {
          Batch batch = Batch.of(epoch.next());
          if (done > 0 && batch.size() < size) {
            break; // a rest counts as much as a whole batch and says less
          }
          Map<String, Tensor> first = outputs(student, batch.inputs());
          Map<String, Tensor> second = outputs(teacher, Batch.of(other.next()).inputs());
          cka.add(first, second);
          if (done == 0) {
            size = batch.size();
            first.forEach((path, output) -> ours.add(layer(path, output)));
            second.forEach((path, output) -> theirs.add(layer(path, output)));
          }
        }
      }
    }
    Map<String, Map<String, Double>> values = new LinkedHashMap<>();
    for (Layer mine : ours) {
      Map<String, Double> row = new LinkedHashMap<>();
      theirs.forEach(other -> row.put(other.path(), cka.between(mine.path(), other.path())));
      values.put(mine.path(), row);
    }
    return new Similarity(List.copyOf(ours), List.copyOf(theirs), values);
  }

  private static Layer layer(String path, Tensor output) {
    return new Layer(path, Arrays.stream(output.shape()).skip(1).boxed().toList());
  }

  /**
   * Outputs of all layers in the order of computation. A container gives what its last layer gives:
   * that output goes by the outermost name.
   */
  private static Map<String, Tensor> outputs(Model model, Tensor inputs) {
    model.module().eval();
    List<String> paths =
        model.module().modules().keySet().stream().filter(path -> !path.isEmpty()).toList();
    IdentityHashMap<Tensor, String> names = new IdentityHashMap<>();
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    try (Taps taps = Taps.open(model.module(), paths)) {
      Tensor logits = model.apply(inputs);
      taps.take()
          .forEach(
              (path, output) -> {
                boolean usable = output.dim() == 2 || output.dim() == 4;
                if (usable && output != logits && output != inputs) {
                  String inner = names.put(output, path);
                  outputs.remove(inner == null ? path : inner);
                  outputs.put(path, output);
                }
              });
    }
    return outputs;
  }

  /** The teacher's layers that a student's layer is most similar to, best first. */
  public List<Layer> nearest(String studentLayer, int count) {
    return teacher.stream()
        .sorted(Comparator.comparingDouble(layer -> -value(studentLayer, layer.path())))
        .limit(count)
        .toList();
  }

  /** The alignment of two layers; -1 if one of them is constant. */
  public double value(String studentLayer, String teacherLayer) {
    double value =
        Objects.requireNonNull(Objects.requireNonNull(values.get(studentLayer)).get(teacherLayer));
    return Double.isNaN(value) ? -1 : value;
  }

  /**
   * The pairs of layers that are together most similar: at most one of the student for every size
   * of its maps (vectors count as a size), deeper layers with deeper ones, and with a teacher's
   * layer of the same size wherever there is one.
   */
  public List<LayerPair> proposal() {
    List<Proposal> best = new ArrayList<>(); // by how many of the teacher's layers may be used
    for (int used = 0; used <= teacher.size(); used++) {
      best.add(new Proposal(0, List.of()));
    }
    for (List<Layer> stage : stages()) {
      List<Proposal> next = new ArrayList<>();
      next.add(best.get(0));
      for (int used = 1; used <= teacher.size(); used++) {
        Layer last = teacher.get(used - 1);
        Proposal better = better(best.get(used), next.get(used - 1));
        for (Layer layer : stage) {
          if (mayFollow(layer, last)) {
            Proposal with = best.get(used - 1).with(layer, last, value(layer.path(), last.path()));
            better = better(better, with);
          }
        }
        next.add(better);
      }
      best = next;
    }
    return best.get(teacher.size()).pairs();
  }

  private record Proposal(double sum, List<LayerPair> pairs) {
    Proposal with(Layer student, Layer teacher, double value) {
      List<LayerPair> more = new ArrayList<>(pairs);
      more.add(new LayerPair(teacher.path(), student.path()));
      return new Proposal(sum + value, List.copyOf(more));
    }
  }

  private static Proposal better(Proposal one, Proposal other) {
    return other.sum > one.sum ? other : one;
  }

  private boolean mayFollow(Layer mine, Layer other) {
    boolean sameSizeExists = teacher.stream().anyMatch(layer -> layer.size().equals(mine.size()));
    return sameSizeExists
        ? other.size().equals(mine.size())
        : other.shape().size() == mine.shape().size();
  }

  /** The student's layers by the size of their maps, in the order of computation. */
  private List<List<Layer>> stages() {
    Map<String, List<Layer>> stages = new LinkedHashMap<>();
    student.forEach(l -> stages.computeIfAbsent(l.size(), size -> new ArrayList<>()).add(l));
    return List.copyOf(stages.values());
  }
}
