package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.teacher.AnswerKind;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.EnsembleTeacher;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.Pool;
import io.ranbiki.teacher.Precision;
import io.ranbiki.teacher.TeacherSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Models that teach.
 *
 * @param paths model folders, ONNX or TorchScript files; several answer as one
 * @param kinds what their answers are: one for all, or one a model
 * @param trusted whether a TorchScript file may run as a program
 * @param onnx how ONNX files are read
 * @param pool how an encoder that teaches its vectors makes one of those of a text's pieces; empty
 *     for its own way
 * @param components to how many numbers those vectors are narrowed; 0 for all that they have
 * @param weights one a model; empty for equal ones
 * @param combine how several answer as one
 * @param head folder of a network on the vectors of an encoder, the only model; mostly empty
 */
public record TeacherModels(
    List<Path> paths,
    List<AnswerKind> kinds,
    boolean trusted,
    OnnxOptions onnx,
    Optional<Pool> pool,
    int components,
    List<Double> weights,
    Combine combine,
    Optional<Path> head)
    implements TeacherConfig.Who {

  /** Copies the lists and checks the weights. */
  public TeacherModels {
    paths = List.copyOf(paths);
    kinds = List.copyOf(kinds);
    weights = List.copyOf(weights);
    if (kinds.size() != 1 && kinds.size() != paths.size()) {
      throw RanbikiException.configuration(
          "'teacher.kind' has %d entries for %d models; give one for all, or one a model.",
          kinds.size(), paths.size());
    }
    if (!weights.isEmpty()) {
      EnsembleTeacher.requireWeights(paths.size(), weights);
    }
  }

  /** Model folders that a run wrote itself. */
  static TeacherModels ofFolders(List<Path> folders) {
    return new TeacherModels(
        folders,
        List.of(AnswerKind.LOGITS),
        false,
        OnnxOptions.STANDARD,
        Optional.empty(),
        0,
        List.of(),
        new Combine.Logits(),
        Optional.empty());
  }

  /** As {@link TeacherConfig#source}. */
  TeacherSource source(Precision precision) {
    List<TeacherSource> sources =
        paths.stream().map(path -> withOptions(TeacherSource.of(path, trusted, null))).toList();
    boolean someOnnx = sources.stream().anyMatch(TeacherSource.Onnx.class::isInstance);
    if (!someOnnx && !onnx.equals(OnnxOptions.STANDARD)) {
      throw RanbikiException.configuration(
          "'teacher' gives 'output' or 'layout', which only ONNX files use, but no model is one;"
              + " leave it out.");
    }
    if (someOnnx && precision != Precision.FLOAT32) {
      throw RanbikiException.configuration(
          "'teacher' gives precision '%s', but an ONNX file computes as it was exported; take"
              + " float32, or export the network in the other precision.",
          precision);
    }
    if (head.isPresent()) {
      return headed(sources, head.get());
    }
    if (kinds.contains(AnswerKind.EMBEDDING)) {
      return new TeacherSource.Embedding(
          new TeacherSource.Encoder(sources.get(0), pool), components);
    }
    return sources.size() == 1
        ? sources.get(0)
        : new TeacherSource.Ensemble(sources, weights, combine);
  }

  private static TeacherSource headed(List<TeacherSource> sources, Path head) {
    if (sources.size() == 1) {
      return new TeacherSource.Headed(sources.get(0), head);
    }
    throw RanbikiException.configuration(
        "'teacher.head' stands on the vectors of one encoder, but 'teacher.model' names %s. Name"
            + " the encoder that the head was trained on.",
        sources.stream().map(TeacherSource::title).collect(Collectors.joining(", ")));
  }

  private TeacherSource withOptions(TeacherSource source) {
    if (kinds.contains(AnswerKind.MASKED_LANGUAGE)) {
      if (source instanceof TeacherSource.Folder folder) {
        return new TeacherSource.Folder(folder.folder(), true);
      }
      throw RanbikiException.configuration(
          "The task is masked-language, but %s is no model folder, and of no other teacher is it"
              + " known how it guesses hidden pieces. Name a folder, such as one of"
              + " BertForMaskedLM.",
          source.title());
    }
    return source instanceof TeacherSource.Onnx file
        ? new TeacherSource.Onnx(file.file(), onnx.withParts())
        : source;
  }
}
