package io.ranbiki.artifact;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import io.ranbiki.file.Quoted;
import io.ranbiki.file.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Weights in several safetensors files, called shards, with an index that names the shard of every
 * tensor, as the libraries of Hugging Face write large models: {@code {"weight_map": {"fc.bias":
 * "model-00002-of-00002.safetensors"}}}. Read strictly: every tensor lies where the index says, and
 * nowhere else. Shards may be links, as in the cache of those libraries, but their names never
 * leave the folder of the index.
 */
final class SafetensorsIndex {

  /** What follows the name that the weights would have in one file. */
  static final String ENDING = ".index.json";

  private static final long LARGEST = 16 << 20;
  private static final String AGAIN = "Copy the index and its files again, all from one place.";

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private final Path index;
  private final Map<String, Path> shards;

  private SafetensorsIndex(Path index, Map<String, Path> shards) {
    this.index = index;
    this.shards = shards;
  }

  /** The index that a path names; empty if it names a file of its own. */
  static Optional<SafetensorsIndex> of(Path file) {
    if (file.toString().endsWith(ENDING)) {
      return Optional.of(read(file));
    }
    Path index = Path.of(file + ENDING);
    return !Files.exists(file) && Files.exists(index) ? Optional.of(read(index)) : Optional.empty();
  }

  private static SafetensorsIndex read(Path index) {
    JsonNode map = parse(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw RanbikiException.model(
          "%s has no 'weight_map' that names the file of every tensor. Download it again, or name"
              + " a .safetensors file.",
          index);
    }
    Map<String, Path> shards = new LinkedHashMap<>();
    map.properties()
        .forEach(
            tensor ->
                shards.put(tensor.getKey(), shard(index, tensor.getKey(), tensor.getValue())));
    return new SafetensorsIndex(index, shards);
  }

  private static JsonNode parse(Path index) {
    try {
      if (!Files.isRegularFile(index)) {
        throw RanbikiException.model("There is no file %s; give the path of a model.", index);
      }
      if (Files.size(index) > LARGEST) {
        throw RanbikiException.model(
            "%s has %d bytes; an index has %d at most. Name the index of a model.",
            index, Files.size(index), LARGEST);
      }
      return JSON.readTree(Files.readString(index));
    } catch (JsonProcessingException e) {
      throw RanbikiException.model(
          "%s is not JSON: %s. Download it again.",
          index, Reasons.of(e).replaceAll("[\\r\\n]+", " "));
    } catch (IOException e) {
      throw RanbikiException.io("Cannot read %s: %s.", index, Reasons.of(e));
    }
  }

  private static Path shard(Path index, String tensor, JsonNode name) {
    Path folder = Objects.requireNonNull(index.toAbsolutePath().normalize().getParent());
    try {
      Path shard = folder.resolve(name.asText()).normalize();
      boolean inside = shard.startsWith(folder) && !shard.equals(folder);
      if (!name.isTextual() || !inside || Path.of(name.asText()).isAbsolute()) {
        throw outside(index, tensor, name);
      }
      if (!Files.isRegularFile(shard)) {
        throw RanbikiException.model(
            "%s lists the file %s, which is missing. Put all files of the model into one folder.",
            index, Quoted.of(name.asText()));
      }
      return shard;
    } catch (InvalidPathException e) {
      throw outside(index, tensor, name);
    }
  }

  private static RanbikiException outside(Path index, String tensor, JsonNode name) {
    return RanbikiException.model(
        "%s puts tensor %s into %s, which is no file of its own folder. Put all files of the model"
            + " into one folder, and their plain names into the index.",
        index, Quoted.of(tensor), name.isTextual() ? Quoted.of(name.asText()) : name.getNodeType());
  }

  /** The index and its shards, in the order of the index. */
  List<Path> files() {
    List<Path> files = new ArrayList<>(List.of(index));
    files.addAll(new LinkedHashSet<>(shards.values()));
    return files;
  }

  /** All tensors, in the order of the index. */
  SafetensorsFile tensors() {
    Map<String, Entry> read = new LinkedHashMap<>();
    for (Path shard : new LinkedHashSet<>(shards.values())) {
      Safetensors.readOne(shard)
          .entries()
          .forEach(
              (name, entry) -> {
                if (!shard.equals(shards.get(name))) {
                  Path said = shards.get(name);
                  throw RanbikiException.model(
                      "%s holds the tensor %s, which the index %s. %s",
                      shard,
                      Quoted.of(name),
                      said == null ? "does not list" : "puts into " + said.getFileName(),
                      AGAIN);
                }
                read.put(name, entry);
              });
    }
    Map<String, Entry> ordered = new LinkedHashMap<>();
    shards.forEach(
        (name, shard) -> {
          Entry entry = read.get(name);
          if (entry == null) {
            throw RanbikiException.model(
                "%s does not hold the tensor %s, which the index puts there. %s",
                shard, Quoted.of(name), AGAIN);
          }
          ordered.put(name, entry);
        });
    return new SafetensorsFile(ordered, Map.of());
  }
}
