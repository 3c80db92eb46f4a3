package io.ranbiki.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.Version;
import io.ranbiki.file.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a run's figures come from: the content of {@code environment.json}. Together with the
 * resolved configuration it is what another person needs to get the same figures.
 *
 * @param ranbiki version of this library
 * @param java version and vendor of the virtual machine
 * @param os name and version of the operating system
 * @param architecture of the processor, such as {@code amd64}
 * @param processor model of the processor; {@code null} where the system does not tell
 * @param instructionSets the vector and matrix instructions of the processor, in order of names, by
 *     which the libraries choose their kernels; empty where the system does not tell
 * @param cores processors that the virtual machine may use
 * @param threads threads that the run computed with, 1 or more
 * @param seed the seed that explains the run
 * @param command the command line, word by word
 * @param hashes SHA-256 of what went in, by name, such as {@code data} and {@code teacher}
 * @param more what else is worth knowing, by name, such as the version of libtorch
 * @param config the resolved configuration; empty if it is not known
 */
public record Provenance(
    String ranbiki,
    String java,
    String os,
    String architecture,
    @Nullable String processor,
    List<String> instructionSets,
    int cores,
    int threads,
    long seed,
    List<String> command,
    Map<String, String> hashes,
    Map<String, String> more,
    Map<String, Object> config) {

  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  /** The names that Linux has for them, on x86 and on ARM. */
  private static final Pattern INSTRUCTIONS =
      Pattern.compile("s?sse.*|avx.*|fma.*|f16c|amx.*|asimd.*|fp|fphp|bf16|i8mm|sve.*|sme.*");

  /** Copies, and checks the counts. */
  public Provenance {
    if (threads < 1 || cores < 1) {
      throw new IllegalArgumentException(
          "cores and threads must be 1 or more, but are " + cores + " and " + threads);
    }
    command = List.copyOf(command);
    instructionSets = List.copyOf(instructionSets);
    config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
    hashes = Collections.unmodifiableMap(new LinkedHashMap<>(hashes));
    more = Collections.unmodifiableMap(new LinkedHashMap<>(more));
  }

  /** What this machine can tell, with what the run knows. */
  public static Provenance collect(
      int threads,
      long seed,
      List<String> command,
      Map<String, String> hashes,
      Map<String, String> more) {
    return new Provenance(
        Version.text(),
        System.getProperty("java.runtime.version") + " (" + System.getProperty("java.vendor") + ")",
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("os.arch"),
        processor(PROCESSORS),
        instructionSets(PROCESSORS),
        Runtime.getRuntime().availableProcessors(),
        threads,
        seed,
        command,
        hashes,
        more,
        Map.of());
  }

  /** The same with the configuration. */
  Provenance of(Map<String, Object> resolved) {
    return new Provenance(
        ranbiki,
        java,
        os,
        architecture,
        processor,
        instructionSets,
        cores,
        threads,
        seed,
        command,
        hashes,
        more,
        resolved);
  }

  /** Writes {@code environment.json}, whole or not at all. */
  public void write(Path file) {
    try {
      String text = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
      AtomicFile.write(file, text);
    } catch (JsonProcessingException e) {
      throw new RanbikiException(Kind.INTERNAL, "The provenance cannot be written as JSON.", e);
    }
  }

  /** The model of the first processor in a file laid out as Linux's {@code /proc/cpuinfo}. */
  static @Nullable String processor(Path file) {
    return value(file, Set.of("model name"));
  }

  /** The instruction sets of the first processor in such a file. */
  static List<String> instructionSets(Path file) {
    String words = value(file, Set.of("flags", "Features"));
    return words == null
        ? List.of()
        : Arrays.stream(words.split("\\s+"))
            .filter(word -> INSTRUCTIONS.matcher(word).matches())
            .sorted()
            .toList();
  }

  private static @Nullable String value(Path file, Set<String> keys) {
    if (!Files.isReadable(file)) {
      return null;
    }
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int colon = line.indexOf(':');
        if (colon > 0 && keys.contains(line.substring(0, colon).strip())) {
          return line.substring(colon + 1).strip();
        }
      }
      return null;
    } catch (IOException e) {
      // A run is worth more than the name of its processor.
      return null;
    }
  }
}
