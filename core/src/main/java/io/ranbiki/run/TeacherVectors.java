package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.teacher.PieceVectors;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of pieces with which a mean of them begins, those of the encoder that teaches the
 * run. They are found once and the same in all arms and for all seeds. The layer behind them stays
 * random, unless the student is to give the vectors of the encoder: then it leaves them as they
 * are, or undoes the narrowing.
 */
final class TeacherVectors {

  /** The architecture that has such vectors. */
  static final String ARCHITECTURE = "static-embedding";

  private final Optional<Supplier<TeacherSource>> teacher;
  private final Optional<PrepareConfig> prepare;
  private @Nullable Found found;

  /** What was found for a student. */
  private record Found(int width, Tokenizer tokenizer, PieceVectors vectors) {}

  private TeacherVectors(
      Optional<Supplier<TeacherSource>> teacher, Optional<PrepareConfig> prepare) {
    this.teacher = teacher;
    this.prepare = prepare;
  }

  /** Of a run that has no teacher, or none yet. */
  static TeacherVectors ofNobody() {
    return new TeacherVectors(Optional.empty(), Optional.empty());
  }

  /**
   * Of a run's teacher.
   *
   * @param prepare what the configuration says of its inputs
   */
  static TeacherVectors of(Supplier<TeacherSource> teacher, Optional<PrepareConfig> prepare) {
    return new TeacherVectors(Optional.of(teacher), prepare);
  }

  /** What the configuration says of the teacher's inputs. */
  Optional<Prepare> prepare() {
    return prepare.map(PrepareConfig::open);
  }

  /** The run's teacher, which must have an encoder. */
  TeacherSource source() {
    Optional<TeacherSource> source = teacher.map(Supplier::get);
    return source
        .filter(any -> Teachers.encoder(any).isPresent())
        .orElseThrow(
            () ->
                RanbikiException.configuration(
                    "'vectors: teacher' takes those of an encoder of texts, but %s. Take a"
                        + " teacher with 'kind: embedding' or a 'head', or leave 'vectors' out.",
                    source.isPresent()
                        ? "the teacher " + source.get().title() + " is none"
                        : "the run has no such teacher"));
  }

  /**
   * Gives a student its vectors.
   *
   * @param own what its inputs go through
   * @param theirs what the teacher's do
   */
  void fill(Model student, Prepare own, Prepare theirs, Task task) {
    try (TensorScope scope = TensorScope.open("vectors of a teacher");
        NoGrad noGrad = new NoGrad()) {
      Map<String, Tensor> state = student.module().state();
      Tensor table = Objects.requireNonNull(state.get("word_embeddings.weight"));
      int width = (int) table.size(1);
      PieceVectors vectors = vectors(width, own, theirs);
      float[] rows = table.detach().toFloats();
      for (int i = 0; i < vectors.ids().length; i++) {
        System.arraycopy(vectors.rows(), i * width, rows, vectors.ids()[i] * width, width);
      }
      table.copyFrom(Tensors.of(rows, table.shape()));
      if (task instanceof Task.Embedding
          && source() instanceof TeacherSource.Embedding embedding
          && embedding.components() == 0
          && student.spec().classes() == vectors.own()) {
        Tensor classifier = Objects.requireNonNull(state.get("classifier.weight"));
        classifier.copyFrom(Tensors.of(again(vectors, width), vectors.own(), width));
      }
    }
  }

  /** The weights of the layer that undoes the narrowing, {@code [own, width]}. */
  private static float[] again(PieceVectors vectors, int width) {
    float[] weights = new float[vectors.own() * width];
    for (int i = 0; i < vectors.own(); i++) {
      for (int j = 0; j < width; j++) {
        weights[i * width + j] =
            vectors.components().isPresent()
                ? vectors.components().get()[j * vectors.own() + i]
                : i == j ? 1 : 0;
      }
    }
    return weights;
  }

  private synchronized PieceVectors vectors(int width, Prepare own, Prepare theirs) {
    Tokenizer tokenizer = tokenizer(own, "the student");
    if (found == null || found.width != width || !found.tokenizer.equals(tokenizer)) {
      Tokenizer known = tokenizer(theirs, "the teacher");
      found = new Found(width, tokenizer, find(width, tokenizer, known));
    }
    return found.vectors;
  }

  private PieceVectors find(int width, Tokenizer tokenizer, Tokenizer theirs) {
    TeacherSource.Encoder encoders = Teachers.encoder(source()).orElseThrow();
    try (Teacher encoder = Teachers.encoder(encoders, List.of())) {
      if (width > encoder.classes()) {
        throw RanbikiException.configuration(
            "'vectors: teacher' gives a piece the %d numbers of %s or fewer, but 'width' is %d."
                + " Take at most %d.",
            encoder.classes(), encoder.title(), width, encoder.classes());
      }
      PieceVectors vectors = PieceVectors.of(encoder, theirs, tokenizer, width);
      if (vectors.ids().length == 0) {
        throw RanbikiException.configuration(
            "'vectors: teacher' takes those of the pieces of %s, but the student's tokenizer, %s,"
                + " has none of them. Take that of the teacher, with 'vocabulary' for fewer pieces.",
            encoder.title(), tokenizer);
      }
      return vectors;
    }
  }

  private static Tokenizer tokenizer(Prepare prepare, String whose) {
    return prepare
        .tokenize()
        .map(Step.Tokenize::tokenizer)
        .orElseThrow(
            () ->
                RanbikiException.configuration(
                    "'vectors: teacher' takes vectors of pieces, but %s has no tokenizer. Say"
                        + " prepare: {tokenizer: tokenizer.json}.",
                    whose));
  }
}
