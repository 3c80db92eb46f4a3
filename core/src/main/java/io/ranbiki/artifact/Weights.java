package io.ranbiki.artifact;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.SafetensorsFile.DType;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The weights of a network as a safetensors file, with PyTorch's names, shapes and order of
 * elements: {@code safetensors.torch.load_file} reads what is written here, and the reverse.
 */
public final class Weights {

  private static final Pattern SHARD = Pattern.compile("(.+)-\\d{5}-of-(\\d{5})\\.safetensors");

  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private Weights() {}

  /**
   * Writes the parameters and buffers of a module; the file is there whole, or not at all.
   *
   * @throws io.ranbiki.RanbikiException if the disk refuses
   */
  public static void write(Path file, Module module) {
    writeTensors(file, module.state(), METADATA);
  }

  /** SHA-256, in hexadecimal digits, of the file that {@link #write} makes of a module. */
  public static String sha256(Module module) {
    return Safetensors.sha256(Path.of(ModelFolder.WEIGHTS), entries(module.state()), METADATA);
  }

  /**
   * Copies the values of a file into a model. Nothing is copied unless everything fits.
   *
   * @param file one file, or the index of several: see {@link Safetensors#read}
   * @throws io.ranbiki.RanbikiException if the file cannot be read, or tensors are missing, extra
   *     or misshapen
   */
  public static void read(Path file, Model model) {
    requireWhole(file);
    try (TensorScope scope = TensorScope.open("read weights")) {
      model.load(readTensors(file), file.toString());
    }
  }

  private static void requireWhole(Path file) {
    Matcher shard = SHARD.matcher(file.getFileName().toString());
    if (shard.matches() && Integer.parseInt(shard.group(2)) > 1) {
      throw RanbikiException.model(
          "%s is one of %d files with the weights of a model. Name the index of all,"
              + " %s.safetensors%s, or its folder.",
          file, Integer.parseInt(shard.group(2)), shard.group(1), SafetensorsIndex.ENDING);
    }
  }

  /** Writes tensors by name. */
  public static void writeTensors(
      Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    Safetensors.write(file, entries(tensors), metadata);
  }

  private static List<Entry> entries(Map<String, Tensor> tensors) {
    List<Entry> entries = new ArrayList<>();
    tensors.forEach((name, tensor) -> entries.add(entry(name, tensor)));
    return entries;
  }

  private static Entry entry(String name, Tensor tensor) {
    return switch (tensor.dtype()) {
      case INT64, INT32, UINT8, BOOL -> Entry.of(name, tensor.toLongs(), tensor.shape());
      case FLOAT64 -> Entry.of(name, tensor.toDoubles(), tensor.shape());
      case FLOAT32, FLOAT16, BFLOAT16 -> Entry.of(name, tensor.toFloats(), tensor.shape());
    };
  }

  /** The tensors of a file by name, in the innermost scope: FLOAT32, FLOAT64 or INT64. */
  public static Map<String, Tensor> readTensors(Path file) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Safetensors.read(file).entries().forEach((name, entry) -> tensors.put(name, tensor(entry)));
    return tensors;
  }

  private static Tensor tensor(Entry entry) {
    DType type = entry.dtype();
    return switch (type) {
      case F32, F16, BF16 -> Tensors.of(entry.floats(), entry.shape());
      case F64 -> Tensors.of(entry.doubles(), entry.shape());
      case I64, I32, I16, I8, U8, BOOL -> Tensors.of(entry.longs(), entry.shape());
    };
  }
}
