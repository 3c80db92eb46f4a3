package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.run.RunFolder;
import io.ranbiki.serve.Prediction;
import io.ranbiki.serve.Student;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A student that answers one sample at a time, whichever way it is kept.
 *
 * @param preparation of its samples
 * @param task what its answers mean
 * @param answer to a prepared sample
 * @param text the answer to a text
 * @param pair the answer to two texts that are read together
 * @param end what is done at the end
 */
record Predictor(
    Preparation preparation,
    Prediction.Task task,
    Function<float[], Prediction> answer,
    Function<String, Prediction> text,
    BiFunction<String, String, Prediction> pair,
    Runnable end)
    implements AutoCloseable {

  /**
   * Opens a run folder, a model folder or an ONNX file.
   *
   * @throws RanbikiException if it is none of these, or damaged
   */
  static Predictor open(Path path) {
    Optional<Path> folder = ModelFolder.at(path);
    if (folder.isPresent()) {
      return folder(folder.get());
    }
    if (Files.isRegularFile(new RunFolder(path).config())) {
      throw RanbikiException.model(
          "The run %s has no student yet. Go on with: ranbiki resume %s", path, path);
    }
    if (!Files.isRegularFile(path) || !path.toString().endsWith(".onnx")) {
      throw RanbikiException.model(
          "%s is neither a run folder, nor a model folder, nor an ONNX file. Give one that train,"
              + " distill or export wrote.",
          path);
    }
    if (OnnxFile.read(path).loops()) {
      throw RanbikiException.model(
          "%s holds a loop, which may have no end, and which no student has. Give a file that"
              + " export wrote.",
          path);
    }
    Student student = Student.load(path);
    return new Predictor(
        student.preparation(),
        student.task(),
        student::answer,
        student::predict,
        student::predict,
        student::close);
  }

  private static Predictor folder(Path folder) {
    ModelConfig config = ModelFolder.readConfig(folder);
    Prepare prepare = config.prepare();
    if (prepare == null) {
      throw RanbikiException.model(
          "%s does not say how inputs are normalized. Add \"normalize\": {\"mean\": [0.5], \"std\":"
              + " [0.25]} with the numbers of its training, or with empty lists for none.",
          folder.resolve(ModelFolder.CONFIG));
    }
    if (config.encoder() != null) {
      throw RanbikiException.model(
          "%s stands on the vectors of an encoder, which are not here. Distil it into a student"
              + " that takes texts: ranbiki distill, with teacher.head.",
          folder);
    }
    Preparation preparation = prepare.on(config.spec().input());
    Prediction.Task task = task(folder, config);
    List<String> names =
        task == Prediction.Task.EMBEDDING
            ? List.of()
            : config.names().isEmpty()
                ? IntStream.range(0, config.spec().classes()).mapToObj(Integer::toString).toList()
                : config.names();
    long[] shape =
        LongStream.concat(
                LongStream.of(1), preparation.shape().stream().mapToLong(Integer::longValue))
            .toArray(); // a length that varies is -1, which a reshape finds out
    Model model = ModelFolder.read(folder).model();
    model.module().eval();
    return new Predictor(
        preparation,
        task,
        sample -> Prediction.of(task, names, logits(model, sample, shape)),
        text -> Prediction.of(task, names, inLength(task, logits(model, preparation.apply(text)))),
        (first, second) ->
            Prediction.of(
                task, names, inLength(task, logits(model, preparation.apply(first, second)))),
        model::close);
  }

  private static Prediction.Task task(Path folder, ModelConfig config) {
    return Arrays.stream(Prediction.Task.values())
        .filter(each -> each.word().equals(config.task().word()))
        .findFirst()
        .orElseThrow(
            () ->
                config.task() instanceof Task.MaskedLanguage
                    ? RanbikiException.model(
                        "The model in %s guesses pieces that are hidden of a text, and not what a"
                            + " text is, so that there is nothing to ask it here. Write the folder"
                            + " that transformers opens (ranbiki export %s --to folder --output"
                            + " FOLDER), or begin a student with it: student: {from: {teacher:"
                            + " %s}}.",
                        folder, folder, folder)
                    : RanbikiException.model(
                        "The model in %s answers the task %s, of which no sample can be asked here."
                            + " Export it, and ask the file in your own program.",
                        folder, config.task().word()));
  }

  /** Vectors have length 1, as in an exported file. */
  private static float[] inLength(Prediction.Task task, float[] answer) {
    double squares = 0;
    for (float number : answer) {
      squares += (double) number * number;
    }
    if (task == Prediction.Task.EMBEDDING && squares > 0) {
      for (int i = 0; i < answer.length; i++) {
        answer[i] = (float) (answer[i] / Math.sqrt(squares));
      }
    }
    return answer;
  }

  private static float[] logits(Model model, Tokenizer.Encoding text) {
    int length = text.ids().length;
    long[] all = new long[length];
    Arrays.fill(all, 1);
    try (NoGrad noGrad = new NoGrad();
        TensorScope scope = TensorScope.open("predict")) {
      Batch batch =
          new Batch(
              Map.of(
                  Preparation.IDS, Tensors.of(text.ids(), 1, length),
                  Preparation.TYPES, Tensors.of(text.types(), 1, length)),
              Map.of(Preparation.IDS, Tensors.of(all, 1, length)),
              new Names(new long[1], 0));
      return model.answer(batch).logits().toFloats();
    }
  }

  private static float[] logits(Model model, float[] sample, long[] shape) {
    try (NoGrad noGrad = new NoGrad();
        TensorScope scope = TensorScope.open("predict")) {
      return model.apply(Tensors.of(sample, sample.length).reshape(shape)).toFloats();
    }
  }

  /** Whether a sample is two texts, and can be nothing else. */
  boolean takesPairsAlone() {
    return preparation
        .tokenize()
        .filter(step -> step.texts() == Step.Tokenize.Texts.PAIR)
        .isPresent();
  }

  @Override
  public void close() {
    end.run();
  }
}
