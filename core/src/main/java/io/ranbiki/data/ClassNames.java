package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names of classes, kept in one spelling, so that the parts of a data set can be compared. */
final class ClassNames {

  private static final int SHOWN = 8;

  private ClassNames() {}

  /**
   * A name in Unicode's NFC. A Mac writes an accented letter of a file name as two characters, most
   * other systems as one.
   */
  static String nfc(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  /**
   * The names in NFC, in their order.
   *
   * @throws RanbikiException if two classes have one name
   */
  static List<String> distinct(List<String> names) {
    Set<String> seen = new HashSet<>();
    List<String> normal = names.stream().map(ClassNames::nfc).toList();
    for (String name : normal) {
      if (!seen.add(name)) {
        throw RanbikiException.configuration(
            "The class '%s' is named twice. Name every class once.", name);
      }
    }
    return normal;
  }

  /** The number of every class by its name. */
  static Map<String, Integer> numbers(List<String> names) {
    Map<String, Integer> numbers = new HashMap<>();
    for (int number = 0; number < names.size(); number++) {
      numbers.put(names.get(number), number);
    }
    return numbers;
  }

  /** The names for a message, of which a long list would drown it. */
  static String abridged(List<String> names) {
    return names.size() <= SHOWN ? names.toString() : names.subList(0, SHOWN) + " and more";
  }
}
