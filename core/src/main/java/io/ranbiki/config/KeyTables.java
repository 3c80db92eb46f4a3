package io.ranbiki.config;

import io.ranbiki.config.Options.Case;
import io.ranbiki.config.Options.Key;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Writes what may stand in a configuration as tables in Markdown: one for the top, one for every
 * mapping, and one for every kind of choice, each once.
 */
final class KeyTables {

  private static final String KEYS =
      "| key | takes | default | what it says |\n|---|---|---|---|\n";

  /** Sections still to be written, and those that are, by their titles. */
  private final Map<String, String> sections = new LinkedHashMap<>();

  String of(Options root) {
    return table(root, "") + String.join("", sections.values());
  }

  private String table(Options options, String path) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    rows(options, path, "", rows);
    StringBuilder text = new StringBuilder(KEYS);
    rows.forEach(
        (row, cases) -> {
          String with = cases.contains("") ? "" : " (" + String.join(", ", cases) + ")";
          text.append(row).append(with).append(" |\n");
        });
    return text.toString();
  }

  /** Every row with the cases in which its key may stand; "" is always. */
  private void rows(Options options, String path, String inCase, Map<String, List<String>> rows) {
    options
        .keys()
        .forEach(
            (name, key) -> {
              String row =
                  "| `"
                      + name
                      + "` | "
                      + node(options.described(name), path.isEmpty() ? name : path + "." + name)
                      + " | "
                      + standard(key)
                      + " | "
                      + key.sentence();
              rows.computeIfAbsent(row, any -> new ArrayList<>()).add(inCase);
            });
    for (Case one : options.cases()) {
      if (one.word() != null) {
        rows(one.then(), path, "`" + one.key() + ": " + one.word() + "`", rows);
      } else {
        rows(one.then(), path, "with `" + one.key() + "`", rows);
        rows(Objects.requireNonNull(one.otherwise()), path, "without `" + one.key() + "`", rows);
      }
    }
  }

  private static String standard(Key key) {
    if (key.required()) {
      return "needed";
    }
    return key.absent() == null ? "" : "`" + shown(key.absent()) + "`";
  }

  private static String shown(Object value) {
    return value instanceof Double number ? Rule.show(number) : value.toString();
  }

  private String node(ConfigNode node, String path) {
    return node.shapes().stream()
        .map(shape -> shape(shape, path))
        .collect(Collectors.joining(" or "));
  }

  private String shape(Shape shape, String path) {
    if (shape instanceof Shape.Text) {
      return "text";
    }
    if (shape instanceof Shape.File) {
      return "path";
    }
    if (shape instanceof Shape.Flag) {
      return "true or false";
    }
    if (shape instanceof Shape.Words words) {
      return words.allowed().stream()
          .map(word -> "`" + word + "`")
          .collect(Collectors.joining(", "));
    }
    if (shape instanceof Shape.Number number) {
      return (number.whole() ? "whole number" : "number")
          + number.rules().stream().map(rule -> ", " + rule.text()).collect(Collectors.joining());
    }
    if (shape instanceof Shape.Table table) {
      return "names with a " + shape(table.values(), path) + " each";
    }
    if (shape instanceof Shape.Group group) {
      return section("`" + path + "`", () -> table(group.options(), path), "keys");
    }
    if (shape instanceof Shape.Items items) {
      return (items.orOne() ? "one or a list of: " : "list of: ") + node(items.item(), path);
    }
    return choice((Shape.Choice) shape);
  }

  private String choice(Shape.Choice choice) {
    String title = choice.kind();
    return section(title, () -> options(choice, title), "a choice of");
  }

  private String options(Shape.Choice choice, String path) {
    return choice.options().stream()
        .map(
            option ->
                "**`"
                    + option.provider().name()
                    + "`** "
                    + option.provider().sentence()
                    + "\n\n"
                    + (option.options().keys().isEmpty() && option.options().cases().isEmpty()
                        ? ""
                        : table(option.options(), path + "." + option.provider().name()) + "\n"))
        .collect(Collectors.joining());
  }

  /** A link to a section, which is written if it is not there yet. */
  private String section(String title, java.util.function.Supplier<String> text, String words) {
    if (!sections.containsKey(title)) {
      sections.put(title, "");
      sections.put(title, "\n## " + title + "\n\n" + text.get());
    }
    return words + " [" + title + "](#" + title.replaceAll("[`.]", "") + ")";
  }
}
