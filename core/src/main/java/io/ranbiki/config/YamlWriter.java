package io.ranbiki.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Writes a tree of maps, lists, texts, numbers and booleans as YAML, in the order of the maps. */
public final class YamlWriter {

  private YamlWriter() {}

  /** The YAML text of a tree; {@link ConfigDocument} reads it back as the same tree. */
  public static String write(Map<String, ?> tree) {
    return dumped(escaped(tree));
  }

  /** The YAML text of a tree for readers to whom <code>${NAME}</code> is a text like others. */
  public static String literally(Map<String, ?> tree) {
    return dumped(tree);
  }

  private static String dumped(Object tree) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setSchema(new CoreSchema())
            .setDereferenceAliases(true)
            .setSplitLines(false)
            .build();
    return new Dump(settings).dumpToString(tree);
  }

  private static Object escaped(Object value) {
    if (value instanceof String text) {
      return Variables.escape(text);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(YamlWriter::escaped).toList();
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((key, inner) -> copy.put(key, escaped(inner)));
      return copy;
    }
    return value;
  }
}
