package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.prepare.Field;
import io.ranbiki.teacher.TeacherSource;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Whether a model of a folder belongs to some data: its samples and its classes. */
public final class ModelFit {

  private static final int NAMES_IN_MESSAGE = 5;

  private ModelFit() {}

  /**
   * Compares the shape of a sample and the classes, by name where both have names. Names are equal
   * if they are the same text in Unicode's normal form NFC.
   *
   * @param role what the model is in this command, such as {@code teacher}
   * @throws RanbikiException of kind configuration if they differ
   */
  public static void require(String role, String title, ModelConfig model, RunData data) {
    requireSamples(role, title, model, data);
    requireTask(role, title, model.task().word(), data);
    requireClasses(role, title, model.names(), data);
    if (model.spec().classes() != data.classes()) {
      throw RanbikiException.configuration(
          "The %s %s knows %d classes, but the data has %d; use the data that it was trained on.",
          role, title, model.spec().classes(), data.classes());
    }
  }

  /** The part of {@link #require} that is about the shape of a sample. */
  static void requireSamples(String role, String title, ModelConfig model, RunData data) {
    List<Integer> shape = data.shape(model.prepare());
    if (shape.size() == 3 && shape.contains(Field.ANY) && !model.spec().input().equals(shape)) {
      throw RanbikiException.configuration(
          "The %s %s takes images of %d x %d pixels, but those of the data differ in size. Say how"
              + " it gets them: prepare: {resize: %d}, beside its name.",
          role,
          title,
          model.spec().input().get(2),
          model.spec().input().get(1),
          model.spec().input().get(1));
    }
    if (!model.spec().input().equals(shape)) {
      throw RanbikiException.configuration(
          "The %s %s takes samples of shape %s, but the data has %s; use the data that it was"
              + " trained on.",
          role, title, model.spec().input(), shape);
    }
  }

  /**
   * Compares the classes that ONNX files and heads say, by name, with those of the data.
   *
   * @param role as in {@link #require}
   * @throws RanbikiException of kind configuration if they differ
   */
  public static void requireClasses(String role, TeacherSource source, RunData data) {
    if (source instanceof TeacherSource.Onnx onnx) {
      OnnxFile file = OnnxFile.read(onnx.file());
      file.task().ifPresent(task -> requireTask(role, source.title(), task, data));
      requireClasses(role, source.title(), file.classNames(), data);
    } else if (source instanceof TeacherSource.Headed headed) {
      ModelConfig head = ModelFolder.readConfig(headed.head());
      requireTask(role, source.title(), head.task().word(), data);
      requireClasses(role, source.title(), head.names(), data);
    } else if (source instanceof TeacherSource.Ensemble ensemble) {
      ensemble.members().forEach(member -> requireClasses(role, member, data));
    }
  }

  private static void requireTask(String role, String title, String task, RunData data) {
    if (!task.equals(data.task().word())) {
      throw RanbikiException.configuration(
          "The %s %s answers %s, but the task of the data is %s. Name a model of this task, or say"
              + " what the columns of the truth hold (data.task).",
          role, title, task, data.task().word());
    }
  }

  private static void requireClasses(String role, String title, List<String> names, RunData data) {
    List<String> known = composed(names);
    List<String> given = composed(data.classNames());
    if (!areNames(known) || given.isEmpty()) {
      return;
    }
    if (!known.equals(given)) {
      throw RanbikiException.configuration(
          "The %s %s %s; both must have the same classes in the same order.",
          role, title, difference(known, given));
    }
  }

  /** Whether they are more than the LABEL_0, LABEL_1 ... of a folder that nobody gave names. */
  private static boolean areNames(List<String> known) {
    return !IntStream.range(0, known.size()).allMatch(i -> known.get(i).equals("LABEL_" + i));
  }

  private static List<String> composed(List<String> names) {
    return names.stream().map(name -> Normalizer.normalize(name, Normalizer.Form.NFC)).toList();
  }

  private static String difference(List<String> known, List<String> given) {
    List<String> parts = new ArrayList<>();
    add(parts, "knows %s, which the data does not have", known, given);
    add(parts, "does not know %s of the data", given, known);
    if (!parts.isEmpty()) {
      return String.join(", and ", parts);
    }
    int first = 0;
    while (first < Math.min(known.size(), given.size())
        && known.get(first).equals(given.get(first))) {
      first++;
    }
    return String.format(
        Locale.ROOT,
        "has the data's classes in another order: class %d is '%s' there, but '%s' in the data",
        first,
        at(known, first),
        at(given, first));
  }

  private static String at(List<String> names, int index) {
    return index < names.size() ? names.get(index) : "none";
  }

  private static void add(
      List<String> parts, String format, List<String> names, List<String> others) {
    List<String> own = names.stream().filter(name -> !others.contains(name)).distinct().toList();
    if (!own.isEmpty()) {
      int shown = Math.min(own.size(), NAMES_IN_MESSAGE);
      String more =
          own.size() > shown ? String.format(Locale.ROOT, " and %d more", own.size() - shown) : "";
      parts.add(
          String.format(
              Locale.ROOT, format, "'" + String.join("', '", own.subList(0, shown)) + "'" + more));
    }
  }
}
