package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.SafetensorsFile;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Reasons;
import io.ranbiki.file.Sha256;
import io.ranbiki.teacher.PrincipalComponents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The principal components that narrow a teacher's vectors. The teacher is asked for them once:
 * they are kept beside its answers, from the moment on when a run writes there.
 */
final class Narrowing {

  private static final String COMPONENTS = "components";
  private static final String KEY = "key";
  private static final String SUM = "sum";

  private final Path file;
  private final String key;
  private final Supplier<PrincipalComponents> find;
  private final Consumer<String> notes;
  private @Nullable PrincipalComponents found;
  private boolean isKept;

  /**
   * Looks for nothing yet.
   *
   * @param key what they depend on, in words
   * @param find asks the teacher
   */
  Narrowing(Path file, String key, Supplier<PrincipalComponents> find, Consumer<String> notes) {
    this.file = file;
    this.key = key;
    this.find = find;
    this.notes = notes;
  }

  /** Reads them, or finds them where they are not kept. */
  synchronized PrincipalComponents components() {
    PrincipalComponents components = found;
    if (components == null) {
      Optional<PrincipalComponents> kept = kept();
      isKept = kept.isPresent();
      components = kept.orElseGet(find);
      found = components;
    }
    return components;
  }

  private Optional<PrincipalComponents> kept() {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      SafetensorsFile read = Safetensors.read(file);
      SafetensorsFile.Entry entry = read.entries().get(COMPONENTS);
      if (entry != null
          && key.equals(read.metadata().get(KEY))
          && sum(entry).equals(read.metadata().get(SUM))) {
        return Optional.of(PrincipalComponents.of(entry.floats(), (int) entry.shape()[0]));
      }
    } catch (RanbikiException e) {
      if (e.kind() != RanbikiException.Kind.MODEL) {
        throw e;
      }
    }
    notes.accept(
        "The principal components in " + file + " are damaged, and the teacher is asked again.");
    return Optional.empty();
  }

  /** Writes them, if they were found and are not there yet. */
  synchronized void keep() {
    PrincipalComponents components = found;
    if (components == null || isKept) {
      return;
    }
    float[] rows = components.rows();
    long[] shape = {components.count(), rows.length / components.count()};
    SafetensorsFile.Entry entry = SafetensorsFile.Entry.of(COMPONENTS, rows, shape);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw RanbikiException.io(
          "Cannot make the folder %s: %s. Check that it may be written to.",
          file.getParent(), Reasons.of(e));
    }
    AtomicFile.removeAbandoned(file);
    Safetensors.write(file, List.of(entry), Map.of(KEY, key, SUM, sum(entry)));
    isKept = true;
  }

  private String sum(SafetensorsFile.Entry entry) {
    return new Sha256().add(key + entry.shape()[0]).add(entry.data()).hex();
  }
}
