package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A layer of the student and the layer of the teacher that it is compared with.
 *
 * @param teacher module path in the teacher, such as {@code features.2}
 * @param student module path in the student
 */
public record LayerPair(String teacher, String student) {

  /** Checks that both paths say something. */
  public LayerPair {
    if (teacher.isBlank() || student.isBlank()) {
      throw RanbikiException.configuration(
          "A pair of layers needs a path on both sides, but has teacher '%s' and student '%s'.",
          teacher, student);
    }
  }

  /** Reads the key {@code pairs}: one pair, or a list of them. */
  public static List<LayerPair> read(Options options) {
    return options.oneOrMore(
        "pairs", "Layers of the teacher and the student that are compared", LayerPair::read);
  }

  /**
   * Reads the key {@code pairs}, which may be left out.
   *
   * @param sentence what is compared, and what without pairs
   */
  static List<LayerPair> readOptional(Options options, String sentence) {
    return options.oneOrMore("pairs", List.of(), sentence, LayerPair::read);
  }

  private static LayerPair read(ConfigNode pair) {
    Options layers = pair.options();
    return new LayerPair(
        layers.string("teacher", "Path of a layer of the teacher, such as features.2"),
        layers.string("student", "Path of a layer of the student"));
  }

  /**
   * Pairs two lists in their order.
   *
   * @throws RanbikiException if one list is longer
   */
  public static List<LayerPair> zip(List<String> teacherLayers, List<String> studentLayers) {
    if (teacherLayers.size() != studentLayers.size()) {
      throw RanbikiException.configuration(
          "%d teacher layers %s cannot be paired with %d student layers %s; name as many of both.",
          teacherLayers.size(), teacherLayers, studentLayers.size(), studentLayers);
    }
    List<LayerPair> pairs = new ArrayList<>();
    for (int i = 0; i < teacherLayers.size(); i++) {
      pairs.add(new LayerPair(teacherLayers.get(i), studentLayers.get(i)));
    }
    return List.copyOf(pairs);
  }

  /** A copy of a term's pairs, of which there must be {@code fewest}, none with a layer twice. */
  static List<LayerPair> checked(String term, List<LayerPair> pairs, int fewest) {
    if (pairs.size() < fewest) {
      throw RanbikiException.configuration(
          "%s needs %d or more pairs of layers and has %d; a pair is {teacher: features.2, student:"
              + " features.1}.",
          term, fewest, pairs.size());
    }
    Set<String> students = new HashSet<>();
    Set<LayerPair> seen = new HashSet<>();
    for (LayerPair pair : pairs) {
      if (!seen.add(pair) || !students.add(pair.student())) {
        throw RanbikiException.configuration(
            "%s names student layer '%s' twice; a layer can follow one teacher layer only.",
            term, pair.student());
      }
    }
    return List.copyOf(pairs);
  }

  @Override
  public String toString() {
    return teacher + " -> " + student;
  }
}
