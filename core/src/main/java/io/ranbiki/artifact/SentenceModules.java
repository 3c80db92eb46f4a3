package io.ranbiki.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ranbiki.RanbikiException;
import io.ranbiki.file.Quoted;
import io.ranbiki.file.Reasons;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What sentence-transformers does behind an encoder, as {@code modules.json} of its folder lists
 * it: a pooling, perhaps a linear layer, and perhaps the way to length 1. Anything else is refused,
 * since a vector that is made in part is another vector.
 *
 * @param pooling the folder of the pooling
 * @param dense the folder of the linear layer, if there is one
 * @param unitLength whether vectors are brought to length 1
 */
record SentenceModules(Path pooling, Optional<Path> dense, boolean unitLength) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LIST = "modules.json";
  private static final String USUAL_POOLING = "1_Pooling";
  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String POOLING = "Pooling";
  private static final String DENSE = "Dense";
  private static final String NORMALIZE = "Normalize";

  /** Reads the list of a folder; without one, there is a pooling at most. */
  static SentenceModules of(Path folder) {
    Path list = folder.resolve(LIST);
    Path pooling = folder.resolve(USUAL_POOLING);
    if (!Files.isRegularFile(list)) {
      return new SentenceModules(pooling, Optional.empty(), false);
    }
    Optional<Path> dense = Optional.empty();
    List<String> types = new ArrayList<>();
    for (JsonNode module : list(list)) {
      String type = module.path("type").asText().replaceAll(".*\\.", "");
      Path own = folder.resolve(module.path("path").asText());
      types.add(type);
      pooling = type.equals(POOLING) ? own : pooling;
      dense = type.equals(DENSE) ? Optional.of(own) : dense;
    }
    String order = String.join(", ", types);
    if (!order.matches("Transformer, Pooling(, Dense)?(, Normalize)?")) {
      throw RanbikiException.model(
          "%s lists the modules %s, but those that can be applied here are Transformer, Pooling,"
              + " Dense and Normalize, in this order, with or without the last two. Export the"
              + " network to ONNX and use that file.",
          list, order.isEmpty() ? "none" : order);
    }
    return new SentenceModules(pooling, dense, types.contains(NORMALIZE));
  }

  /** The files that are there, on which vectors depend, whatever the list holds. */
  static Stream<Path> files(Path folder) {
    Path list = folder.resolve(LIST);
    if (!Files.isRegularFile(list)) {
      return Stream.of(folder.resolve(USUAL_POOLING).resolve(CONFIG)).filter(Files::isRegularFile);
    }
    Stream<Path> ofModules =
        list(list).stream()
            .map(module -> module.path("path").asText())
            .filter(path -> !path.isEmpty())
            .flatMap(path -> Stream.of(CONFIG, WEIGHTS).map(folder.resolve(path)::resolve));
    return Stream.concat(Stream.of(list), ofModules).filter(Files::isRegularFile);
  }

  private static List<JsonNode> list(Path file) {
    try {
      JsonNode root = JSON.readTree(Files.readString(file));
      if (!root.isArray()) {
        throw RanbikiException.model("%s must hold a JSON array.", file);
      }
      List<JsonNode> modules = new ArrayList<>();
      root.forEach(modules::add);
      return modules;
    } catch (JsonProcessingException e) {
      throw RanbikiException.model("%s is not JSON: %s.", file, Reasons.of(e));
    } catch (IOException e) {
      throw RanbikiException.io("Cannot read %s: %s.", file, Reasons.of(e));
    }
  }

  /** Says how the vectors of tokens become one. */
  Path poolingConfig() {
    return pooling.resolve(CONFIG);
  }

  /**
   * Adds to the options of the encoder what makes its answer.
   *
   * @param width of its vectors
   * @return the numbers of an answer
   */
  int addTo(Map<String, Object> options, int width, Function<Path, JsonNode> parse) {
    if (unitLength) {
      options.put("unit-length", true);
    }
    if (dense.isEmpty()) {
      options.put("head", "none");
      return width;
    }
    Path file = dense.get().resolve(CONFIG);
    JsonNode root = parse.apply(file);
    if (root.path("in_features").asInt() != width || root.path("out_features").asInt() < 1) {
      throw RanbikiException.model(
          "%s makes %s numbers of %s, but the encoder's vectors have %d. Copy the whole folder"
              + " again.",
          file, root.path("out_features"), root.path("in_features"), width);
    }
    String activation = root.path("activation_function").asText();
    String kind = activation.replaceAll(".*\\.", "");
    if (!kind.equals("Tanh") && !kind.equals("Identity")) {
      throw RanbikiException.model(
          "%s says activation_function: %s, but behind the linear layer of a vector Tanh and"
              + " Identity can be applied. Export the network to ONNX and use that file.",
          file, Quoted.of(activation));
    }
    options.put("head", kind.equals("Tanh") ? "dense-tanh" : "dense");
    return root.path("out_features").asInt();
  }

  /** The weights of the linear layer, by the names that the network has for them. */
  Map<String, Tensor> weights() {
    Map<String, Tensor> named = new LinkedHashMap<>();
    if (dense.isPresent()) {
      Path file = dense.get().resolve(WEIGHTS);
      if (!Files.isRegularFile(file)) {
        throw RanbikiException.model(
            "%s has no %s, and pickled weights are never read. Save the folder again with"
                + " safe_serialization=True.",
            dense.get(), WEIGHTS);
      }
      Weights.readTensors(file).forEach((name, tensor) -> named.put("dense." + name, tensor));
      Tensor weight = named.get("dense.linear.weight");
      if (weight != null && !named.containsKey("dense.linear.bias")) {
        named.put("dense.linear.bias", Tensors.zeros(weight.dtype(), weight.size(0)));
      }
    }
    return named;
  }
}
