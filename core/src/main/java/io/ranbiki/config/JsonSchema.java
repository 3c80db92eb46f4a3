package io.ranbiki.config;

import io.ranbiki.config.Options.Case;
import io.ranbiki.config.Options.Key;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes what may stand in a configuration as a JSON Schema, draft 2020-12. */
final class JsonSchema {

  private static final String ANY_OF = "anyOf";
  private static final String PROPERTIES = "properties";
  private static final String REQUIRED = "required";
  private static final String TYPE = "type";

  private final Map<String, Object> definitions = new TreeMap<>();

  Map<String, Object> of(Options root) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "A run of Ranbiki");
    schema.putAll(group(root));
    schema.put("$defs", definitions);
    return schema;
  }

  private Map<String, Object> group(Options options) {
    Map<String, Object> schema = new LinkedHashMap<>();
    boolean needs = options.keys().values().stream().anyMatch(Key::required);
    schema.put(TYPE, needs ? "object" : List.of("object", "null"));
    schema.putAll(keys(options));
    schema.put(options.cases().isEmpty() ? "additionalProperties" : "unevaluatedProperties", false);
    return schema;
  }

  private Map<String, Object> keys(Options options) {
    Map<String, Object> schema = new LinkedHashMap<>();
    Map<String, Object> properties = new LinkedHashMap<>();
    options.keys().forEach((name, key) -> properties.put(name, property(options, name, key)));
    schema.put(PROPERTIES, properties);
    List<String> required =
        options.keys().entrySet().stream()
            .filter(key -> key.getValue().required())
            .map(Map.Entry::getKey)
            .toList();
    if (!required.isEmpty()) {
      schema.put(REQUIRED, required);
    }
    if (!options.cases().isEmpty()) {
      schema.put("allOf", options.cases().stream().map(this::conditional).toList());
    }
    return schema;
  }

  private Map<String, Object> property(Options options, String name, Key key) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("description", key.sentence() + ".");
    if (key.absent() != null) {
      schema.put("default", key.absent());
    }
    schema.putAll(node(options.described(name)));
    return schema;
  }

  private Map<String, Object> conditional(Case one) {
    Map<String, Object> schema = new LinkedHashMap<>();
    Map<String, Object> condition = new LinkedHashMap<>();
    if (one.word() != null) {
      condition.put(PROPERTIES, Map.of(one.key(), Map.of("const", one.word())));
    }
    condition.put(REQUIRED, List.of(one.key()));
    schema.put("if", condition);
    schema.put("then", keys(one.then()));
    if (one.otherwise() != null) {
      schema.put("else", keys(one.otherwise()));
    }
    return schema;
  }

  private Map<String, Object> node(ConfigNode node) {
    List<Map<String, Object>> shapes = node.shapes().stream().map(this::shape).toList();
    return anyOf(shapes);
  }

  private static Map<String, Object> anyOf(List<Map<String, Object>> shapes) {
    return shapes.size() == 1 ? shapes.get(0) : Map.of(ANY_OF, shapes);
  }

  private Map<String, Object> shape(Shape shape) {
    if (shape instanceof Shape.Text) {
      return Map.of(TYPE, List.of("string", "number", "boolean"));
    }
    if (shape instanceof Shape.File) {
      return Map.of(TYPE, List.of("string", "number"));
    }
    if (shape instanceof Shape.Flag) {
      return Map.of(TYPE, "boolean");
    }
    if (shape instanceof Shape.Words words) {
      return Map.of("enum", words.allowed());
    }
    if (shape instanceof Shape.Number number) {
      return number(number);
    }
    if (shape instanceof Shape.Table table) {
      return Map.of(TYPE, "object", "additionalProperties", shape(table.values()));
    }
    if (shape instanceof Shape.Group group) {
      return group(group.options());
    }
    if (shape instanceof Shape.Items items) {
      Map<String, Object> item = node(items.item());
      Map<String, Object> list = new LinkedHashMap<>();
      list.put(TYPE, "array");
      list.put("items", item);
      return items.orOne() ? anyOf(List.of(item, list)) : list;
    }
    return choice((Shape.Choice) shape);
  }

  private static Map<String, Object> number(Shape.Number number) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put(TYPE, number.whole() ? "integer" : "number");
    number.rules().forEach(rule -> schema.putAll(rule.keywords()));
    return schema;
  }

  /** A choice stands in many places, so each kind is written once. */
  private Map<String, Object> choice(Shape.Choice choice) {
    Map<String, Object> alternatives = alternatives(choice);
    String name = choice.kind();
    String free = name;
    for (int i = 2; !definitions.getOrDefault(free, alternatives).equals(alternatives); i++) {
      free = name + "-" + i;
    }
    definitions.put(free, alternatives);
    return Map.of("$ref", "#/$defs/" + free);
  }

  private Map<String, Object> alternatives(Shape.Choice choice) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Shape.Option option : choice.options()) {
      String name = option.provider().name();
      String sentence = option.provider().sentence();
      Options options = option.options();
      Map<String, Object> value = group(options);
      String shorthand = options.shorthand();
      if (shorthand != null) {
        value = anyOf(List.of(value, node(options.described(shorthand))));
      }
      boolean bare = options.keys().values().stream().noneMatch(Key::required);
      if (bare) {
        Map<String, Object> word = new LinkedHashMap<>();
        word.put("const", name);
        word.put("description", sentence);
        all.add(word);
      }
      Map<String, Object> written = new LinkedHashMap<>();
      written.put(TYPE, "object");
      written.put("description", sentence);
      written.put(PROPERTIES, Map.of(name, value));
      written.put(REQUIRED, List.of(name));
      written.put("additionalProperties", false);
      all.add(written);
    }
    return Map.of(ANY_OF, all);
  }
}
