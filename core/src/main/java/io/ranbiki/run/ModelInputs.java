package io.ranbiki.run;

import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the inputs of a model go through, of what its files and a configuration say. */
public final class ModelInputs {

  private ModelInputs() {}

  /**
   * As {@link #prepare(String, Prepare, Optional, Prepare, Consumer)}, for any teacher. A folder's
   * encoder, which is frozen, may get texts that are shorter than it can take, or begin with a
   * prefix.
   */
  public static Prepare prepare(
      String title,
      TeacherSource source,
      Optional<Prepare> given,
      Prepare otherwise,
      Consumer<String> note) {
    TeacherSource model = model(source);
    boolean encodes = !model.equals(source) && !(source instanceof TeacherSource.Headed);
    if (encodes && model instanceof TeacherSource.Folder) {
      Optional<Step.Tokenize> own =
          Optional.ofNullable(Teachers.prepare(source)).flatMap(Prepare::tokenize);
      Optional<Step.Tokenize> said = given.flatMap(Prepare::tokenize);
      if (own.isPresent() && said.isPresent() && isShorter(said.get(), own.get())) {
        return given.get();
      }
    }
    prepare(title, Teachers.trainedOn(source), given, otherwise, note);
    Prepare prepare = prepare(title, Teachers.prepare(source), given, otherwise, silent -> {});
    if (model instanceof TeacherSource.Onnx onnx) {
      TextNotes.requireVocabulary(title, onnx.file(), prepare);
    }
    return prepare;
  }

  private static boolean isShorter(Step.Tokenize said, Step.Tokenize own) {
    return said.tokenizer().equals(own.tokenizer()) && said.atMost() <= own.atMost();
  }

  /** The file or folder that makes vectors; a source itself that has no encoder. */
  private static TeacherSource model(TeacherSource source) {
    if (source instanceof TeacherSource.Headed headed) {
      return headed.encoder();
    }
    if (source instanceof TeacherSource.Embedding embedding) {
      return embedding.encoder().model();
    }
    return source instanceof TeacherSource.Encoder encoder ? encoder.model() : source;
  }

  /**
   * What the inputs of a model go through: what they went through when it was trained, or what the
   * configuration says where its files do not tell.
   *
   * @param own as its files tell; null if they do not
   * @param given by the configuration for all models; empty if nothing is
   * @param otherwise what they go through where neither tells
   * @param note hears where both tell and differ
   */
  public static Prepare prepare(
      String title,
      @Nullable Prepare own,
      Optional<Prepare> given,
      Prepare otherwise,
      Consumer<String> note) {
    Prepare said = given.orElse(otherwise);
    if (own == null) {
      return said;
    }
    if (own.steps().isEmpty() && given.flatMap(Prepare::resize).isPresent()) {
      // It was trained on images of one size, and the configuration says how others get it.
      return said.with(own.normalization());
    }
    boolean alike =
        own.tokenize().isPresent() == said.tokenize().isPresent()
            && own.logMel().isPresent() == said.logMel().isPresent()
            && own.resize().isPresent() == said.resize().isPresent()
            && own.columns().isPresent() == said.columns().isPresent();
    if (given.isPresent() && alike && !own.equals(said)) {
      note.accept(
          String.format(
              Locale.ROOT,
              "%s was trained on inputs %s and gets them so; the configuration says %s.",
              title,
              own.words(),
              said.words()));
    }
    return own;
  }
}
