package io.ranbiki.evaluate;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Network;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherInfo;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model in the forms in which it can be run: an ONNX file in ONNX Runtime, and libtorch.
 *
 * @param sample shape of one sample
 * @param onnx the file; null where it has no such form
 * @param options how that file is used
 * @param torch answers by libtorch, borrowed; null for a model that is an ONNX file itself
 * @param network its layers, borrowed; null for files of others
 * @param parameters number of trained values; null if not known
 * @param bytes size of its weights
 * @param length ids of a text, or frames, that it is asked about
 */
public record Deployed(
    List<Integer> sample,
    @Nullable OnnxFile onnx,
    OnnxOptions options,
    @Nullable Teacher torch,
    @Nullable Network network,
    @Nullable Long parameters,
    long bytes,
    int length) {

  /** About as long as the texts that people ask are. */
  private static final int USUAL_LENGTH = 32;

  /** What messages call a file that is never written. */
  private static final Path IN_MEMORY = Path.of("model.onnx");

  /**
   * A network that was built here, with the ONNX file that it would be exported as.
   *
   * @param loaded stays open as long as this is used
   */
  public static Deployed of(ModelFolder.Loaded loaded) {
    Model model = loaded.model();
    return new Deployed(
        model.spec().input(),
        exported(loaded),
        OnnxOptions.STANDARD,
        new ModelTeacher(model, List.of()),
        model.module(),
        model.parameterCount(),
        model.byteCount(),
        length(loaded.config().prepare()));
  }

  /** A network that was built here, in libtorch alone. */
  public static Deployed inTorch(Model model, @Nullable Prepare prepare) {
    return new Deployed(
        model.spec().input(),
        null,
        OnnxOptions.STANDARD,
        new ModelTeacher(model, List.of()),
        model.module(),
        model.parameterCount(),
        model.byteCount(),
        length(prepare));
  }

  /** An ONNX file, which may not be written yet. */
  public static Deployed of(
      OnnxFile file, OnnxOptions options, List<Integer> sample, @Nullable Prepare prepare) {
    long parameters = file.info().parameters();
    return new Deployed(
        sample,
        file,
        options,
        null,
        null,
        parameters == 0 ? null : (Long) parameters,
        file.info().bytes(),
        length(prepare));
  }

  /** A network may have no place for more ids than texts are cut to. */
  private static int length(@Nullable Prepare prepare) {
    return Optional.ofNullable(prepare)
        .flatMap(Prepare::tokenize)
        .map(tokenize -> Math.min(USUAL_LENGTH, tokenize.atMost()))
        .orElse(USUAL_LENGTH);
  }

  /** Null for a network that cannot be exported, which runs in libtorch alone. */
  private static @Nullable OnnxFile exported(ModelFolder.Loaded loaded) {
    try {
      return OnnxFile.of(
          IN_MEMORY,
          OnnxExport.bytes(loaded.model().module(), loaded.config(), OnnxExport.Options.STANDARD));
    } catch (RanbikiException e) {
      return null;
    }
  }

  /**
   * A model of others, measured as it is.
   *
   * @param source what the teacher was opened from
   * @param teacher stays open as long as this is used
   * @param sample shape of one sample
   * @param prepare what samples go through before it
   */
  public static Deployed of(
      TeacherSource source, Teacher teacher, List<Integer> sample, @Nullable Prepare prepare) {
    if (source instanceof TeacherSource.Probabilities probabilities) {
      return of(probabilities.of(), teacher, sample, prepare);
    }
    if (source instanceof TeacherSource.Onnx onnx) {
      return of(OnnxFile.read(onnx.file()), onnx.options(), sample, prepare);
    }
    TeacherInfo info = Teachers.describe(source);
    return new Deployed(
        sample,
        null,
        OnnxOptions.STANDARD,
        teacher,
        null,
        info.parameters(),
        info.bytes(),
        length(prepare));
  }

  /** The file opened in ONNX Runtime; empty where there is none. The caller closes it. */
  Optional<OnnxTeacher> session(int threads) {
    return Optional.ofNullable(onnx)
        .map(file -> OnnxTeacher.open(file, sample, 0, List.of(), options.withThreads(threads)));
  }
}
