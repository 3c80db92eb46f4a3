package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.OnnxWeights;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Network;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import io.ranbiki.teacher.Pool;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Makes a model folder, which can be trained, of an encoder of texts in an ONNX file. Nothing in
 * the file says how many heads it has: the folder gets the number with which its network answers as
 * the file does, and where there is none, nothing is written.
 */
public final class OnnxImport {

  private static final int[] USUAL_HEAD_WIDTHS = {64, 32};
  private static final double ALIKE = 1e-3;
  private static final int[] LENGTHS = {9, 4};

  private OnnxImport() {}

  /**
   * What came of it.
   *
   * @param spec of the network
   * @param difference the largest between its vectors and those of the file, as a share of the
   *     largest number
   */
  public record Imported(ModelSpec spec, double difference) {}

  /**
   * Writes a folder.
   *
   * @param file in the ONNX format
   * @param tokenizer that belongs to it
   * @param pooling how vectors of tokens become one: {@code mean}, {@code cls} or {@code max}
   * @param folder that is not there yet
   * @throws RanbikiException if something is missing in the file, or no network answers as it does
   */
  public static Imported run(Path file, Path tokenizer, String pooling, Path folder) {
    if (Files.exists(folder)) {
      throw RanbikiException.configuration(
          "%s is there already, and nothing is written over. Choose another folder.", folder);
    }
    OnnxWeights weights = OnnxWeights.read(OnnxFile.read(file));
    Map<String, Object> options = new LinkedHashMap<>(weights.options());
    Tokenizer pieces = Tokenizer.read(tokenizer);
    int vocabulary = (Integer) options.getOrDefault("vocabulary", 0);
    if (pieces.size() > vocabulary) {
      throw RanbikiException.configuration(
          "%s has %d pieces, but %s has vectors for %d. Take the tokenizer that belongs to it.",
          tokenizer, pieces.size(), file, vocabulary);
    }
    int positions = (Integer) options.getOrDefault("positions", 0);
    Step.Tokenize step =
        new Step.Tokenize(pieces, Math.min(positions, pieces.limit().orElse(positions)));
    int width = (Integer) options.getOrDefault("width", 1);
    double nearest = Double.POSITIVE_INFINITY;
    try (TensorScope scope = TensorScope.open("import");
        NoGrad noGrad = new NoGrad()) {
      Tensor ids = ids(vocabulary);
      Tensor mask = ids.ne(0).to(ids.dtype());
      Tensor wanted = wanted(file, ids, mask);
      for (int heads : candidates(width)) {
        options.put("heads", heads);
        options.put("pooling", "mean");
        try (Model model = weights.model(spec(weights, width, options))) {
          double difference = difference(model.module(), ids, mask, wanted);
          nearest = Math.min(nearest, difference);
          if (difference < ALIKE) {
            options.put("pooling", pooling);
            ModelSpec spec = spec(weights, width, options);
            write(folder, file, weights, spec, Prepare.of(step));
            return new Imported(spec, difference);
          }
        }
      }
    }
    throw RanbikiException.model(
        "%s holds the weights of an encoder, but no network that can be built here answers as it"
            + " does: with any number of heads its vectors differ by %.1g or more of the largest"
            + " number. Use the file itself as teacher.",
        file, nearest);
  }

  private static ModelSpec spec(OnnxWeights weights, int width, Map<String, Object> options) {
    List<Field> inputs = List.of(new Field(Preparation.IDS, Field.Kind.INT64, List.of(Field.ANY)));
    return new ModelSpec(weights.architecture(), inputs, width, options);
  }

  private static void write(
      Path folder, Path file, OnnxWeights weights, ModelSpec spec, Prepare prepare) {
    String card =
        String.format(
            Locale.ROOT,
            "# %s%n%nAn encoder of texts, taken from %s by `ranbiki import`. Ask those who made"
                + " that file for its licence.%n",
            folder.getFileName(),
            file.getFileName());
    try (Model model = weights.model(spec)) {
      ModelFolder.write(
          folder, model, new ModelConfig(spec, prepare, new Task.Embedding(spec.classes())), card);
    }
  }

  /** Two texts of different lengths; 0 is padding. */
  private static Tensor ids(int vocabulary) {
    long[] ids = new long[LENGTHS.length * LENGTHS[0]];
    for (int text = 0; text < LENGTHS.length; text++) {
      for (int i = 0; i < LENGTHS[text]; i++) {
        ids[text * LENGTHS[0] + i] = 1 + (7L + 101L * i + 37L * text) % (vocabulary - 1);
      }
    }
    return Tensors.of(ids, LENGTHS.length, LENGTHS[0]);
  }

  private static Tensor wanted(Path file, Tensor ids, Tensor mask) {
    try (Teacher encoder =
        OnnxTeacher.encoder(file, Optional.of(Pool.MEAN), List.of(), OnnxOptions.STANDARD)) {
      Batch texts =
          new Batch(
              Map.of(Preparation.IDS, ids),
              Map.of(Preparation.IDS, mask),
              new Names(new long[LENGTHS.length], 0));
      return encoder.signal(texts).logits();
    }
  }

  private static double difference(Network network, Tensor ids, Tensor mask, Tensor wanted) {
    network.eval();
    Tensor vectors = network.answer(Map.of(Preparation.IDS, ids, "attention_mask", mask)).logits();
    double apart = vectors.sub(wanted).abs().flatten(0).amax(0, false).item();
    return apart / wanted.abs().flatten(0).amax(0, false).item();
  }

  /** Numbers of heads, the likely ones first. */
  private static List<Integer> candidates(int width) {
    Stream<Integer> usual =
        IntStream.of(USUAL_HEAD_WIDTHS).filter(w -> width % w == 0).mapToObj(w -> width / w);
    Stream<Integer> others = IntStream.rangeClosed(1, width).filter(n -> width % n == 0).boxed();
    return Stream.concat(usual, others).distinct().toList();
  }
}
