package io.ranbiki.config;

import io.ranbiki.config.Options.Case;
import io.ranbiki.config.Options.Key;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes what may stand in a configuration as tables in Markdown: one for the top, one for every
 * mapping, and one for every kind of choice, each once.
 */
final class KeyTables {

  private static final String KEYS =
      "| key | takes | default | what it says |\n|---|---|---|---|\n";

  /** The sections by their titles. */
  private final Map<String, String> sections = new LinkedHashMap<>();

  private static final String INTRODUCTION =
      """
      # All keys of a configuration

      `./ranbiki schema --tables` prints this page, with what your own jars offer; `./ranbiki schema` prints a JSON Schema
      of the same, by which editors complete and check a file. Save it and begin the file with
      `# yaml-language-server: $schema=ranbiki.schema.json`.

      Of a choice, write the name alone, or the name with its options: `flip`, or `{crop: {padding: 2}}`.

      The formats `parquet`, `csv-files` and `jsonl-files` belong to a module: [data](data.md#parquet-and-many-files-at-once) has their
      keys, and `RANBIKI_MODULES=tables ./ranbiki schema --tables` prints them here, too.

      """;

  String of(Options root) {
    StringBuilder page = new StringBuilder(INTRODUCTION).append(table(root, ""));
    sections.forEach((title, text) -> page.append("\n## " + title + "\n\n" + text));
    return page.toString();
  }

  /** The case in which a row holds: what decides, and how. */
  private record When(String key, String words) {}

  private String table(Options options, String path) {
    Map<String, Set<When>> rows = new LinkedHashMap<>();
    Map<String, Set<When>> alternatives = new LinkedHashMap<>();
    rows(options, path, null, rows, alternatives);
    StringBuilder text = new StringBuilder(KEYS);
    rows.forEach(
        (row, cases) -> {
          boolean always =
              cases.isEmpty() || alternatives.values().stream().anyMatch(cases::containsAll);
          String words = cases.stream().map(When::words).collect(Collectors.joining(", "));
          text.append(row).append(always ? "" : " (" + words + ")").append(" |\n");
        });
    return text.toString();
  }

  /** Every row with the cases in which its key may stand; none if it always may. */
  private void rows(
      Options options,
      String path,
      @Nullable When when,
      Map<String, Set<When>> rows,
      Map<String, Set<When>> alternatives) {
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
              Set<When> cases = rows.computeIfAbsent(row, any -> new LinkedHashSet<>());
              if (when != null) {
                cases.add(when);
              }
            });
    for (Case one : options.cases()) {
      Set<When> all = alternatives.computeIfAbsent(one.key(), any -> new LinkedHashSet<>());
      When then =
          new When(
              one.key(),
              one.word() == null
                  ? "with `" + one.key() + "`"
                  : "`" + one.key() + ": " + one.word() + "`");
      all.add(then);
      rows(one.then(), path, then, rows, alternatives);
      if (one.otherwise() != null) {
        When without = new When(one.key(), "without `" + one.key() + "`");
        all.add(without);
        rows(one.otherwise(), path, without, rows, alternatives);
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
      return section("`" + path + "`", table(group.options(), path), "keys");
    }
    if (shape instanceof Shape.Items items) {
      return (items.orOne() ? "one or a list of: " : "list of: ") + node(items.item(), path);
    }
    return choice((Shape.Choice) shape);
  }

  private String choice(Shape.Choice choice) {
    String title = choice.kind();
    return section(title, options(choice, title), "a choice of");
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

  /** A link to a section; what reads the same is written once. */
  private String section(String title, String text, String words) {
    String there =
        sections.entrySet().stream()
            .filter(section -> section.getValue().equals(text))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse(title);
    sections.putIfAbsent(there, text);
    return words + " [" + there + "](#" + there.replaceAll("[`.]", "") + ")";
  }
}
