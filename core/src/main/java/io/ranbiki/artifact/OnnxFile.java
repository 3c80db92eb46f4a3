package io.ranbiki.artifact;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.data.Task;
import io.ranbiki.file.Quoted;
import io.ranbiki.file.Reasons;
import io.ranbiki.prepare.Preparation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An ONNX file, looked into but not run: what goes in and out, which tensors lie between, where the
 * weights are. The structure is checked before anything is handed to the engine that runs it, which
 * would trust lengths and paths.
 */
public final class OnnxFile {

  private static final long LARGEST = Integer.MAX_VALUE - 64; // protobuf itself ends at 2 GiB
  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_OUTPUT = 12;
  private static final int OUTPUT_NAME = 1;

  private final Path file;
  private final byte[] bytes;
  private final OnnxInfo info;
  private final boolean loops;
  private final boolean quantizesBatches;
  private final OptionalLong vocabulary;
  private final List<Path> weightFiles;

  private OnnxFile(
      Path file, byte[] bytes, OnnxInfo info, OnnxGraph graph, List<Path> weightFiles) {
    this.loops = graph.loops();
    this.vocabulary = graph.rows(Preparation.IDS);
    this.quantizesBatches = graph.quantizesBatches();
    this.file = file;
    this.bytes = bytes;
    this.info = info;
    this.weightFiles = List.copyOf(weightFiles);
  }

  /**
   * Reads a file.
   *
   * @throws RanbikiException if it is missing, is not a whole ONNX model, or has weights in files
   *     that are missing, too short, or outside its folder
   */
  public static OnnxFile read(Path file) {
    return of(file, bytes(file));
  }

  /**
   * Takes the content of a file.
   *
   * @param file where it lies, or would
   * @param bytes not copied, and not to be changed from now on
   * @throws RanbikiException as {@link #read}
   */
  public static OnnxFile of(Path file, byte[] bytes) {
    OnnxGraph graph;
    try {
      graph = OnnxGraph.parse(bytes);
    } catch (Protobuf.Damaged e) {
      throw RanbikiException.model(
          "%s is not a whole ONNX model: %s. Export it again, or copy it again from where it came.",
          file, e.getMessage());
    }
    List<Path> weightFiles = new ArrayList<>();
    for (OnnxGraph.External external : graph.externals()) {
      Path weights = weightFile(file, external);
      if (!weightFiles.contains(weights)) {
        weightFiles.add(weights);
      }
    }
    long size = bytes.length;
    for (Path weights : weightFiles) {
      size += size(weights);
    }
    return new OnnxFile(file, bytes, graph.info(size), graph, weightFiles);
  }

