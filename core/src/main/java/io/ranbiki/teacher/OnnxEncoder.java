package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.data.Batch;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A network in an ONNX file that makes a vector of a text, such as a sentence encoder: its output
 * is {@code [batch, tokens, width]}, of which one vector is made, or {@code [batch, width]}.
 *
 * <p>Asks one batch at a time: not for several threads at once.
 */
public final class OnnxEncoder implements AutoCloseable {

  /** What encoders that came from Hugging Face's libraries call their output. */
  private static final String USUAL_OUTPUT = "last_hidden_state";

  /** Below every number of a vector. */
  private static final double NOTHING = Double.NEGATIVE_INFINITY;

  private final Path file;
  private final OnnxEngine engine;
  private final OnnxInputs inputs;
  private final String output;
  private final Pool pool;
  private final boolean alone;
  private int width;

  private OnnxEncoder(
      Path file,
      OnnxEngine engine,
      OnnxInputs inputs,
      String output,
      Pool pool,
      boolean quantizesBatches) {
    this.file = file;
    this.alone = quantizesBatches && inputs.fixedBatch() <= 1;
    this.engine = engine;
    this.inputs = inputs;
    this.output = output;
    this.pool = pool;
  }

  /**
   * Opens a file and asks it once, so that what does not fit shows now.
   *
   * @throws RanbikiException if the file is missing, damaged, or makes no vectors of texts
   */
  public static OnnxEncoder open(Path path, Pool pool, OnnxOptions options) {
    OnnxFile file = OnnxFile.read(path);
    String title = path.getFileName().toString();
    int threads = options.threads() == 0 ? Engine.threads() : options.threads();
    OnnxEngine engine =
        OnnxEngine.open(
            path,
            file.withOutputs(List.of()),
            file.info().opset(),
            threads,
            file.loops() ? Optional.of(options.patience()) : Optional.empty());
    try (TensorScope scope = TensorScope.open("trial")) {
      OnnxEncoder encoder =
          new OnnxEncoder(
              path,
              engine,
              OnnxInputs.fit(title, engine.inputs(), List.of(Field.ANY), options),
              output(title, engine.outputs(), options.output()),
              pool,
              file.quantizesBatches());
      encoder.width = (int) encoder.encode(encoder.inputs.trial()).size(1);
      return encoder;
    } catch (RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  private static String output(
      String title, List<OnnxEngine.Port> outputs, @Nullable String named) {
    List<String> names = outputs.stream().map(OnnxEngine.Port::name).toList();
    if (named != null) {
      Layers.require(title, "output", names, List.of(named));
      return named;
    }
    if (names.contains(USUAL_OUTPUT) || names.size() == 1) {
      return names.contains(USUAL_OUTPUT) ? USUAL_OUTPUT : names.get(0);
    }
    throw RanbikiException.model(
        "%s has the outputs %s, and none is called %s. Name the one that holds the vectors:"
            + " 'output'.",
        title, OnnxEngine.Port.list(outputs), USUAL_OUTPUT);
  }

  /** How many numbers a vector has. */
  public int width() {
    return width;
  }

  /**
   * A vector for every text of a batch.
   *
   * @return {@code [batch, width]} FLOAT32, of the innermost scope
   */
  public Tensor encode(Batch batch) {
    if (!alone) {
      return encodeTogether(batch);
    }
    try (TensorScope scope = TensorScope.open("encoder")) {
      Map<String, Tensor> vectors = Alone.ask(batch, text -> Map.of(output, encodeTogether(text)));
      return scope.passOut(Objects.requireNonNull(vectors.get(output)));
    }
  }

  /** Whether it asks about each text alone, because its answers would depend on the others. */
  boolean isAskedAlone() {
    return alone;
  }

  /** The vectors of texts that are asked about at once. */
  Tensor encodeTogether(Batch batch) {
    try (TensorScope scope = TensorScope.open("encoder");
        NoGrad noGrad = new NoGrad()) {
      int step = inputs.fixedBatch() == 0 ? batch.size() : inputs.fixedBatch();
      if (step < batch.size()) {
        throw RanbikiException.model(
            "%s takes exactly %d texts at once, but is asked about %d. Export it with a dynamic"
                + " batch.",
            file, step, batch.size());
      }
      List<OnnxEngine.Feed> feeds = inputs.feeds(title(), batch, step);
      Tensor answer =
          Objects.requireNonNull(engine.run(feeds, List.of(output)).get(output)).to(DType.FLOAT32);
      int dimensions = answer.dim();
      if (dimensions != 2 && dimensions != 3 || answer.size(0) != step) {
        throw RanbikiException.model(
            "%s answers with %s of shape %s, where [batch, tokens, width] or [batch, width] is"
                + " expected. Name another output.",
            file, output, Arrays.toString(answer.shape()));
      }
      Tensor own = answer.narrow(0, 0, batch.size());
      return scope.passOut(dimensions == 2 ? own : pooled(own, batch));
    }
  }

  private Tensor pooled(Tensor vectors, Batch batch) {
    if (pool == Pool.FIRST) {
      return vectors.select(1, 0).contiguous();
    }
    Tensor mask = batch.masks().get(Preparation.IDS);
    boolean largest = pool == Pool.MAX;
    if (mask == null) {
      return largest ? vectors.amax(1, false) : vectors.mean(1);
    }
    long length = mask.size(1);
    if (largest) {
      Tensor padding = mask.eq(0).unsqueeze(2);
      return vectors.narrow(1, 0, length).maskedFill(padding, NOTHING).amax(1, false);
    }
    Tensor counts = mask.to(DType.FLOAT32).reshape(mask.size(0), length, 1);
    return vectors.narrow(1, 0, length).mul(counts).sum(1).div(counts.sum(1));
  }

  /** The name of its file. */
  public String title() {
    return file.getFileName().toString();
  }

  @Override
  public void close() {
    engine.close();
  }
}
