package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.teacher.AnswerKind;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.Encoding;
import io.ranbiki.teacher.EnsembleTeacher;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.Precision;
import io.ranbiki.teacher.TeacherSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who teaches.
 *
 * @param models model folders, ONNX or TorchScript files; several answer as one
 * @param kinds what their answers are: one for all, or one a model
 * @param trusted whether a TorchScript file may run as a program
 * @param onnx how ONNX files are read
 * @param weights one a model; empty for equal ones
 * @param combine how several answer as one
 * @param answers whether the teacher is asked once for every sample and view, or for every batch
 * @param precision how it computes its stored answers
 * @param encoding how the logits of its stored answers are written
 * @param prepare what their inputs go through where their files do not say; empty for what the
 *     student's go through
 * @param crossFit the teachers that the run trains itself, in place of models; empty if it is given
 *     some
 */
public record TeacherConfig(
    List<Path> models,
    List<AnswerKind> kinds,
    boolean trusted,
    OnnxOptions onnx,
    List<Double> weights,
    Combine combine,
    Answers answers,
    Precision precision,
    Encoding encoding,
    Optional<Prepare> prepare,
    Optional<CrossFitConfig> crossFit) {

  /** Asked once, in float32, unless layers are read. */
  static final TeacherConfig PLAIN =
      new TeacherConfig(
          List.of(),
          List.of(AnswerKind.AUTO),
          false,
          OnnxOptions.STANDARD,
          List.of(),
          new Combine.Logits(),
          Answers.AUTO,
          Precision.FLOAT32,
          Encoding.FLOAT32,
          Optional.empty(),
          Optional.empty());

  /** Copies the lists and checks the weights. */
  public TeacherConfig {
    models = List.copyOf(models);
    kinds = List.copyOf(kinds);
    weights = List.copyOf(weights);
    if (kinds.size() != 1 && kinds.size() != models.size()) {
      throw RanbikiException.configuration(
          "'teacher.kind' has %d entries for %d models; give one for all, or one a model",
          kinds.size(), models.size());
    }
    if (!weights.isEmpty()) {
      EnsembleTeacher.requireWeights(models.size(), weights);
    }
  }

  /** Model folders that a run wrote itself, asked as this teacher is. */
  TeacherConfig of(List<Path> folders) {
    return new TeacherConfig(
        folders,
        List.of(AnswerKind.LOGITS), // whatever the teacher's are
        false,
        OnnxOptions.STANDARD,
        List.of(),
        new Combine.Logits(),
        answers,
        precision,
        encoding,
        prepare,
        Optional.empty());
  }

  /** Teachers that a run trains itself, asked once. */
  TeacherConfig crossFitted(
      Precision otherPrecision, Encoding otherEncoding, CrossFitConfig teachers) {
    return new TeacherConfig(
        models,
        kinds,
        trusted,
        onnx,
        weights,
        combine,
        answers,
        otherPrecision,
        otherEncoding,
        prepare,
        Optional.of(teachers));
  }

  /**
   * Where the teacher comes from.
   *
   * @throws RanbikiException if the run is to train it, if a path leads to nothing that can be a
   *     teacher, or to one that does not know an option that is given
   */
  public TeacherSource source() {
    if (crossFit.isPresent()) {
      throw RanbikiException.configuration(
          "'teacher.cross-fit' names no teacher that is there: a distillation trains them and asks"
              + " them itself. Begin it with: ranbiki distill CONFIG");
    }
    List<TeacherSource> sources =
        models.stream().map(path -> withOptions(TeacherSource.of(path, trusted, null))).toList();
    boolean someOnnx = sources.stream().anyMatch(TeacherSource.Onnx.class::isInstance);
    if (!someOnnx && !onnx.equals(OnnxOptions.STANDARD)) {
      throw RanbikiException.configuration(
          "'teacher' gives 'output' or 'layout', which only ONNX files use, but no model is one; leave it out");
    }
    if (someOnnx && precision != Precision.FLOAT32) {
      throw RanbikiException.configuration(
          "'teacher' gives precision '%s', but an ONNX file computes as it was exported; take float32, or export the network in the other precision",
          precision);
    }
    return sources.size() == 1
        ? sources.get(0)
        : new TeacherSource.Ensemble(sources, weights, combine);
  }

  private TeacherSource withOptions(TeacherSource source) {
    return source instanceof TeacherSource.Onnx file
        ? new TeacherSource.Onnx(file.file(), onnx)
        : source;
  }

  /** When the teacher is asked. */
  public enum Answers {
    /** Stored, unless the objective reads outputs of layers, which take much space. */
    AUTO,
    /** Once for every sample and view, layers too; other runs share the answers. */
    STORED,
    /** For every batch. */
    LIVE
  }
}