  private static byte[] bytes(Path file) {
    if (!Files.isRegularFile(file)) {
      throw RanbikiException.model("There is no file %s; give the path of an ONNX model.", file);
    }
    long size = size(file);
    if (size == 0 || size > LARGEST) {
      throw RanbikiException.model(
          "%s has %d bytes; an ONNX model has at least 1 and less than 2 GiB.", file, size);
    }
    Memory.requireHeap(Kind.MODEL, size, "Reading " + file, "Use a smaller model");
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw RanbikiException.io("Cannot read %s: %s.", file, Reasons.of(e));
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw RanbikiException.io("Cannot read %s: %s.", file, Reasons.of(e));
    }
  }

  /** The file with a tensor's values, which must lie in the model's folder and be long enough. */
  private static Path weightFile(Path model, OnnxGraph.External external) {
    String location = external.location();
    try {
      Path folder = Objects.requireNonNull(model.toAbsolutePath().getParent()).toRealPath();
      Path weights = folder.resolve(location).normalize();
      if (location.isEmpty() || Path.of(location).isAbsolute() || !weights.startsWith(folder)) {
        throw outside(model, location);
      }
      if (!Files.isRegularFile(weights)) {
        throw RanbikiException.model(
            "%s keeps weights in a file %s beside it, which is missing. Copy both files into one"
                + " folder.",
            model, Quoted.of(location));
      }
      if (!weights.toRealPath().startsWith(folder)) {
        throw outside(model, location);
      }
      long size = Files.size(weights);
      if (external.offset() < 0
          || external.length() < 0
          || external.offset() > size - external.length()) {
        throw RanbikiException.model(
            "%s keeps weights in %s, which has %d bytes and should have %d or more. Copy it again"
                + " from where it came.",
            model, Quoted.of(location), size, external.offset() + external.length());
      }
      return weights;
    } catch (IOException e) {
      throw RanbikiException.io(
          "Cannot read the weights of %s in %s: %s.", model, Quoted.of(location), Reasons.of(e));
    } catch (java.nio.file.InvalidPathException e) {
      throw outside(model, location);
    }
  }

  private static RanbikiException outside(Path model, String location) {
    return RanbikiException.model(
        "%s keeps weights in %s, outside its own folder, which is not allowed. Save the model with"
            + " its weights beside it or inside it.",
        model, Quoted.of(location));
  }

  /** Where it lies, or would. */
  public Path file() {
    return file;
  }

  /** Its content; not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * What a sample goes through before the first layer.
   *
   * @return empty if the file does not say it, as those that other programs wrote
   * @throws RanbikiException if what it says cannot be understood
   */
  public Optional<Preparation> preparation() {
    return Optional.ofNullable(info.metadata().get(OnnxExport.PREPARATION))
        .map(json -> Preparation.parse(json, "What " + file + " says of its inputs"));
  }

  /** What an answer means, as {@code io.ranbiki.data.Task} calls it; empty if it is not said. */
  public Optional<String> task() {
    return Optional.ofNullable(info.metadata().get(OnnxExport.TASK));
  }

  /** The output that holds the answers of a file that was exported here; empty for all others. */
  public Optional<String> answers() {
    boolean vectors = task().filter(new Task.Embedding(1).word()::equals).isPresent();
    return preparation().map(ours -> vectors ? OnnxExport.SENTENCE_EMBEDDING : OnnxExport.LOGITS);
  }

  /** The names of the classes, in the order of the logits; empty if the file does not say them. */
  public List<String> classNames() {
    String names = info.metadata().get(OnnxExport.CLASSES);
    return names == null ? List.of() : List.of(names.split("\n", -1));
  }

  /** What the file says about itself. */
  public OnnxInfo info() {
    return info;
  }

  /** How many ids of texts it has vectors for; empty if that cannot be seen. */
  public OptionalLong vocabulary() {
    return vocabulary;
  }

  /** Whether it repeats a part of itself as often as that part says: perhaps without end. */
  public boolean loops() {
    return loops;
  }

  /**
   * Whether it rounds the numbers of a whole batch by one scale, which it chooses anew each time:
   * then its answer to a sample depends on what else it is asked.
   */
  public boolean quantizesBatches() {
    return quantizesBatches;
  }

  /** The file and the files with weights beside it. */
  public List<Path> files() {
    List<Path> files = new ArrayList<>();
    files.add(file);
    files.addAll(weightFiles);
    return files;
  }

  /**
   * The model, which also answers with the given tensors. Repeated fields of protobuf messages that
   * follow one another are joined, so that what is added can simply be appended.
   *
   * @param names of {@link OnnxInfo#layers()} or outputs
   */
  public byte[] withOutputs(Collection<String> names) {
    Set<String> already =
        info.outputs().stream().map(OnnxInfo.Port::name).collect(Collectors.toSet());
    ByteArrayOutputStream added = new ByteArrayOutputStream();
    for (String name : names) {
      if (already.add(name)) {
        byte[] output = Protobuf.written(OUTPUT_NAME, name.getBytes(StandardCharsets.UTF_8));
        added.writeBytes(Protobuf.written(MODEL_GRAPH, Protobuf.written(GRAPH_OUTPUT, output)));
      }
    }
    if (added.size() == 0) {
      return bytes; // a second copy of a large model may be one too many
    }
    Memory.requireHeap(Kind.MODEL, bytes.length, "Reading " + file, "Use a smaller model");
    byte[] all = Arrays.copyOf(bytes, Math.addExact(bytes.length, added.size()));
    System.arraycopy(added.toByteArray(), 0, all, bytes.length, added.size());
    return all;
  }
}
