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

  /** Samples of a part, or more: smaller ones cost more than they save. */
  private static final int SMALLEST_PART = 4;

  private final Path file;
  private final OnnxEngine engine;
  private final OnnxInputs inputs;
  private final String logits;
  private final @Nullable OnnxVectors vectors;
  private final List<String> layers;
  private final boolean alone;
  private final int parts;
  private int classes;
  private List<String> notes = List.of();

  private OnnxTeacher(
      Path file,
      OnnxEngine engine,
      OnnxInputs inputs,
      String logits,
      @Nullable OnnxVectors vectors,
      Collection<String> layers,
      boolean alone,
      int parts) {
    this.file = file;
    this.alone = alone;
    this.parts = parts;
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
            options.inParts() ? 1 : threads,
            options.inParts() ? threads : 1,
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
              model.quantizesBatches() && inputs.fixedBatch() <= 1,
              options.inParts() && !model.quantizesBatches() ? threads : 1);
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
          each ? Alone.ask(batch, samples -> answers(samples, names)) : ask(batch, names);
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

  /** The outputs of these names for a whole batch, asked in pieces. */
  private Map<String, Tensor> ask(Batch batch, List<String> names) {
    int size = Math.max(SMALLEST_PART, (batch.size() + parts - 1) / parts);
    int step = inputs.fixedBatch() == 0 ? size : inputs.fixedBatch();
    List<Batch> pieces = new ArrayList<>();
    for (int start = 0; start < batch.size(); start += step) {
      int end = Math.min(start + step, batch.size());
      pieces.add(end - start == batch.size() ? batch : batch.part(start, end));
    }
    Map<String, List<Tensor>> answers = new LinkedHashMap<>();
    for (Map<String, Tensor> piece : answers(pieces, names)) {
      piece.forEach(
          (name, answer) -> answers.computeIfAbsent(name, first -> new ArrayList<>()).add(answer));
    }
    Map<String, Tensor> whole = new LinkedHashMap<>();
    answers.forEach(
        (name, all) -> whole.put(name, all.size() == 1 ? all.get(0) : Tensors.cat(all, 0)));
    return whole;
  }

  /** The outputs of these names for pieces that are each asked at once. */
  private List<Map<String, Tensor>> answers(List<Batch> pieces, List<String> names) {
    List<List<OnnxEngine.Feed>> questions =
        pieces.stream().map(piece -> inputs.feeds(title(), piece, asked(piece))).toList();
    List<Map<String, Tensor>> all = new ArrayList<>();
    List<Map<String, Tensor>> answers = engine.run(questions, names);
    for (int i = 0; i < pieces.size(); i++) {
      all.add(own(pieces.get(i), answers.get(i)));
    }
    return all;
  }

  /** How many samples the model is asked about. */
  private int asked(Batch piece) {
    return inputs.fixedBatch() == 0 ? piece.size() : inputs.fixedBatch();
  }

  /** What a piece was answered, without answers to samples that only fill it up. */
  private Map<String, Tensor> own(Batch piece, Map<String, Tensor> answers) {
    int asked = asked(piece);
    Map<String, Tensor> all = new LinkedHashMap<>();
    answers.forEach(
        (name, answer) -> {
          if (answer.dim() < 1 || answer.size(0) != asked) {
            throw RanbikiException.model(
                "%s answers %d samples with %s of shape %s; the first length must be the batch.",
                title(), asked, name, Arrays.toString(answer.shape()));
          }
          Tensor own = piece.size() == asked ? answer : answer.narrow(0, 0, piece.size());
          all.put(name, own);
          if (vectors != null && name.equals(logits)) {
            all.put(VECTORS, vectors.of(title(), own, piece));
          }
        });
    return all;
  }

  /**
   * A call as a service makes it, to measure how long it takes: no tensor of libtorch around it.
   *
   * @param batch samples of a call; a file that fixes its batch is asked as often as that takes
   * @param length ids of each, if they are texts
   */
  public Runnable question(int batch, int length) {
    int step = inputs.fixedBatch() == 0 ? batch : inputs.fixedBatch();
    Runnable once = engine.question(inputs.example(step, length), logits);
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
