package io.ranbiki.nn;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import io.ranbiki.tensor.Tensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Reads the outputs of modules inside a network, by path, while it is open: what PyTorch does with
 * forward hooks. Closing removes the taps.
 *
 * <pre>{@code
 * try (Taps taps = Taps.open(student, List.of("features.1", "features.3"))) {
 *   Signal signal = student.answer(batch);
 *   Map<String, Tensor> features = taps.take(); // outputs of the last pass
 * }
 * }</pre>
 *
 * <p>The outputs keep their history, so gradients flow through them, and they belong to the scope
 * in which the network ran.
 */
public final class Taps implements AutoCloseable {

  /** Behind a name: those of all layers that are numbered so, {@code hidden.*}. */
  public static final String EACH = ".*";

  private final Map<String, Module> tapped = new LinkedHashMap<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();

  private Taps() {}

  /**
   * Puts a tap on each of the modules.
   *
   * @param paths module paths such as {@code features.2}
   * @throws RanbikiException if there is no module at a path: the nearest paths are named
   */
  public static Taps open(Module root, Collection<String> paths) {
    return open("network", root, paths);
  }

  /**
   * Puts a tap on each of the modules.
   *
   * @param owner whose modules these are, for messages, such as {@code student student-cnn}
   * @param paths module paths such as {@code features.2}
   * @throws RanbikiException if there is no module at a path: the nearest paths are named
   */
  public static Taps open(String owner, Module root, Collection<String> paths) {
    Map<String, Module> modules = root.modules();
    Set<String> wanted = each(modules.keySet(), paths);
    requirePaths(owner, modules.keySet(), wanted);
    Taps taps = new Taps();
    for (String path : wanted) {
      Module module = Objects.requireNonNull(modules.get(path));
      if (module.isTapped() && !taps.tapped.containsKey(path)) {
        taps.close();
        throw new IllegalStateException("module '" + path + "' already has an open tap");
      }
      taps.tapped.put(path, module);
      module.setTap(
          output -> {
            taps.outputs.remove(path); // a module that runs twice stands where it ran last
            taps.outputs.put(path, output);
          });
    }
    return taps;
  }

  /**
   * Names layers one by one.
   *
   * @param paths of which those that end with {@value #EACH} stand for every known one that has a
   *     number there
   * @return what they stand for; a path for which there is none stays
   */
  public static Set<String> each(Collection<String> known, Collection<String> paths) {
    Set<String> all = new LinkedHashSet<>();
    for (String path : paths) {
      List<String> numbered = path.endsWith(EACH) ? numbered(known, path) : List.of();
      all.addAll(numbered.isEmpty() ? List.of(path) : numbered);
    }
    return all;
  }

  private static List<String> numbered(Collection<String> known, String path) {
    String start = path.substring(0, path.length() - 1);
    return known.stream()
        .filter(name -> name.startsWith(start) && name.substring(start.length()).matches("[0-9]+"))
        .toList();
  }

  /**
   * Checks that every path is among the known ones.
   *
   * @param owner whose paths these are, for the message
   * @throws RanbikiException naming the three nearest paths
   */
  public static void requirePaths(String owner, Set<String> known, Collection<String> paths) {
    for (String path : paths) {
      if (path.endsWith(EACH)) {
        throw noneOf(owner, path);
      }
      if (path.isEmpty() || !known.contains(path)) {
        throw RanbikiException.configuration(
            "The %s has no module '%s'; the nearest paths are %s.",
            owner, path, Words.nearestThree(path, known));
      }
    }
  }

  /** What is said of an owner without any of the layers that a path with {@value #EACH} means. */
  public static RanbikiException noneOf(String owner, String path) {
    String kind = path.substring(0, path.length() - EACH.length());
    return RanbikiException.configuration(
        "The %s has no layers %s.0, %s.1 and so on, which encoders of texts such as bert have. Take"
            + " an encoder, or another term.",
        owner, kind, kind);
  }

  /**
   * The outputs of the last pass by path, in the order of computation; they are forgotten here.
   *
   * @throws RanbikiException if a tapped module did not run since the last call: it is a part that
   *     the network computes in another way
   */
  public Map<String, Tensor> take() {
    for (String path : tapped.keySet()) {
      if (!outputs.containsKey(path)) {
        throw RanbikiException.configuration(
            "The module '%s' does not run by itself in this network and gives no output; name a"
                + " layer around it or beside it.",
            path);
      }
    }
    Map<String, Tensor> taken = new LinkedHashMap<>(outputs);
    outputs.clear();
    return taken;
  }

  /** Removes the taps. */
  @Override
  public void close() {
    tapped.values().forEach(module -> module.setTap(null));
    outputs.clear();
  }
}
