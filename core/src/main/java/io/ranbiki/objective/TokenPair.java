package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import java.util.Arrays;

/**
 * The outputs of two paired layers of encoders for one batch of texts, position by position, in
 * FLOAT32: {@code [texts, tokens, width]} or {@code [texts, heads, tokens, tokens]}. No gradient
 * reaches the teacher's. Both sides must have read the same tokens.
 *
 * @param positions which of them are tokens
 */
record TokenPair(LayerPair layers, Tensor student, Tensor teacher, TextPositions positions) {

  private static final int STATES = 3;
  private static final int MAPS = 4;

  /** A pair of {@code [texts, tokens, width]}; widths may differ. */
  static TokenPair states(String term, LossInputs inputs, LayerPair layers) {
    return of(term, inputs, layers, STATES, "[texts, tokens, width]", 1);
  }

  /**
   * A pair of attention maps, {@code [texts, heads, tokens, tokens]}.
   *
   * @throws RanbikiException if the numbers of heads differ
   */
  static TokenPair maps(String term, LossInputs inputs, LayerPair layers) {
    TokenPair pair = of(term, inputs, layers, MAPS, "[texts, heads, tokens, tokens]", 2);
    long studentHeads = pair.student.size(1);
    long teacherHeads = pair.teacher.size(1);
    if (studentHeads != teacherHeads) {
      throw RanbikiException.configuration(
          "%s compares attention head by head, but the teacher has %d heads and the student %d."
              + " Give the student as many, leave attention out with attention-weight: 0, or take"
              + " minilm.",
          term, teacherHeads, studentHeads);
    }
    return pair;
  }

  private static TokenPair of(
      String term, LossInputs inputs, LayerPair layers, int dimensions, String shape, int tokens) {
    Tensor student = inputs.student().feature(layers.student());
    Tensor teacher = inputs.teacher().feature(layers.teacher());
    require(term, "student", layers.student(), student, dimensions, shape);
    require(term, "teacher", layers.teacher(), teacher, dimensions, shape);
    if (student.size(tokens) != teacher.size(tokens) || student.size(0) != teacher.size(0)) {
      throw RanbikiException.configuration(
          "%s compares token by token, but the teacher layer '%s' gives %s and the student layer"
              + " '%s' gives %s. Give both the same tokenizer and the same at-most.",
          term,
          layers.teacher(),
          Arrays.toString(teacher.shape()),
          layers.student(),
          Arrays.toString(student.shape()));
    }
    return new TokenPair(
        layers,
        student.to(DType.FLOAT32),
        teacher.to(DType.FLOAT32).detach(),
        TextPositions.of(inputs.batch(), layers.student(), student.size(tokens)));
  }

  private static void require(
      String term, String side, String layer, Tensor feature, int dimensions, String shape) {
    if (feature.dim() != dimensions) {
      throw RanbikiException.configuration(
          "%s reads %s, but the %s layer '%s' gives %s. Name another layer.",
          term, shape, side, layer, Arrays.toString(feature.shape()));
    }
  }

  long studentWidth() {
    return student.size(2);
  }

  long teacherWidth() {
    return teacher.size(2);
  }
}
