package io.ranbiki.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How files are named below a folder: words in braces, each standing for as few characters as
 * possible, none of them a slash, and what stands between them.
 *
 * @param text such as {@code {label}_{speaker}_{take}}
 * @param groups the words in braces, in their order
 * @param regex that tells them
 */
record NamePattern(String text, List<String> groups, Pattern regex) {

  /** The word of the class. */
  static final String LABEL = "label";

  /** The word of what is of no account. */
  static final String REST = "name";

  /** A folder for each class. */
  static final String CLASS_FOLDERS = "{" + LABEL + "}/{" + REST + "}";

  private static final Pattern WORD = Pattern.compile("\\{([A-Za-z][A-Za-z0-9]*)\\}");

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException with a sentence that goes on behind a key, if it is none
   */
  static NamePattern of(String text) {
    List<String> groups = new ArrayList<>();
    StringBuilder regex = new StringBuilder();
    Matcher words = WORD.matcher(text);
    int end = 0;
    while (words.find()) {
      String between = text.substring(end, words.start());
      boolean touches = between.isEmpty() && !groups.isEmpty();
      if (groups.contains(words.group(1)) || touches) {
        throw new IllegalArgumentException(
            "is '"
                + text
                + "', but must have different words in braces with something between them, such as"
                + " '{label}_{speaker}_{take}'.");
      }
      groups.add(words.group(1));
      regex.append(quoted(between)).append("(?<").append(words.group(1)).append(">[^/]+?)");
      end = words.end();
    }
    String rest = text.substring(end);
    if (groups.isEmpty() || WORD.matcher(text).replaceAll("").matches(".*[{}].*")) {
      throw new IllegalArgumentException(
          "is '"
              + text
              + "', but must have words of letters and digits in braces, such as"
              + " '{label}_{speaker}_{take}'.");
    }
    return new NamePattern(text, List.copyOf(groups), Pattern.compile(regex + quoted(rest)));
  }

  private static String quoted(String text) {
    return text.isEmpty() ? "" : Pattern.quote(text);
  }

  /** What the words stand for in a name, which has slashes between its folders; empty if none. */
  Optional<Map<String, String>> values(String name) {
    Matcher matcher = regex.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Map<String, String> values = new LinkedHashMap<>();
    groups.forEach(group -> values.put(group, matcher.group(group)));
    return Optional.of(values);
  }

  @Override
  public String toString() {
    return text;
  }
}
