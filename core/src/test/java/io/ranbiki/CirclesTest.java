package io.ranbiki;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Inside a room, too, classes use each other one way: a circle of them can only be read, tested and
 * changed as a whole. A sealed type may name those that it permits, which are one idea with it.
 */
class CirclesTest {

  /**
   * A circle that is left.
   *
   * @param classes sorted, with a space between two
   * @param reason why it is still there
   */
  private record Left(String room, String classes, String reason) {

    /** Whether a circle is this one, or what is left of it. */
    boolean holds(Set<String> circle) {
      List<String> names = List.of(classes.split(" "));
      return circle.stream()
          .allMatch(
              name ->
                  name.startsWith(room + ".") && names.contains(name.substring(room.length() + 1)));
    }
  }

  /** The list may only shrink: a circle that goes is struck out here. */
  private static final List<Left> LEFT =
      List.of(
          new Left(
              "artifact",
              "Safetensors SafetensorsIndex",
              "one or several files are the same to who reads them"),
          new Left(
              "config",
              "Catalogue Catalogues ConfigNode Jars Named Options Provider ProviderOf Shape",
              "a choice by name reads options, and options read choices by name"),
          new Left(
              "data", "CsvLabels CsvRows CsvTable", "a reader, its options and its two halves"),
          new Left(
              "nn",
              "Activation Graph Layer Network Operation",
              "a layer says of itself what a graph of operations is made of"),
          new Left(
              "objective",
              "ContrastMemory ContrastiveRepresentation",
              "a term and what it remembers from batch to batch"),
          new Left(
              "objective",
              "Objective TaskFit",
              "which terms fit a task, and the labels that an objective takes where it says none"),
          new Left(
              "prepare",
              "Columns Field Values",
              "a type, the arrays of that type, and the columns whose cells are such an array"),
          new Left("prepare", "Image ImageFormat", "a picture and the formats of its files"),
          new Left("prepare", "Preparation PreparationJson", "a record and its form in a file"),
          new Left(
              "prepare", "Frame Pruning Tokenizer TokenizerJson", "a class and its form in a file"),
          new Left("result", "Curve Result", "the points of a curve are made of results"),
          new Left("result", "Gain Verdict", "a gain and the sentence about it"),
          new Left(
              "run",
              "AskedTeacher TeacherLabels",
              "a teacher knows which labels it has seen; they are counted by asking it"),
          new Left(
              "run",
              "AnswersExport Diagnosis Experiment Labelling",
              "the parts of a run ask the run that carries them out"),
          new Left("run", "RunConfig RunData", "what a run trained is described by its data, too"),
          new Left(
              "tensor",
              "Device Engine GivenGradient Native NoGrad Tensor TensorScope",
              "a tensor belongs to a scope, which closes it, and every call starts the engine"),
          new Left("train", "Diverged Learner", "who learns, and why it cannot go on"));

  private static final List<Set<String>> FOUND = found();

  private static String top(JavaClass one) {
    String name = one.getName().replaceAll("\\[+L?|;", "");
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  private static String room(String name) {
    return name.substring(0, name.lastIndexOf('.'));
  }

  /** Which classes of its room each class uses. */
  private static Map<String, Set<String>> uses() {
    Map<String, Set<String>> uses = new TreeMap<>();
    new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages("io.ranbiki")
        .forEach(
            one -> {
              String from = top(one);
              Set<String> targets = uses.computeIfAbsent(from, any -> new TreeSet<>());
              one.getDirectDependenciesFromSelf()
                  .forEach(
                      dependency -> {
                        String to = top(dependency.getTargetClass());
                        if (!to.equals(from)
                            && to.startsWith("io.ranbiki")
                            && room(to).equals(room(from))) {
                          targets.add(to);
                        }
                      });
            });
    uses.forEach((from, targets) -> targets.removeIf(to -> permits(from, to)));
    return uses;
  }

  /** Whether a class is one of those that a sealed type in another permits. */
  private static boolean permits(String from, String to) {
    try {
      Class<?> whole = Class.forName(from, false, CirclesTest.class.getClassLoader());
      List<Class<?>> types = new ArrayList<>(List.of(whole));
      types.addAll(Arrays.asList(whole.getDeclaredClasses()));
      return types.stream()
          .filter(Class::isSealed)
          .flatMap(type -> Arrays.stream(type.getPermittedSubclasses()))
          .anyMatch(permitted -> permitted.getName().equals(to));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The strongly connected components of two classes or more (Tarjan 1972). */
  private static List<Set<String>> circles(Map<String, Set<String>> uses) {
    List<Set<String>> circles = new ArrayList<>();
    Map<String, Integer> number = new HashMap<>();
    Map<String, Integer> lowest = new HashMap<>();
    Deque<String> open = new ArrayDeque<>();
    Set<String> isOpen = new HashSet<>();
    for (String start : uses.keySet()) {
      if (!number.containsKey(start)) {
        visit(start, uses, number, lowest, open, isOpen, circles);
      }
    }
    return circles;
  }

  private static void visit(
      String one,
      Map<String, Set<String>> uses,
      Map<String, Integer> number,
      Map<String, Integer> lowest,
      Deque<String> open,
      Set<String> isOpen,
      List<Set<String>> circles) {
    number.put(one, number.size());
    lowest.put(one, number.get(one));
    open.push(one);
    isOpen.add(one);
    for (String other : uses.getOrDefault(one, Set.of())) {
      if (!number.containsKey(other)) {
        visit(other, uses, number, lowest, open, isOpen, circles);
        lowest.merge(one, lowest.get(other), Math::min);
      } else if (isOpen.contains(other)) {
        lowest.merge(one, number.get(other), Math::min);
      }
    }
    if (lowest.get(one).equals(number.get(one))) {
      Set<String> circle = new TreeSet<>();
      String last;
      do {
        last = open.pop();
        isOpen.remove(last);
        circle.add(last);
      } while (!last.equals(one));
      if (circle.size() > 1) {
        circles.add(circle);
      }
    }
  }

  private static List<Set<String>> found() {
    return circles(uses()).stream()
        .<Set<String>>map(
            circle -> {
              Set<String> names = new TreeSet<>();
              circle.forEach(name -> names.add(name.substring("io.ranbiki.".length())));
              return names;
            })
        .toList();
  }

  @Test
  void inARoom_noCircleIsNew() {
    assertThat(FOUND).allMatch(circle -> LEFT.stream().anyMatch(left -> left.holds(circle)));
  }

  @Test
  void aCircleThatIsGone_isStruckOut() {
    assertThat(LEFT).allMatch(left -> FOUND.stream().anyMatch(left::holds));
    assertThat(LEFT).extracting(Left::reason).doesNotContain("");
  }

  @Test
  void theSearch_findsCirclesAndNothingElse() {
    Map<String, Set<String>> uses = new TreeMap<>();
    uses.put("a", Set.of("b"));
    uses.put("b", Set.of("c", "d"));
    uses.put("c", Set.of("a"));
    uses.put("d", Set.of("e"));
    uses.put("e", Set.of());
    uses.put("f", Set.of("e", "g"));
    uses.put("g", Set.of("f"));
    assertThat(circles(uses)).containsExactlyInAnyOrder(Set.of("a", "b", "c"), Set.of("f", "g"));
  }
}
