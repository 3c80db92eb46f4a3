package io.ranbiki.cli;

import io.ranbiki.evaluate.Similarity;
import io.ranbiki.evaluate.Similarity.Layer;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.prepare.Field;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which layers of two networks are similar, and what of an objective follows from it.
 *
 * @param similarity of their layers
 * @param top how many of the teacher's layers are shown beside each of the student's
 * @param sameHeads whether attention can be compared head by head, if both have some
 * @param trained whether the student is at other weights than its initial ones, whose layers do not
 *     tell yet what they will do
 */
record ProbedLayers(Similarity similarity, int top, boolean sameHeads, boolean trained) {

  private List<Integer> map() {
    return trained ? similarity.layerMap() : similarity.evenLayerMap();
  }

  void print(PrintWriter out) {
    out.printf(Locale.ROOT, "%nlinear CKA, 1 for layers that see the samples alike:%n");
    for (Layer layer : similarity.student()) {
      StringBuilder line = new StringBuilder();
      for (Layer near : similarity.nearest(layer.path(), top)) {
        line.append(
            String.format(
                Locale.ROOT,
                "  %s %.2f",
                near.path(),
                similarity.value(layer.path(), near.path())));
      }
      out.printf(Locale.ROOT, "  %-24s %-14s%s%n", layer.path(), shape(layer), line);
    }
    List<Integer> map = map();
    List<LayerPair> pairs = similarity.proposal();
    if (!map.isEmpty()) {
      printMap(map, out);
    } else if (similarity.isDeeper()) {
      out.printf(
          Locale.ROOT,
          "%nthe student has more layers than the teacher, so that not each has one to follow;"
              + " match answers%n");
    } else if (pairs.isEmpty()) {
      out.printf(
          Locale.ROOT,
          "%nno layer of the student is similar to one of the teacher; match logits%n");
    } else {
      printPairs(pairs, out);
    }
  }

  private void printMap(List<Integer> map, PrintWriter out) {
    out.printf(Locale.ROOT, "%nproposed layers, from 0, to paste under objective:%n");
    out.printf(Locale.ROOT, "  - tinybert:%n");
    String why =
        trained
            ? "CKA " + values(map)
            : "evenly spread: a student at its initial weights does not tell; train it on answers,"
                + " and name it with --student";
    out.printf(Locale.ROOT, "      layers: %s   # %s%n", map, why);
    if (!sameHeads) {
      out.printf(Locale.ROOT, "      attention-weight: 0   # the numbers of heads differ%n");
    }
  }

  private String values(List<Integer> map) {
    return String.join(
        ", ",
        IntStream.range(0, map.size())
            .mapToObj(
                i ->
                    String.format(
                        Locale.ROOT,
                        "%.2f",
                        similarity.value("hidden." + (i + 1), "hidden." + (map.get(i) + 1))))
            .toList());
  }

  private void printPairs(List<LayerPair> pairs, PrintWriter out) {
    out.printf(Locale.ROOT, "%nproposed pairs, to paste under objective:%n");
    out.printf(Locale.ROOT, "  - hint:%n      weight: 50%n      pairs:%n");
    for (LayerPair pair : pairs) {
      out.printf(
          Locale.ROOT,
          "        - {teacher: %s, student: %s}   # CKA %.2f, %s and %s%n",
          pair.teacher(),
          pair.student(),
          similarity.value(pair.student(), pair.teacher()),
          shapeOf(pair.teacher(), similarity.teacher()),
          shapeOf(pair.student(), similarity.student()));
    }
  }

  private static String shapeOf(String path, List<Layer> layers) {
    return layers.stream()
        .filter(layer -> layer.path().equals(path))
        .map(ProbedLayers::shape)
        .findFirst()
        .orElse("");
  }

  private static String shape(Layer layer) {
    return String.join(
        " x ",
        layer.shape().stream()
            .map(size -> size == Field.ANY ? "tokens" : size.toString())
            .toList());
  }

  /** The same under names: all values, and either the layers of tinybert or pairs. */
  Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    Map<String, Object> values = new LinkedHashMap<>();
    for (Layer mine : similarity.student()) {
      Map<String, Double> row = new LinkedHashMap<>();
      for (Layer other : similarity.teacher()) {
        row.put(other.path(), similarity.value(mine.path(), other.path()));
      }
      values.put(mine.path(), row);
    }
    all.put("similarity", values);
    List<Integer> map = map();
    if (map.isEmpty()) {
      all.put("pairs", similarity.proposal());
      return all;
    }
    Map<String, Object> term = new LinkedHashMap<>(Map.of("layers", map));
    if (!sameHeads) {
      term.put("attention-weight", 0);
    }
    all.put("tinybert", term);
    return all;
  }
}
