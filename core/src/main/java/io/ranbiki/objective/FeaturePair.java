package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * The outputs of two paired layers for one batch: maps {@code [batch, channels, height, width]} or
 * vectors {@code [batch, features]}, FLOAT32. No gradient reaches the teacher's.
 */
record FeaturePair(LayerPair layers, Tensor student, Tensor teacher) {

  private static final int VECTORS = 2;
  private static final int MAPS = 4;
  private static final double ZERO = 1e-12;

  /** Reads a pair from the answers to a batch. */
  static FeaturePair of(LossInputs inputs, LayerPair layers) {
    Tensor student = inputs.student().feature(layers.student());
    Tensor teacher = inputs.teacher().feature(layers.teacher());
    requireKnown("student", layers.student(), student);
    requireKnown("teacher", layers.teacher(), teacher);
    return new FeaturePair(layers, student, teacher.detach());
  }

  FeaturePair {
    student = student.to(DType.FLOAT32);
    teacher = teacher.to(DType.FLOAT32);
  }

  private static void requireKnown(String side, String layer, Tensor feature) {
    if (feature.dim() != VECTORS && feature.dim() != MAPS) {
      throw RanbikiException.configuration(
          "The %s layer '%s' gives %s, which is neither maps [batch, channels, height, width] nor vectors [batch, features]; name another layer.",
          side, layer, Arrays.toString(feature.shape()));
    }
  }

  // ---- what a term may ask for

  /** This, if both are maps. */
  FeaturePair requireMaps(String term) {
    if (!areMaps()) {
      throw RanbikiException.configuration(
          "%s compares maps [batch, channels, height, width], but the teacher layer '%s' gives %s and the student layer '%s' gives %s; name convolutional layers.",
          term,
          layers.teacher(),
          Arrays.toString(teacher.shape()),
          layers.student(),
          Arrays.toString(student.shape()));
    }
    return this;
  }

  /** This, if both are maps or both are vectors. */
  FeaturePair requireSameKind(String term) {
    if (student.dim() != teacher.dim()) {
      throw RanbikiException.configuration(
          "%s compares maps with maps and vectors with vectors, but the teacher layer '%s' gives %s and the student layer '%s' gives %s.",
          term,
          layers.teacher(),
          Arrays.toString(teacher.shape()),
          layers.student(),
          Arrays.toString(student.shape()));
    }
    return this;
  }

  /** Whether both are maps. */
  boolean areMaps() {
    return student.dim() == MAPS && teacher.dim() == MAPS;
  }

  /** Whether both have as many channels. */
  boolean sameChannels() {
    return studentChannels() == teacherChannels();
  }

  /** Channels of the student's maps, or length of its vectors. */
  long studentChannels() {
    return student.size(1);
  }

  /** Channels of the teacher's maps, or length of its vectors. */
  long teacherChannels() {
    return teacher.size(1);
  }

  // ---- matching by rule

  /** The same with another student. */
  FeaturePair student(Tensor newStudent) {
    return new FeaturePair(layers, newStudent, teacher);
  }

  /** Each sample as one vector: {@code [batch, features]}. */
  FeaturePair flat() {
    return new FeaturePair(layers, student.flatten(1), teacher.flatten(1));
  }

  /** Vectors as maps of one pixel. */
  FeaturePair asMaps() {
    return new FeaturePair(layers, asMap(student), asMap(teacher));
  }

  private static Tensor asMap(Tensor feature) {
    return feature.dim() == MAPS ? feature : feature.unsqueeze(2).unsqueeze(3);
  }

  /** Maps of one size: the larger is averaged over windows; vectors stay as they are. */
  FeaturePair pooled() {
    if (!areMaps()) {
      return this;
    }
    long height = Math.min(student.size(2), teacher.size(2));
    long width = Math.min(student.size(3), teacher.size(3));
    return new FeaturePair(layers, pool(student, height, width), pool(teacher, height, width));
  }

  private static Tensor pool(Tensor map, long height, long width) {
    return map.size(2) == height && map.size(3) == width
        ? map
        : Functional.adaptiveAvgPool2d(map, height, width);
  }

  /** What {@link #pooled} does to this pair, for the log; empty if nothing. */
  String poolingNote() {
    if (!areMaps()) {
      return "";
    }
    String note = "";
    long height = Math.min(student.size(2), teacher.size(2));
    long width = Math.min(student.size(3), teacher.size(3));
    for (Tensor map : new Tensor[] {student, teacher}) {
      if (map.size(2) != height || map.size(3) != width) {
        note +=
            String.format(
                Locale.ROOT,
                "%s %dx%d averaged to %dx%d",
                (note.isEmpty() ? "" : ", ") + (map == student ? "student" : "teacher"),
                map.size(2),
                map.size(3),
                height,
                width);
      }
    }
    return note;
  }

  // ---- arithmetic that several terms share

  /**
   * Divides by the Euclidean norm along a dimension; a vector of zeros stays, and its gradient is
   * finite, where PyTorch's {@code normalize} would multiply it by 1e12.
   */
  static Tensor unit(Tensor tensor, long dimension) {
    Tensor norm = tensor.normKeep(dimension);
    return tensor.div(norm.maskedFill(norm.lt(ZERO), 1));
  }

  /** Mean square of all elements. */
  static Tensor meanSquare(Tensor difference) {
    return difference.mul(difference).mean();
  }
}
