package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import io.ranbiki.nn.Taps;
import java.util.Collection;
import java.util.List;

/** Checks the names by which outputs and features are asked for. */
final class Layers {

  private Layers() {}

  /**
   * The names of the layers that are wanted, one by one.
   *
   * @param wanted of which {@code hidden.*} stands for {@code hidden.0}, {@code hidden.1}, ...
   * @throws RanbikiException if one is not known
   */
  static List<String> named(String title, Collection<String> known, Collection<String> wanted) {
    List<String> layers = List.copyOf(Taps.each(known, wanted));
    for (String layer : layers) {
      if (layer.endsWith(Taps.EACH) && !known.contains(layer)) {
        String kind = layer.substring(0, layer.length() - Taps.EACH.length());
        throw RanbikiException.configuration(
            "%s has no layers %s.0, %s.1 and so on, which an objective reads: files name what they"
                + " compute in their own way. Make a network of it with ./ranbiki import, or name"
                + " its layers in the 'pairs' of another term.",
            title, kind, kind);
      }
    }
    require(title, "layer", known, layers);
    return layers;
  }

  /**
   * Checks that every wanted name is known.
   *
   * @param what the names are: {@code layer} or {@code output}
   * @throws RanbikiException naming the three nearest
   */
  static void require(
      String title, String what, Collection<String> known, Collection<String> wanted) {
    for (String name : wanted) {
      if (!known.contains(name)) {
        throw RanbikiException.configuration(
            "%s has no %s '%s'; %s.", title, what, name, nearest(known, name));
      }
    }
  }

  private static String nearest(Collection<String> known, String wanted) {
    String names = Words.nearestThree(wanted, known);
    return names.isEmpty() ? "it offers none" : "the nearest are " + names;
  }
}
