package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Provider;
import io.ranbiki.data.Format;
import io.ranbiki.data.Pack;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pack or a model takes the place of an older one as a whole: a process that is killed at any of
 * its file operations, or a disk that fills up at any, leaves the old one, and the next try works.
 */
class UnfinishedFilesTest {

  private static final Pack.Listener NOBODY =
      new Pack.Listener() {
        @Override
        public void begins(String what, long total, String unit) {}

        @Override
        public void step(long count) {}

        @Override
        public void ends() {}

        @Override
        public boolean goesOn() {
          return true;
        }
      };

  @TempDir private Path folder;

  private Path packs;

  @BeforeEach
  void writeTexts() throws IOException {
    packs = folder.resolve("packs");
    write("before");
  }

  private void write(String word) throws IOException {
    for (String part : List.of("train", "test")) {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < 6; i++) {
        lines.append(
            "{\"text\": \"%s %d\", \"label\": %d, \"id\": %d}\n".formatted(word, i, i % 2, i));
      }
      Path file = Files.writeString(folder.resolve(part + ".jsonl"), lines);
      Files.setLastModifiedTime(file, FileTime.fromMillis(word.length() * 1_000_000L));
    }
  }

  private Format format() {
    String yaml = "{format: jsonl, folder: " + folder + ", key: id}";
    return Objects.requireNonNull(
        ConfigDocument.parse("t.yaml", yaml, List.of(), Map.of())
            .bind(root -> root.variant("format", "a format", Provider.all(Format.class))));
  }

  private void pack(DyingDisk disk) {
    Pack.make(disk.path(packs.resolve("one")), format(), Optional.empty(), NOBODY);
  }

  private DyingDisk whole() {
    return new DyingDisk(folder.getFileSystem(), -1);
  }

  /** All files below a folder and what they hold. */
  private static Map<String, Integer> files(Path below) throws IOException {
    Map<String, Integer> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(below)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(below.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return files;
  }

  @Test
  void aPackThatIsKilledAnywhere_isTheOldOneOrTheNewOrNone_andIsMadeAgain() throws IOException {
    pack(whole());
    Map<String, Integer> before = files(packs);
    write("after");
    DyingDisk counted = whole();
    pack(counted);
    Map<String, Integer> after = files(packs);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    assertThat(counted.moments()).isGreaterThan(100);
    for (int moment = 3; moment < counted.moments(); moment += 11) {
      write("before");
      pack(whole());
      assertThat(files(packs)).isEqualTo(before);
      write("after");
      DyingDisk disk = new DyingDisk(folder.getFileSystem(), moment);
      try {
        pack(disk);
      } catch (DyingDisk.Death e) {
        // as wanted
      }
      String when = "killed at moment " + moment + ": " + disk.last();
      if (Files.exists(packs.resolve("one"))) {
        assertThat(one(files(packs))).as(when).isIn(before, after);
      }
      pack(whole());
      assertThat(files(packs)).as(when).isEqualTo(after);
    }
  }

  private static Map<String, Integer> one(Map<String, Integer> files) {
    Map<String, Integer> own = new TreeMap<>(files);
    own.keySet().removeIf(name -> !name.startsWith("one/"));
    return own;
  }

  @Test
  void aDiskThatFillsUpAnywhere_leavesTheOldPack_andSaysSo() throws IOException {
    pack(whole());
    write("after");
    DyingDisk counted = DyingDisk.filling(folder.getFileSystem(), Integer.MAX_VALUE);
    Path other = counted.path(packs.resolve("two"));
    Pack.make(other, format(), Optional.empty(), NOBODY);
    Map<String, Integer> before = files(packs);
    int refusals = 0;
    for (int operation = 0; operation < counted.operations(); operation += 3) {
      DyingDisk disk = DyingDisk.filling(folder.getFileSystem(), operation);
      try {
        pack(disk);
        break; // behind the last write
      } catch (RanbikiException e) {
        refusals++;
        assertThat(e.kind()).isEqualTo(RanbikiException.Kind.IO);
        assertThat(e).hasMessageContaining("o space left on device");
      }
      assertThat(files(packs)).as("full at %d: %s", operation, disk.last()).isEqualTo(before);
    }
    assertThat(refusals).isGreaterThan(10);
  }

  @Test
  void aDiskThatFillsUpAnywhere_leavesWholeFilesOfAModel_andSaysSo() throws IOException {
    Path model = folder.resolve("model");
    ModelSpec spec = ModelSpec.of("mlp", List.of(2), 2, Map.of("hidden", 3));
    ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of("a", "b"));
    try (Model old = Model.create(spec, 1);
        Model young = Model.create(spec, 2)) {
      ModelFolder.write(model, young, config, "young");
      Map<String, Integer> after = files(model);
      ModelFolder.write(model, old, config, "old");
      Map<String, Integer> before = files(model);
      DyingDisk counted = DyingDisk.filling(folder.getFileSystem(), Integer.MAX_VALUE);
      ModelFolder.write(counted.path(folder.resolve("other")), young, config, "young");
      for (int operation = 0; operation < counted.operations(); operation++) {
        ModelFolder.write(model, old, config, "old");
        DyingDisk disk = DyingDisk.filling(folder.getFileSystem(), operation);
        try {
          ModelFolder.write(disk.path(model), young, config, "young");
        } catch (RanbikiException e) {
          assertThat(e.kind()).isEqualTo(RanbikiException.Kind.IO);
        }
        Map<String, Integer> now = files(model);
        assertThat(now.keySet()).isEqualTo(before.keySet());
        now.forEach((name, bytes) -> assertThat(bytes).isIn(before.get(name), after.get(name)));
        ModelFolder.read(model).close();
      }
      DyingDisk full = DyingDisk.filling(folder.getFileSystem(), 0);
      assertThatThrownBy(() -> ModelFolder.write(full.path(model), young, config, "young"))
          .isInstanceOf(RanbikiException.class)
          .hasMessageContaining("o space left on device");
    }
  }
}
