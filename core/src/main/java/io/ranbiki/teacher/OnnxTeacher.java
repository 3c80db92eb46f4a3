package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.OnnxInfo;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A network in an ONNX file, run by ONNX Runtime. It has one input of any name, of float32,
 * float16, float64 or uint8 (pixels), or takes the ids of texts and perhaps a mask by name; its
 * batch is of any size or of a fixed one; tensors between its operators are features by their names
 * in the file ({@link OnnxInfo#layers()}), in the layout that they have there. It answers with
 * logits, or, as an encoder, with the vector of a text.
 *
 * <p>Asks one batch at a time: not for several threads at once.
 */
public final class OnnxTeacher implements Teacher {

  /** Stands for the vectors of texts among outputs, whose names are never empty. */
  private static final String VECTORS = "";

  private final Path file;
  private final OnnxEngine engine;
  private final OnnxInputs inputs;
  private final String logits;
  private final @Nullable OnnxVectors vectors;
  private final List<String> layers;
  private final boolean alone;
  private int classes;
  private List<String> notes = List.of();

  private OnnxTeacher(
      Path file,
      OnnxEngine engine,
      OnnxInputs inputs,
      String logits,
      @Nullable OnnxVectors vectors,
      Collection<String> layers,
      boolean alone) {
    this.file = file;
    this.alone = alone;
    this.engine = engine;
    this.inputs = inputs;
    this.logits = logits;
    this.vectors = vectors;
    this.layers = List.copyOf(new LinkedHashSet<>(layers));
  }

  /**
   * Opens a file and asks it once, so that what does not fit shows now.
   *
   * @param sample shape of one sample: {@code [channels, height, width]} or {@code [features]};
   *     {@link io.ranbiki.prepare.Field#ANY} alone for the ids of a text
   * @param classes how many classes the data has; 0 takes whatever the model answers
   * @param layers names of the tensors that answers shall hold as features
   * @throws RanbikiException if the file is missing, damaged, or made for other data
   */
  public static OnnxTeacher open(
      Path file,
      List<Integer> sample,
      int classes,
      Collection<String> layers,
      OnnxOptions options) {
    return open(OnnxFile.read(file), sample, classes, layers, options);
  }

  /**
   * Opens what was read or written already, as {@link #open(Path, List, int, Collection,
   * OnnxOptions)}.
   *
   * @param wanted names of the tensors that answers shall hold as features
   */
  public static OnnxTeacher open(
      OnnxFile model,
      List<Integer> sample,
      int classes,
      Collection<String> wanted,
      OnnxOptions options) {
    return open(model, sample, classes, wanted, options, null);
  }

  /**
   * Opens an encoder of texts, which answers with a vector of each, {@code [batch, width]}.
   *
   * @param pool how it is made of those of the text's tokens; empty for the one that the file makes
   *     itself, or else their mean
   * @throws RanbikiException if the file is missing, damaged, or makes no vectors of texts
   */
  public static OnnxTeacher encoder(
      Path file, Optional<Pool> pool, Collection<String> layers, OnnxOptions options) {
    return open(
        OnnxFile.read(file),
        List.of(Field.ANY),
        0,
        layers,
        options,
        outputs -> OnnxVectors.of(file.getFileName().toString(), outputs, options.output(), pool));
  }

  private static OnnxTeacher open(
      OnnxFile model,
      List<Integer> sample,
      int classes,
      Collection<String> wanted,
      OnnxOptions options,
      @Nullable Function<List<OnnxEngine.Port>, OnnxVectors> encoding) {
    Path file = model.file();
    String title = file.getFileName().toString();
    Set<String> known = new LinkedHashSet<>();
    model.info().layers().forEach(layer -> known.add(layer.name()));
    List<String> layers = Layers.named(title, known, wanted);
    Map<String, String> zipped = model.info().zipMaps();
    Set<String> added = new LinkedHashSet<>(layers);
    added.addAll(zipped.values());
    List<String> asked = List.copyOf(added);
    model.info().outputs().forEach(output -> added.remove(output.name()));
    int threads = options.threads() == 0 ? Engine.threads() : options.threads();
    OnnxEngine engine =
        OnnxEngine.open(
            file,
            model.withOutputs(asked),
            model.info().opset(),
            threads,
            model.loops() ? Optional.of(options.patience()) : Optional.empty());
    try {
      OnnxInputs inputs = OnnxInputs.fit(title, engine.inputs(), sample, options);
      List<OnnxEngine.Port> all = engine.outputs();
      List<OnnxEngine.Port> outputs =
          all.stream()
              .filter(output -> !added.contains(output.name()))
              .map(output -> unzipped(output, zipped, all))
              .distinct()
              .toList();
      String named =
          options.output() != null
              ? tensor(options.output(), zipped)
              : model.answers().orElse(null);
      OnnxVectors vectors = encoding == null ? null : encoding.apply(outputs);
      String logits =
          vectors == null ? OnnxOutputs.logits(title, outputs, classes, named) : vectors.output();
      OnnxTeacher teacher =
          new OnnxTeacher(
              file,
              engine,
              inputs,
              logits,
              vectors,
              layers,
              model.quantizesBatches() && inputs.fixedBatch() <= 1);
      zipped.forEach((maps, tensor) -> teacher.note(maps, tensor));
      teacher.classes = Trial.classes(teacher, inputs::trial, classes);
      return teacher;
    } catch (RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  /** Instead of a list of maps, the tensor that it is made of, which is an output as well. */
  private static OnnxEngine.Port unzipped(
      OnnxEngine.Port output, Map<String, String> zipped, List<OnnxEngine.Port> all) {
    String tensor = tensor(output.name(), zipped);
    return all.stream().filter(port -> port.name().equals(tensor)).findFirst().orElse(output);
  }

  private static String tensor(String output, Map<String, String> zipped) {
    String tensor = zipped.get(output);
    return tensor == null ? output : tensor;
  }

  private void note(String maps, String tensor) {
    if (tensor.equals(logits)) {
      notes =
          List.of(
              String.format(
                  Locale.ROOT,
                  "The output %s of %s is a list of maps; the tensor %s that it is made of is read"
                      + " instead.",
                  maps,
                  title(),
                  tensor));
    }
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public Signal signal(Batch batch) {
    return signal(batch, alone);
  }

  @Override
  public Optional<Teacher> inCompany() {
    return alone
        ? Optional.of(new InCompany(this, batch -> signal(batch, false)))
        : Optional.empty();
  }

  private Signal signal(Batch batch, boolean each) {
    try (TensorScope scope = TensorScope.open("ONNX teacher");
        NoGrad noGrad = new NoGrad()) {
      List<String> names = new ArrayList<>(layers);
      if (!names.contains(logits)) {
        names.add(logits);
      }
      Map<String, Tensor> answers =
          each ? Alone.ask(batch, sample -> ask(sample, names)) : ask(batch, names);
      Tensor answer =
          scope.passOut(
              vectors == null
                  ? Trial.logits(title(), of(answers, logits), batch.size(), classes)
                  : of(answers, VECTORS));
      Map<String, Tensor> features = new LinkedHashMap<>();
      for (String layer : layers) {
        features.put(
            layer,
            layer.equals(logits) && vectors == null ? answer : scope.passOut(of(answers, layer)));
      }
      return new Signal(answer, features);
    }
  }

  private static Tensor of(Map<String, Tensor> answers, String name) {
    return Objects.requireNonNull(answers.get(name));
  }

  /** The outputs of this name for a whole batch, asked in pieces if the model fixes their size. */
  private Map<String, Tensor> ask(Batch batch, List<String> names) {
    Map<String, List<Tensor>> pieces = new LinkedHashMap<>();
    int step = inputs.fixedBatch() == 0 ? batch.size() : inputs.fixedBatch();
    for (int start = 0; start < batch.size(); start += step) {
      int rows = Math.min(step, batch.size() - start);
      Batch part = rows == batch.size() ? batch : batch.part(start, start + rows);
      Map<String, Tensor> answers = engine.run(inputs.feeds(title(), part, step), names);
      for (String name : names) {
        Tensor answer = Objects.requireNonNull(answers.get(name));
        if (answer.dim() < 1 || answer.size(0) != step) {
          throw RanbikiException.model(
              "%s answers %d samples with %s of shape %s; the first length must be the batch.",
              title(), step, name, Arrays.toString(answer.shape()));
        }
        Tensor own = rows == step ? answer : answer.narrow(0, 0, rows);
        pieces.computeIfAbsent(name, first -> new ArrayList<>()).add(own);
        if (vectors != null && name.equals(logits)) {
          pieces
              .computeIfAbsent(VECTORS, first -> new ArrayList<>())
              .add(vectors.of(title(), own, part));
        }
      }
    }
    Map<String, Tensor> whole = new LinkedHashMap<>();
    pieces.forEach(
        (name, parts) -> whole.put(name, parts.size() == 1 ? parts.get(0) : Tensors.cat(parts, 0)));
    return whole;
  }

  /**
   * A call as a service makes it, to measure how long it takes: no tensor of libtorch around it.
   *
   * @param batch samples of a call; a file that fixes its batch is asked as often as that takes
   */
  public Runnable question(int batch) {
    int step = inputs.fixedBatch() == 0 ? batch : inputs.fixedBatch();
    Runnable once = engine.question(inputs.example(step), logits);
    return () -> {
      for (int asked = 0; asked < batch; asked += step) {
        once.run();
      }
    };
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public String title() {
    return file.getFileName().toString();
  }

  @Override
  public void close() {
    engine.close();
  }
}
