package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Asks about each sample of a batch alone, and puts the answers together: for files that round the
 * numbers of a whole batch by one scale ({@link io.ranbiki.artifact.OnnxFile#quantizesBatches}).
 * Padding would have a say in that scale, too, so a text is asked at its own length.
 */
final class Alone {

  private Alone() {}

  /**
   * The answers to a batch.
   *
   * @param ask answers samples, each by itself: {@code [1, ...]} by name
   * @return {@code [batch, ...]} by name; axes that are as long as their text are padded with 0 to
   *     the length of the batch
   */
  static Map<String, Tensor> ask(
      Batch batch, Function<List<Batch>, List<Map<String, Tensor>>> ask) {
    long padded = batch.masks().values().stream().mapToLong(mask -> mask.size(1)).max().orElse(0);
    long[] lengths = new long[batch.size()];
    List<Batch> each = new ArrayList<>();
    for (int row = 0; row < lengths.length; row++) {
      Batch one = batch.alone(row);
      lengths[row] = one.masks().values().stream().mapToLong(mask -> mask.size(1)).max().orElse(0);
      each.add(one);
    }
    Map<String, List<Tensor>> pieces = new LinkedHashMap<>();
    for (Map<String, Tensor> answers : ask.apply(each)) {
      answers.forEach(
          (name, answer) -> pieces.computeIfAbsent(name, first -> new ArrayList<>()).add(answer));
    }
    Map<String, Tensor> whole = new LinkedHashMap<>();
    pieces.forEach((name, answers) -> whole.put(name, joined(answers, lengths, padded)));
    return whole;
  }

  private static Tensor joined(List<Tensor> answers, long[] lengths, long padded) {
    List<Tensor> equal = new ArrayList<>(answers);
    int dimensions = answers.get(0).dim();
    for (int axis = 1; axis < dimensions; axis++) {
      boolean ofWidth = axis == dimensions - 1 && dimensions < 4; // [batch, tokens, width]
      if (padded > 0 && !ofWidth && isOfTokens(answers, axis, lengths)) {
        for (int row = 0; row < lengths.length; row++) {
          equal.set(row, lengthened(equal.get(row), axis, padded));
        }
      }
    }
    return Tensors.cat(equal, 0);
  }

  private static boolean isOfTokens(List<Tensor> answers, int axis, long[] lengths) {
    for (int row = 0; row < lengths.length; row++) {
      if (answers.get(row).size(axis) != lengths[row]) {
        return false;
      }
    }
    return true;
  }

  private static Tensor lengthened(Tensor answer, int axis, long length) {
    if (answer.size(axis) == length) {
      return answer;
    }
    long[] shape = answer.shape();
    shape[axis] = length - shape[axis];
    return Tensors.cat(List.of(answer, Tensors.zeros(answer.dtype(), shape)), axis);
  }
}
