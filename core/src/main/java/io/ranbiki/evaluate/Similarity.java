package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Taps;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.DType;
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
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How similar every layer of a student is to every layer of a teacher, by {@link LinearCka}, and
 * which layers to pair because of that. Of an encoder of texts these are the hidden states of its
 * layers; where a layer gives a vector for each token, texts are compared by the mean of their
 * tokens, padding left out.
 *
 * @param student layers before the logits that can be tapped, in the order of computation
 * @param teacher likewise
 * @param values alignment by student layer, then by teacher layer, by path
 */
public record Similarity(
    List<Layer> student, List<Layer> teacher, Map<String, Map<String, Double>> values) {

  /** What an encoder of texts calls the hidden states of its embeddings and its layers. */
  private static final String HIDDEN = "hidden";

  /**
   * A layer.
   *
   * @param path module path
   * @param shape of its output for one sample: {@code [channels, height, width]}, {@code
   *     [features]}, or {@code [tokens, width]}, where tokens are {@link Field#ANY}
   */
  public record Layer(String path, List<Long> shape) {

    /** Height and width, {@code vectors}, or {@code tokens}. */
    public String size() {
      return switch (shape.size()) {
        case 1 -> "vectors";
        case 2 -> "tokens";
        default -> shape.get(1) + " x " + shape.get(2);
      };
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
          Map<Layer, Tensor> first = outputs(student, batch);
          Map<Layer, Tensor> second = outputs(teacher, Batch.of(other.next()));
          cka.add(byPath(first), byPath(second));
          if (done == 0) {
            size = batch.size();
            ours.addAll(first.keySet());
            theirs.addAll(second.keySet());
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

  private static Map<String, Tensor> byPath(Map<Layer, Tensor> outputs) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    outputs.forEach((layer, output) -> named.put(layer.path(), output));
    return named;
  }

  /**
   * Outputs of all layers in the order of computation. A container gives what its last layer gives:
   * that output goes by the outermost name.
   */
  private static Map<Layer, Tensor> outputs(Model model, Batch batch) {
    model.module().eval();
    Set<String> known = model.module().modules().keySet();
    List<String> paths =
        known.contains(HIDDEN + ".0")
            ? List.of(HIDDEN + Taps.EACH)
            : known.stream().filter(path -> !path.isEmpty()).toList();
    IdentityHashMap<Tensor, String> names = new IdentityHashMap<>();
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    try (Taps taps = Taps.open(model.module(), paths)) {
      Tensor logits = model.answer(batch).logits();
      taps.take()
          .forEach(
              (path, output) -> {
                boolean between =
                    output != logits && batch.tensors().stream().noneMatch(in -> in == output);
                if (between && (output.dim() == 2 || output.dim() == 4 || isOfTokens(output))) {
                  String inner = names.put(output, path);
                  outputs.remove(inner == null ? path : inner);
                  outputs.put(path, output);
                }
              });
    }
    Map<Layer, Tensor> layers = new LinkedHashMap<>();
    outputs.forEach((path, output) -> layers.put(layer(path, output), ofSamples(output, batch)));
    return layers;
  }

  private static Layer layer(String path, Tensor output) {
    List<Long> shape = new ArrayList<>();
    Arrays.stream(output.shape()).skip(1).forEach(shape::add);
    if (isOfTokens(output)) {
      shape.set(0, (long) Field.ANY);
    }
    return new Layer(path, List.copyOf(shape));
  }

  private static boolean isOfTokens(Tensor output) {
    return output.dim() == 3;
  }

  /** What a layer makes of each sample: of texts, the mean over their tokens. */
  private static Tensor ofSamples(Tensor output, Batch batch) {
    if (!isOfTokens(output)) {
      return output;
    }
    long[] positions = {output.size(0), output.size(1)};
    return batch.masks().values().stream()
        .filter(mask -> Arrays.equals(mask.shape(), positions))
        .findFirst()
        .map(mask -> mask.ne(0).to(DType.FLOAT32).unsqueeze(2))
        .map(tokens -> output.mul(tokens).sum(1).div(tokens.sum(1).clampMin(1)))
        .orElseGet(() -> output.mean(1));
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
   * layer of the same size wherever there is one. Layers of tokens are left to {@link #layerMap}.
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

  /**
   * For each layer of a student that is an encoder of texts, the layer of the teacher, from 0, that
   * it is to follow. The last one follows the last one, whose states become the answer; of all
   * choices for the others in which deeper layers follow deeper ones, it is the one that is most
   * similar over all layers. Embeddings follow embeddings.
   *
   * <p>It says something of a student that was trained. The layers of one at its initial weights
   * are all most similar to the teacher's first ones, so that {@link #evenLayerMap} is better.
   *
   * @return empty unless both are encoders and the student has no more layers than the teacher
   */
  public List<Integer> layerMap() {
    int count = blocks(student);
    int of = blocks(teacher);
    if (count < 1 || count > of) {
      return List.of();
    }
    List<Proposal> best = new ArrayList<>(); // by how many of the teacher's layers may be used
    for (int used = 0; used < of; used++) {
      best.add(new Proposal(0, List.of()));
    }
    for (int block = 1; block < count; block++) {
      Layer mine = hidden(student, block);
      List<Proposal> next = new ArrayList<>(best.subList(0, block));
      for (int used = block; used < of; used++) {
        Layer last = hidden(teacher, used);
        Proposal with = best.get(used - 1).with(mine, last, value(mine.path(), last.path()));
        next.add(used == block ? with : better(next.get(used - 1), with));
      }
      best = next;
    }
    return Stream.concat(
            best.get(of - 1).pairs().stream()
                .map(pair -> Integer.parseInt(pair.teacher().substring(HIDDEN.length() + 1))),
            Stream.of(of))
        .map(number -> number - 1)
        .toList();
  }

  /** The same at equal distances, rounded where the numbers of layers do not divide. */
  public List<Integer> evenLayerMap() {
    int count = blocks(student);
    int of = blocks(teacher);
    return count > of
        ? List.of()
        : IntStream.rangeClosed(1, count)
            .mapToObj(i -> Math.round((float) i * of / count) - 1)
            .toList();
  }

  /** Whether both are encoders of texts, and the student has more layers than it could follow. */
  public boolean isDeeper() {
    return blocks(teacher) > 0 && blocks(student) > blocks(teacher);
  }

  /** How many layers stand behind the embeddings of an encoder; -1 if it is none. */
  private static int blocks(List<Layer> layers) {
    return (int) layers.stream().filter(layer -> layer.path().startsWith(HIDDEN + ".")).count() - 1;
  }

  private static Layer hidden(List<Layer> layers, int number) {
    String path = HIDDEN + "." + number;
    return layers.stream().filter(layer -> layer.path().equals(path)).findFirst().orElseThrow();
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
    student.stream()
        .filter(layer -> layer.shape().size() != 2)
        .forEach(l -> stages.computeIfAbsent(l.size(), size -> new ArrayList<>()).add(l));
    return List.copyOf(stages.values());
  }
}
