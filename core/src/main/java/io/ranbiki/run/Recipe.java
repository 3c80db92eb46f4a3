package io.ranbiki.run;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What decides the bits of a run, as texts by name: a part of a {@link Provenance} that can be
 * compared with another.
 *
 * @param config the keys of the configuration with their values; empty where an earlier version did
 *     not keep them
 * @param hashes of samples, class names, teacher and initial weights
 * @param machine versions, processor and its instruction sets
 */
record Recipe(Map<String, String> config, Map<String, String> hashes, Map<String, String> machine) {

  static final String EPOCHS = "train.epochs";
  private static final String THREADS = "train.threads";
  private static final String INSTRUCTIONS = "instruction-sets";

  /** Keys that change no bit of what is trained; what lies at a path is known by its hash. */
  private static final Pattern FREE =
      Pattern.compile(
          "name|license|doctor|latency|accept\\..*|compare\\.(scratch|decisions)|teacher\\.trusted"
              + "|train\\.log-gradients"
              + "|data\\.(unlabelled\\.)?folder|teacher\\.model(\\..*)?"
              + "|(student|model)\\.weights|strategy\\..*\\.weights");

  private static final Map<String, String> HASHED =
      Map.of(
          "data", "the training samples are others",
          "test", "the samples of the test are others",
          "class-names", "the class names are others",
          "teacher", "the teacher is another",
          "initial-weights", "the initial weights are others");

  private static final List<Map.Entry<String, String>> MACHINE =
      List.of(
          Map.entry("ranbiki", "Ranbiki"),
          Map.entry("libtorch", "libtorch"),
          Map.entry("architecture", "the architecture of the processor"),
          Map.entry("processor", "the processor"));

  private static final TypeReference<Map<String, Object>> TREE = new TypeReference<>() {};

  /**
   * Takes what matters out of a provenance. Its configuration is read as this version reads it, so
   * that a default that is new since then is no difference.
   *
   * @param file for messages
   */
  static Recipe of(JsonNode provenance, Path file) {
    Map<String, String> machine = new LinkedHashMap<>();
    put(machine, "ranbiki", provenance.path("ranbiki"));
    put(machine, "libtorch", provenance.at("/more/libtorch"));
    put(machine, "architecture", provenance.path("architecture"));
    put(machine, "processor", provenance.path("processor"));
    List<String> instructions = new ArrayList<>();
    provenance.path(INSTRUCTIONS).forEach(set -> instructions.add(set.asText()));
    machine.put(INSTRUCTIONS, String.join(" ", instructions));
    Map<String, String> hashes = new LinkedHashMap<>();
    provenance
        .path("hashes")
        .properties()
        .forEach(hash -> put(hashes, hash.getKey(), hash.getValue()));
    if (provenance.path("config").isEmpty()) {
      return new Recipe(Map.of(), hashes, machine);
    }
    ConfigDocument document =
        ConfigDocument.parse(file + ", 'config'", yaml(provenance), List.of(), Map.of());
    return new Recipe(keys(RunConfigReader.any(document).resolved()), hashes, machine);
  }

  private static void put(Map<String, String> into, String name, JsonNode text) {
    if (text.isTextual()) {
      into.put(name, text.asText());
    }
  }

  /** The configuration of a provenance. */
  static String yaml(JsonNode provenance) {
    return YamlWriter.write(Json.MAPPER.convertValue(provenance.path("config"), TREE));
  }

  /** The values of a configuration by dotted key, as overrides write it. */
  static Map<String, String> keys(Map<String, Object> resolved) {
    Map<String, String> keys = new LinkedHashMap<>();
    flatten("", resolved, keys);
    return keys;
  }

  private static void flatten(String path, Object value, Map<String, String> into) {
    if (value instanceof Map<?, ?> map) {
      if (map.size() == 1 && map.values().iterator().next() instanceof Map) {
        into.put(path, "" + map.keySet().iterator().next()); // a choice with its options
      }
      map.forEach(
          (key, inner) -> flatten(path.isEmpty() ? "" + key : path + "." + key, inner, into));
    } else if (value instanceof List<?> list && list.stream().anyMatch(Map.class::isInstance)) {
      List<String> names = names(list);
      into.put(path, String.join(", ", names)); // their order decides the order of sums
      for (int i = 0; i < list.size(); i++) {
        Object inner =
            list.get(i) instanceof Map<?, ?> map && map.size() == 1
                ? map.get(names.get(i))
                : list.get(i);
        if (!(inner instanceof String)) {
          flatten(path + "." + names.get(i), Objects.requireNonNullElse(inner, ""), into);
        }
      }
    } else if (!List.of().equals(value)) {
      into.put(
          path,
          value instanceof List<?> list
              ? list.stream().map(String::valueOf).collect(Collectors.joining(", "))
              : String.valueOf(value));
    }
  }

