package io.ranbiki.config;

import io.ranbiki.config.YamlValue.Broken;
import io.ranbiki.config.YamlValue.Scalar;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Puts environment variables into scalars: <code>${NAME}</code> stands for its value, <code>$${
 * </code> for itself. What a variable holds is taken as it is and not expanded again.
 */
final class Variables {

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Map<String, String> environment;

  Variables(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** The text that reads back as itself. */
  static String escape(String text) {
    return text.replace("${", "$${");
  }

  YamlValue expand(Scalar scalar, Mistakes mistakes) {
    String text = scalar.text();
    int from = text.indexOf("${");
    if (from < 0) {
      return scalar;
    }
    StringBuilder expanded = new StringBuilder();
    int at = 0;
    Set<String> unset = new LinkedHashSet<>();
    for (; from >= 0; from = text.indexOf("${", at)) {
      if (from > at && text.charAt(from - 1) == '$') {
        expanded.append(text, at, from - 1).append("${");
        at = from + 2;
        continue;
      }
      expanded.append(text, at, from);
      int end = text.indexOf('}', from);
      String name = end < 0 ? "" : text.substring(from + 2, end);
      if (!isName(name)) {
        mistakes.report(
            scalar.place(),
            "'${' must be followed by the name of an environment variable and '}'; write '$${' for"
                + " the characters themselves.");
        return new Broken(scalar.place());
      }
      String value = environment.get(name);
      if (value == null) {
        unset.add(name);
      } else {
        expanded.append(value);
      }
      at = end + 1;
    }
    expanded.append(text, at, text.length());
    for (String name : unset) {
      mistakes.report(
          scalar.place(),
          "The environment variable '"
              + Words.shorten(name)
              + "' is not set; set it, or write the value in its place.");
    }
    return !unset.isEmpty()
        ? new Broken(scalar.place())
        : new Scalar(scalar.place(), expanded.toString(), scalar.plain());
  }

  private static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }
}
