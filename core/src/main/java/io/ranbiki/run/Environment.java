package io.ranbiki.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Reasons;
import io.ranbiki.result.Origin;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The file {@code environment.json} of a run that was begun: its {@link Provenance}, which is never
 * overwritten, and under {@code resumed} the one of every time when the run went on in another way.
 */
final class Environment {

  private static final String RESUMED = "resumed";

  private final Path file;
  private final ObjectNode root;

  private Environment(Path file, ObjectNode root) {
    this.file = file;
    this.root = root;
  }

  /**
   * Reads the file of a run; empty if there is none.
   *
   * @throws RanbikiException of kind configuration if it is not what a run writes
   */
  static Optional<Environment> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      if (!(Json.MAPPER.readTree(Files.readString(file)) instanceof ObjectNode object)) {
        throw damaged(file, "not a JSON object");
      }
      requireForm(object, file);
      return Optional.of(new Environment(file, object));
    } catch (JsonProcessingException e) {
      throw damaged(file, Json.reason(e));
    } catch (CharacterCodingException e) {
      throw damaged(file, "not text in UTF-8");
    } catch (IOException e) {
      throw new RanbikiException(
          Kind.IO, "Cannot read '" + file + "': " + Reasons.naming(e) + ".", e);
    }
  }

  /** What has another form would not be compared, and so pass for equal. */
  private static void requireForm(ObjectNode root, Path file) {
    List<JsonNode> all = new ArrayList<>(List.of(root));
    if (root.has(RESUMED)) {
      require(root.path(RESUMED).isArray(), RESUMED, file);
      root.path(RESUMED).forEach(all::add);
    }
    for (JsonNode one : all) {
      require(one.isObject(), RESUMED, file);
      boolean whole = one.has("config"); // earlier versions kept less
      require(!whole || one.path("config").isObject(), "config", file);
      require(!whole || one.path("instruction-sets").isArray(), "instruction-sets", file);
      require(one.path("hashes").path("data").isTextual(), "hashes", file);
    }
  }

  private static void require(boolean well, String name, Path file) {
    if (!well) {
      throw damaged(file, "'" + name + "' is missing or has another form");
    }
  }

  private static RanbikiException damaged(Path file, String reason) {
    return RanbikiException.configuration(
        "'%s' is not what a run wrote there: %s. Bring back the file, or begin a new run in another"
            + " folder.",
        file, reason);
  }

  /** What the run must still be like: how it went on last, or began. */
  Recipe latest() {
    List<Recipe> all = all();
    return all.get(all.size() - 1);
  }

  /** How the run began, and how it went on each time. */
  List<Recipe> all() {
    List<Recipe> all = new ArrayList<>(List.of(Recipe.of(root, file)));
    root.path(RESUMED).forEach(later -> all.add(Recipe.of(later, file)));
    return all;
  }

  /** The configuration with which the run went on last, as YAML. */
  String latestConfig() {
    return Recipe.yaml(last());
  }

  private JsonNode last() {
    JsonNode resumed = root.path(RESUMED);
    return resumed.isEmpty() ? root : resumed.get(resumed.size() - 1);
  }

  /** Where the figures come from, for a reader: how the run went on last. */
  Origin origin() {
    JsonNode last = last();
    List<String> command = new ArrayList<>();
    last.path("command").forEach(word -> command.add(word.asText()));
    Map<String, String> facts = new LinkedHashMap<>();
    put(facts, "Ranbiki", last.path("ranbiki"));
    put(facts, "libtorch", last.at("/more/libtorch"));
    put(facts, "Java", last.path("java"));
    put(facts, "System", last.path("os"));
    put(facts, "Processor", last.path("processor"));
    put(facts, "Threads", last.path("threads"));
    Map<String, String> hashes = new LinkedHashMap<>();
    last.path("hashes").properties().forEach(e -> put(hashes, e.getKey(), e.getValue()));
    return new Origin(command, facts, hashes, last.path("config").isEmpty() ? "" : latestConfig());
  }

  private static void put(Map<String, String> into, String name, JsonNode value) {
    if (value.isValueNode() && !value.isNull()) {
      into.put(name, value.asText());
    }
  }

  /**
   * The seed whose student is the run's model; empty if a run of early versions does not say it.
   */
  static OptionalLong firstSeed(Result result, Optional<Environment> environment) {
    return result.seeds() != null
        ? OptionalLong.of(result.seeds().seeds().get(0))
        : environment.map(Environment::firstSeed).orElse(OptionalLong.empty());
  }

  /** The first seed of the run, if it says so. */
  private OptionalLong firstSeed() {
    JsonNode seed = root.path("seed");
    return seed.canConvertToLong() ? OptionalLong.of(seed.longValue()) : OptionalLong.empty();
  }

  /** Adds how the run goes on now; whole or not at all. */
  void append(Provenance now) {
    root.withArray(RESUMED).add(Json.MAPPER.<JsonNode>valueToTree(now));
    AtomicFile.write(file, root.toPrettyString() + "\n");
  }
}
