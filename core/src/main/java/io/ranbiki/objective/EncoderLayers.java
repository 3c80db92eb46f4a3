package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.Taps;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The names under which encoders of texts show what their layers compute: a kind and the number of
 * the layer, from 0. {@code hidden.0} is what the embeddings give and {@code hidden.i} what layer
 * {@code i} of 1, 2, ... gives, as in transformers; all others begin with 0 for the first layer.
 */
final class EncoderLayers {

  /** Hidden states {@code [texts, tokens, width]}. */
  static final String HIDDEN = "hidden";

  /** Attention scores {@code [texts, heads, tokens, tokens]}, before the softmax. */
  static final String SCORES = "scores";

  /** Queries, keys and values {@code [texts, tokens, width]}. */
  static final List<String> PROJECTIONS = List.of("query", "key", "value");

  private EncoderLayers() {}

  /** The name of one layer's. */
  static String at(String kind, int layer) {
    return kind + "." + layer;
  }

  /** The name that stands for those of all layers. */
  static String all(String kind) {
    return kind + Taps.EACH;
  }

  /** How many there are of a kind: one more than the highest number. */
  static int count(Signal signal, String kind) {
    String start = kind + ".";
    return signal.features().keySet().stream()
        .filter(path -> path.startsWith(start))
        .map(path -> path.substring(start.length()))
        .filter(number -> number.matches("[0-9]{1,4}"))
        .mapToInt(Integer::parseInt)
        .map(number -> number + 1)
        .max()
        .orElse(0);
  }

  /**
   * Which of the teacher's layers each of the student's follows, at equal distances: the last one
   * the last one.
   *
   * @throws RanbikiException if the numbers do not divide
   */
  static List<Integer> uniform(String term, int teacherLayers, int studentLayers) {
    if (studentLayers == 0 || teacherLayers % studentLayers != 0) {
      throw RanbikiException.configuration(
          "%s cannot spread the %d layers of the student evenly over the %d of the teacher. Name"
              + " one of the teacher's, from 0, for each of the student's, as in layers: %s.",
          term, studentLayers, teacherLayers, nearly(teacherLayers, studentLayers));
    }
    int step = teacherLayers / studentLayers;
    return IntStream.range(0, studentLayers).mapToObj(i -> (i + 1) * step - 1).toList();
  }

  private static List<Integer> nearly(int teacherLayers, int studentLayers) {
    List<Integer> layers = new ArrayList<>();
    for (int i = 1; i <= studentLayers; i++) {
      layers.add(Math.max(0, Math.round((float) i * teacherLayers / studentLayers) - 1));
    }
    return layers;
  }
}