  /** Each entry by its one name if that tells them apart, else by its place. */
  private static List<String> names(List<?> list) {
    List<String> names = new ArrayList<>();
    for (Object item : list) {
      if (item instanceof String text) {
        names.add(text);
      } else if (item instanceof Map<?, ?> map && map.size() == 1) {
        names.add("" + map.keySet().iterator().next());
      }
    }
    if (new HashSet<>(names).size() == list.size()) {
      return names;
    }
    List<String> places = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      places.add(Integer.toString(i));
    }
    return places;
  }

  /**
   * How two recipes differ.
   *
   * @param mixing sentences about what would make the rest of a run another training
   * @param epochs whether one of these is the number of epochs
   * @param rounding sentences about what changes last bits only
   * @param free whether anything else is told differently, such as where the data lies
   */
  record Difference(List<String> mixing, boolean epochs, List<String> rounding, boolean free) {
    boolean isNone() {
      return mixing.isEmpty() && rounding.isEmpty() && !free;
    }
  }

  /** Whether the configuration was kept; earlier versions did not. */
  boolean isWhole() {
    return !config.isEmpty();
  }

  /** Whether two configurations train alike on the same machine. */
  static boolean isSame(Map<String, String> one, Map<String, String> other) {
    Set<String> keys = new LinkedHashSet<>(one.keySet());
    keys.addAll(other.keySet());
    return keys.stream()
        .filter(key -> !FREE.matcher(key).matches())
        .allMatch(key -> Objects.equals(one.get(key), other.get(key)));
  }

  /** How a run would go on differently from this recipe; what this one does not hold is equal. */
  Difference from(Recipe now) {
    List<String> mixing = new ArrayList<>();
    List<String> rounding = new ArrayList<>();
    boolean epochs = false;
    boolean free = false;
    hashes.forEach(
        (name, hash) -> {
          if (now.hashes.containsKey(name) && !hash.equals(now.hashes.get(name))) {
            mixing.add(HASHED.getOrDefault(name, name + " is another"));
          }
        });
    if (!isWhole()) {
      return new Difference(mixing, false, rounding, true);
    }
    Set<String> keys = new LinkedHashSet<>(config.keySet());
    keys.addAll(now.config.keySet());
    for (String key : keys) {
      @Nullable String was = config.get(key);
      @Nullable String is = now.config.get(key);
      if (Objects.equals(was, is) || (was == null || is == null) && isOfAnother(key, now)) {
        continue;
      }
      if (FREE.matcher(key).matches()) {
        free = true;
      } else {
        epochs |= key.equals(EPOCHS);
        (key.equals(THREADS) ? rounding : mixing)
            .add(key + " is " + orNot(is) + " and was " + orNot(was));
      }
    }
    for (Map.Entry<String, String> part : MACHINE) {
      @Nullable String was = machine.get(part.getKey());
      @Nullable String is = now.machine.get(part.getKey());
      if (!Objects.equals(was, is)) {
        rounding.add(part.getValue() + " is " + orUnknown(is) + " and was " + orUnknown(was));
      }
    }
    rounding.addAll(instructions(now));
    return new Difference(mixing, epochs, rounding, free);
  }

  /** Whether a key is an option of a choice that is another itself, which says enough. */
  private boolean isOfAnother(String key, Recipe now) {
    for (int dot = key.indexOf('.'); dot > 0; dot = key.indexOf('.', dot + 1)) {
      String of = key.substring(0, dot);
      if (!Objects.equals(config.get(of), now.config.get(of))) {
        return true;
      }
    }
    return false;
  }

  private static String orNot(@Nullable String value) {
    return value == null ? "not given" : value;
  }

  private static String orUnknown(@Nullable String value) {
    return value == null ? "unknown" : value;
  }

  private List<String> instructions(Recipe now) {
    Set<String> was = sets(this);
    Set<String> is = sets(now);
    List<String> sentences = new ArrayList<>();
    addMissing(sentences, was, is, "the processor lacks the instruction sets ");
    addMissing(sentences, is, was, "the processor before lacked the instruction sets ");
    return sentences;
  }

  private static void addMissing(
      List<String> sentences, Set<String> of, Set<String> in, String sentence) {
    Set<String> missing = new LinkedHashSet<>(of);
    missing.removeAll(in);
    if (!missing.isEmpty()) {
      sentences.add(sentence + String.join(" ", missing));
    }
  }

  private static Set<String> sets(Recipe recipe) {
    String text = recipe.machine.getOrDefault(INSTRUCTIONS, "");
    return text.isEmpty() ? Set.of() : new LinkedHashSet<>(Arrays.asList(text.split(" ")));
  }
}
